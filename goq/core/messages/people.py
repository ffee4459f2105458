"""What people ask, by their commands, and what they are told. Pure."""

from msgspec import Struct

from goq.core.values.blobs import NO_BLOB, Blob
from goq.core.values.changes import What
from goq.core.values.ids import Argv, Environment, JobId, Nonce
from goq.core.values.items import Items, Numbers
from goq.core.values.job import NOBODY, By, Job, Origin, Submission, Worker
from goq.core.values.result import SIGTERM, Ended
from goq.core.values.selectors import Selector
from goq.core.values.terms import DEFAULT_TERMS, Terms
from goq.core.values.wishes import Wish


class Submit(Struct, frozen=True, gc=False):
    """Queue one command, or a list of them, or one command for each item. The request's nonce makes it happen once.

    `argv` and `items` are as in a Submission. `lines` are the first of its lines, and so many more are
    `to_come`, by AddItems; none of it runs before all are there, and the blobs `script` and `stdin`, by AddBlob.
    Which jobs its `wishes` mean the server finds, and puts into `after` of the terms.
    """

    argv: Argv
    folder: bytes
    environment: Environment
    submitter: str
    terms: Terms = DEFAULT_TERMS
    physical: bytes = b""
    script: Blob = NO_BLOB
    items: Items | None = None
    lines: tuple[bytes, ...] = ()
    to_come: int = 0
    wishes: tuple[Wish, ...] = ()
    stdin: Blob = NO_BLOB

    @property
    def count(self) -> int:
        """How many jobs that makes."""
        if isinstance(self.items, Numbers):
            return len(self.items)
        return len(self.lines) + self.to_come or 1

    @property
    def origin(self) -> Origin:
        """What the jobs share."""
        shared = (self.folder, self.environment, self.submitter, self.physical)
        return Origin(*shared, self.script, self.stdin)

    def submission(self, first: JobId, nonce: Nonce, at_ns: int) -> Submission:
        """What it is in the queue, from that number on."""
        what = (first, self.count, nonce, self.argv, self.origin, self.terms, at_ns)
        return Submission(*what, self.items)


class AddItems(Struct, frozen=True, gc=False):
    """More lines of the list whose Submit had that nonce: those from number `offset` on, counted from 0."""

    submission: Nonce
    offset: int
    lines: tuple[bytes, ...]


class Cancel(Struct, frozen=True, gc=False):
    """Take the job off the queue, or have its processes killed, beginning with this signal."""

    job: JobId
    signal: int = SIGTERM
    by: By = NOBODY


class Observe(Struct, frozen=True, gc=False):
    """Tell me when the job has ended."""

    job: JobId


class CancelEach(Struct, frozen=True, gc=False):
    """The same of several jobs, all in one turn: none of them starts because another one ends."""

    jobs: tuple[JobId, ...]
    signal: int = SIGTERM
    by: By = NOBODY


class Change(Struct, frozen=True, gc=False):
    """Do this to the live jobs that the selector means; `by` is whose jobs its names are.

    With `at_most`, nothing happens when they are more than that, or others' that no number names.
    """

    selector: Selector
    what: What
    by: By = NOBODY
    at_most: int = 0


class ObserveEach(Struct, frozen=True, gc=False):
    """Tell me how those of the jobs ended that have ended, once some have."""

    jobs: tuple[JobId, ...]


class TakeSnapshot(Struct, frozen=True, gc=False):
    """What do you hold? At most `max_show` jobs of each kind."""

    max_show: int


class ShutdownServer(Struct, frozen=True, gc=False):
    """Stop serving; workers keep running what they run."""


class ImmolateWorkers(Struct, frozen=True, gc=False):
    """Let every worker exit: idle ones now, busy ones after their job."""


class Reset(Struct, frozen=True, gc=False):
    """Forget counters and the list of finished jobs; results stay in the journal."""


class AckSubmit(Struct, frozen=True, gc=False):
    """The jobs first..last are in the journal. `existed`: by another submission with the same key.

    `outputs` is the server's folder for outputs. So many commands at the end of the list are `to_come`
    yet, and of a blob that is not all here the piece at `offset` is `wanted` next, unless it was `cancelled` before
    they came.
    """

    first: JobId
    last: JobId
    existed: bool = False
    outputs: bytes = b""
    to_come: int = 0
    cancelled: bool = False
    wanted: Blob = NO_BLOB
    offset: int = 0

    @property
    def is_whole(self) -> bool:
        """Nothing is to come any more."""
        return self.cancelled or not (self.to_come or self.wanted)


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


class Refused(Struct, frozen=True, gc=False):
    """The request was understood and is not granted; `reason` is for a person."""

    reason: str


CancelAnswer = AckCancel | JobNotKnown | Refused


class AckCancelEach(Struct, frozen=True, gc=False):
    """What became of each, in the order in which they were named."""

    answers: tuple[CancelAnswer, ...]


class AckChange(Struct, frozen=True, gc=False):
    """How many jobs that waited are `changed`, and how many were `same` as that before; how many run.

    Of the numbers that were named so many had `ended`, and are `unknown`. `others` are somebody else's
    that no number names, where that was asked. So many ranges, at least, are `left` to be changed: ask again. Not
    `done`: nothing has happened.
    """

    changed: int
    same: int
    running: int
    ended: int
    unknown: int
    others: int = 0
    left: int = 0
    done: bool = True
    waiting: int = 0  # for what only a job that runs can do


class JobsFinishedNotice(Struct, frozen=True, gc=False):
    """These of the jobs have ended so."""

    ends: tuple[Ended, ...]


class RunningRow(Struct, frozen=True, gc=False):
    """A running job as a snapshot shows it."""

    job: Job
    worker: Worker
    started_ns: int
    cancelling: bool
    suspect: bool = False
    paused: bool = False


class FinishedRow(Struct, frozen=True, gc=False):
    """A finished job as a snapshot shows it. Whose it was the server knows, and does not tell."""

    argv: Argv
    folder: bytes
    ended: Ended
    owner: str = ""


class ArrayRow(Struct, frozen=True, gc=False):
    """An array that has not ended as a whole, as a snapshot shows it: so many of its jobs have ended."""

    first: JobId
    count: int
    ended: int


ROWS_EACH = 1000  # `goq stat` shows no more; a peer that asked for a million would hold up the loop
KEPT_OUTPUTS = (
    "outputs are kept in the journal, or by their workers, until"  # how a line of `troubles` may begin
)


class Snapshot(Struct, frozen=True, gc=False):
    """What the server holds: its counters in the order to print them, and some of its jobs.

    Of an array the first that waits stands for all that do; `arrays` has a row for each that is shown.
    A job that waits has `held` in its terms when it is now.
    `outputs` is its folder for outputs; `troubles` a line for what a host cannot do now.
    """

    counters: dict[str, int | str] = {}
    running: tuple[RunningRow, ...] = ()
    waiting: tuple[Job, ...] = ()
    finished: tuple[FinishedRow, ...] = ()
    outputs: bytes = b""
    troubles: tuple[str, ...] = ()
    arrays: tuple[ArrayRow, ...] = ()


class AckShutdownServer(Struct, frozen=True, gc=False):
    """The server stops after this answer."""


class AckImmolate(Struct, frozen=True, gc=False):
    """So many workers were told, or will be at the end of their job."""

    workers: int


class AckReset(Struct, frozen=True, gc=False):
    """Counters are zero."""
