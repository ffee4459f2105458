"""Who is owed an answer, and which answer is in order: the laws about replies.

Every request that got no answer in its own turn lies here until it is answered, pushed out by
a newer one of the same key, withdrawn, or its peer is gone. An answer to anything else, or a
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
    CancelWip,
    CarryOn,
    DelegateToWorker,
    Heartbeat,
    JobFinishedNotice,
    Observe,
    ObserveEach,
    Reply,
    Request,
    RequestForWork,
    ShutdownWorker,
    Steer,
)
from goq.core.values.ids import JobId, Nonce
from goq.core.values.job import Claim, Worker


@dataclass(frozen=True, slots=True)
class Owed:
    """A request that waits for its answer, at the latest at `until_s`."""

    request: Request
    until_s: float


@dataclass(slots=True)
class Desk:
    """The open requests, by what they wait for."""

    rules: Rules
    idle: dict[Worker, Owed] = field(default_factory=dict)  # the longest waiting first
    beats: dict[JobId, Owed] = field(default_factory=dict)
    observers: dict[JobId, dict[Nonce, Owed]] = field(default_factory=dict)

    def all(self) -> list[Owed]:
        """Everything that is owed."""
        watching = [owed for seats in self.observers.values() for owed in seats.values()]
        return [*self.idle.values(), *self.beats.values(), *watching]

    def park(self, request: Request, now_s: float) -> None:
        """A request was not answered at once; only three questions may be left open."""
        match request.question:
            case RequestForWork(worker, patience_s):
                until_s = now_s + min(patience_s, self.rules.patience_limit_s)
                self.idle[worker] = Owed(request, until_s)
            case Heartbeat(claim):
                self.beats[claim.job] = Owed(request, now_s + self.rules.heartbeat_s)
            case Observe() | ObserveEach():
                job = _observed(request.question)
                seats = self.observers.setdefault(job, {})
                seats.pop(request.nonce, None)
                if len(seats) == moves.OBSERVERS_EACH_JOB:
                    del seats[next(iter(seats))]
                seats[request.nonce] = Owed(request, now_s + self.rules.observe_s)
            case other:
                raise AssertionError(f"got no answer: {other}")

    def withdraw(self, worker: Worker) -> None:
        """The worker has said goodbye, and waits for nothing."""
        self.idle.pop(worker, None)

    def forget_peer(self, peer: int) -> None:
        """A connection has closed: its requests are answered no more."""
        self.idle = {key: owed for key, owed in self.idle.items() if owed.request.handle.peer != peer}
        self.beats = {key: owed for key, owed in self.beats.items() if owed.request.handle.peer != peer}
        for job, seats in list(self.observers.items()):
            staying = {nonce: owed for nonce, owed in seats.items() if owed.request.handle.peer != peer}
            self.observers[job] = staying
            if not staying:
                del self.observers[job]

    # --- answers -----------------------------------------------------------------------

    def settle(self, reply: Reply, ledger: Ledger, due_s: float, *, is_calm: bool) -> None:
        """Strike out what a reply answers; `due_s` is the tick's time, or minus infinity outside ticks."""
        for owed in self.all():
            if (owed.request.handle, owed.request.nonce) == (reply.handle, reply.in_reply_to):
                self._settle(owed, reply, ledger, due_s, is_calm=is_calm)
                return
        raise AssertionError(f"answered twice, or nobody had asked: {reply}")

    def _settle(self, owed: Owed, reply: Reply, ledger: Ledger, due_s: float, *, is_calm: bool) -> None:
        match owed.request.question:
            case RequestForWork(worker):
                if isinstance(reply.answer, DelegateToWorker):
                    others = (
                        self.idle if is_calm else [each for each in self.idle if each.host == worker.host]
                    )
                    assert worker == next(iter(others)), "the longest waiting worker comes first"
                _check_idle(worker, owed, reply, ledger, due_s)
                del self.idle[worker]
            case Heartbeat(claim):
                _check_beat(claim, owed, reply, ledger, due_s)
                del self.beats[claim.job]
            case Observe() | ObserveEach():
                job = _observed(owed.request.question)
                self._check_observer(job, reply, ledger, due_s)
                del self.observers[job][reply.in_reply_to]
                if not self.observers[job]:
                    del self.observers[job]

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
        for host in {worker.host for worker in self.idle}:
            assert not warden.eligible(host), "a worker and a job that its host may have never both wait"
        for owed in self.beats.values():
            assert isinstance(owed.request.question, Heartbeat)
            claim = owed.request.question.claim
            assert ledger.holds(claim), "whoever lost a job is told at once"
            told = (0, owed.request.question.told)
            life = ledger.lives[claim.job]
            assert life.kill_signal in told, "whoever is to kill a job is told at once"
            assert life.stopped == owed.request.question.course.paused, "whoever is to stop it too"
        for job in self.observers:
            assert ledger.ended(job) is None, "observers are told at once"

    def check_due(self, now_s: float) -> None:
        """After a tick nothing is overdue."""
        assert [] == [owed for owed in self.all() if owed.until_s <= now_s], "answered when its time has come"


def _check_idle(worker: Worker, owed: Owed, reply: Reply, ledger: Ledger, due_s: float) -> None:
    match reply.answer:
        case DelegateToWorker(jobs):
            assert 1 == len(jobs), "a worker that was idle gets one job"
            assert ledger.holds(Claim(jobs[0].epoch, jobs[0].id, jobs[0].attempts, worker.id)), (
                "what is delegated is recorded, and goes to the worker that asked"
            )
        case AskAgain():
            twin = ledger.held_by_worker(worker.id) != []
            silent = any(worker.is_beside(other) for other in ledger.workers - {worker})
            assert owed.until_s <= due_s or twin or silent, "a worker is sent away when its time has come"
        case ShutdownWorker():
            pass
        case other:
            raise AssertionError(f"no answer to a request for work: {other}")


def _check_beat(claim: Claim, owed: Owed, reply: Reply, ledger: Ledger, due_s: float) -> None:
    match reply.answer:
        case CarryOn():
            assert owed.until_s <= due_s, "a heartbeat is answered when its time has come"
            assert ledger.holds(claim), "carry on only with a job that is yours"
        case CancelWip(job, lost, signal):
            assert claim.job == job
            assert lost != ledger.holds(claim), "lost means that the job is not yours any more"
            assert signal != 0, "a kill begins with a signal"
            assert lost or ledger.lives[job].kill_signal == signal, "killed only as somebody wants it"
        case Steer(job, _):
            assert claim.job == job
            assert ledger.holds(claim), "only what is its own is steered"
        case other:
            raise AssertionError(f"no answer to a heartbeat: {other}")


def _observed(question: Observe | ObserveEach) -> JobId:
    """The job whose end is waited for: of several that live, that of the lowest."""
    return question.job if isinstance(question, Observe) else min(question.jobs)
