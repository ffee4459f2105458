"""Who is owed an answer, and which answer is in order: the laws about replies.

Every request that got no answer in its own turn lies here until it is answered, replaced by
a newer one, withdrawn, or its peer is gone. An answer to anything else, or a
wrong one, raises AssertionError.
"""

import math
from dataclasses import dataclass, field

from ledger import Ledger, without_output
from warden import Warden

from goq.core.dispatch import moves
from goq.core.dispatch.decision import Rules
from goq.core.messages import (
    AskAgain,
    JobFinishedNotice,
    Observe,
    ObserveEach,
    Orders,
    Reply,
    Report,
    Request,
)
from goq.core.values.ids import JobId, Nonce, WorkerId, worker_of
from goq.core.values.job import Worker


@dataclass(frozen=True, slots=True)
class Owed:
    """A request that waits for its answer, at the latest at `until_s`."""

    request: Request
    until_s: float


@dataclass(slots=True)
class Desk:
    """The open requests, by what they wait for, and what is known of the latest reports of workers."""

    rules: Rules
    reports: dict[WorkerId, Owed] = field(default_factory=dict)
    observers: dict[JobId, dict[Nonce, Owed]] = field(default_factory=dict)
    latest: dict[WorkerId, int] = field(
        default_factory=dict
    )  # serials; of who has said goodbye there is no later one
    given: dict[JobId, int] = field(
        default_factory=dict
    )  # in the answer to which report its worker got the job
    idle: dict[Worker, WorkerId] = field(default_factory=dict)  # the longest waiting first

    def all(self) -> list[Owed]:
        """Everything that is owed."""
        watching = [owed for seats in self.observers.values() for owed in seats.values()]
        return [*self.reports.values(), *watching]

    def open_idle(self) -> list[Worker]:
        """The places that can be given something now."""
        return [place for place, name in self.idle.items() if name in self.reports]

    def is_latest(self, report: Report) -> bool:
        """Nothing newer is known of the worker."""
        return 0 < report.serial >= self.latest.get(report.worker.id, 0)

    def hear(self, report: Report, ledger: Ledger, *, is_given: bool, is_leaving: bool) -> None:
        """A report has come, and what it tells is entered: who of the worker waits for a job now?"""
        name = report.worker.id
        self.latest[name] = report.serial
        busy = {ledger.claim(job).worker for job in ledger.running} if is_given else set()
        busy |= {each.claim.worker for each in report.returned}  # it waits no sooner than in its next report
        wants = [place for place, wants in report.wants if wants and place not in busy]
        wants = wants if is_given and not is_leaving else []
        here = (report.worker.host, report.worker.pid)
        self.forget_moved(report.worker)
        self.idle = {place: of for place, of in self.idle.items() if of != name or place.id in wants}
        known = {place.id for place in self.idle}
        for place in wants:
            if place not in known:
                self.idle[Worker(place, *here)] = name

    def forget_moved(self, worker: Worker) -> None:
        """The worker speaks as that process: what waited of another one waits no more."""
        here = (worker.host, worker.pid)
        self.idle = {
            place: of for place, of in self.idle.items() if of != worker.id or (place.host, place.pid) == here
        }

    def park(self, request: Request, now_s: float) -> None:
        """A request was not answered at once; only these questions may be left open."""
        match request.question:
            case Report(worker):
                wait_s = min(request.question.patience_s, self.rules.heartbeat_s)
                self.reports[worker.id] = Owed(request, now_s + wait_s)
            case Observe() | ObserveEach():
                job = _observed(request.question)
                seats = self.observers.setdefault(job, {})
                seats.pop(request.nonce, None)
                if len(seats) == moves.OBSERVERS_EACH_JOB:
                    del seats[next(iter(seats))]
                seats[request.nonce] = Owed(request, now_s + self.rules.observe_s)
            case other:
                raise AssertionError(f"got no answer: {other}")

    def leave(self, worker: WorkerId, serial: int) -> None:
        """The worker has said goodbye, and waits for nothing."""
        self.forget(worker)
        self.latest[worker] = max(serial + 1, self.latest.get(worker, 0))

    def forget(self, worker: WorkerId) -> None:
        """It is there no more."""
        self.reports.pop(worker, None)
        self.idle = {place: name for place, name in self.idle.items() if name != worker}

    def forget_peer(self, peer: int, spoke: dict[WorkerId, int]) -> set[WorkerId]:
        """A connection has closed: its requests are answered no more. The workers that spoke over it."""
        silent = {name for name, its in spoke.items() if its == peer}
        for name in silent:
            self.forget(name)
        for job, seats in list(self.observers.items()):
            staying = {nonce: owed for nonce, owed in seats.items() if owed.request.handle.peer != peer}
            self.observers[job] = staying
            if not staying:
                del self.observers[job]
        return silent

    # --- answers -----------------------------------------------------------------------

    def settle(self, reply: Reply, ledger: Ledger, due_s: float, *, stuck: bool) -> Report | None:
        """Strike out what a reply answers; `due_s` is the tick's time, or minus infinity outside ticks."""
        for owed in self.all():
            if (owed.request.handle, owed.request.nonce) == (reply.handle, reply.in_reply_to):
                return self._settle(owed, reply, ledger, due_s, stuck=stuck)
        raise AssertionError(f"answered twice, or nobody had asked: {reply}")

    def _settle(
        self, owed: Owed, reply: Reply, ledger: Ledger, due_s: float, *, stuck: bool
    ) -> Report | None:
        match owed.request.question:
            case Report(worker) as report:
                assert isinstance(reply.answer, Orders)
                is_empty = reply.answer == Orders(worker.id)
                assert not is_empty or owed.until_s <= due_s or stuck, "answered with something, or in time"
                check_orders(report, reply.answer, ledger)
                del self.reports[worker.id]
                return report
            case Observe() | ObserveEach():
                job = _observed(owed.request.question)
                self._check_observer(job, reply, ledger, due_s)
                del self.observers[job][reply.in_reply_to]
                if not self.observers[job]:
                    del self.observers[job]
        return None

    def _check_observer(self, job: JobId, reply: Reply, ledger: Ledger, due_s: float) -> None:
        match reply.answer:
            case JobFinishedNotice(ended):
                assert ledger.ended(job) == without_output(ended), "observers hear how the job ended"
            case AskAgain():
                # Those of one job are answered together, so a later one may be answered early.
                assert due_s > -math.inf, "only the time that passes makes an observer ask again"
            case other:
                raise AssertionError(f"no answer to an observer: {other}")

    def check(self, ledger: Ledger, warden: Warden) -> None:
        """Nothing is owed that something which has happened already should have answered."""
        for host in {worker.host for worker in self.open_idle()}:
            assert not warden.eligible(host), "a place and a job that its host may have never both wait"
        for owed in self.reports.values():
            assert isinstance(owed.request.question, Report)
            for held in owed.request.question.held:
                assert ledger.holds(held.claim), "whoever lost a job is told at once"
                life = ledger.lives[held.claim.job]
                assert life.kill_signal in (0, held.told), "whoever is to kill a job is told at once"
                is_so = life.kill_signal or life.stopped == held.course.paused
                assert is_so, "whoever is to stop it too"
        for job in self.observers:
            assert ledger.ended(job) is None, "observers are told at once"

    def check_due(self, now_s: float) -> None:
        """After a tick nothing is overdue."""
        assert [] == [owed for owed in self.all() if owed.until_s <= now_s], "answered when its time has come"


