"""The durable state, and the one way to change it: `State.apply(record)`.

Pure. Live behaviour and recovery both come through `apply`, so they cannot drift apart. It
trusts its records; whether a change is allowed was decided in `dispatch` before the record
was made. Finished jobs and used nonces are kept here only while they are recent, the
journal keeps them all.
"""

from collections import OrderedDict, deque
from typing import assert_never

from msgspec.structs import replace

from goq.core.messages import AckSubmit, FinishedRow
from goq.core.state.blobs import BlobBook
from goq.core.state.keys import KeyBook
from goq.core.state.lines import Lines
from goq.core.state.origins import Origins
from goq.core.state.parts import Part, Parts
from goq.core.state.records import (
    Altered,
    BlobAdded,
    BlobsDropped,
    CancelRequested,
    Checkpoint,
    CountersReset,
    EpochBegun,
    Held,
    HeldRestored,
    ItemsAdded,
    JobDelegated,
    JobFinished,
    JobRequeued,
    JobsSubmitted,
    KeySet,
    LimitSet,
    OutputReserved,
    OutputSaved,
    PartRestored,
    PastRestored,
    Paused,
    QueueRestored,
    RangeEnded,
    Record,
    Released,
    ResultRefused,
    StrayEnded,
    SubmissionRestored,
)
from goq.core.state.running import Names, RunningJob
from goq.core.state.submissions import NO_PAST, Live, Past, Submissions
from goq.core.values.blobs import NO_BLOB, Blob
from goq.core.values.ids import NO_EPOCH, JobId, Nonce, WorkerId
from goq.core.values.job import Claim, Job, Submission
from goq.core.values.layout import EVERYBODY_S, Layout
from goq.core.values.limit_names import ARRAY, NODE
from goq.core.values.ranges import Range, Ranges, holds
from goq.core.values.result import Ended, Ending
from goq.core.values.room import OUTLIVES
from goq.core.values.spans import Spans
from goq.core.values.terms import Terms

__all__ = ["RECENT_FINISHED", "RunningJob", "State"]

RECENT_FINISHED = 1000
RECENT_SUBMISSIONS = 10_000


