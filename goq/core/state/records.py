"""The facts that survive a crash. The dispatcher emits them, the journal keeps them.

Pure. Replaying a journal's records through `Dispatcher.apply` gives the state that wrote
them; so a record says all that the change needs, and nothing about sockets or leases.
"""

from collections.abc import Iterator

from msgspec import Struct

from goq.core.messages import FinishedRow
from goq.core.state.submissions import CountsAs, Past
from goq.core.values.blobs import Blob
from goq.core.values.ids import Epoch, JobId, Nonce
from goq.core.values.job import NOBODY, By, Claim, Submission, Worker
from goq.core.values.place import NOWHERE, Place
from goq.core.values.ranges import Ranges
from goq.core.values.result import ERR, OUT, Ended, Ending, Files, Result, unstarted
from goq.core.values.room import NO_GRANT, Grant
from goq.core.values.terms import Terms


class Checkpoint(Struct, frozen=True, gc=False):
    """Where a journal's story starts when its finished part is left out: the totals so far."""

    next_job: JobId
    finished_count: int
    failed_count: int
    cancelled_count: int
    lost_count: int
    skipped_count: int
    recent: tuple[FinishedRow, ...]
    epoch: Epoch
    restored: int = 0  # the epoch in which a copy was gone on with last
    draws: tuple[tuple[int, int], ...] = ()  # what the servers drew: number and draw of each epoch


class EpochBegun(Struct, frozen=True, gc=False):
    """A server has started with this queue; the claims that it gives bear the epoch."""

    epoch: Epoch
    at_ns: int
    place: Place = NOWHERE


class QueueRestored(Struct, frozen=True, gc=False):
    """A server goes on with a copy of the queue: what was given after the copy was made it does not know.

    Its epoch is far beyond any that may have been, and the numbers `first` to `next_job` are left out.
    `why`: nobody wanted that; it was seen while the server served.
    """

    epoch: Epoch
    first: JobId
    next_job: JobId
    at_ns: int
    place: Place = NOWHERE
    why: str = ""


class StrayEnded(Struct, frozen=True, gc=False):
    """An attempt has ended that was given after the copy was made; its output is kept apart."""

    claim: Claim
    result: Result
    at_ns: int


class JobsSubmitted(Struct, frozen=True, gc=False):
    """Jobs were queued; the nonce of their submission is used up for ever.

    `lines` are the first of its lines, where each job has one; the others are to come, and the blobs that it
    `lacks`. When they are `again` what had ended, these are the numbers that had it, in order, and somebody wanted that.
    """

    submission: Submission
    lines: tuple[bytes, ...] = ()
    again: Ranges = ()
    by: By = NOBODY
    lacks: tuple[Blob, ...] = ()

    @property
    def to_come(self) -> int:
        """How many lines are missing."""
        return self.submission.count - len(self.lines) if self.submission.has_lines else 0

    @property
    def is_whole(self) -> bool:
        """Nothing of it is to come."""
        return not self.lacks and not self.to_come


class ItemsAdded(Struct, frozen=True, gc=False):
    """The next lines of a list have come: those of the jobs first, first+1, ..."""

    submission: Nonce
    first: JobId
    lines: tuple[bytes, ...]


class BlobAdded(Struct, frozen=True, gc=False):
    """The next piece of a blob has come. When it is the last, the submissions with these first jobs lack it no more."""

    blob: Blob
    offset: int
    data: bytes
    whole_for: tuple[JobId, ...] = ()


class BlobsDropped(Struct, frozen=True, gc=False):
    """No job that has not ended needs these any more; what is there of scripts stays, when it is whole."""

    blobs: tuple[Blob, ...]


class SubmissionRestored(Struct, frozen=True, gc=False):
    """A submission that had jobs which had not ended when the journal was read.

    `pieces` are its lines, as far as they had come, and it `lacks` these blobs. `ended` have ended, those of them that are
    `bad` not well; so many of these `failed`, and `retried` were submitted again.
    """

    submission: Submission
    pieces: tuple[tuple[bytes, ...], ...] = ()
    ended: Ranges = ()
    bad: Ranges = ()
    failed: int = 0
    retried: Ranges = ()
    lacks: tuple[Blob, ...] = ()


class HeldRestored(Struct, frozen=True, gc=False):
    """The jobs that were held when the journal was read."""

    ranges: Ranges


class PastRestored(Struct, frozen=True, gc=False):
    """A job that has not ended had attempts; if one is on, that is delegated again next."""

    job: JobId
    past: Past


class JobDelegated(Struct, frozen=True, gc=False):
    """The job was given to a worker, and this of its host with it; only this claim can finish it now.

    `files` are those that its submitter named for what it writes, or that lie in its owner's folder.
    """

    claim: Claim
    worker: Worker
    at_ns: int
    grant: Grant = NO_GRANT
    files: Files = ()


