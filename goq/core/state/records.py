"""The facts that survive a crash. The dispatcher emits them, the journal keeps them.

Pure. Replaying a journal's records through `Dispatcher.apply` gives the state that wrote
them; so a record says all that the change needs, and nothing about sockets or leases.
"""

from collections.abc import Iterator

from msgspec import Struct

from goq.core.messages import FinishedRow
from goq.core.values.ids import Argv, Epoch, JobId, Nonce
from goq.core.values.job import NOBODY, By, Claim, Delivery, Job, Origin, Worker
from goq.core.values.result import Ended, Ending, Result, unstarted
from goq.core.values.spans import Ranges
from goq.core.values.terms import Terms


class Checkpoint(Struct, frozen=True, gc=False):
    """Where a journal's story starts when its finished part is left out: the totals so far."""

    next_job: JobId
    finished_count: int
    failed_count: int
    cancelled_count: int
    lost_count: int
    recent: tuple[FinishedRow, ...]
    epoch: Epoch
    restored: int = 0  # the epoch in which a copy was gone on with last
    deliveries: tuple[Delivery, ...] = ()


class EpochBegun(Struct, frozen=True, gc=False):
    """A server has started with this queue; the claims that it gives bear the epoch."""

    epoch: Epoch
    at_ns: int


class QueueRestored(Struct, frozen=True, gc=False):
    """A server goes on with a copy of the queue: what was given after the copy was made it does not know.

    Its epoch is far beyond any that may have been, and the numbers `first` to `next_job` are left out.
    """

    epoch: Epoch
    first: JobId
    next_job: JobId
    at_ns: int


class StrayEnded(Struct, frozen=True, gc=False):
    """An attempt has ended that was given after the copy was made; its output is kept apart."""

    claim: Claim
    result: Result
    at_ns: int


class JobsSubmitted(Struct, frozen=True, gc=False):
    """Commands were queued as jobs first, first+1, ...; the nonce is used up for ever.

    The numbers behind them are those of `to_come` more.
    """

    first: JobId
    nonce: Nonce
    commands: tuple[Argv, ...]
    origin: Origin
    terms: Terms
    at_ns: int
    to_come: int = 0

    @property
    def end(self) -> JobId:
        """The number behind its last."""
        return JobId(self.first + len(self.commands) + self.to_come)


class ItemsAdded(Struct, frozen=True, gc=False):
    """The next commands of a list have come: those of the jobs first, first+1, ..."""

    submission: Nonce
    first: JobId
    commands: tuple[Argv, ...]


class JobRestored(Struct, frozen=True, gc=False):
    """A job that had not ended when the journal was read; a running one is delegated again next."""

    job: Job


class JobDelegated(Struct, frozen=True, gc=False):
    """The job was given to a worker; only this claim can finish it now."""

    claim: Claim
    worker: Worker
    at_ns: int


class JobRequeued(Struct, frozen=True, gc=False):
    """The attempt was given up and the job waits again, in its place by id.

    `crashed`: its worker was lost, rather than handing the job back.
    """

    claim: Claim
    reason: str
    crashed: bool
    at_ns: int


class CancelRequested(Struct, frozen=True, gc=False):
    """Somebody wants the running job killed, beginning with this signal; it never runs again."""

    job: JobId
    signal: int
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

    They were cancelled (`by` somebody), or can be started nowhere, or nobody knows whether they were started.
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


class CountersReset(Struct, frozen=True, gc=False):
    """Counters and the list of finished jobs start again."""

    at_ns: int


class OutputReserved(Struct, frozen=True, gc=False):
    """The job's output file was there before the job: its output starts behind what is in it."""

    job: JobId
    start: int


class OutputSaved(Struct, frozen=True, gc=False):
    """The job's output is on the disk, in its file; the journal need not hold it any more."""

    job: JobId


Record = (
    Checkpoint
    | EpochBegun
    | QueueRestored
    | StrayEnded
    | JobsSubmitted
    | ItemsAdded
    | JobRestored
    | JobDelegated
    | JobRequeued
    | CancelRequested
    | ResultRefused
    | JobFinished
    | RangeEnded
    | CountersReset
    | OutputReserved
    | OutputSaved
)
