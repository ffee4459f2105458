"""An independent account of what the records say, and of which record may follow which.

Told by records alone, and much simpler than the state: one `Life` a job, nothing else. A record
that breaks a law raises AssertionError at once.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import assert_never

from msgspec.structs import replace

from goq.core.messages import AckSubmit, FinishedRow
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
from goq.core.state.state import State
from goq.core.state.submissions import CountsAs, Past
from goq.core.values.blobs import NO_BLOB, Blob, blob_of, size_of
from goq.core.values.changes import Alter, Hold, Kill, Pause, Release, Resume, What
from goq.core.values.ids import NO_EPOCH, Argv, Epoch, JobId, Nonce, Now, WorkerId
from goq.core.values.job import NOBODY, Claim, Job, Origin, Submission, Task, Worker
from goq.core.values.ranges import Ranges, runs
from goq.core.values.result import SIGKILL, Ended, Ending, Result
from goq.core.values.terms import DEFAULT_TERMS, Terms

NO_JOB = JobId(0)


class Place(Enum):
    """Where a job can be; it is in exactly one of them."""

    COMING = auto()
    WAITING = auto()
    KILLED = auto()  # with others, and its end is still to come
    RUNNING = auto()
    ENDED = auto()


@dataclass(slots=True)
class Life:
    """What has happened to one job."""

    argv: Argv
    origin: Origin
    submitted_ns: int
    terms: Terms = DEFAULT_TERMS
    place: Place = Place.WAITING
    first: JobId = NO_JOB  # of its submission
    attempts: int = 0
    crashes: int = 0
    failures: int = 0
    reruns: int = 0
    outlived: int = 0
    requeued_ns: int = 0
    not_before_ns: int = 0
    not_before_s: float = 0.0  # of the attended time
    paused: bool = False  # until the clock is looked at then
    unstarted: int = 0  # of the attempts
    claim: Claim | None = None
    worker: Worker | None = None
    delegated_ns: int = 0
    kill_signal: int = 0
    stopped: bool = False  # somebody wants that, of a job that runs
    held: bool = False
    was_released: bool = False
    changing: What | None = None  # with others, and that is still to come
    ended: Ended | None = None

    @property
    def cancelling(self) -> bool:
        """Somebody wants it killed."""
        return self.kill_signal != 0


def without_output(ended: Ended) -> Ended:
    """The final state as it is kept: the output lies in its file."""
    return replace(ended, result=ended.result.without_bytes)


@dataclass(slots=True)
class Ledger:
    """The lives of all jobs and the answers to all submissions, for ever."""

    crash_limit: int
    lives: dict[JobId, Life] = field(default_factory=dict)
    acks: dict[Nonce, AckSubmit] = field(default_factory=dict)
    submissions: dict[JobId, Submission] = field(default_factory=dict)
    again: dict[JobId, Ranges] = field(default_factory=dict)  # what submissions are once more
    lacks: dict[Nonce, list[Blob]] = field(default_factory=dict)
    blobs: dict[Blob, bytes] = field(default_factory=dict)  # so much of each as is here
    claims: list[Claim] = field(default_factory=list)
    workers: set[Worker] = field(default_factory=set)  # that ever had a job
    finished: list[JobId] = field(default_factory=list)  # since the last reset
    reported: set[Claim] = field(default_factory=set)  # those that ended as their workers said
    moment_ns: int = 0  # when the clock was looked at last
    now_s: float = 0.0
    heard: set[Claim] = field(
        default_factory=set
    )  # that were tried again for how they ended, since the start

    @property
    def coming(self) -> list[Nonce]:
        """The submissions that are not all here, and are still expected."""
        acks = self.acks.items()
        return [nonce for nonce, ack in acks if not ack.cancelled and (ack.to_come or self.lacks[nonce])]

    def whole_blobs(self) -> frozenset[Blob]:
        """Those that are all here."""
        return frozenset(blob for blob, data in self.blobs.items() if blob == blob_of(data))

    @property
    def lists(self) -> list[Nonce]:
        """Those of which lines are to come: each is one thing yet."""
        return [nonce for nonce in self.coming if self.acks[nonce].to_come]

    @property
    def lacking(self) -> list[JobId]:
        """The jobs that lack but a blob."""
        those = [self.acks[nonce] for nonce in self.coming if not self.acks[nonce].to_come]
        jobs = (JobId(job) for each in those for job in range(each.first, each.last + 1))
        return [job for job in jobs if self.lives[job].place is Place.COMING]

    def here(self, nonce: Nonce) -> int:
        """How many commands of a submission are there."""
        ack = self.acks[nonce]
        return ack.last - ack.first + 1 - ack.to_come

    @property
    def early(self) -> list[JobId]:
        """The jobs of which the command is here, and others of the list are not."""
        return [job for job in self.in_place(Place.COMING) if self.lives[job].argv]

    @property
    def ready(self) -> list[JobId]:
        """The jobs that may be given out, in the order in which they are to run."""
        return self.ready_if({})

    def ready_if(self, gone: dict[JobId, bool | None]) -> list[JobId]:
        """Those that may be given out once these have ended, well or not."""
        ends = self.ends_if(gone)
        new = {job for job in self.waiting if self.is_never(job, ends) and not self.is_never(job)}
        lives = ((job, self.lives[job]) for job in self.waiting)
        found = [
            job
            for job, life in lives
            if not life.held
            and not life.changing
            and (life.attempts or life.terms.not_before_ns <= self.moment_ns)
            and not life.paused
            and not (self.is_behind(job, ends) or job in new or job in ends)
        ]
        return sorted(found, key=lambda job: (-self.lives[job].terms.priority, job))

    @property
    def changing(self) -> list[JobId]:
        """The jobs that are about to be held, released or altered."""
        return [job for job, life in self.lives.items() if life.changing]

    # --- who waits for whom --------------------------------------------------------------

    def ends_if(self, gone: dict[JobId, bool | None]) -> dict[JobId, bool]:
        """Which jobs have ended, well or not, if these have (None: tried again): with them, who can never run then."""
        ends = {job: life.ended.is_good for job, life in self.lives.items() if life.ended}
        if not gone:
            return ends
        ends |= {job: well for job, well in gone.items() if well is not None}
        places = (Place.WAITING, Place.COMING, Place.KILLED)
        waiting = [job for job, life in self.lives.items() if life.place in places]
        while True:
            before = len(ends)
            for job in waiting:
                is_skipped = self.is_never(job, ends) and not self.lives[job].terms.keep
                if job not in ends and (is_skipped or self._is_stopped(job, gone)):
                    ends[job] = False
            if len(ends) == before:
                return ends

    def _is_stopped(self, job: JobId, gone: dict[JobId, bool | None]) -> bool:
        """Too many of its submission will have failed."""
        life = self.lives[job]
        its = [(each, other) for each, other in self.lives.items() if other.first == life.first]
        failed = [each for each, other in its if other.ended and other.ended.is_bad]
        failed += [each for each, other in its if gone.get(each) is False and not other.cancelling]
        return 0 < life.terms.max_fails <= len(failed) and life.place is Place.WAITING

    def watched(self, job: JobId) -> Iterator[tuple[list[JobId], str]]:
        """The jobs that it waits for, and how they are to end: each well, or one of them badly."""
        life = self.lives[job]
        for after in life.terms.after:
            jobs = [JobId(each) for first, end in after.jobs for each in range(first, end)]
            yield ([jobs[job - life.first]] if after.each else jobs), after.when

    def is_behind(self, job: JobId, ends: dict[JobId, bool] | None = None) -> bool:
        """One of those that it waits for has not ended."""
        known = self.ends_if({}) if ends is None else ends
        return any(each not in known for jobs, _ in self.watched(job) for each in jobs)

    def is_never(self, job: JobId, ends: dict[JobId, bool] | None = None) -> bool:
        """It can never run: one of those that it waits for has ended otherwise than it was to."""
        known = self.ends_if({}) if ends is None else ends
        for jobs, when in self.watched(job):
            if when == "ok" and any(known.get(each) is False for each in jobs):
                return True
            if when == "fail" and all(known.get(each) for each in jobs):
                return True
        return False

    def in_place(self, place: Place) -> list[JobId]:
        """The jobs that are there, by id."""
        return [job for job, life in self.lives.items() if life.place is place]

    @property
    def waiting(self) -> list[JobId]:
        """The jobs that wait, in the order in which they are to run."""
        return self.in_place(Place.WAITING)

    @property
    def running(self) -> list[JobId]:
        """The jobs in workers' hands."""
        return self.in_place(Place.RUNNING)

    def held_by_worker(self, worker: WorkerId) -> list[JobId]:
        """The jobs that the worker has, as far as is known, in the order in which it is to run them."""
        return [job for job in self.running if self.claim(job).worker == worker]

    @property
    def busy(self) -> set[WorkerId]:
        """The workers that have a job."""
        return {self.claim(job).worker for job in self.running}

    def is_endless(self, job: JobId) -> bool:
        """It has outlived so many workers that it needs one whose life has no end."""
        return self.lives[job].outlived >= 2

    def is_harmless(self, job: JobId) -> bool:
        """It may be in one hand with others: it may start twice, and no worker was lost with it yet."""
        return self.lives[job].terms.requeue and self.lives[job].crashes == 0

    def claim(self, job: JobId) -> Claim:
        """The latest claim on a job that was delegated."""
        claim = self.lives[job].claim
        assert claim is not None, f"job {job} was never delegated"
        return claim

    def holds(self, claim: Claim) -> bool:
        """The claim is the current one of a running job."""
        return claim.job in self.running and self.claim(claim.job) == claim

    def holder(self, owner: str, key: str) -> JobId | None:
        """The live job of that owner's with this unique key, if there is one."""
        live = self.waiting + self.running + self.in_place(Place.KILLED)
        asked = (owner, key)
        holders = [
            job
            for job in live
            if key and (self.lives[job].origin.owner, self.lives[job].terms.unique) == asked
        ]
        assert len(holders) <= 1, "at most one live job a unique key"
        return holders[0] if holders else None

    def job(self, job: JobId) -> Job:
        """The job as the state must have it."""
        life = self.lives[job]
        epoch = self.claim(job).epoch if life.place is Place.RUNNING else NO_EPOCH
        what = self.submissions[life.first]
        task = None
        if what.count > 1 or what.items:
            task = Task(life.first, *self.number(job), is_array=False)
        past = (life.attempts, life.crashes)
        known = Job(job, life.argv, life.origin, life.submitted_ns, *past, life.terms, epoch, task)
        return replace(known, outlived=life.outlived)

    def past(self, job: JobId) -> Past:
        """What the job has behind it."""
        life = self.lives[job]
        counts = (life.attempts, life.crashes, life.failures, life.reruns)
        return Past(*counts, life.not_before_ns, life.requeued_ns, life.outlived)

    def ended(self, job: JobId) -> Ended | None:
        """The final state of the job, if it has one."""
        life = self.lives.get(job)
        return life.ended if life else None

    # --- entering records --------------------------------------------------------------

    def enter(self, record: Record) -> None:
        """Take note of a record that a dispatcher has just emitted; it must be a lawful one."""
        match record:
            case JobsSubmitted():
                self._submitted(record)
            case ItemsAdded():
                self._items_added(record)
            case JobDelegated():
                self._delegated(record)
            case JobRequeued():
                self._requeued(record)
            case CancelRequested(job, signal):
                self._cancel_requested(job, signal)
            case ResultRefused(claim):
                self._result_refused(claim)
            case JobFinished(ended):
                self._finished(ended)
            case RangeEnded():
                assert all(first < end for first, end in record.ranges), "a range holds somebody"
                nexts = [first for first, _ in record.ranges[1:]]
                assert all(end < then for (_, end), then in zip(record.ranges, nexts, strict=False)), "apart"
                self._list_ended(record)
                for job in record.jobs():
                    self._unstarted(record.ended(job))
            case BlobAdded():
                self._blob_added(record)
            case BlobsDropped(blobs):
                self._blobs_dropped(blobs)
            case Held(ranges, by):
                jobs = [JobId(job) for first, end in ranges for job in range(first, end)]
                kept = all(self.is_never(job) and self.lives[job].terms.keep for job in jobs)
                assert kept or by != NOBODY or record.reason, "nobody holds only for a reason"
                self.hold(ranges, held=True)
            case Released(ranges):
                self.hold(ranges, held=False)
            case Altered(ranges, terms):
                self.alter(ranges, terms)
            case Paused(job, on):
                life = self.lives[job]
                assert life.place is Place.RUNNING, "only what runs is paused"
                assert life.stopped != on, "paused once"
                life.stopped = on
            case CountersReset():
                self.finished.clear()
            case (
                Checkpoint()
                | EpochBegun()
                | QueueRestored()
                | StrayEnded()
                | SubmissionRestored()
                | HeldRestored()
                | PartRestored()
                | LimitSet()
                | KeySet()
                | PastRestored()
                | OutputReserved()
                | OutputSaved()
            ):
                raise AssertionError("made by the journal and the loop, never by a dispatcher")
            case _:
                assert_never(record)

    def _submitted(self, record: JobsSubmitted) -> None:
        what = record.submission
        assert what.first == len(self.lives) + 1, "ids are given out in order, none twice, none left out"
        assert what.nonce not in self.acks, "one submission a nonce"
        assert all(first < end <= what.first for after in what.terms.after for first, end in after.jobs), (
            "a job waits for older ones only"
        )
        assert self.holder(what.origin.owner, what.terms.unique) is None, "no second live job a unique key"
        place = Place.WAITING if record.is_whole else Place.COMING
        assert set(record.lacks) == set(what.origin.blobs) - self.whole_blobs(), (
            "only what is not there is asked for"
        )
        argvs = [*map(Argv, record.lines), *[what.argv] * (what.count - len(record.lines))]
        for job_id, argv in enumerate(argvs, start=what.first):
            self.lives[JobId(job_id)] = Life(
                argv, what.origin, what.at_ns, what.terms, place, what.first, held=what.terms.held
            )
        self.acks[what.nonce] = AckSubmit(what.first, JobId(len(self.lives)), to_come=record.to_come)
        self.submissions[what.first] = what
        self.lacks[what.nonce] = list(record.lacks)
        for blob in record.lacks:
            self.blobs.setdefault(blob, b"")
        self._want(what.nonce)
        if record.again:
            old = [JobId(job) for first, end in record.again for job in range(first, end)]
            its = [JobId(job) for job in range(what.first, what.end)]
            assert all(self.lives[job].ended or self.lives[job].place is Place.WAITING for job in old)
            assert [self.number(job) for job in old] == [self.number(job) for job in its], (
                "items keep their numbers"
            )
            assert [self.lives[job].argv for job in old] == [self.lives[job].argv for job in its]
            self.again[what.first] = record.again

    def number(self, job: JobId) -> tuple[int, int, int]:
        """Which it is of how many, as it hears itself."""
        what = self.submissions[self.lives[job].first]
        task = what.job(job, b"x").task
        return (task.number, task.first, task.last) if task else (0, 0, 0)

    def _items_added(self, record: ItemsAdded) -> None:
        assert record.submission in self.coming, "only what is expected comes"
        ack = self.acks[record.submission]
        assert record.first == ack.first + self.here(record.submission), "in order, none twice, none left out"
        assert 0 < len(record.lines) <= ack.to_come, "as many as were announced"
        for job, line in enumerate(record.lines, start=record.first):
            self.lives[JobId(job)].argv = Argv(line)
        self.acks[record.submission] = ack = replace(ack, to_come=ack.to_come - len(record.lines))
        self._want(record.submission)

    def _want(self, nonce: Nonce) -> None:
        """What is whole waits; of what is not, the answer says what is wanted."""
        ack, lacks = self.acks[nonce], self.lacks[nonce]
        wanted, here = (lacks[0], len(self.blobs[lacks[0]])) if lacks else (NO_BLOB, 0)
        self.acks[nonce] = replace(ack, wanted=wanted, offset=here)
        if nonce not in self.coming:
            for job in range(ack.first, ack.last + 1):
                life = self.lives[JobId(job)]
                life.place = Place.WAITING if life.place is Place.COMING else life.place

    def _blob_added(self, record: BlobAdded) -> None:
        blob, here = record.blob, self.blobs[record.blob]
        assert record.offset == len(here), "in order, none twice, none left out"
        self.blobs[blob] = here + record.data
        those = [nonce for nonce in self.coming if blob in self.lacks[nonce]]
        assert those, "nothing is kept that nobody needs"
        is_whole = blob in self.whole_blobs()
        assert is_whole or len(self.blobs[blob]) < size_of(blob), "the whole leads to its name"
        told = [self.acks[nonce].first for nonce in those] if is_whole else []
        assert told == list(record.whole_for), "all that lacked it lack it no more"
        for nonce in those:
            if is_whole:
                self.lacks[nonce].remove(blob)
            self._want(nonce)

    def _blobs_dropped(self, blobs: tuple[Blob, ...]) -> None:
        bad = set(blobs) & self.needed()  # whose bytes have led to another name
        assert not bad & self.whole_blobs(), "no job lacks what it was to read"
        for blob in bad:
            self.blobs[blob] = b""
        for nonce in self.coming if bad else ():
            self._want(nonce)
        for blob in set(blobs) - bad:
            asked = [each for each in self.submissions.values() if each.origin.script == blob]
            if blob not in self.whole_blobs() or not any(not self.lacks[each.nonce] for each in asked):
                del self.blobs[blob]

    def needed(self) -> set[Blob]:
        """By jobs that have not ended."""
        return {
            blob
            for life in self.lives.values()
            if life.place is not Place.ENDED
            for blob in life.origin.blobs
        }

    def _delegated(self, record: JobDelegated) -> None:
        claim = record.claim
        life = self.lives[claim.job]
        assert life.place is Place.WAITING, "only a waiting job is delegated"
        assert not life.cancelling, "a cancelled job is never delegated again"
        assert claim.job in self.ready, "a job that is held, or before its moment, is not given out"
        assert claim.attempt == life.attempts + 1, "attempts grow by exactly one"
        assert life.terms.requeue or claim.attempt == 1 + life.unstarted, (
            "what must not be requeued is started once"
        )
        assert life.crashes < self.crash_limit, "a poisonous job is never started again"
        assert claim.worker == record.worker.id, "the claim is the worker's"
        hand = [*self.held_by_worker(claim.worker), claim.job]
        assert len(hand) == 1 or all(map(self.is_harmless, hand)), "a job that may do harm goes alone"
        life.place, life.attempts, life.delegated_ns = Place.RUNNING, claim.attempt, record.at_ns
        life.stopped = False
        life.claim, life.worker = claim, record.worker
        life.requeued_ns = life.not_before_ns = 0
        self.workers.add(record.worker)
        self.claims.append(claim)

    def _requeued(self, record: JobRequeued) -> None:
        assert self.holds(record.claim), "only the current attempt is given up"
        crashed = record.counts_as is CountsAs.CRASH
        assert crashed == (record.reason == "worker lost"), "only a lost worker is a crash"
        life = self.lives[record.claim.job]
        assert not life.cancelling, "a cancelled job never waits again"
        outlived = record.reason == "its worker's lifetime was over"
        assert outlived == (record.counts_as is CountsAs.OUTLIVED), "that counts as nothing else"
        life.outlived += outlived
        reasons = ("worker lost", "handed back", "never started")
        was_started = record.result or outlived or record.reason in reasons
        assert life.terms.requeue or not was_started, "what must not be requeued never waits again"
        life.unstarted += not was_started
        life.place, life.crashes = Place.WAITING, life.crashes + crashed
        assert life.crashes < self.crash_limit, "a poisonous job never waits again"
        life.requeued_ns, life.not_before_ns = record.at_ns, record.not_before_ns
        if record.result:
            self._tried_again(life, record, record.result)

    def _tried_again(self, life: Life, record: JobRequeued, result: Result) -> None:
        """The attempt was reported, and the terms say that it is followed by another, and after how long."""
        terms, status = life.terms, result.status
        self.heard.add(record.claim)
        wait_s = 0.0
        if status in terms.hold_codes:
            counts_as = CountsAs.NOTHING
        elif status in terms.rerun_codes:
            counts_as, wait_s = CountsAs.RERUN, terms.backoff_s
        else:
            assert status, "what ended well is not tried again"
            assert not terms.retry_on or status in terms.retry_on or result.signal or result.cause
            counts_as, wait_s = CountsAs.FAILURE, min(3600.0, terms.backoff_s * 2**life.failures)
        assert counts_as is record.counts_as, "each row of the table counts as it says"
        life.failures += counts_as is CountsAs.FAILURE
        life.reruns += counts_as is CountsAs.RERUN
        assert life.failures <= terms.retries, "no more failures than retries"
        assert record.not_before_ns == (
            record.at_ns + round(wait_s * 1e9)
            if wait_s
            else 0
            if counts_as is CountsAs.NOTHING
            else record.at_ns
        )
        life.not_before_s = self.now_s + wait_s
        life.paused = counts_as is not CountsAs.NOTHING

    def begin_anew(self, now: Now) -> None:
        """A server has started: what it has not written it does not know, and pauses go on by the wall clock."""
        self.forget_kills()
        self.heard.clear()
        for life in self.lives.values():
            asked_s, left_s = (
                (life.not_before_ns - since_ns) / 1e9 for since_ns in (life.requeued_ns, now.wall_ns)
            )
            life.not_before_s = now.attended_s + min(max(0.0, left_s), asked_s)
            life.paused = life.not_before_ns > 0
        self.look(now)

    def look(self, now: Now) -> None:
        """The clock is looked at: the moments of some jobs have come."""
        self.now_s, self.moment_ns = now.attended_s, now.wall_ns
        for life in self.lives.values():
            life.paused = life.paused and life.not_before_s > now.attended_s

    def _cancel_requested(self, job: JobId, signal: int) -> None:
        life = self.lives[job]
        assert life.place is Place.RUNNING, "a job that does not run is cancelled at once"
        assert life.kill_signal != signal, "killed with each signal once"
        assert life.kill_signal != SIGKILL, "a kill is never taken back"
        life.kill_signal = signal

    def _result_refused(self, claim: Claim) -> None:
        assert claim.job in self.lives, "what never was is not recorded"
        assert not self.holds(claim), "the result of the current attempt is wanted"
        assert claim not in self.reported, "a repeated result is no late one"
        assert claim not in self.heard, "nor is one for which the job was tried again"

    def _finished(self, ended: Ended) -> None:
        life = self.lives[ended.job]
        assert life.place is not Place.ENDED, "no job finishes twice"
        assert life.place is Place.RUNNING, "only an attempt finishes a job"
        assert life.attempts == ended.attempt, "only the current attempt finishes a job"
        assert life.cancelling == (ended.ending is Ending.CANCELLED), (
            "after a cancellation the job ends cancelled"
        )
        if ended.ending is Ending.LOST and life.terms.requeue:
            assert life.crashes + 1 == self.crash_limit, "lost only when it lost so many workers"
            assert "poisonous" in ended.result.problem, "people must learn why it is not tried again"
        life.place, life.ended = Place.ENDED, without_output(ended)
        self.finished.append(ended.job)

    def _list_ended(self, record: RangeEnded) -> None:
        for nonce in self.coming:
            ack = self.acks[nonce]
            if not ack.to_come:
                self._part_ended(nonce, record)
            elif ack.first in record:
                assert ((ack.first, ack.last + 1),) == record.ranges, "half a list ends as a whole"
                assert record.ending in (Ending.CANCELLED, Ending.SKIPPED), (
                    "what is not here was refused by nobody"
                )
                self.acks[nonce] = replace(ack, cancelled=True, wanted=NO_BLOB, offset=0)
                for job in range(ack.first, ack.last + 1):
                    self.lives[JobId(job)].place = Place.WAITING

    def _part_ended(self, nonce: Nonce, record: RangeEnded) -> None:
        """Jobs of a submission that lacks but a blob may be skipped one by one."""
        ack = self.acks[nonce]
        jobs = [JobId(job) for job in range(ack.first, ack.last + 1)]
        left = [job for job in jobs if self.lives[job].place is not Place.ENDED]
        for life in (self.lives[job] for job in left if job in record):
            life.place = Place.WAITING if life.place is Place.COMING else life.place
        if all(job in record for job in left):
            self.acks[nonce] = replace(ack, cancelled=True, wanted=NO_BLOB, offset=0)

    def kill(self, jobs: Container[JobId], failing: Container[JobId]) -> None:
        """Somebody kills all of these that waits, and is not about to fail: nothing of it starts any more."""
        for job in [*self.waiting, *self.lacking]:
            if job in jobs and job not in failing:
                self.lives[job].place, self.lives[job].changing = Place.KILLED, None

    def hold(self, ranges: Ranges, *, held: bool) -> None:
        """Somebody holds or releases what waits there."""
        for job in (JobId(job) for first, end in ranges for job in range(first, end)):
            life = self.lives[job]
            assert life.place in (Place.WAITING, Place.COMING, Place.KILLED), "what waits can be held"
            assert life.held != held, "held once"
            life.held = held
            life.was_released |= not held
            life.held, life.changing = held, None

    def alter(self, ranges: Ranges, terms: Terms) -> None:
        """Somebody has altered the terms of what waits there."""
        for job in (JobId(job) for first, end in ranges for job in range(first, end)):
            life = self.lives[job]
            is_timed = life.terms == replace(terms, time_limit_s=life.terms.time_limit_s)
            waits = life.place in (Place.WAITING, Place.COMING)
            assert waits or (life.place is Place.RUNNING and is_timed), "of what runs its time can be altered"
            assert life.terms != terms, "an alter to the same terms changes nothing"
            life.terms, life.changing = terms, None

    def change(self, what: What, jobs: Container[JobId], failing: Container[JobId]) -> None:
        """Somebody changes these: those that are not so yet do not start before they are."""
        for job in [*self.waiting, *self.in_place(Place.COMING)]:
            if job in jobs and job not in failing and not self.is_so(job, what):
                self.lives[job].changing = what

    def is_so(self, job: JobId, what: What) -> bool:
        """The change has nothing to change there, once what is under way has happened."""
        life = self.lives[job]
        before = life.changing
        held = before == Hold() or (life.held and before != Release())
        terms = before.of(life.terms) if isinstance(before, Alter) else life.terms
        match what:
            case Hold():
                return held
            case Release():
                return not held
            case Alter():
                return terms == what.of(terms)
            case Kill():
                return False
            case Pause() | Resume():
                return True  # what waits is not paused

    def forget_kills(self) -> None:
        """The server has died before it had ended or changed them."""
        for job in self.changing:
            self.lives[job].changing = None
        for job in self.in_place(Place.KILLED):
            life = self.lives[job]
            is_here = self.submissions[life.first].nonce not in self.coming
            life.place = Place.WAITING if is_here else Place.COMING

    def _unstarted(self, ended: Ended) -> None:
        life = self.lives[ended.job]
        if life.place is Place.KILLED:
            assert ended.ending in (Ending.CANCELLED, Ending.SKIPPED), "what is killed is cancelled"
            life.place = Place.WAITING
        assert life.place is Place.WAITING, "only a waiting job ends without an attempt"
        if ended.ending is Ending.SKIPPED:
            assert self.is_never(ended.job), "only what can never run is skipped"
            assert not life.terms.keep, "what is to be kept is held"
            assert "which it waits for" in ended.result.problem, "people learn why"
        statuses = {Ending.FINISHED: 125, Ending.CANCELLED: 143, Ending.SKIPPED: 255}
        assert ended.status == statuses[ended.ending], "a job that could not be started has not succeeded"
        life.place, life.ended, life.changing = Place.ENDED, ended, None
        self.finished.append(ended.job)

    # --- what follows from it ----------------------------------------------------------

    def check(self, state: State) -> None:
        """The state says of every job what the records said, and nothing else."""
        assert len(self.lives) + 1 == state.next_job, "all ids are accounted for"
        killed = self.in_place(Place.KILLED)
        coming = self.in_place(Place.COMING)
        assert sorted([*self.waiting, *coming, *killed]) == list(state.waiting)
        for job in [*self.waiting, *self.early, *killed]:
            assert self.job(job) == state.job(job)
        behind = {job: self.past(job) for job in [*self.waiting, *killed] if self.lives[job].attempts}
        assert behind == state.past
        self._check_submissions(state)
        for job in [*self.waiting, *coming, *killed]:
            life = self.lives[job]
            assert not self.is_never(job) or (life.terms.keep and (life.held or life.was_released)), (
                "what can never run is skipped, or held, in the same turn"
            )
        shut = [job for job in [*self.waiting, *coming, *killed] if self.lives[job].held]
        assert sorted(shut) == list(state.held)
        assert {nonce: self.here(nonce) for nonce in self.coming} == {
            nonce: delivery.here for nonce, delivery in state.deliveries.items()
        }
        arriving = {blob for nonce in self.coming for blob in self.lacks[nonce]}
        assert {blob: len(self.blobs[blob]) for blob in arriving} == {
            blob: each.here for blob, each in state.blobs.arriving.items()
        }
        assert self.needed() == state.blobs.users.keys()
        inputs = {each.origin.stdin for each in self.submissions.values()} - {NO_BLOB}
        scripts = {each.origin.script for each in self.submissions.values()}
        assert (inputs - scripts) & self.blobs.keys() <= self.needed(), (
            "an input goes with the last job that needs it"
        )
        assert self.running == sorted(state.running)
        for job in self.running:
            assert self.job(job) == state.running[job].job
            assert self.claim(job) == state.running[job].claim
            assert self.lives[job].kill_signal == state.running[job].kill_signal
            assert self.lives[job].stopped == state.running[job].paused
            assert self.past(job) == state.running[job].past
        hands = {worker: set(self.held_by_worker(worker)) for worker in self.busy}
        assert hands == state.jobs_of_worker
        for worker in self.busy:
            held = [run.job.id for run in state.held_by_worker(worker)]
            assert self.held_by_worker(worker) == held, "a hand is in the order of the jobs' ids"
        keys = {
            (self.lives[job].origin.owner, self.lives[job].terms.unique): job
            for job in self.waiting + self.running + killed
        }
        assert {(owner, key): self.holder(owner, key) for owner, key in keys if key} == state.unique_jobs
        assert self.counts() == (
            state.finished_count,
            state.failed_count,
            state.cancelled_count,
            state.lost_count,
            state.skipped_count,
        )
        for job, row in state.recent_finished.items():
            assert self.lives[job].ended == row.ended
            assert self.lives[job].argv == row.argv

    def _check_submissions(self, state: State) -> None:
        """Which are live, how many of their jobs have not ended, and which did badly."""
        live = {life.first for life in self.lives.values() if life.place is not Place.ENDED}
        assert live == {each.first for each in state.submissions}
        for each in state.submissions:
            jobs = [JobId(job) for job in range(each.first, each.end)]
            ends = [self.lives[job].ended for job in jobs]
            assert each.left == ends.count(None)
            bad = [ended.job for ended in ends if ended and ended.status != 0]
            assert bad == list(each.bad or ()), "whoever waits for it must learn how it ended"
            failed = [ended for ended in ends if ended and ended.is_bad]
            assert len(failed) == each.failed
            most = each.terms.max_fails
            waits = any(self.lives[job].place is Place.WAITING for job in jobs)
            assert not (waits and 0 < most <= len(failed)), "when enough have failed, nothing of it waits"

    def counts(self) -> tuple[int, int, int, int, int]:
        """How many finished, of these not well, were cancelled, were lost and were skipped since the last reset."""
        endings = [ended.ending for _, ended in self._ends()]
        failed = [ended for _, ended in self._ends() if ended.ending is Ending.FINISHED and ended.status]
        finished, cancelled = endings.count(Ending.FINISHED), endings.count(Ending.CANCELLED)
        return finished, len(failed), cancelled, endings.count(Ending.LOST), endings.count(Ending.SKIPPED)

    def _ends(self) -> Iterator[tuple[JobId, Ended]]:
        for job in self.finished:
            ended = self.lives[job].ended
            assert ended is not None
            yield job, ended

    def checkpoint(self, recent_count: int, epoch: Epoch) -> list[Record]:
        """The shortest story that leads to the same state, as a journal tells it when it is opened."""
        ends = [(job, ended) for job, ended in self._ends() if self.lives[job].argv]
        rows = tuple(
            FinishedRow(
                self.lives[job].argv, self.lives[job].origin.folder, ended, self.lives[job].origin.owner
            )
            for job, ended in ends[-recent_count:]
        )
        next_job = JobId(len(self.lives) + 1)
        story: list[Record] = [Checkpoint(next_job, *self.counts(), rows, epoch)]
        for submission in self.submissions.values():
            jobs = [JobId(job) for job in range(submission.first, submission.end)]
            if any(self.lives[job].place is not Place.ENDED for job in jobs):
                story.append(self._retold(submission, jobs))
        arriving = sorted({blob for nonce in self.coming for blob in self.lacks[nonce]})
        story += [BlobAdded(blob, 0, self.blobs[blob]) for blob in arriving if self.blobs[blob]]
        held = [job for job, life in self.lives.items() if life.held and life.place is not Place.ENDED]
        if held:
            story.append(HeldRestored(tuple(runs(held))))
        for job, life in self.lives.items():
            if life.place is not Place.ENDED and life.terms != self.submissions[life.first].terms:
                story.append(PartRestored(job, JobId(job + 1), life.terms))
        for job, life in self.lives.items():
            if life.place is not Place.ENDED and life.attempts:
                story += _past_of(job, life, self.past(job))
        return story

    def _retold(self, submission: Submission, jobs: list[JobId]) -> Record:
        ended = [job for job in jobs if self.lives[job].ended]
        bad = [job for job in ended if (how := self.lives[job].ended) and how.status != 0]
        lines = tuple(self.lives[job].argv for job in jobs if self.lives[job].argv)
        pieces = (lines,) if submission.has_lines else ()
        failed = sum(how.is_bad for job in ended if (how := self.lives[job].ended))
        lacks = tuple(self.lacks[submission.nonce])
        ends = (tuple(runs(ended)), tuple(runs(bad)), failed)
        return SubmissionRestored(submission, pieces, *ends, lacks=lacks)


def _past_of(job: JobId, life: Life, past: Past) -> list[Record]:
    story: list[Record] = [PastRestored(job, past)]
    if life.place is Place.RUNNING and life.claim and life.worker:
        story.append(JobDelegated(life.claim, life.worker, life.delegated_ns))
    if life.cancelling:
        story.append(CancelRequested(job, life.kill_signal, 0))
    if life.stopped and life.place is Place.RUNNING:
        story.append(Paused(job, on=True, at_ns=0))
    return story
