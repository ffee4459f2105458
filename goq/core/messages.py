"""What peers say to each other: one small value per message.

Pure. `Question` is all that a server may be asked, `Answer` all that it may say; both unions
are closed, so that a new message makes mypy point at every place that must handle it.
"""

from dataclasses import dataclass, field

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
)

# --- questions ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Submit:
    """Queue these commands, in this order. The request's nonce is what makes it happen once."""

    commands: tuple[Argv, ...]
    folder: bytes
    environment: Environment
    submitter: str
    terms: Terms = DEFAULT_TERMS


@dataclass(frozen=True, slots=True)
class RequestForWork:
    """A free worker asks for a job, and is willing to wait for one."""

    worker: Worker
    patience_s: float


@dataclass(frozen=True, slots=True)
class FinishedWork:
    """An attempt has ended. With `wants_next`, the answer may already carry the next job."""

    claim: Claim
    result: Result
    wants_next: bool


@dataclass(frozen=True, slots=True)
class OutputChunk:
    """A piece of a long output, `offset` bytes from its start."""

    claim: Claim
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The worker still runs the job; answered at once when it should not.

    `told` is the signal that it was told to kill the job with, 0 if none.
    """

    claim: Claim
    told: int = 0


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The worker leaves and runs nothing any more; what it held is to be queued again."""

    worker: Worker


@dataclass(frozen=True, slots=True)
class Cancel:
    """Take the job off the queue, or have its processes killed, beginning with this signal."""

    job: JobId
    signal: int = SIGTERM


@dataclass(frozen=True, slots=True)
class Observe:
    """Tell me when the job has ended."""

    job: JobId


@dataclass(frozen=True, slots=True)
class TakeSnapshot:
    """What do you hold? At most `max_show` jobs of each kind."""

    max_show: int


@dataclass(frozen=True, slots=True)
class ShutdownServer:
    """Stop serving; workers keep running what they run."""


@dataclass(frozen=True, slots=True)
class ImmolateWorkers:
    """Let every worker exit: idle ones now, busy ones after their job."""


@dataclass(frozen=True, slots=True)
class Reset:
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


@dataclass(frozen=True, slots=True)
class AckSubmit:
    """The jobs first..last are in the journal. `existed`: by another submission with the same key."""

    first: JobId
    last: JobId
    existed: bool = False


@dataclass(frozen=True, slots=True)
class DelegateToWorker:
    """Run this job; the claim's holder alone may finish it."""

    claim: Claim
    job: Job


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Nothing has happened so far. A worker without work, or one who waits, may ask again."""


@dataclass(frozen=True, slots=True)
class ShutdownWorker:
    """The worker is to exit."""


@dataclass(frozen=True, slots=True)
class AckFinished:
    """The worker may forget the attempt. `accepted` is false for one that was given up."""

    accepted: bool


@dataclass(frozen=True, slots=True)
class AckOutput:
    """The output is here up to this offset; go on from there."""

    offset: int


@dataclass(frozen=True, slots=True)
class CarryOn:
    """The job is still yours."""


@dataclass(frozen=True, slots=True)
class CancelWip:
    """Kill the job, beginning with this signal.

    `lost` says that it is no longer yours and its result not wanted.
    """

    job: JobId
    lost: bool
    signal: int = SIGKILL


@dataclass(frozen=True, slots=True)
class AckGoodbye:
    """The worker is forgotten."""


@dataclass(frozen=True, slots=True)
class AckCancel:
    """The job will not run, or is being killed (`was_running`)."""

    job: JobId
    was_running: bool


@dataclass(frozen=True, slots=True)
class JobFinishedNotice:
    """The job has ended so."""

    ended: Ended


@dataclass(frozen=True, slots=True)
class JobNotKnown:
    """There never was such a job."""

    job: JobId


@dataclass(frozen=True, slots=True)
class RunningRow:
    """A running job as a snapshot shows it."""

    job: Job
    worker: Worker
    started_ns: int
    cancelling: bool
    suspect: bool = False


@dataclass(frozen=True, slots=True)
class FinishedRow:
    """A finished job as a snapshot shows it."""

    argv: Argv
    folder: bytes
    ended: Ended


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the server holds: its counters in the order to print them, and some of its jobs."""

    counters: dict[str, int | str] = field(default_factory=dict)
    running: tuple[RunningRow, ...] = ()
    waiting: tuple[Job, ...] = ()
    finished: tuple[FinishedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class AckShutdownServer:
    """The server stops after this answer."""


@dataclass(frozen=True, slots=True)
class AckImmolate:
    """So many workers were told, or will be at the end of their job."""

    workers: int


@dataclass(frozen=True, slots=True)
class AckReset:
    """Counters are zero."""


@dataclass(frozen=True, slots=True)
class RejectBadSignature:
    """You do not know the cluster id. Sent in debug mode only; otherwise there is no answer."""


@dataclass(frozen=True, slots=True)
class Refused:
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


@dataclass(frozen=True, slots=True)
class Request:
    """One question as the server got it: verified and decoded, not yet judged for freshness."""

    handle: Handle
    nonce: Nonce
    sent_ns: int
    question: Question


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer on its way: to whom, and to which request."""

    handle: Handle
    in_reply_to: Nonce
    answer: Answer
