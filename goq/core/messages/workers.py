"""What workers say and ask, and what they are told. Pure."""

from msgspec import Struct

from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import STRAIGHT_ON, Claim, Course, Job, Worker
from goq.core.values.result import OUT, SIGKILL, Result
from goq.core.values.room import ANYTHING, Offer


class RequestForWork(Struct, frozen=True, gc=False):
    """A free place asks for a job, and is willing to wait for one. `offer` is what its worker has in all."""

    worker: Worker
    patience_s: float
    offer: Offer = ANYTHING


class Report(Struct, frozen=True, gc=False):
    """An attempt has ended so."""

    claim: Claim
    result: Result


class Returned(Struct, frozen=True, gc=False):
    """An attempt that was not started. `trouble` is what its host lacks, `problem` the same in words.

    Without trouble the job is merely left to others. With BEGUN it was started, and is handed back. With FOLDER_TROUBLE its folder is not there,
    or not now; with NODE_TROUBLE that host can start no job now, whosever it is.
    """

    claim: Claim
    trouble: str = ""
    problem: str = ""


class FinishedWork(Struct, frozen=True, gc=False):
    """Attempts of one worker have ended; a result whose output was streamed comes alone.

    `returned` were not started, and are to be queued again. `kept` it still holds, started or
    not. With `wants` above 0 the answer may carry so many jobs, to be run one after the other;
    no new ones when some are returned.
    """

    worker: WorkerId
    reports: tuple[Report, ...]
    returned: tuple[Returned, ...] = ()
    kept: tuple[JobId, ...] = ()
    wants: int = 0


class OutputChunk(Struct, frozen=True):
    """A piece of a long output, `offset` bytes from its start.

    `before` and `after` are the SHA-256 of the whole output up to the piece and up to its end. They
    are signed and the data are not: nobody may use them before they have led from one to the other. `stream`
    is OUT or ERR.
    """

    claim: Claim
    offset: int
    data: bytes | memoryview
    before: bytes
    after: bytes
    stream: int = OUT


class Heartbeat(Struct, frozen=True, gc=False):
    """The worker still runs the job; answered at once when it should not.

    `told` is the signal that it was told to kill the job with, 0 if none; `course` what else it knows to be wanted.
    """

    claim: Claim
    told: int = 0
    course: Course = STRAIGHT_ON


class Goodbye(Struct, frozen=True, gc=False):
    """The worker leaves and runs nothing any more; what it held is to be queued again.

    `outlived`: it leaves since its lifetime is over, which what it held has outlived.
    """

    worker: Worker
    outlived: bool = False


class DelegateToWorker(Struct, frozen=True, gc=False):
    """Run these jobs of one origin, one after the other.

    The worker that asked has the claims: the holder of (job, its `attempts`, worker) alone may
    finish it.
    """

    jobs: tuple[Job, ...]


class AskAgain(Struct, frozen=True, gc=False):
    """Nothing has happened so far. A worker without work, or one who waits, may ask again."""


class ShutdownWorker(Struct, frozen=True, gc=False):
    """The worker is to exit."""


class AckFinished(Struct, frozen=True, gc=False):
    """The worker may forget what it reported or returned, and run these jobs next.

    `refused` had been given up: their results came to nothing.
    """

    refused: tuple[JobId, ...] = ()
    jobs: tuple[Job, ...] = ()


class AckOutput(Struct, frozen=True, gc=False):
    """The output is here up to this offset; go on from there.

    Not when `damaged`: the file here has lost again and again what was in it. It is about that `stream`.
    """

    offset: int
    damaged: bool = False
    stream: int = OUT


class CarryOn(Struct, frozen=True, gc=False):
    """The job is still yours."""


class CancelWip(Struct, frozen=True, gc=False):
    """Kill the job, beginning with this signal.

    `lost` says that it is no longer yours and its result not wanted.
    """

    job: JobId
    lost: bool
    signal: int = SIGKILL


class Steer(Struct, frozen=True, gc=False):
    """That is wanted of the job now."""

    job: JobId
    course: Course


class AckGoodbye(Struct, frozen=True, gc=False):
    """The worker is forgotten."""