class State:
    """Where every job is: waiting, running or ended. `layout` says whose outputs lie where at this server."""

    def __init__(self, layout: Layout = EVERYBODY_S) -> None:
        self.epoch = NO_EPOCH
        self.draws: dict[int, int] = {}  # of earlier servers, by the numbers of their epochs
        self.restored = 0  # the epoch in which a copy of the queue was gone on with; 0 if there is none
        self.next_job = JobId(1)
        self.submissions = Submissions()  # those with jobs that have not ended
        self.waiting = Spans()  # whose turn it is, the board knows
        self.held = Spans()  # of those that wait
        self.parts = Parts()  # of those that have not ended
        self.limits: dict[str, int] = {}  # by name; what has none is not limited
        self.limit_records: dict[str, LimitSet] = {}  # who set them, and why
        self.keys = KeyBook()
        self.past: dict[JobId, Past] = {}  # of those that wait and ran before
        self.endless = Spans()  # of those: they need a worker without a lifetime
        self.deliveries: dict[Nonce, Live] = {}  # what is not all here: none of their jobs may run
        self.blobs = BlobBook()
        self.running: dict[JobId, RunningJob] = {}
        self.jobs_of_worker: dict[WorkerId, set[JobId]] = {}  # an index of `running`
        self.unique_jobs: dict[tuple[str, str], JobId] = {}  # the live jobs of an owner that have a key
        self.names = Names(layout)
        self.recent_finished: OrderedDict[JobId, FinishedRow] = OrderedDict()
        self.recent_submissions: OrderedDict[Nonce, AckSubmit] = OrderedDict()
        self.finished_count = self.failed_count = 0  # the second are of the first
        self.cancelled_count = self.lost_count = self.skipped_count = 0
        self._origins = Origins()
        self._seen: Job | None = None  # the waiting job that was looked at last

    def job(self, job: JobId) -> Job:
        """A job that waits, as it is."""
        if self._seen is None or self._seen.id != job:
            self._seen = self.submissions[job].job(job, self.past.get(job, NO_PAST))
            if self.parts and (terms := self.parts.get(job)) is not None:
                self._seen = replace(self._seen, terms=terms)
        return self._seen

    def terms_of(self, live: Live, first: JobId, end: JobId) -> list[Part]:
        """Those jobs of the submission that are in this range, as ranges of the same terms."""
        first, end = max(first, live.first), min(end, live.end)
        return self.parts.over(first, end, live.terms) if self.parts else [(first, end, live.terms)]

    def is_live(self, job: JobId) -> bool:
        """The job waits or runs."""
        return job in self.waiting or job in self.running

    def limit_words(self, name: str) -> str:
        """Why a limit was set, in the words of whoever did it."""
        return record.why if (record := self.limit_records.get(name)) else ""

    def is_drained_at_once(self, host: str) -> bool:
        """What runs at that host is to be handed back."""
        record = self.limit_records.get(f"{NODE}{host}")
        return record is not None and record.now

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
        match record:  # the most frequent ones first: to find that a record is none of a kind takes its time
            case JobDelegated():
                self._delegated(record)
            case JobFinished():
                self._finished(record.ended)
            case JobsSubmitted():
                self._submitted(record)
            case ItemsAdded():
                self._items_added(record)
            case BlobAdded() | BlobsDropped():
                self._blobs_changed(record)
            case SubmissionRestored():
                self._submission_restored(record)
            case PastRestored(job, past):
                self._come_back(job, past)
            case JobRequeued():
                self._requeued(record)
            case CancelRequested(job_id, signal):
                self.running[job_id] = replace(self.running[job_id], kill_signal=signal)
            case Paused(job_id, on):
                self.running[job_id] = replace(self.running[job_id], paused=on)
            case RangeEnded():
                self._range_ended(record)
            case Held(ranges) | HeldRestored(ranges):
                self.held.extend(ranges)
            case Released(ranges):
                self.held.discard_all(ranges)
            case Altered(ranges, terms):
                self._alter(ranges, terms)
            case PartRestored(first, end, terms):
                self._part_restored(first, end, terms)
            case KeySet(holder):
                self.keys[holder] = record
            case LimitSet():
                self._limit(record)
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

    def _requeued(self, record: JobRequeued) -> None:
        job, how = record.claim.job, (record.counts_as, record.not_before_ns, record.at_ns)
        self._come_back(job, self._take_running(job).past.and_one_more(*how))
        self.waiting.add(job)

    def _come_back(self, job: JobId, past: Past) -> None:
        self.past[job] = past
        if past.outlived >= OUTLIVES:
            self.endless.add(job)

    def _submitted(self, record: JobsSubmitted) -> None:
        submission = record.submission
        live = self._add(submission, record.lacks)
        self.waiting.append(submission.first, submission.end)
        if submission.terms.held:
            self.held.append(submission.first, submission.end)
        if live.lines is not None:
            live.lines.extend(record.lines)
        if not live.is_whole:
            self.deliveries[submission.nonce] = live
        self.submissions.retried(record.again)
        self.next_job = max(self.next_job, submission.end)
        self._remember(live)

    def _items_added(self, record: ItemsAdded) -> None:
        live = self.deliveries[record.submission]
        if live.lines is not None:
            live.lines.extend(record.lines)
        if live.is_whole:
            del self.deliveries[record.submission]
        self._remember(live)

    def _blobs_changed(self, record: BlobAdded | BlobsDropped) -> None:
        self.blobs.change(record)
        blob, firsts = (record.blob, record.whole_for) if isinstance(record, BlobAdded) else (NO_BLOB, ())
        for first in firsts:
            live = self.submissions[first]
            live.lacks = tuple(each for each in live.lacks if each != blob)
            if live.is_whole:
                del self.deliveries[live.submission.nonce]

    def _submission_restored(self, record: SubmissionRestored) -> None:
        submission = record.submission
        live = self._add(submission, record.lacks)
        if live.lines is not None:
            for piece in record.pieces:
                live.lines.extend(piece)
        self.waiting.append(submission.first, submission.end)
        for first, end in record.ended:
            self.waiting.discard(first, end)
            self.submissions.ended(live, ((first, end),), well=True)
        live.failed, live.retried = record.failed, record.retried
        if record.bad:
            live.bad = Spans()
            for first, end in record.bad:
                live.bad.append(first, end)
        if not live.is_whole:
            self.deliveries[submission.nonce] = live

    def _alter(self, ranges: Ranges, terms: Terms) -> None:
        self._seen = None
        self.parts.put(ranges, terms)
        for job in [job for job in self.running if holds(ranges, job)]:
            run = self.running[job]
            self.running[job] = replace(run, job=replace(run.job, terms=terms))

    def _part_restored(self, first: JobId, end: JobId, terms: Terms) -> None:
        if waiting := tuple(self.waiting.between(first, end)):
            self.parts.put(waiting, terms)

    def _add(self, submission: Submission, lacks: tuple[Blob, ...]) -> Live:
        shared = replace(submission, origin=self._origins.shared(submission.origin))
        live = Live(shared, submission.count, Lines() if submission.has_lines else None, lacks=lacks)
        self.submissions.add(live)
        if shared.origin.script or shared.origin.stdin:
            self.blobs.need(shared.origin, lacks)
        if submission.terms.at_once:
            self.limits[f"{ARRAY}{submission.first}"] = submission.terms.at_once
        if submission.terms.unique:
            self.unique_jobs[submission.origin.owner, submission.terms.unique] = submission.first
        self.names.add(submission)
        return live

    def _remember(self, live: Live, *, cancelled: bool = False) -> None:
        last = JobId(live.end - 1)
        ack = AckSubmit(live.first, last, to_come=live.to_come, cancelled=cancelled)
        self.recent_submissions[live.submission.nonce] = ack
        if len(self.recent_submissions) > RECENT_SUBMISSIONS:
            self.recent_submissions.popitem(last=False)

    def _delegated(self, record: JobDelegated) -> None:
        claim = record.claim
        job = replace(self.job(claim.job), attempts=claim.attempt, epoch=claim.epoch, grant=record.grant)
        self.waiting.remove(job.id)
        if job.outlived and job.id in self.endless:
            self.endless.remove(job.id)
        past = replace(self.past.pop(job.id, NO_PAST), attempts=claim.attempt, not_before_ns=0, since_ns=0)
        self._seen = None
        self.running[job.id] = RunningJob(job, claim, record.worker, record.at_ns, 0, past, record.files)
        if record.files:
            self.names.begin(job.id, record.files)
        self.jobs_of_worker.setdefault(record.worker.id, set()).add(job.id)

    def _finished(self, ended: Ended) -> None:
        job = self._take_running(ended.job).job
        here = ((job.id, JobId(job.id + 1)),)
        self._end(self.submissions[job.id], here, well=ended.is_good, failed=ended.is_bad)
        self.parts.drop(here)
        if ended.result.size:
            ended = replace(ended, result=ended.result.without_bytes)
        self._show(job, ended)
        self._count(ended.ending, 1, failed=ended.has_failed)

    def _range_ended(self, record: RangeEnded) -> None:
        self._seen = None
        has_failed = record.ending in (Ending.FINISHED, Ending.LOST)
        shown = deque[Job](maxlen=RECENT_FINISHED)  # of those before, nobody would see the row
        ended: dict[JobId, tuple[Live, list[Range]]] = {}
        for first, end in record.ranges:
            for live in self.submissions.between(first, end):
                here = range(max(first, live.first), min(end, live.first + live.here))
                shown += (live.job(JobId(job)) for job in here[-RECENT_FINISHED:])
                part = (max(first, live.first), min(end, live.end))
                ended.setdefault(live.first, (live, []))[1].append(part)
        for live, parts in ended.values():
            self._end(live, tuple(parts), well=False, failed=has_failed)
            if live.submission.nonce in self.deliveries and not live.left:
                del self.deliveries[live.submission.nonce]
                self._remember(live, cancelled=True)
        for spans in (self.waiting, self.held, self.endless):
            spans.discard_all(record.ranges)
        self.parts.drop(record.ranges)
        for job in self.past and [job for job in self.past if holds(record.ranges, job)]:
            del self.past[job]
        for each in shown:
            self._show(each, record.ended(each.id))
        self._count(record.ending, record.count, failed=record.ending is Ending.FINISHED)

    def _limit(self, record: LimitSet) -> None:
        first = record.name.removeprefix(ARRAY)
        is_gone = first != record.name and self.submissions.get(JobId(int(first))) is None
        if record.amount is None or is_gone:
            self.limits.pop(record.name, None)
            self.limit_records.pop(record.name, None)
        else:
            self.limits[record.name] = record.amount
            self.limit_records[record.name] = record

    def _end(self, live: Live, ranges: Ranges, *, well: bool, failed: bool) -> None:
        """These jobs of the submission have ended."""
        self.submissions.ended(live, ranges, well=well, failed=failed)
        if not live.left:
            self.submissions.remove(live)
            if live.origin.script or live.origin.stdin:
                self.blobs.let_go(live.origin)
            if self.limits:
                self.limits.pop(f"{ARRAY}{live.first}", None)
                self.limit_records.pop(f"{ARRAY}{live.first}", None)
            if live.terms.unique:
                del self.unique_jobs[live.origin.owner, live.terms.unique]
            self.names.drop(live.submission)

    def _show(self, job: Job, ended: Ended) -> None:
        """Remember the end for a while."""
        self.recent_finished[job.id] = FinishedRow(job.argv, job.origin.folder, ended, job.origin.owner)
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
            case Ending.SKIPPED:
                self.skipped_count += jobs
            case _:
                assert_never(ending)

    def _take_running(self, job: JobId) -> RunningJob:
        running = self.running.pop(job)
        held = self.jobs_of_worker[running.worker.id]
        held.discard(job)
        self.names.end(running.files)
        if not held:
            del self.jobs_of_worker[running.worker.id]
        return running

    def _reset(self) -> None:
        self.finished_count = self.failed_count = self.cancelled_count = self.lost_count = (
            self.skipped_count
        ) = 0
        self.recent_finished.clear()

    def _restore(self, record: Checkpoint) -> None:
        self.epoch, self.restored, self.draws = record.epoch, record.restored, dict(record.draws)
        self.next_job, self.skipped_count = record.next_job, record.skipped_count
        self.finished_count, self.failed_count = record.finished_count, record.failed_count
        self.cancelled_count, self.lost_count = record.cancelled_count, record.lost_count
        self.recent_finished = OrderedDict((row.ended.job, row) for row in record.recent)