def check_orders(report: Report, orders: Orders, ledger: Ledger) -> None:
    """The worker is told what is so."""
    named = {held.claim: held for held in report.held}
    for batch in orders.run:
        assert worker_of(batch.place) == report.worker.id, "jobs go to the worker that asked"
        for job in batch.jobs:
            claim = ledger.claim(job.id)
            assert ledger.holds(claim), "what is delegated is recorded"
            assert (job.epoch, job.attempts, batch.place) == (claim.epoch, claim.attempt, claim.worker)
            assert claim not in named, "what it has it is not given again"
        assert 1 == len({job.origin for job in batch.jobs}), "jobs of one batch are of one origin"
    for signal in orders.signals:
        assert signal.claim in named, "only what it has it is to kill"
        assert signal.lost != ledger.holds(signal.claim), "lost means that the job is not its any more"
        assert signal.signal != 0, "a kill begins with a signal"
        wanted = signal.lost or ledger.lives[signal.claim.job].kill_signal == signal.signal
        assert wanted, "killed only as somebody wants it"
    for steer in orders.steer:
        assert ledger.holds(steer.claim), "only what is its own is steered"
        assert steer.course != named[steer.claim].course, "and only otherwise than before"


def _observed(question: Observe | ObserveEach) -> JobId:
    """The job whose end is waited for: of several that live, that of the lowest."""
    return question.job if isinstance(question, Observe) else min(question.jobs)
