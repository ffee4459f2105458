"""The dispatcher: one question in, records and replies out.

Pure: decides, and changes durable state only by applying the records that it emits. The
caller commits the records, writes the outputs and only then sends the replies.
Volatile, and never journaled: parked requests, leases, which workers are to leave.
"""

from typing import assert_never

from msgspec.structs import replace

from goq.core.deadlines import Deadlines
from goq.core.decision import Outcome, Past, Rules
from goq.core.freshness import FreshnessGate
from goq.core.hands import fits, owed, share
from goq.core.messages import (
    AckCancel,
    AckFinished,
    AckGoodbye,
    AckImmolate,
    AckReset,
    AckShutdownServer,
    AckSubmit,
    Answer,
    AskAgain,
    Cancel,
    CancelWip,
    CarryOn,
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
    Reply,
    Report,
    Request,
    RequestForWork,
    Reset,
    ShutdownServer,
    ShutdownWorker,
    Submit,
    TakeSnapshot,
)
from goq.core.model import SIGKILL, Claim, Ended, Ending, Job, JobId, Now, Origin, Result, Worker, WorkerId
from goq.core.parking import Parked, ParkingLot
from goq.core.records import (
    CancelRequested,
    CountersReset,
    JobDelegated,
    JobFinished,
    JobRequeued,
    JobsSubmitted,
    Record,
    ResultRefused,
)
from goq.core.snapshot import take_snapshot
from goq.core.state import RunningJob, State

OBSERVERS_EACH_JOB = 1000
PARKED_JOBS_LIMIT = 100_000


