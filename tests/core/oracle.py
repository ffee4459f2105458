"""What each request must be answered, worked out from the ledger alone.

A second and much simpler opinion: it looks at every job each time, and knows nothing of
queues, leases or parking. `foresee` is asked before the turn, `check_done` after it.
"""

from dataclasses import dataclass, field
from typing import assert_never

from ledger import Ledger, Place
from msgspec.structs import replace
from rig import Rig

from goq.core import state
from goq.core.messages import (
    AckCancel,
    AckFinished,
    AckGoodbye,
    AckImmolate,
    AckOutput,
    AckReset,
    AckShutdownServer,
    AckSubmit,
    Answer,
    Cancel,
    CancelWip,
    DelegateToWorker,
    FinishedWork,
    Goodbye,
    Heartbeat,
    ImmolateWorkers,
    JobFinishedNotice,
    JobNotKnown,
    Observe,
    OutputChunk,
    Refused,
    Request,
    RequestForWork,
    Reset,
    ShutdownServer,
    ShutdownWorker,
    Snapshot,
    Submit,
    TakeSnapshot,
)
from goq.core.model import Claim, Ending, JobId, Terms, WorkerId
from goq.core.records import ResultRefused


@dataclass(slots=True)
class Oracle:
    """Knows the right answers; remembers only which workers are to leave, and counts late results."""

    rig: Rig
    leaving: set[WorkerId] = field(default_factory=set)
    stale_count: int = 0

    @property
    def _ledger(self) -> Ledger:
        return self.rig.ledger

    def forget(self) -> None:
        """The server has died, and with it what was not in the journal."""
        self.leaving.clear()
        self.stale_count = 0

    def foresee(self, request: Request) -> Answer | None:
        """The answer that the request must get at once; None if it must get none now."""
        if not self.rig.is_fresh(request):
            return Refused("whatever the reason")
        if self.rig.is_repeated(request):
            return None
        match request.question:
            case Submit(commands, terms=terms):
                fresh = self._to_a_new_submission(len(commands), terms)
                return self._ledger.acks.get(request.nonce, fresh)
            case RequestForWork(worker):
                return self._to_a_free_worker(worker.id)
            case FinishedWork(claim, _, wants_next):
                return self._to_the_finisher(claim, wants_next=wants_next)
            case Heartbeat(claim, told):
                return self._to_the_holder(claim, told)
            case OutputChunk(claim, offset, data):
                mine = self._ledger.holds(claim)
                return AckOutput(offset + len(data)) if mine else CancelWip(claim.job, lost=True)
            case Cancel(job):
                return self._to_the_canceller(job)
            case Observe(job):
                return self._to_the_observer(job)
            case Goodbye():
                return AckGoodbye()
            case ShutdownServer():
                return AckShutdownServer()
            case ImmolateWorkers():
                return AckImmolate(len(self.rig.desk.idle) + len(self._ledger.running))
            case Reset():
                return AckReset()
            case TakeSnapshot():
                raise AssertionError("a snapshot is looked at by check_snapshot")
            case _:
                assert_never(request.question)

    def _to_a_new_submission(self, count: int, terms: Terms) -> Answer:
        holder = self._ledger.holder(terms.unique)
        if holder is not None:
            return AckSubmit(holder, holder, existed=True)
        first = len(self._ledger.lives) + 1
        return AckSubmit(JobId(first), JobId(first + count - 1))

    def _to_a_free_worker(self, worker: WorkerId) -> Answer | None:
        held = self._ledger.held_by_worker(worker)
        if held is not None and not self._ledger.lives[held].cancelling:
            return self._delegation(held, self._ledger.lives[held].attempts, worker)
        if worker in self.leaving:
            return ShutdownWorker()
        return self._next_job(worker)

    def _to_the_finisher(self, claim: Claim, *, wants_next: bool) -> Answer:
        if not self._ledger.holds(claim):
            ended = self._ledger.ended(claim.job)
            known = ended is not None and ended.ending is not Ending.LOST and ended.attempt == claim.attempt
            return AckFinished(accepted=known)
        if claim.worker in self.leaving:
            return ShutdownWorker()
        return (self._next_job(claim.worker) if wants_next else None) or AckFinished(accepted=True)

    def _to_the_holder(self, claim: Claim, told: int) -> Answer | None:
        if not self._ledger.holds(claim):
            return CancelWip(claim.job, lost=True)
        wanted = self._ledger.lives[claim.job].kill_signal
        return CancelWip(claim.job, lost=False, signal=wanted) if wanted not in (0, told) else None

    def _to_the_canceller(self, job: JobId) -> Answer:
        life = self._ledger.lives.get(job)
        if life is None:
            return JobNotKnown(job)
        if life.ended and life.ended.ending is not Ending.CANCELLED:
            return Refused("it has ended")
        return AckCancel(job, was_running=life.place is Place.RUNNING)

    def _to_the_observer(self, job: JobId) -> Answer | None:
        if job not in self._ledger.lives:
            return JobNotKnown(job)
        ended = self._ledger.ended(job)
        return JobFinishedNotice(ended) if ended else None

    def _next_job(self, worker: WorkerId) -> Answer | None:
        waiting = self._ledger.waiting
        if not waiting:
            return None
        return self._delegation(waiting[0], self._ledger.lives[waiting[0]].attempts + 1, worker)

    def _delegation(self, job: JobId, attempt: int, worker: WorkerId) -> Answer:
        given = replace(self._ledger.job(job), attempts=attempt)
        return DelegateToWorker(Claim(job, attempt, worker), given)

    # --- after the turn ----------------------------------------------------------------

    def check_done(self, request: Request, answer: Answer | None) -> None:
        """What the answer says has happened, has happened."""
        match request.question, answer:
            case Goodbye(worker), AckGoodbye():
                self.leaving.discard(worker.id)
                assert self._ledger.held_by_worker(worker.id) is None
            case RequestForWork(worker), ShutdownWorker():
                self.leaving.discard(worker.id)
                assert self._ledger.held_by_worker(worker.id) is None
            case FinishedWork() as finished, _:
                self._check_finished(finished, answer)
            case Cancel(job), AckCancel():
                life = self._ledger.lives[job]
                assert life.cancelling or (life.ended and life.ended.ending is Ending.CANCELLED)
            case Submit(), AckSubmit(existed=True):
                assert () == self.rig.turns[-1].records, "what is there already is not queued again"
            case ImmolateWorkers(), AckImmolate():
                assert {} == self.rig.desk.idle
                self.leaving |= {self._ledger.claim(job).worker for job in self._ledger.running}
            case _:
                pass

    def _check_finished(self, finished: FinishedWork, answer: Answer | None) -> None:
        if isinstance(answer, ShutdownWorker):
            self.leaving.discard(finished.claim.worker)
        if answer == AckFinished(accepted=False):
            self.stale_count += 1
            self._check_refused(finished)
        elif not isinstance(answer, Refused):
            ended = self._ledger.ended(finished.claim.job)
            assert ended is not None
            assert finished.claim.attempt == ended.attempt

    def _check_refused(self, finished: FinishedWork) -> None:
        records = self.rig.turns[-1].records
        expected = ResultRefused(finished.claim, finished.result.status, self.rig.now.wall_ns)
        known = finished.claim.job in self._ledger.lives
        assert ((expected,) if known else ()) == records, "late results of known jobs are recorded"

    def check_snapshot(self, snapshot: Snapshot, max_show: int) -> None:
        """People see what is there, in the order in which it will happen or has happened."""
        waiting, running = self._ledger.waiting, self._ledger.running
        finished = self._ledger.finished[::-1][: state.RECENT_FINISHED]

        assert len(running) == snapshot.counters["runQlen"]
        assert len(waiting) == snapshot.counters["waitingJobs"]
        assert len(self.rig.desk.idle) == snapshot.counters["waitingWorkers"]
        assert len(self._ledger.lives) + 1 == snapshot.counters["nextJobId"]
        assert self.stale_count == snapshot.counters["staleResultCount"]
        kinds = ("finishedJobsCount", "cancelledJobCount", "lostJobCount")
        assert self._ledger.counts() == tuple(snapshot.counters[kind] for kind in kinds)
        assert waiting[:max_show] == [job.id for job in snapshot.waiting]
        assert [(job, job in self.rig.suspects) for job in running[:max_show]] == [
            (row.job.id, row.suspect) for row in snapshot.running
        ]
        assert finished[:max_show] == [row.ended.job for row in snapshot.finished]
