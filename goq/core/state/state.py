"""The durable state, and the one way to change it: `State.apply(record)`.

Pure. Live behaviour and recovery both come through `apply`, so they cannot drift apart. It
trusts its records; whether a change is allowed was decided in `dispatch` before the record
was made. Finished jobs and used nonces are kept here only while they are recent, the
journal keeps them all.
"""

from collections import OrderedDict, deque
from typing import assert_never
from weakref import WeakValueDictionary

from msgspec import Struct
from msgspec.structs import replace

from goq.core.messages import AckSubmit, FinishedRow
from goq.core.state.records import (
    CancelRequested,
    Checkpoint,
    CountersReset,
    EpochBegun,
    ItemsAdded,
    JobDelegated,
    JobFinished,
    JobRequeued,
    JobRestored,
    JobsSubmitted,
    OutputReserved,
    OutputSaved,
    QueueRestored,
    RangeEnded,
    Record,
    ResultRefused,
    StrayEnded,
)
from goq.core.values.ids import NO_EPOCH, JobId, Nonce, WorkerId
from goq.core.values.job import Claim, Delivery, Job, Origin, Worker
from goq.core.values.result import Ended, Ending

RECENT_FINISHED = 1000
RECENT_SUBMISSIONS = 10_000


class RunningJob(Struct, frozen=True, gc=False):
    """A job in a worker's hands."""

    job: Job
    claim: Claim
    worker: Worker
    delegated_ns: int
    kill_signal: int = 0  # the signal to kill it with, 0 while nobody wants that