class Dispatcher:
    """Decides which worker runs which job, and who is told what."""

    def __init__(self, state: State, gate: FreshnessGate, rules: Rules, facts: dict[str, int | str]) -> None:
        self.state = state
        self.gate = gate
        self._rules = rules
        self._facts = facts
        self._idle: ParkingLot[Worker] = ParkingLot(each=1)
        self._beats: ParkingLot[JobId] = ParkingLot(each=1)
        self._observers: ParkingLot[JobId] = ParkingLot(each=OBSERVERS_EACH_JOB)
        self._leases: Deadlines[JobId] = Deadlines()
        self._suspects: set[JobId] = set()  # running jobs whose worker's connection has gone
        self._leaving: set[WorkerId] = set()
        self.dropped_bad_signature_count = 0
        self.bad_message_count = 0
        self.stale_result_count = 0

    # --- what the loop calls -----------------------------------------------------------

    def resume(self, now: Now) -> None:
        """After a replay: every running job has one full lease in which to be claimed again."""
        for job in self.state.running:
            self._leases.set(job, now.attended_s + self._rules.lease_s)

    def needs_past(self, request: Request) -> bool:
        """The answer may lie in the journal: `handle` wants its word on the request."""
        match request.question:
            case Submit():
                return request.nonce not in self.state.recent_submissions
            case Observe(job) | Cancel(job, _):
                return self.state.is_past(job)
            case FinishedWork(_, reports):
                return any(self.state.is_past(report.claim.job) for report in reports)
            case _:
                return False

    def handle(self, request: Request, now: Now, past: Past = ()) -> Outcome:
        """Decide on one request. `past` is the journal's word, where `needs_past` asked for it."""
        outcome = Outcome()
        refusal = self.gate.refusal(request, now)
        if refusal is None:
            self._decide(request, now, past, outcome)
            self._match(now, outcome)
        elif refusal:
            outcome.replies.append(Reply(request.handle, request.nonce, Refused(refusal)))
        return outcome

    def tick(self, now: Now) -> Outcome:
        """Do what has become due: leases that ended, and parked requests that waited enough."""
        outcome = Outcome()
        for running in [self.state.running[job] for job in self._leases.pop_due(now.attended_s)]:
            self._give_up(running, "worker lost", now, outcome, crashed=True)
            # Or the job would go to the next slot of a process that is frozen or cut off.
            self._send_away(list(filter(running.worker.is_beside, self._idle.keys())), AskAgain(), outcome)
        outcome.replies += [parked.reply(CarryOn()) for parked in self._beats.take_due(now.attended_s)]
        for lot in (self._observers, self._idle):
            outcome.replies += [parked.reply(AskAgain()) for parked in lot.take_due(now.attended_s)]
        self._match(now, outcome)
        return outcome

    def next_deadline(self) -> float:
        """The attended second by which `tick` is wanted; infinity if nothing is due."""
        lots = (self._idle, self._beats, self._observers)
        return min(self._leases.next(), *(lot.next_deadline() for lot in lots))

    def peer_gone(self, peer: int) -> None:
        """A connection has closed; what it had parked waits for its next one, its jobs are suspect."""
        self._suspects |= self._beats.keys_of(peer)
        for lot in (self._idle, self._beats, self._observers):
            lot.forget_peer(peer)

    # --- one handler a question --------------------------------------------------------

    def _decide(self, request: Request, now: Now, past: Past, outcome: Outcome) -> None:
        asker = Parked(request.handle, request.nonce)
        answer: Answer | None
        match request.question:
            case Submit() as submit:
                answer = self._submit(request, submit, now, past, outcome)
            case RequestForWork() as ask:
                answer = self._request_for_work(asker, ask, now, outcome)
            case FinishedWork() as finished:
                answer = self._finished_work(finished, now, past, outcome)
            case OutputChunk() as chunk:
                answer = self._output_chunk(asker, chunk, outcome)
            case Heartbeat() as beat:
                answer = self._heartbeat(asker, beat, now)
            case Goodbye(worker):
                answer = self._goodbye(worker, now, outcome)
            case Cancel() as cancel:
                answer = self._cancel(cancel, now, past, outcome)
            case Observe(job):
                answer = self._observe(asker, job, now, past)
            case TakeSnapshot(max_show):
                answer = self._snapshot(max_show)
            case ShutdownServer():
                outcome.stop = True
                answer = AckShutdownServer()
            case ImmolateWorkers():
                answer = self._immolate(outcome)
            case Reset():
                self._emit(CountersReset(now.wall_ns), outcome)
                answer = AckReset()
            case _:
                assert_never(request.question)
        if answer is not None:
            outcome.replies.append(asker.reply(answer))

    def _submit(self, request: Request, submit: Submit, now: Now, past: Past, outcome: Outcome) -> Answer:
        known = self.state.recent_submissions.get(request.nonce)
        known = known or (past if isinstance(past, AckSubmit) else None)
        if known:
            return known
        holder = self.state.unique_jobs.get(submit.terms.unique)
        if holder is not None:
            return AckSubmit(holder, holder, existed=True)
        first = self.state.next_job
        origin = Origin(submit.folder, submit.environment, submit.submitter)
        self._emit(
            JobsSubmitted(first, request.nonce, submit.commands, origin, submit.terms, now.wall_ns), outcome
        )
        return AckSubmit(first, JobId(self.state.next_job - 1))

    def _request_for_work(
        self, asker: Parked, ask: RequestForWork, now: Now, outcome: Outcome
    ) -> Answer | None:
        # If it holds jobs and asks all the same, an answer was lost, so it runs nothing.
        for running in self.state.held_by_worker(ask.worker.id):
            if running.kill_signal:
                self._give_up(running, "never started", now, outcome)
        missed = self._owed(ask.worker.id, (), now)
        if missed:
            return DelegateToWorker(missed)
        if ask.worker.id in self._leaving:
            self._leaving.discard(ask.worker.id)
            return ShutdownWorker()
        patience_s = min(ask.patience_s, self._rules.patience_limit_s)
        self._idle.park(ask.worker, asker, now.attended_s + patience_s)
        return None

    def _finished_work(self, finished: FinishedWork, now: Now, past: Past, outcome: Outcome) -> Answer:
        worker: Worker | None = None  # who may have more: a report that says nothing new brings nothing
        # Judged before anything ends, since each end may push the memory of an earlier one out.
        late = [report for report in finished.reports if not self._is_wanted(report.claim, past)]
        for report in late:
            self._refuse(report, now, outcome)
        for report in finished.reports:
            running = self.state.held_by(report.claim)
            if running:
                worker = running.worker
                ending = Ending.CANCELLED if running.kill_signal else Ending.FINISHED
                self._end(Ended(report.claim.job, report.claim.attempt, ending, report.result), now, outcome)
        for running in filter(None, map(self.state.held_by, finished.returned)):
            self._give_up(running, "handed back", now, outcome)
        refused = tuple(report.claim.job for report in late)
        if finished.worker not in self._leaving:
            return AckFinished(refused, self._more(worker, finished, now, outcome))
        if refused or finished.worker in self.state.jobs_of_worker:
            return AckFinished(refused)
        self._leaving.discard(finished.worker)
        return ShutdownWorker()

    def _is_wanted(self, claim: Claim, past: Past) -> bool:
        """The attempt is on, or its result is known already: its report was answered, and the answer lost."""
        if self.state.held_by(claim):
            return True
        ended = self._ended(claim.job, past)
        return ended is not None and ended.attempt == claim.attempt and ended.ending is not Ending.LOST

    def _refuse(self, report: Report, now: Now, outcome: Outcome) -> None:
        self.stale_result_count += 1
        if report.claim.job < self.state.next_job:
            self._emit(ResultRefused(report.claim, report.result.status, now.wall_ns), outcome)

    def _more(
        self, worker: Worker | None, finished: FinishedWork, now: Now, outcome: Outcome
    ) -> tuple[Job, ...]:
        """What a worker gets with the answer: what it should have already, or else new jobs."""
        if not finished.wants:
            return ()
        missed = self._owed(finished.worker, finished.kept, now)
        if missed or worker is None or finished.returned:  # which is for others, or it would go to and fro
            return missed
        jobs: list[Job] = []
        held = [run.job for run in self.state.held_by_worker(finished.worker)]
        room = share(finished.wants, len(self.state.waiting), len(self.state.jobs_of_worker))
        while self.state.waiting and len(jobs) < room and fits(self.state.waiting.oldest(), held, jobs):
            jobs.append(self._delegate(worker, now, outcome))
        return tuple(jobs)

    def _owed(self, worker: WorkerId, kept: tuple[JobId, ...], now: Now) -> tuple[Job, ...]:
        jobs = owed(self.state.held_by_worker(worker), kept)
        for job in jobs:
            self._leases.set(job.id, now.attended_s + self._rules.lease_s)
        return jobs

    def _output_chunk(self, asker: Parked, chunk: OutputChunk, outcome: Outcome) -> Answer | None:
        if self.state.held_by(chunk.claim) is None:
            return CancelWip(chunk.claim.job, lost=True)
        outcome.chunks.append((asker, chunk))
        return None

    def _heartbeat(self, asker: Parked, beat: Heartbeat, now: Now) -> Answer | None:
        running = self.state.held_by(beat.claim)
        if running is None:
            return CancelWip(beat.claim.job, lost=True)
        self._leases.set(beat.claim.job, now.attended_s + self._rules.lease_s)
        self._suspects.discard(beat.claim.job)
        if running.kill_signal not in (0, beat.told):
            return CancelWip(beat.claim.job, lost=False, signal=running.kill_signal)
        self._beats.park(beat.claim.job, asker, now.attended_s + self._rules.heartbeat_s)
        return None

    def _goodbye(self, worker: Worker, now: Now, outcome: Outcome) -> Answer:
        self._idle.take(worker)
        self._leaving.discard(worker.id)
        for running in self.state.held_by_worker(worker.id):
            self._give_up(running, "handed back", now, outcome)
        return AckGoodbye()

    def _cancel(self, cancel: Cancel, now: Now, past: Past, outcome: Outcome) -> Answer:
        job = cancel.job
        if job in self.state.waiting:
            self._end(Ended(job, 0, Ending.CANCELLED, Result(ended_ns=now.wall_ns)), now, outcome)
            return AckCancel(job, was_running=False)
        running = self.state.running.get(job)
        if running:
            # SIGKILL is never taken back by a gentler kill that comes after it.
            if running.kill_signal not in (cancel.signal, SIGKILL):
                self._emit(CancelRequested(job, cancel.signal, now.wall_ns), outcome)
                for parked in self._beats.take(job):
                    outcome.replies.append(parked.reply(CancelWip(job, lost=False, signal=cancel.signal)))
            return AckCancel(job, was_running=True)
        ended = self._ended(job, past)
        if ended is None:
            return JobNotKnown(job)
        if ended.ending is Ending.CANCELLED:
            return AckCancel(job, was_running=False)
        return Refused(f"job {job} has already ended, with exit status {ended.status}")

    def _observe(self, asker: Parked, job: JobId, now: Now, past: Past) -> Answer | None:
        if not self.state.is_live(job):
            ended = self._ended(job, past)
            return JobFinishedNotice(ended) if ended else JobNotKnown(job)
        if len(self._observers) >= PARKED_JOBS_LIMIT and job not in self._observers:
            return Refused("too many jobs are being waited for")
        self._observers.park(job, asker, now.attended_s + self._rules.observe_s)
        return None

    def _snapshot(self, max_show: int) -> Answer:
        counters: dict[str, int | str] = {
            "runQlen": len(self.state.running),
            "waitingJobs": len(self.state.waiting),
            "waitingWorkers": len(self._idle),
            "finishedJobsCount": self.state.finished_count,
            "droppedBadSigCount": self.dropped_bad_signature_count,
            "cancelledJobCount": self.state.cancelled_count,
            "lostJobCount": self.state.lost_count,
            "nextJobId": self.state.next_job,
            "badNonceCount": self.gate.refused_count,
            "badMessageCount": self.bad_message_count,
            "staleResultCount": self.stale_result_count,
            **self._facts,
        }
        return take_snapshot(self.state, counters, self._suspects, max(0, max_show))

    def _immolate(self, outcome: Outcome) -> Answer:
        count = len(self._idle) + len(self.state.jobs_of_worker)
        self._send_away(self._idle.keys(), ShutdownWorker(), outcome)
        self._leaving |= self.state.jobs_of_worker.keys()
        return AckImmolate(count)

    def _send_away(self, workers: list[Worker], answer: Answer, outcome: Outcome) -> None:
        for worker in workers:
            outcome.replies += [parked.reply(answer) for parked in self._idle.take(worker)]

    # --- moves -------------------------------------------------------------------------

    def _match(self, now: Now, outcome: Outcome) -> None:
        """Bring the oldest jobs and the longest waiting workers together."""
        while self.state.waiting and self._idle:
            worker = self._idle.oldest()
            for parked in self._idle.take(worker):
                # One id under two host names or pids is one worker all the same, with one job.
                busy = worker.id in self.state.jobs_of_worker
                answer = AskAgain() if busy else DelegateToWorker((self._delegate(worker, now, outcome),))
                outcome.replies.append(parked.reply(answer))

    def _delegate(self, worker: Worker, now: Now, outcome: Outcome) -> Job:
        """Give the oldest waiting job to the worker; the job as it then is."""
        job = self.state.waiting.oldest()
        claim = Claim(job.id, job.attempts + 1, worker.id)
        self._emit(JobDelegated(claim, worker, now.wall_ns), outcome)
        self._leases.set(job.id, now.attended_s + self._rules.lease_s)
        return self.state.running[job.id].job

    def _give_up(
        self, running: RunningJob, reason: str, now: Now, outcome: Outcome, *, crashed: bool = False
    ) -> None:
        """End an attempt without a result: the job waits again, unless it is not to run again."""
        job, claim = running.job, running.claim
        result = Result(problem=reason, signal=running.kill_signal or SIGKILL, ended_ns=now.wall_ns)
        if running.kill_signal:
            self._end(Ended(job.id, claim.attempt, Ending.CANCELLED, result), now, outcome)
        elif not job.terms.requeue:
            self._end(Ended(job.id, claim.attempt, Ending.LOST, result), now, outcome)
        elif crashed and job.crashes + 1 >= self._rules.crash_limit:
            poisonous = replace(result, problem=f"poisonous: {job.crashes + 1} workers were lost with it")
            self._end(Ended(job.id, claim.attempt, Ending.LOST, poisonous), now, outcome)
        else:
            self._emit(JobRequeued(claim, reason, crashed, now.wall_ns), outcome)
            self._release(job.id, outcome)

    def _end(self, ended: Ended, now: Now, outcome: Outcome) -> None:
        self._emit(JobFinished(ended, now.wall_ns), outcome)
        self._release(ended.job, outcome)
        outcome.replies += [each.reply(JobFinishedNotice(ended)) for each in self._observers.take(ended.job)]

    def _release(self, job: JobId, outcome: Outcome) -> None:
        """Whoever still runs the job holds nothing any more."""
        self._leases.drop(job)
        self._suspects.discard(job)
        outcome.replies += [parked.reply(CancelWip(job, lost=True)) for parked in self._beats.take(job)]

    def _ended(self, job: JobId, past: Past) -> Ended | None:
        """The final state of a job, remembered here or told by the journal."""
        told = (ended for ended in past if ended.job == job) if isinstance(past, tuple) else iter(())
        return self.state.ended(job) or next(told, None)

    def _emit(self, record: Record, outcome: Outcome) -> None:
        self.state.apply(record)
        outcome.records.append(record)