class JobRequeued(Struct, frozen=True, gc=False):
    """The attempt was given up and the job waits again, in its place by id.

    `result` is how it ended, where it is tried again for that; its output stays. If the server starts
    anew, the job is not tried again before `not_before_ns` of the wall clock.
    """

    claim: Claim
    reason: str
    counts_as: CountsAs
    at_ns: int
    result: Result | None = None
    not_before_ns: int = 0

    @property
    def output(self) -> bytes:
        """What is to be in the output file before the next attempt's: the end of this one's, and a line of ours."""
        result = self.result
        if result is None or result.is_elsewhere:
            return b""
        if result.file(ERR):  # what we have to say of it is among the errors
            return result.output
        line = f"goq: job {self.claim.job}: attempt {self.claim.attempt} at {result.host}: {self.reason}\n".encode()
        has_open_line = result.streamed or not (result.output or b"\n").endswith(b"\n")
        return result.output + b"\n" * has_open_line + line

    @property
    def output_length(self) -> int:
        """All bytes that the attempt leaves in its output file."""
        result = self.result
        before = result.output_length if result and result.streamed else 0
        return before + len(self.output)


class CancelRequested(Struct, frozen=True, gc=False):
    """Somebody wants the running job killed, beginning with this signal; it never runs again."""

    job: JobId
    signal: int
    at_ns: int
    by: By = NOBODY


class Paused(Struct, frozen=True, gc=False):
    """Somebody wants the running job stopped, or, when it is not `on`, to go on again."""

    job: JobId
    on: bool
    at_ns: int
    by: By = NOBODY


class ResultRefused(Struct, frozen=True, gc=False):
    """An attempt that had been given up reported all the same; nothing came of it."""

    claim: Claim
    status: int
    at_ns: int


class JobFinished(Struct, frozen=True, gc=False):
    """The job has its one final state, by an attempt."""

    ended: Ended
    at_ns: int


class RangeEnded(Struct, frozen=True, gc=False):
    """Jobs have ended that were not running, all in one way: the ranges are in order, and apart.

    They were cancelled (`by` somebody), or can be started nowhere, or nobody knows whether they were started,
    or what they waited for ended otherwise than it was to.
    """

    ranges: Ranges
    ending: Ending
    reason: str
    at_ns: int
    by: By = NOBODY

    @property
    def count(self) -> int:
        """How many they are."""
        return sum(end - first for first, end in self.ranges)

    def __contains__(self, job: object) -> bool:
        return any(job in range(first, end) for first, end in self.ranges)

    def ended(self, job: JobId) -> Ended:
        """The final state of one of them."""
        return Ended(job, 0, self.ending, unstarted(self.ending, self.reason, self.at_ns))

    def jobs(self) -> Iterator[JobId]:
        """Their numbers, in order."""
        return (JobId(job) for first, end in self.ranges for job in range(first, end))


class Held(Struct, frozen=True, gc=False):
    """Somebody, or how a job ended, keeps jobs that wait from being started; they were not held."""

    ranges: Ranges
    by: By
    at_ns: int
    reason: str = ""


class Released(Struct, frozen=True, gc=False):
    """Somebody lets jobs that were held be started."""

    ranges: Ranges
    by: By
    at_ns: int


class Altered(Struct, frozen=True, gc=False):
    """Jobs that wait have these terms from now on; they had others."""

    ranges: Ranges
    terms: Terms
    by: By
    at_ns: int


class LimitSet(Struct, frozen=True, gc=False):
    """So much may be drawn of something in the whole cluster at a time; None for no limit.

    `before`: what was set by somebody whose word counts again when this does no more. `now`: of a host, and what runs
    there is to be handed back.
    """

    name: str
    amount: int | None
    why: str
    by: By
    at_ns: int
    before: int | None = None
    now: bool = False


class KeySet(Struct, frozen=True, gc=False):
    """That generation of a user's or a node's keys counts from now on, or none when its holder is removed.

    `holder` is as in Who.
    """

    holder: str
    generation: int
    is_removed: bool
    by: By
    at_ns: int


class PartRestored(Struct, frozen=True, gc=False):
    """Jobs of this range that have not ended when the journal is read had their terms altered to these."""

    first: JobId
    end: JobId
    terms: Terms


class CountersReset(Struct, frozen=True, gc=False):
    """Counters and the list of finished jobs start again."""

    at_ns: int


class OutputReserved(Struct, frozen=True, gc=False):
    """From that attempt on, the output starts behind what is in its file already: that is older, or of others.

    With a `path` it is said of that attempt alone, whose stream has a file of that name.
    """

    job: JobId
    start: int
    attempt: int = 1
    stream: int = OUT
    path: str = ""


class OutputSaved(Struct, frozen=True, gc=False):
    """The output of an attempt is on the disk, in its file; the journal need not hold it any more."""

    job: JobId
    attempt: int = 1
    stream: int = OUT


Record = (
    Checkpoint
    | EpochBegun
    | QueueRestored
    | StrayEnded
    | JobsSubmitted
    | ItemsAdded
    | BlobAdded
    | BlobsDropped
    | SubmissionRestored
    | HeldRestored
    | PastRestored
    | JobDelegated
    | JobRequeued
    | CancelRequested
    | Paused
    | ResultRefused
    | JobFinished
    | RangeEnded
    | Held
    | Released
    | Altered
    | PartRestored
    | LimitSet
    | KeySet
    | CountersReset
    | OutputReserved
    | OutputSaved
)
