"""What workers say and ask, and what they are told. Pure.

A worker is a process, and has one question that is always open: its report, which orders answer.
"""

from msgspec import Struct

from goq.core.values.ids import WorkerId, worker_of
from goq.core.values.job import STRAIGHT_ON, Claim, Course, Job, Worker
from goq.core.values.result import OUT, Result
from goq.core.values.room import ANYTHING, Offer

TESTIMONY = 0  # the serial of a report that is about what has ended, and nothing else
AGE_LIMIT_S = 86_400.0  # of what is told of a running job


class Held(Struct, frozen=True, gc=False):
    """An attempt that a worker has: `is_on` when it has begun, or its output is on its way.

    `told` is the signal that the worker was told to kill it with, 0 if none; `course` what else it knows to be wanted.
    """

    claim: Claim
    is_on: bool = False
    told: int = 0
    course: Course = STRAIGHT_ON


class Done(Struct, frozen=True, gc=False):
    """An attempt has ended so."""

    claim: Claim
    result: Result


class Returned(Struct, frozen=True, gc=False):
    """An attempt that was not started. `trouble` is what its host lacks, `problem` the same in words.

    Without trouble the job is merely left to others. With BEGUN it was started, and is handed back; with OUTLIVED since the lifetime of
    its worker is over. With FOLDER_TROUBLE its folder is not there, or not now; with NODE_TROUBLE that host can start no job now, whosever it is.
    """

    claim: Claim
    trouble: str = ""
    problem: str = ""


class Used(Struct, frozen=True, gc=False):
    """What a running job had used `age_s` seconds before its report: seconds of cpu time, and how much memory it had then."""

    claim: Claim
    cpu_s: float
    resident_kib: int
    age_s: float = 0.0


class Report(Struct, frozen=True, gc=False):
    """All that a worker has to say at this moment; what it does not name it does not have.

    `serial` grows by one with each: of two the later counts. `wants` tells of its places how many more jobs each could
    start soon; for one that has nothing it waits `patience_s` at most for a job. A result whose output was streamed comes as a
    TESTIMONY alone: that speaks for what has ended, whoever tells it, and for nobody. `load` is that of its machine, which has
    so much memory in use; the worker itself began at `started_ns`, 0 where that is not said.
    """

    worker: Worker
    serial: int
    offer: Offer = ANYTHING
    held: tuple[Held, ...] = ()
    ended: tuple[Done, ...] = ()
    returned: tuple[Returned, ...] = ()
    wants: tuple[tuple[WorkerId, int], ...] = ()
    patience_s: float = 3600.0
    load: float = 0.0
    used: tuple[Used, ...] = ()
    in_use_kib: int = 0
    started_ns: int = 0

    @property
    def is_news(self) -> bool:
        """It ends attempts, and is answered in its own turn."""
        return bool(self.ended or self.returned)

    def claims(self) -> list[Claim]:
        """All that it names."""
        return [each.claim for rows in (self.held, self.ended, self.returned) for each in rows]


def alone(done: Done) -> Report:
    """A report about that, and nothing else."""
    return Report(Worker(worker_of(done.claim.worker), "", 0), TESTIMONY, ended=(done,))


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


class Goodbye(Struct, frozen=True, gc=False):
    """The worker leaves and runs nothing any more; what it held is to be queued again.

    `outlived`: it leaves since its lifetime is over, which what it held has outlived. `serial` is that of its last report.
    """

    worker: Worker
    outlived: bool = False
    serial: int = 0


class Batch(Struct, frozen=True, gc=False):
    """Jobs of one origin for one place, to be run one after the other.

    The place has the claims: the holder of (job, its `attempts`, place) alone may finish it.
    """

    place: WorkerId
    jobs: tuple[Job, ...]


class Signal(Struct, frozen=True, gc=False):
    """Kill the job, beginning with this signal. `lost`: it is no longer yours, and its result not wanted."""

    claim: Claim
    signal: int
    lost: bool = False


class Steer(Struct, frozen=True, gc=False):
    """That is wanted of the job now."""

    claim: Claim
    course: Course


class Orders(Struct, frozen=True, gc=False):
    """The worker may forget what it reported or returned, and is to do this.

    `refused` had been given up: their results came to nothing. An order that is lost is given again, since what the worker
    says is compared with what is wanted each time.
    """

    worker: WorkerId
    refused: tuple[Claim, ...] = ()
    run: tuple[Batch, ...] = ()
    signals: tuple[Signal, ...] = ()
    steer: tuple[Steer, ...] = ()
    leave: bool = False


class AskAgain(Struct, frozen=True, gc=False):
    """Nothing has happened so far. Who waits for it may ask again."""


class AckOutput(Struct, frozen=True, gc=False):
    """The output is here up to this offset; go on from there.

    Not when `damaged`: the file here has lost again and again what was in it. It is about that `stream`.
    """

    offset: int
    damaged: bool = False
    stream: int = OUT


class AckGoodbye(Struct, frozen=True, gc=False):
    """The worker is forgotten."""