class State:
    """Where every job is: waiting, running or ended."""

    def __init__(self) -> None:
        self.epoch = NO_EPOCH
        self.restored = 0  # the epoch in which a copy of the queue was gone on with; 0 if there is none
        self.next_job = JobId(1)
        self.waiting: dict[JobId, Job] = {}  # in no order: whose turn it is, the board knows
        self.deliveries: dict[
            Nonce, Delivery
        ] = {}  # lists that are not all here; what is here is in `waiting`
        self.running: dict[JobId, RunningJob] = {}
        self.jobs_of_worker: dict[WorkerId, set[JobId]] = {}  # an index of `running`
        self.unique_jobs: dict[str, JobId] = {}  # the live jobs that have a key
        self.recent_finished: OrderedDict[JobId, FinishedRow] = OrderedDict()
        self.recent_submissions: OrderedDict[Nonce, AckSubmit] = OrderedDict()
        self.finished_count = 0
        self.failed_count = 0  # of those that finished
        self.cancelled_count = 0
        self.lost_count = 0
        self._origins: WeakValueDictionary[tuple[bytes, bytes, str, bytes, bytes], Origin] = (
            WeakValueDictionary()
        )

    def is_live(self, job: JobId) -> bool:
        """The job waits or runs, or its command is on its way."""
        return job in self.waiting or job in self.running or self.delivery_of(job) is not None

    def delivery_of(self, job: JobId) -> Delivery | None:
        """The list that the job is of, while that is not all here."""
        return next((each for each in self.deliveries.values() if job in each), None)

    def is_past(self, job: JobId) -> bool:
        """The job is neither live nor among those that ended lately: only the journal may know it."""
        return not self.is_live(job) and job not in self.recent_finished

    def held_by(self, claim: Claim) -> RunningJob | None:
        """The running job that this claim is the current one of."""
        running = self.running.get(claim.job)
        return running if running and running.claim == claim else None

    def is_stray(self, claim: Claim) -> bool:
        """The attempt may have been given after the copy was made that was gone on with."""
        is_older = claim.epoch.number < self.restored and claim.epoch.queue == self.epoch.queue
        return is_older and self.held_by(claim) is None

    def held_by_worker(self, worker: WorkerId) -> list[RunningJob]:
        """All that a worker holds, in the order in which it was to run."""
        return [self.running[job] for job in sorted(self.jobs_of_worker.get(worker, ()))]

    def ended(self, job: JobId) -> Ended | None:
        """The final state of a job that ended lately."""
        row = self.recent_finished.get(job)
        return row.ended if row else None

    def apply(self, record: Record) -> None:
        """Make one fact true."""
        match record:
            case JobsSubmitted():
                self._submitted(record)
            case ItemsAdded():
                self._items_added(record)
            case JobRestored(job):
                self._add(replace(job, origin=self._shared(job.origin)))
            case JobDelegated():
                self._delegated(record)
            case JobRequeued():
                job = self._take_running(record.claim.job).job
                self.waiting[job.id] = replace(job, crashes=job.crashes + record.crashed, epoch=NO_EPOCH)
            case CancelRequested(job_id, signal):
                self.running[job_id] = replace(self.running[job_id], kill_signal=signal)
            case JobFinished():
                self._finished(record.ended)
            case RangeEnded():
                self._range_ended(record)
            case CountersReset():
                self._reset()
            case EpochBegun(epoch):
                self.epoch = epoch
            case QueueRestored(epoch, _, next_job):
                self.epoch, self.restored, self.next_job = epoch, epoch.number, next_job
            case Checkpoint():
                self._restore(record)
            case OutputReserved() | OutputSaved() | ResultRefused() | StrayEnded():
                return  # only the journal keeps that
            case _:
                assert_never(record)

    def _submitted(self, record: JobsSubmitted) -> None:
        origin = self._shared(record.origin)
        for job_id, argv in enumerate(record.commands, start=record.first):
            self._add(Job(JobId(job_id), argv, origin, record.at_ns, terms=record.terms))
        self.next_job = max(self.next_job, record.end)
        if record.to_come:
            here = len(record.commands)
            what = (record.nonce, record.first, here + record.to_come, here)
            self.deliveries[record.nonce] = Delivery(*what, origin, record.terms, record.at_ns)
        self._remember(record.nonce, AckSubmit(record.first, JobId(record.end - 1), to_come=record.to_come))

    def _items_added(self, record: ItemsAdded) -> None:
        known = self.deliveries[record.submission]
        for job_id, argv in enumerate(record.commands, start=record.first):
            self._add(Job(JobId(job_id), argv, known.origin, known.at_ns, terms=known.terms))
        delivery = replace(known, here=known.here + len(record.commands))
        if delivery.to_come:
            self.deliveries[known.nonce] = delivery
        else:
            del self.deliveries[known.nonce]
        self._remember(known.nonce, _ack(delivery))

    def _remember(self, nonce: Nonce, ack: AckSubmit) -> None:
        self.recent_submissions[nonce] = ack
        if len(self.recent_submissions) > RECENT_SUBMISSIONS:
            self.recent_submissions.popitem(last=False)

    def _add(self, job: Job) -> None:
        self.waiting[job.id] = job
        if job.terms.unique:
            self.unique_jobs[job.terms.unique] = job.id

    def _shared(self, origin: Origin) -> Origin:
        """The one object for equal origins: a thousand jobs of one shell hold one environment."""
        key = (origin.folder, origin.environment, origin.submitter, origin.physical, origin.script)
        return self._origins.setdefault(key, origin)

    def _delegated(self, record: JobDelegated) -> None:
        waiting = self.waiting.pop(record.claim.job)
        job = replace(waiting, attempts=record.claim.attempt, epoch=record.claim.epoch)
        self.running[job.id] = RunningJob(job, record.claim, record.worker, record.at_ns)
        self.jobs_of_worker.setdefault(record.worker.id, set()).add(job.id)

    def _finished(self, ended: Ended) -> None:
        job = self._take_running(ended.job).job
        self._free_key(job)
        self._show(job, replace(ended, result=replace(ended.result, output=b"")))
        self._count(ended.ending, 1, failed=ended.has_failed)

    def _range_ended(self, record: RangeEnded) -> None:
        count, waiting = record.count, self.waiting
        for known in [each for each in self.deliveries.values() if each.first in record]:
            self._remember(known.nonce, replace(_ack(known), cancelled=True))
            del self.deliveries[known.nonce]
        shown = deque[Job](maxlen=RECENT_FINISHED)  # of those before, nobody would see the row
        for number in record.jobs():
            job = waiting.pop(number, None)
            if job is not None:
                self._free_key(job)
                shown.append(job)
        for each in shown:
            self._show(each, record.ended(each.id))
        self._count(record.ending, count, failed=record.ending is Ending.FINISHED)

    def _free_key(self, job: Job) -> None:
        if job.terms.unique:
            del self.unique_jobs[job.terms.unique]

    def _show(self, job: Job, ended: Ended) -> None:
        """Remember the end for a while."""
        self.recent_finished[job.id] = FinishedRow(job.argv, job.origin.folder, ended)
        if len(self.recent_finished) > RECENT_FINISHED:
            self.recent_finished.popitem(last=False)

    def _count(self, ending: Ending, jobs: int, *, failed: bool) -> None:
        match ending:
            case Ending.FINISHED:
                self.finished_count += jobs
                self.failed_count += jobs * failed
            case Ending.CANCELLED:
                self.cancelled_count += jobs
            case Ending.LOST:
                self.lost_count += jobs
            case _:
                assert_never(ending)

    def _take_running(self, job: JobId) -> RunningJob:
        running = self.running.pop(job)
        held = self.jobs_of_worker[running.worker.id]
        held.discard(job)
        if not held:
            del self.jobs_of_worker[running.worker.id]
        return running

    def _reset(self) -> None:
        self.finished_count = self.failed_count = self.cancelled_count = self.lost_count = 0
        self.recent_finished.clear()

    def _restore(self, record: Checkpoint) -> None:
        self.epoch, self.restored = record.epoch, record.restored
        self.next_job = record.next_job
        self.finished_count = record.finished_count
        self.failed_count = record.failed_count
        self.cancelled_count = record.cancelled_count
        self.lost_count = record.lost_count
        self.recent_finished = OrderedDict((row.ended.job, row) for row in record.recent)
        shared = (replace(each, origin=self._shared(each.origin)) for each in record.deliveries)
        self.deliveries = {each.nonce: each for each in shared}


def _ack(delivery: Delivery) -> AckSubmit:
    return AckSubmit(delivery.first, JobId(delivery.end - 1), to_come=delivery.to_come)
