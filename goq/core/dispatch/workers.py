"""What workers say and ask: a handler a question. Pure."""

from msgspec.structs import replace

from goq.core.board.hands import Deal, owed, share
from goq.core.dispatch.decision import Counts, Note, Outcome, Past
from goq.core.dispatch.ends import end
from goq.core.dispatch.fate import HandedBack, Told
from goq.core.dispatch.moves import Moves
from goq.core.dispatch.refusals import Refusals
from goq.core.messages import (
    AckFinished,
    AckGoodbye,
    Answer,
    AskAgain,
    CancelWip,
    DelegateToWorker,
    FinishedWork,
    Goodbye,
    Heartbeat,
    OutputChunk,
    Question,
    Report,
    RequestForWork,
    ShutdownWorker,
    Steer,
)
from goq.core.state.records import ResultRefused, StrayEnded
from goq.core.values.ids import JobId, Now, WorkerId
from goq.core.values.job import Job, Worker
from goq.core.waits.parking import Parked


class Workers:
    """Answers what workers say."""

    def __init__(self, moves: Moves, refusals: Refusals, counts: Counts) -> None:
        self._moves = moves
        self._refusals = refusals
        self._state = moves.state
        self._counts = counts

    def hear(self, question: Question, peer: int, now: Now) -> None:
        """If a worker says this, it is there, and the next moment too."""
        match question:
            case RequestForWork(worker):
                self._moves.voices.hear(worker.id, peer, now.attended_s)
            case FinishedWork(name):
                self._moves.voices.hear(name, peer, now.attended_s)
            case Heartbeat(claim) | OutputChunk(claim):
                self._moves.voices.hear(claim.worker, peer, now.attended_s)

    def request_for_work(
        self, asker: Parked, ask: RequestForWork, now: Now, outcome: Outcome
    ) -> Answer | None:
        self._moves.hosts.hear(ask.worker.host, now.attended_s)
        self._hear_offer(ask, now, outcome)
        # If it holds jobs and asks all the same, an answer was lost, so it runs nothing.
        for running in self._state.held_by_worker(ask.worker.id):
            if running.kill_signal:
                end(self._moves, running, HandedBack(), "never started", now, outcome)
        missed = self._owed(ask.worker.id, (), now)
        if missed:
            return DelegateToWorker(missed)
        if ask.worker.id in self._moves.leaving:
            self._moves.leaving.discard(ask.worker.id)
            return ShutdownWorker()
        patience_s = min(ask.patience_s, self._moves.rules.patience_limit_s)
        self._moves.idle.park(ask.worker, asker, now.attended_s + patience_s)
        return None

    def _hear_offer(self, ask: RequestForWork, now: Now, outcome: Outcome) -> None:
        taken = self._moves.rooms.hear(ask.worker, ask.offer, now.attended_s)
        if taken:
            host, ids = ask.worker.host, ", ".join(taken)
            text = f"worker '{host}:{ask.worker.pid}' offers GPUs that another worker of its host has: {ids}."
            about: dict[str, int | str] = {"host": host, "pid": ask.worker.pid, "gpus": ids}
            outcome.notes.append(Note(text, "gpu refused", about))

    def finished_work(self, finished: FinishedWork, now: Now, past: Past, outcome: Outcome) -> Answer:
        worker: Worker | None = None  # who may have more: a report that says nothing new brings nothing
        # Judged before anything ends, since each end may push the memory of an earlier one out.
        late = [report for report in finished.reports if not self._is_wanted(report, past)]
        for report in late:
            self._refuse(report, now, outcome)
        for report in finished.reports:
            running = self._state.held_by(report.claim)
            if running:
                worker = running.worker
                if self._moves.trouble.exists:
                    self._moves.note_end(running, now)
                end(self._moves, running, Told(report.result), "", now, outcome)
        if worker:
            self._moves.hosts.hear(worker.host, now.attended_s)
        for returned in finished.returned:
            running = self._state.held_by(returned.claim)
            if running:
                self._refusals.returned(returned, running, now, outcome)
        refused = tuple(each.claim.job for each in late if not self._state.is_stray(each.claim))
        if finished.worker not in self._moves.leaving:
            return AckFinished(refused, self._more(worker, finished, now, outcome))
        if refused or finished.worker in self._state.jobs_of_worker:
            return AckFinished(refused)
        self._moves.leaving.discard(finished.worker)
        return ShutdownWorker()

    def _is_wanted(self, report: Report, past: Past) -> bool:
        """The attempt is on, or its result is known already: its report was answered, and the answer lost."""
        claim = report.claim
        if self._state.held_by(claim) or claim in self._moves.heard:
            return True
        ended = self._moves.ended(claim.job, past)
        if ended is None or (ended.epoch, ended.attempt) != (claim.epoch, claim.attempt):
            return False
        return ended.result.ended_ns == report.result.ended_ns  # else it was given up, and ended then

    def _refuse(self, report: Report, now: Now, outcome: Outcome) -> None:
        """It ends no job here. That of a stray is noted all the same."""
        if self._state.is_stray(report.claim):
            result = replace(report.result, output=b"")
            self._moves.emit(StrayEnded(report.claim, result, now.wall_ns), outcome)
            return
        self._counts.stale_results += 1
        if report.claim.job < self._state.next_job:
            self._moves.emit(ResultRefused(report.claim, report.result.status, now.wall_ns), outcome)

    def _more(
        self, worker: Worker | None, finished: FinishedWork, now: Now, outcome: Outcome
    ) -> tuple[Job, ...]:
        """What a worker gets with the answer: what it should have already, or else new jobs."""
        if not finished.wants:
            return ()
        missed = self._owed(finished.worker, finished.kept, now)
        if missed or worker is None or finished.returned:  # which is for others, or it would go to and fro
            return missed
        deal = Deal([run.job for run in self._state.held_by_worker(finished.worker)])
        lanes = self._moves.lanes
        room = share(finished.wants, lanes.count(worker.host), len(self._state.jobs_of_worker))
        job = self._moves.pick(worker)
        while job and len(deal.jobs) < room and deal.fits(job):
            deal.add(self._moves.delegate(job, worker, now, outcome))
            job = self._moves.more(worker)
        return tuple(deal.jobs)

    def _owed(self, worker: WorkerId, kept: tuple[JobId, ...], now: Now) -> tuple[Job, ...]:
        jobs = owed(self._state.held_by_worker(worker), kept)
        for job in jobs:
            self._moves.leases.set(job.id, now.attended_s + self._moves.rules.lease_s)
        return jobs

    def output_chunk(self, asker: Parked, chunk: OutputChunk, outcome: Outcome) -> Answer | None:
        if self._state.held_by(chunk.claim) is None and not self._state.is_stray(chunk.claim):
            return CancelWip(chunk.claim.job, lost=True)
        self._moves.trouble.started(chunk.claim.job)
        outcome.chunks.append((asker, chunk))
        return None

    def heartbeat(self, asker: Parked, beat: Heartbeat, now: Now) -> Answer | None:
        running = self._state.held_by(beat.claim)
        if running is None and self._state.is_stray(beat.claim):
            return AskAgain()  # it may go on, and has no lease
        if running is None:
            return CancelWip(beat.claim.job, lost=True)
        self._moves.leases.set(beat.claim.job, now.attended_s + self._moves.rules.lease_s)
        self._moves.suspects.discard(beat.claim.job)
        self._moves.rooms.of(running.worker).heard_s = now.attended_s
        self._moves.trouble.begun(beat.claim.job, now.attended_s)
        if running.kill_signal not in (0, beat.told):
            return CancelWip(beat.claim.job, lost=False, signal=running.kill_signal)
        course = self._moves.course_of(running)
        if course != beat.course:
            return Steer(beat.claim.job, course)
        self._moves.beats.park(beat.claim.job, asker, now.attended_s + self._moves.rules.heartbeat_s)
        return None

    def goodbye(self, bye: Goodbye, now: Now, outcome: Outcome) -> Answer:
        worker, why = bye.worker, "its worker's lifetime was over" if bye.outlived else "handed back"
        self._moves.idle.take(worker)
        self._moves.leaving.discard(worker.id)
        self._moves.voices.leave(worker.id)
        for running in self._state.held_by_worker(worker.id):
            end(self._moves, running, HandedBack(bye.outlived), why, now, outcome)
        self._moves.hosts.hear(worker.host, now.attended_s)
        self._moves.rooms.leave(worker)
        return AckGoodbye()
