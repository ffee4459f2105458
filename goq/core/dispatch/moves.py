"""Every transition of a job, and nothing else.

Pure: decides, and changes durable state only by applying the records that it emits. Volatile,
and never journaled: parked requests, leases, which workers are to leave.
"""

from msgspec.structs import replace

from goq.core.board.lanes import Lanes
from goq.core.dispatch.decision import Outcome, Past, Rules
from goq.core.messages import (
    Answer,
    AskAgain,
    CancelWip,
    DelegateToWorker,
    JobFinishedNotice,
)
from goq.core.state.records import JobDelegated, JobFinished, JobRequeued, JobsSubmitted, Record
from goq.core.state.state import RunningJob, State
from goq.core.values.ids import JobId, Now, WorkerId
from goq.core.values.job import Claim, Job, Worker
from goq.core.values.result import SIGKILL, Ended, Ending, Result
from goq.core.waits.deadlines import Deadlines
from goq.core.waits.parking import ParkingLot

OBSERVERS_EACH_JOB = 1000


class Moves:
    """Gives jobs out, takes them back and ends them; tells whoever waits for that."""

    def __init__(self, state: State, rules: Rules) -> None:
        self.state = state
        self.rules = rules
        self.lanes = Lanes(state.waiting)
        self.idle: ParkingLot[Worker] = ParkingLot(each=1)
        self.beats: ParkingLot[JobId] = ParkingLot(each=1)
        self.observers: ParkingLot[JobId] = ParkingLot(each=OBSERVERS_EACH_JOB)
        self.leases: Deadlines[JobId] = Deadlines()
        self.suspects: set[JobId] = set()  # running jobs whose worker's connection has gone
        self.leaving: set[WorkerId] = set()

    def match(self, now: Now, outcome: Outcome) -> None:
        """Bring the oldest jobs and the longest waiting workers together."""
        while self.idle and (job := self.lanes.oldest(self.idle.oldest().host)):
            worker = self.idle.oldest()
            for parked in self.idle.take(worker):
                # One id under two host names or pids is one worker all the same, with one job.
                busy = worker.id in self.state.jobs_of_worker
                answer = AskAgain() if busy else DelegateToWorker((self.delegate(job, worker, now, outcome),))
                outcome.replies.append(parked.reply(answer))

    def submit(self, record: JobsSubmitted, outcome: Outcome) -> None:
        """Queue the jobs of a submission."""
        self.emit(record, outcome)
        self.lanes.append(record.origin, record.first, self.state.next_job)

    def delegate(self, job: Job, worker: Worker, now: Now, outcome: Outcome) -> Job:
        """Give the waiting job to the worker; the job as it then is."""
        self.lanes.remove(job)
        claim = Claim(self.state.epoch, job.id, job.attempts + 1, worker.id)
        self.emit(JobDelegated(claim, worker, now.wall_ns), outcome)
        self.leases.set(job.id, now.attended_s + self.rules.lease_s)
        return self.state.running[job.id].job

    def give_up(
        self, running: RunningJob, reason: str, now: Now, outcome: Outcome, *, crashed: bool = False
    ) -> None:
        """End an attempt without a result: the job waits again, unless it is not to run again."""
        job, claim = running.job, running.claim
        result = Result(problem=reason, signal=running.kill_signal or SIGKILL, ended_ns=now.wall_ns)
        if running.kill_signal:
            self.end_attempt(claim, Ending.CANCELLED, result, now, outcome)
        elif not job.terms.requeue:
            self.end_attempt(claim, Ending.LOST, result, now, outcome)
        elif crashed and job.crashes + 1 >= self.rules.crash_limit:
            poisonous = replace(result, problem=f"poisonous: {job.crashes + 1} workers were lost with it")
            self.end_attempt(claim, Ending.LOST, poisonous, now, outcome)
        else:
            self.emit(JobRequeued(claim, reason, crashed, now.wall_ns), outcome)
            self.release(job.id, outcome)
            self.lanes.add(self.state.waiting[job.id])

    def end_attempt(self, claim: Claim, ending: Ending, result: Result, now: Now, outcome: Outcome) -> None:
        """The job ends so, by this attempt."""
        self.end(Ended(claim.job, claim.attempt, ending, result, claim.epoch), now, outcome)

    def end(self, ended: Ended, now: Now, outcome: Outcome) -> None:
        """The job has its final state, from wherever it was."""
        waiting = self.state.waiting.get(ended.job)
        if waiting:
            self.lanes.remove(waiting)
        self.emit(JobFinished(ended, now.wall_ns), outcome)
        self.release(ended.job, outcome)
        outcome.replies += [each.reply(JobFinishedNotice(ended)) for each in self.observers.take(ended.job)]

    def release(self, job: JobId, outcome: Outcome) -> None:
        """Whoever still runs the job holds nothing any more."""
        self.leases.drop(job)
        self.suspects.discard(job)
        outcome.replies += [parked.reply(CancelWip(job, lost=True)) for parked in self.beats.take(job)]

    def send_away(self, workers: list[Worker], answer: Answer, outcome: Outcome) -> None:
        for worker in workers:
            outcome.replies += [parked.reply(answer) for parked in self.idle.take(worker)]

    def ended(self, job: JobId, past: Past) -> Ended | None:
        """The final state of a job, remembered here or told by the journal."""
        told = (ended for ended in past if ended.job == job) if isinstance(past, tuple) else iter(())
        return self.state.ended(job) or next(told, None)

    def emit(self, record: Record, outcome: Outcome) -> None:
        self.state.apply(record)
        outcome.records.append(record)
