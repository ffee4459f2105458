"""What each request must be answered, worked out from the ledger alone.

A second and much simpler opinion: it looks at every job each time, and knows nothing of
queues, leases or parking. `foresee` is asked before the turn, `check_done` after it.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

from chooser import numbered
from ledger import Ledger, Place
from msgspec.structs import replace
from rig import Rig
from rig import worker as worker_named

from goq.core.board import hands
from goq.core.messages import (
    TESTIMONY,
    AckCancel,
    AckCancelEach,
    AckChange,
    AckGoodbye,
    AckImmolate,
    AckOutput,
    AckReset,
    AckShutdownServer,
    AckSubmit,
    AddBlob,
    AddItems,
    Answer,
    AskReasons,
    AskUse,
    AskWaiting,
    AskWhy,
    Batch,
    Cancel,
    CancelAnswer,
    CancelEach,
    Change,
    FetchBlob,
    Follow,
    Goodbye,
    ImmolateWorkers,
    JobFinishedNotice,
    JobNotKnown,
    JobsFinishedNotice,
    Look,
    Mean,
    News,
    Observe,
    ObserveEach,
    Orders,
    OutputChunk,
    Refused,
    Report,
    Request,
    Reset,
    Retry,
    SetKey,
    SetLimit,
    ShowCluster,
    ShowKeys,
    ShowLimits,
    ShowWorkers,
    ShutdownServer,
    Signal,
    Snapshot,
    Steer,
    Submit,
    TakeSnapshot,
)
from goq.core.state import state
from goq.core.state.records import ResultRefused
from goq.core.values.blobs import NO_BLOB, blob_of, sha256_of, size_of
from goq.core.values.changes import Kill, What
from goq.core.values.ids import JobId, WorkerId, worker_of
from goq.core.values.job import By, Claim, Course, Job, Origin, Worker, owner_of
from goq.core.values.result import SIGKILL, Ending
from goq.core.values.selectors import Jobs, Number, Part, Selector


def numbers_of(part: Part) -> list[JobId]:
    """The numbers in a selector that names numbers alone."""
    match part:
        case Number(job):
            return [job]
        case Jobs(first, end):
            return [JobId(job) for job in range(first, end)]
        case _:
            raise AssertionError(f"not by number: {part}")


@dataclass(slots=True)
class Oracle:
    """Knows the right answers; remembers only which workers are to leave, and counts late results."""

    rig: Rig
    stale_count: int = 0
    _accepted: set[Claim] = field(default_factory=set)  # by the latest answer that was foreseen
    _told: dict[tuple[What, By, Selector], AckChange] = field(
        default_factory=dict
    )  # when each change was asked for first

    @property
    def leaving(self) -> set[WorkerId]:
        """The workers that are to leave."""
        return self.rig.leaving

    @property
    def _ledger(self) -> Ledger:
        return self.rig.ledger

    def forget(self) -> None:
        """The server has died, and with it what was not in the journal."""
        self.stale_count = 0

    def foresee(self, request: Request) -> Answer | None:
        """The answer that the request must get at once; None if it must get none now."""
        if not self.rig.is_fresh(request):
            return Refused("whatever the reason")
        if self.rig.is_repeated(request):
            return None
        match request.question:
            case Submit() as submit:
                fresh = self._to_a_new_submission(submit)
                return self._ledger.acks.get(request.nonce, fresh)
            case AddItems() as items:
                return self._to_more_items(items)
            case AddBlob() as piece:
                return self._to_a_piece(piece)
            case FetchBlob():
                return None
            case Report() as report:
                return self._to_a_report(report, is_given=self.rig.is_of_now(request))
            case OutputChunk(claim, offset, data):
                if self._ledger.holds(claim):
                    return AckOutput(offset + len(data))
                return Orders(worker_of(claim.worker), signals=(Signal(claim, SIGKILL, lost=True),))
            case Cancel(job):
                return self._to_the_canceller(job)
            case CancelEach(jobs):
                return AckCancelEach(tuple(map(self._to_the_canceller, jobs)))
            case Change() as change:
                return self._to_the_changer(change)
            case Observe(job):
                return self._to_the_observer(job)
            case ObserveEach(jobs):
                return self._to_the_observer_of_several(jobs)
            case Goodbye():
                return AckGoodbye()
            case ShutdownServer():
                return AckShutdownServer()
            case ImmolateWorkers():
                return AckImmolate(self.rig.count_workers())
            case Reset():
                return AckReset()
            case (
                SetLimit()
                | SetKey()
                | ShowKeys()
                | ShowLimits()
                | ShowWorkers()
                | ShowCluster()
                | AskWhy()
                | AskReasons()
                | AskUse()
                | AskWaiting()
                | Mean()
                | Retry()
            ):
                raise AssertionError("what these are answered the tests of looks know")
            case Look() | News() | Follow():
                raise AssertionError("these are passed on")
            case TakeSnapshot():
                raise AssertionError("a snapshot is looked at by check_snapshot")
            case _:
                assert_never(request.question)

    def _to_more_items(self, items: AddItems) -> Answer:
        ack = self._ledger.acks.get(items.submission)
        if ack is None:
            return Refused("no such submission")
        if items.submission not in self._ledger.coming:
            return ack
        here = self._ledger.here(items.submission)
        new = max(0, items.offset + len(items.lines) - here) if items.offset <= here else 0
        return Refused("too many") if new > ack.to_come else replace(ack, to_come=ack.to_come - new)

    def _to_a_piece(self, piece: AddBlob) -> Answer:
        ledger = self._ledger
        ack = ledger.acks.get(piece.submission)
        if ack is None:
            return Refused("no such submission")
        blob, here = piece.blob, ledger.blobs.get(piece.blob, b"")
        is_next = not ack.is_whole and blob in ledger.lacks[piece.submission] and piece.offset == len(here)
        if not is_next or sha256_of(piece.data) != piece.sha256:
            return ack
        if len(here) + len(piece.data) < size_of(blob):
            return replace(ack, offset=len(here) + len(piece.data)) if blob == ack.wanted else ack
        if blob_of(here + piece.data) != blob:
            return Refused("not what was announced")
        left = [each for each in ledger.lacks[piece.submission] if each != blob]
        wanted = left[0] if left else NO_BLOB
        return replace(ack, wanted=wanted, offset=len(ledger.blobs[wanted]) if left else 0)

    def _to_a_new_submission(self, submit: Submit) -> Answer:
        holder = self._ledger.holder(owner_of(submit.submitter), submit.terms.unique)
        if holder is not None:
            return AckSubmit(holder, holder, existed=True)
        if submit.wishes and not self._may_wait(submit):
            return Refused("what it is to wait for")
        first = len(self._ledger.lives) + 1
        ack = AckSubmit(JobId(first), JobId(first + submit.count - 1), to_come=submit.to_come)
        lacks = [each for each in submit.origin.blobs if each not in self._ledger.whole_blobs()]
        here = len(self._ledger.blobs.get(lacks[0], b"")) if lacks else 0
        return replace(ack, wanted=lacks[0] if lacks else NO_BLOB, offset=here)

    def _may_wait(self, submit: Submit) -> bool:
        """What it is to wait for is known, and may end as it is to."""
        lives, ends = self._ledger.lives, self._ledger.ends_if({})
        for wish in submit.wishes:
            jobs = [job for part in wish.selector.parts for job in numbers_of(part)]
            known = [job for job in jobs if job in lives]
            if len(known) < len(jobs) and not wish.maybe:
                return False
            if wish.each:
                origins = {lives[job].first for job in known}
                is_fit = len(origins) < 2 and len(set(known)) in (0, submit.count) and not submit.to_come
                if not is_fit or (
                    wish.when == "ok" and known and all(ends.get(job) is False for job in known)
                ):
                    return not known
            elif wish.when == "ok" and any(ends.get(job) is False for job in known):
                return False
            elif wish.when == "fail":
                for first in {lives[job].first for job in known}:
                    if all(ends.get(job) for job in known if lives[job].first == first):
                        return False
        return True

    def _check_behind(self, submit: Submit, first: JobId) -> None:
        """Each of the new jobs waits for what was meant, as far as that lives, and for nothing else that does."""
        ends = self._ledger.ends_if({})
        for at in range(submit.count):
            found = {each for jobs, _ in self._ledger.watched(JobId(first + at)) for each in jobs}
            meant: set[JobId] = set()
            for wish in submit.wishes:
                jobs = sorted(
                    {job for part in wish.selector.parts for job in numbers_of(part) if job < first}
                )
                meant |= set(jobs[at : at + 1] if wish.each else jobs)
            assert {job for job in found if job not in ends} == {job for job in meant if job not in ends}

    def _to_a_report(self, report: Report, *, is_given: bool) -> Answer | None:
        """What of it is wanted otherwise than its worker says, and what it lacks; nothing to who has said more since."""
        name = report.worker.id
        self._accepted = {done.claim for done in report.ended if self._accepts(done.claim)}
        refused = tuple(done.claim for done in report.ended if done.claim not in self._accepted)
        if report.serial == TESTIMONY:
            return Orders(name, refused)
        if not self.rig.desk.is_latest(report):
            return None
        ends = self._ends_by(report)
        signals, steer = [], []
        for held in report.held:
            if not self._ledger.holds(held.claim) or held.claim.job in ends:
                signals.append(Signal(held.claim, SIGKILL, lost=True))
                continue
            life = self._ledger.lives[held.claim.job]
            wanted = Course(life.stopped, time_limit_s=life.terms.time_limit_s)
            if life.kill_signal not in (0, held.told):
                signals.append(Signal(held.claim, life.kill_signal))
            elif wanted != held.course:
                steer.append(Steer(held.claim, wanted))
        named = {held.claim for held in report.held}
        lacking = [job for job in self._its(name) if job not in ends and self._ledger.claim(job) not in named]
        wanted_jobs = [self._ledger.job(job) for job in lacking if not self._ledger.lives[job].kill_signal]
        run = self._run(report, wanted_jobs, ends) if is_given else ()
        is_over = not report.held and not [job for job in self._its(name) if job not in ends]
        leave = name in self.leaving and is_over
        orders = Orders(name, refused, run, tuple(signals), tuple(steer), leave)
        is_stuck = is_given and any(self._ledger.lives[job].kill_signal for job in lacking)
        is_answered = orders != Orders(name) or report.is_news or is_stuck
        return orders if is_answered else None

    def _run(self, report: Report, lacking: list[Job], ends: dict[JobId, bool | None]) -> tuple[Batch, ...]:
        """Jobs by their places and origins."""
        batches: dict[tuple[WorkerId, Origin], list[Job]] = {}
        for job in lacking:
            batches.setdefault((self._ledger.claim(job.id).worker, job.origin), []).append(job)
        place = next((place for place, count in report.wants if count), WorkerId(""))
        for job in self._fresh_of(report, ends):
            batches.setdefault((place, job.origin), []).append(job)
        return tuple(Batch(place, tuple(jobs)) for (place, _), jobs in batches.items())

    def _its(self, name: WorkerId) -> list[JobId]:
        """What the worker has been given."""
        running = self._ledger.running
        return [job for job in running if worker_of(self._ledger.claim(job).worker) == name]

    def _ends_by(self, report: Report) -> dict[JobId, bool | None]:
        """The jobs that are with their worker no more once this is heard, and whether they have ended well."""
        holds, lives = self._ledger.holds, self._ledger.lives
        ends = {
            done.claim.job: self._ends_well(done.claim.job, report)
            for done in report.ended
            if holds(done.claim)
        }
        for returned in report.returned:
            if holds(returned.claim):
                job = returned.claim.job
                ends.setdefault(job, False if lives[job].cancelling else None)
        named = report.claims()
        for job in self._its(report.worker.id):
            never_came = self._ledger.claim(job) not in named
            if never_came and lives[job].kill_signal and self.rig.desk.given.get(job, -1) < report.serial:
                ends.setdefault(job, False)  # what it was to kill never started there, and has ended
        return ends

    def _fresh_of(self, report: Report, ends: dict[JobId, bool | None]) -> tuple[Job, ...]:
        """What its one place gets that wants something; of several that get something the laws say enough."""
        wants = [(place, count) for place, count in report.wants if count]
        if len(wants) != 1 or report.worker.id in self.leaving:
            return ()
        ((place, count),) = wants
        named = {held.claim for held in report.held}
        its = [job for job in self._ledger.held_by_worker(place) if job not in ends]
        is_whole = {self._ledger.claim(job) for job in its} <= named
        news = [
            done for done in report.ended if self._ledger.holds(done.claim) and done.claim.worker == place
        ]
        gone = [each for each in report.returned if each.claim.worker == place]
        fresh: tuple[Job, ...] = ()
        if news and not gone and is_whole:
            fresh = self._fresh(report, ends, place, count, has_news=True)
        if not fresh and not its and not gone:
            fresh = self._fresh(report, ends, place, 1, has_news=False)
        return fresh

    def _ends_well(self, job: JobId, finished: Report) -> bool | None:
        """None when it is tried again."""
        result = next(each for each in finished.ended if each.claim.job == job).result
        life = self._ledger.lives[job]
        terms, status = life.terms, result.status
        if life.cancelling:
            return False
        is_failure = status in terms.retry_on if terms.retry_on else status != 0
        is_again = status in (*terms.hold_codes, *terms.rerun_codes) or (
            life.failures < terms.retries and (is_failure or result.signal or result.cause)
        )
        return None if is_again and terms.requeue else status == 0

    def _accepts(self, claim: Claim) -> bool:
        attempts = {(each.epoch, each.job, each.attempt) for each in self._ledger.reported}
        known = (claim.epoch, claim.job, claim.attempt) in attempts or claim in self._ledger.heard
        return self._ledger.holds(claim) or known

    def _to_the_canceller(self, job: JobId) -> CancelAnswer:
        life = self._ledger.lives.get(job)
        if life is None:
            return JobNotKnown(job)
        if life.ended and life.ended.ending is not Ending.CANCELLED:
            return Refused("it has ended")
        return AckCancel(job, was_running=life.place is Place.RUNNING)

    def _to_the_changer(self, change: Change) -> Answer:
        ledger, failing = self._ledger, self.rig.warden.doomed
        asked = change.what, change.by, change.selector
        if self.rig.is_under_way(change):
            told = self._told[asked]
            return replace(told, changed=0, same=told.changed + told.same)
        wanted = self.rig.meant(change)
        is_kill = isinstance(change.what, Kill)
        lists = [ledger.acks[nonce] for nonce in ledger.lists] if is_kill else []
        met = [each for each in lists if any(each.first <= job <= each.last for job in wanted)]
        coming_too = ledger.lacking if is_kill else ledger.in_place(Place.COMING)
        here = [*ledger.waiting, *coming_too]
        waiting = [job for job in here if job in wanted and job not in failing]
        running = [job for job in ledger.running if job in wanted]
        whole = sum(each.last - each.first + 1 for each in met)
        same = [job for job in waiting if ledger.is_so(job, change.what)]
        coming = [job for each in met for job in range(each.first, each.last + 1)]
        is_narrowed = change.selector.states or change.selector.user
        numbers = set() if is_narrowed else numbered(change.selector)
        known = [job for job in numbers if job in ledger.lives]
        late = [job for job in known if job not in {*waiting, *running, *coming}]
        done = not 0 < change.at_most < len(waiting) + whole + len(running)
        counts = (len(waiting) - len(same) + whole, len(same), len(running), len(late))
        told = AckChange(*counts, len(numbers) - len(known), done=done)
        if done:
            self._told[asked] = told
        return told

    def _to_the_observer(self, job: JobId) -> Answer | None:
        if job not in self._ledger.lives:
            return JobNotKnown(job)
        ended = self._ledger.ended(job)
        return JobFinishedNotice(ended) if ended else None

    def _to_the_observer_of_several(self, jobs: tuple[JobId, ...]) -> Answer | None:
        unknown = [job for job in jobs if job not in self._ledger.lives]
        ends = tuple(ended for job in jobs if (ended := self._ledger.ended(job)))
        if unknown:
            return JobNotKnown(unknown[0])
        return JobsFinishedNotice(ends) if ends else None

    def _fresh(
        self,
        question: Report,
        ended: dict[JobId, bool | None],
        worker: WorkerId,
        wants: int,
        *,
        has_news: bool,
    ) -> tuple[Job, ...]:
        """The longest lawful piece of the queue's beginning for a worker, when some jobs have ended."""
        running = [job for job in self._ledger.running if job not in ended]
        busy = {self._ledger.claim(job).worker for job in running}
        held = [job for job in running if self._ledger.claim(job).worker == worker]
        host = worker_named(worker).host
        may_have = self.rig.warden.after(question, ended, self.rig.now.attended_s)
        most = max(1, len(may_have.eligible(host)) // (2 * (len(busy) or 1)))
        waiting = may_have.at_once(host)
        if not has_news:  # what becomes free by this goes to those who were there before
            taken: set[JobId] = set()
            before = itertools.takewhile(lambda each: each.id != worker, self.rig.desk.idle)
            for idle in (each for each in before if self._is_open(each, question)):
                taken.update([job for job in may_have.at_once(idle.host) if job not in taken][:1])
            waiting = [job for job in waiting if job not in taken]
        pieces = [waiting[:count] for count in range(min(wants, hands.HAND_LIMIT, most) + 1)]
        jobs = [self._ledger.job(job) for job in max(filter(self._fits_behind(held), pieces), key=len)]
        return tuple(replace(job, attempts=job.attempts + 1, epoch=self.rig.state.epoch) for job in jobs)

    def _is_open(self, place: Worker, report: Report) -> bool:
        """It can be given something, or can once this report is heard."""
        desk = self.rig.desk
        return desk.idle[place] in desk.reports and desk.idle[place] != report.worker.id

    def _fits_behind(self, held: list[JobId]) -> Callable[[list[JobId]], bool]:
        def fits(piece: list[JobId]) -> bool:
            hand, jobs = held + piece, [self._ledger.job(job) for job in piece]
            origins = {job.origin for job in jobs}
            size = sum(len(job.argv) for job in jobs) + sum(len(each.environment) for each in origins)
            return (
                (len(hand) < 2 or not piece or all(map(self._ledger.is_harmless, hand)))
                and len({*map(self._ledger.is_endless, hand)}) < 2
                and len(origins) < 2
                and (len(piece) < 2 or size <= hands.HAND_BYTES)
            )

        return fits

    # --- after the turn ----------------------------------------------------------------

    def check_done(self, request: Request, answer: Answer | None) -> None:
        """What the answer says has happened, has happened."""
        match request.question, answer:
            case Goodbye(worker), AckGoodbye():
                assert [] == self._its(worker.id)
            case Report() as report, _ if answer is None or isinstance(answer, Orders):
                refused = answer.refused if isinstance(answer, Orders) else None
                self._check_finished(report, refused)
            case Cancel(job), AckCancel():
                life = self._ledger.lives[job]
                assert life.cancelling or (life.ended and life.ended.ending is Ending.CANCELLED)
            case Submit() as submit, AckSubmit(first) if submit.wishes and self.rig.turns[-1].records:
                self._check_behind(submit, first)
            case Submit(), AckSubmit(existed=True):
                assert () == self.rig.turns[-1].records, "what is there already is not queued again"
            case ImmolateWorkers(), AckImmolate():
                assert {} == self.rig.desk.idle
            case _:
                pass

    def _check_finished(self, finished: Report, refused: tuple[Claim, ...] | None) -> None:
        late_ones = [done.claim for done in finished.ended if done.claim not in self._accepted]
        assert refused is None or list(refused) == late_ones
        self.stale_count += len(late_ones)
        late: list[ResultRefused] = []
        for report in finished.ended:
            claim, ended = report.claim, self._ledger.ended(report.claim.job)
            if claim in self._accepted:
                assert claim in self._ledger.heard or (ended and claim.attempt == ended.attempt)
            elif (life := self._ledger.lives.get(claim.job)) and claim.attempt <= (
                ended.attempt if ended else life.attempts
            ):
                late.append(ResultRefused(claim, report.result.status, self.rig.now.wall_ns))
        records = [each for each in self.rig.turns[-1].records if isinstance(each, ResultRefused)]
        assert late == records, "late results of known attempts are recorded"
        for returned in finished.returned:
            assert not self._ledger.holds(returned.claim), "what was returned waits, or has ended"

    def check_snapshot(self, snapshot: Snapshot, max_show: int) -> None:
        """People see what is there, in the order in which it will happen or has happened."""
        waiting, running = self._ledger.waiting, self._ledger.running
        done = [job for job in self._ledger.finished if self._ledger.lives[job].argv]
        finished = done[::-1][: state.RECENT_FINISHED]

        assert len(running) == snapshot.counters["runQlen"]
        killed = self._ledger.in_place(Place.KILLED)
        assert (
            len(waiting) + len(self._ledger.in_place(Place.COMING)) + len(killed)
            == snapshot.counters["waitingJobs"]
        )
        assert len(self.rig.desk.open_idle()) == snapshot.counters["waitingWorkers"]
        assert self.rig.count_workers() == snapshot.counters["workerCount"]
        assert len(self._ledger.lives) + 1 == snapshot.counters["nextJobId"]
        assert self.stale_count == snapshot.counters["staleResultCount"]
        ends = ("finished", "failed", "cancelled", "lost", "skipped")
        kinds = [next(name for name in snapshot.counters if name.startswith(end)) for end in ends]
        assert self._ledger.counts() == tuple(snapshot.counters[kind] for kind in kinds)
        coming = {self._ledger.acks[nonce].first for nonce in self._ledger.coming}
        shown = sorted(job for job in [*waiting, *killed] if self._ledger.lives[job].first not in coming)
        assert shown[:max_show] == [job.id for job in snapshot.waiting], "what lacks something is not shown"
        assert [(job, job in self.rig.suspects) for job in running[:max_show]] == [
            (row.job.id, row.suspect) for row in snapshot.running
        ]
        assert finished[:max_show] == [row.ended.job for row in snapshot.finished]
