"""What peers say to each other: one small value per message.

Pure. `Question` is all that a server may be asked, `Answer` all that it may say; both unions
are closed, so that a new message makes mypy point at every place that must handle it.
"""

from msgspec import Struct

from goq.core.model import (
    DEFAULT_TERMS,
    SIGKILL,
    SIGTERM,
    Argv,
    Claim,
    Ended,
    Environment,
    Handle,
    Job,
    JobId,
    Nonce,
    Result,
    Terms,
    Worker,
    WorkerId,
)

# --- questions ---------------------------------------------------------------------------


class Submit(Struct, frozen=True, gc=False):
    """Queue these commands, in this order. The request's nonce is what makes it happen once."""

    commands: tuple[Argv, ...]
    folder: bytes
    environment: Environment
    submitter: str
    terms: Terms = DEFAULT_TERMS


class RequestForWork(Struct, frozen=True, gc=False):
    """A free worker asks for a job, and is willing to wait for one."""

    worker: Worker
    patience_s: float


class Report(Struct, frozen=True, gc=False):
    """An attempt has ended so."""

    claim: Claim
    result: Result


class FinishedWork(Struct, frozen=True, gc=False):
    """Attempts of one worker have ended; a result whose output was streamed comes alone.

    `returned` were not started, and are to be queued again. `kept` it still holds, started or
    not. With `wants` above 0 the answer may carry so many jobs, to be run one after the other;
    no new ones when some are returned.
    """

    worker: WorkerId
    reports: tuple[Report, ...]
    returned: tuple[Claim, ...] = ()
    kept: tuple[JobId, ...] = ()
    wants: int = 0


class OutputChunk(Struct, frozen=True, gc=False):
    """A piece of a long output, `offset` bytes from its start."""

    claim: Claim
    offset: int
    data: bytes


class Heartbeat(Struct, frozen=True, gc=False):
    """The worker still runs the job; answered at once when it should not.

    `told` is the signal that it was told to kill the job with, 0 if none.
    """

    claim: Claim
    told: int = 0


class Goodbye(Struct, frozen=True, gc=False):
    """The worker leaves and runs nothing any more; what it held is to be queued again."""

    worker: Worker


class Cancel(Struct, frozen=True, gc=False):
    """Take the job off the queue, or have its processes killed, beginning with this signal."""

    job: JobId
    signal: int = SIGTERM


class Observe(Struct, frozen=True, gc=False):
    """Tell me when the job has ended."""

    job: JobId


class TakeSnapshot(Struct, frozen=True, gc=False):
    """What do you hold? At most `max_show` jobs of each kind."""

    max_show: int


class ShutdownServer(Struct, frozen=True, gc=False):
    """Stop serving; workers keep running what they run."""


class ImmolateWorkers(Struct, frozen=True, gc=False):
    """Let every worker exit: idle ones now, busy ones after their job."""


class Reset(Struct, frozen=True, gc=False):
    """Forget counters and the list of finished jobs; results stay in the journal."""


Question = (
    Submit
    | RequestForWork
    | FinishedWork
    | OutputChunk
    | Heartbeat
    | Goodbye
    | Cancel
    | Observe
    | TakeSnapshot
    | ShutdownServer
    | ImmolateWorkers
    | Reset
)

# --- answers -----------------------------------------------------------------------------


class AckSubmit(Struct, frozen=True, gc=False):
    """The jobs first..last are in the journal. `existed`: by another submission with the same key."""

    first: JobId
    last: JobId
    existed: bool = False


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
    """The output is here up to this offset; go on from there."""

    offset: int


class CarryOn(Struct, frozen=True, gc=False):
    """The job is still yours."""


class CancelWip(Struct, frozen=True, gc=False):
    """Kill the job, beginning with this signal.

    `lost` says that it is no longer yours and its result not wanted.
    """

    job: JobId
    lost: bool
    signal: int = SIGKILL


class AckGoodbye(Struct, frozen=True, gc=False):
    """The worker is forgotten."""


class AckCancel(Struct, frozen=True, gc=False):
    """The job will not run, or is being killed (`was_running`)."""

    job: JobId
    was_running: bool


class JobFinishedNotice(Struct, frozen=True, gc=False):
    """The job has ended so."""

    ended: Ended


class JobNotKnown(Struct, frozen=True, gc=False):
    """There never was such a job."""

    job: JobId


class RunningRow(Struct, frozen=True, gc=False):
    """A running job as a snapshot shows it."""

    job: Job
    worker: Worker
    started_ns: int
    cancelling: bool
    suspect: bool = False


class FinishedRow(Struct, frozen=True, gc=False):
    """A finished job as a snapshot shows it."""

    argv: Argv
    folder: bytes
    ended: Ended


class Snapshot(Struct, frozen=True, gc=False):
    """What the server holds: its counters in the order to print them, and some of its jobs."""

    counters: dict[str, int | str] = {}
    running: tuple[RunningRow, ...] = ()
    waiting: tuple[Job, ...] = ()
    finished: tuple[FinishedRow, ...] = ()


class AckShutdownServer(Struct, frozen=True, gc=False):
    """The server stops after this answer."""


class AckImmolate(Struct, frozen=True, gc=False):
    """So many workers were told, or will be at the end of their job."""

    workers: int


class AckReset(Struct, frozen=True, gc=False):
    """Counters are zero."""


class RejectBadSignature(Struct, frozen=True, gc=False):
    """You do not know the cluster id. Sent in debug mode only; otherwise there is no answer."""


class Refused(Struct, frozen=True, gc=False):
    """The request was understood and is not granted; `reason` is for a person."""

    reason: str


Answer = (
    AckSubmit
    | DelegateToWorker
    | AskAgain
    | ShutdownWorker
    | AckFinished
    | AckOutput
    | CarryOn
    | CancelWip
    | AckGoodbye
    | AckCancel
    | JobFinishedNotice
    | JobNotKnown
    | Snapshot
    | AckShutdownServer
    | AckImmolate
    | AckReset
    | RejectBadSignature
    | Refused
)


class Request(Struct, frozen=True, gc=False):
    """One question as the server got it: verified and decoded, not yet judged for freshness."""

    handle: Handle
    nonce: Nonce
    sent_ns: int
    question: Question


class Reply(Struct, frozen=True, gc=False):
    """One answer on its way: to whom, and to which request."""

    handle: Handle
    in_reply_to: Nonce
    answer: Answer
