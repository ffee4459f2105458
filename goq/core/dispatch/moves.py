"""Every transition of a job, and nothing else.

Pure: decides, and changes durable state only by applying the records that it emits. Volatile,
and never journaled: parked requests, leases, which workers are to leave.
"""

from typing import assert_never

from goq.core.board.blackholes import BlackHoles
from goq.core.board.gates import Gates
from goq.core.board.hosts import Hosts
from goq.core.board.idle import IdlePlaces
from goq.core.board.lanes import Lanes
from goq.core.board.limits import Limits
from goq.core.board.placement import Placement
from goq.core.board.rooms import Rooms
from goq.core.board.trouble import Trouble
from goq.core.board.uses import Uses
from goq.core.board.views import Group, group_of
from goq.core.board.voices import Voices
from goq.core.board.watches import Decided
from goq.core.dispatch.behind import Behind, Opened
from goq.core.dispatch.decision import Outcome, Past, Rules
from goq.core.dispatch.veil import Veil
from goq.core.messages import AddBlob, JobFinishedNotice
from goq.core.state.records import (
    Altered,
    BlobAdded,
    BlobsDropped,
    CancelRequested,
    Held,
    ItemsAdded,
    JobDelegated,
    JobFinished,
    JobsSubmitted,
    Paused,
    QueueRestored,
    RangeEnded,
    Record,
    Released,
)
from goq.core.state.running import RunningJob
from goq.core.state.state import State
from goq.core.state.submissions import Live
from goq.core.values.blobs import size_of
from goq.core.values.ids import Epoch, JobId, Nonce, Now, WorkerId, worker_of
from goq.core.values.job import NOBODY, By, Claim, Course, Job, Worker
from goq.core.values.named import free_files_of, names_any
from goq.core.values.place import Birth
from goq.core.values.ranges import Ranges, merged, runs, without
from goq.core.values.result import SIGKILL, Ended, Ending, Files, Result
from goq.core.values.terms import Terms
from goq.core.waits.deadlines import Deadlines
from goq.core.waits.parking import ParkingLot

OBSERVERS_EACH_JOB = 1000
HEARD_LIMIT = 1000
UNSAID = -1
LEAP = 1_000_000  # of epochs and of job numbers, when a copy is gone on with
MAYBE_STARTED = "may have been started after the copy was made that the queue goes on with"


class Moves:
    """Gives jobs out, takes them back and ends them; tells whoever waits for that."""

    def __init__(self, state: State, rules: Rules) -> None:
        self.state = state
        self.rules = rules
        self.veil = Veil(state, is_open=rules.is_open)
        self.gates = Gates(state)
        self.watches = self.gates.watches
        self._behind = Behind(state, self.gates)
        self.limits = Limits(state)
        self.lanes = Lanes(state, self.gates, self.limits)
        self.rooms = Rooms(state)
        self.placement = Placement(state, self.lanes, self.rooms, self.limits)
        self.trouble = Trouble(self.lanes)
        self.holes = BlackHoles()
        self.unjudged: set[Group] = set()  # groups of which a job came back, while a host refuses them
        self.hosts = Hosts()
        self.voices = Voices()
        self.uses = Uses()
        self.idle = IdlePlaces()
        self.observers: ParkingLot[JobId] = ParkingLot(each=OBSERVERS_EACH_JOB)
        self.leases: Deadlines[WorkerId] = Deadlines()  # of workers, not of their places
        self.deliveries: Deadlines[Nonce] = Deadlines()  # when one that is not all here is given up
        self.leaving: set[WorkerId] = set()
        # What each worker was given; in the answer to which of its reports, UNSAID while it is in none.
        self.given: dict[WorkerId, dict[JobId, int]] = {}
        self.touched: dict[WorkerId, None] = {}  # workers that there may be something to tell
        for running in state.running.values():
            self.given.setdefault(worker_of(running.worker.id), {})[running.job.id] = UNSAID
        self.followed: frozenset[JobId] = frozenset()  # jobs that somebody reads on in
        self.heard: dict[Claim, None] = {}  # attempts that told how they ended, and whose job waits again

    def restore(self, seen: int, now: Now, outcome: Outcome, birth: Birth, why: str = "") -> None:
        """Go on with a copy: with an epoch and with numbers that cannot have been given since it was made.

        What waits and must not start twice may have been started since. `why`: nobody wanted it.
        """
        last, first = self.state.epoch, self.state.next_job
        leap = LEAP * max(1, seen // LEAP - last.number // LEAP + 1)
        epoch, next_job = Epoch(last.queue, last.number + leap, birth.draw), JobId(first + leap)
        self.emit(QueueRestored(epoch, first, next_job, now.wall_ns, birth.place, why), outcome)
        for each in [each for each in self.state.deliveries.values() if not each.terms.requeue]:
            self.end_delivery(each, Ending.LOST, MAYBE_STARTED, now, outcome)
        waiting = self.state.waiting
        fragile = [each for each in self.state.submissions if not each.terms.requeue]
        ranges = tuple(part for each in fragile for part in waiting.between(each.first, each.end))
        if ranges:
            self.end_waiting(RangeEnded(ranges, Ending.LOST, MAYBE_STARTED, now.wall_ns), outcome)

    def match(self, now: Now, outcome: Outcome) -> None:
        """Bring the oldest jobs and the longest waiting places together."""
        while self.idle and (found := self._pair()):
            job, name, place = found
            self.idle.take(name, place)
            self.delegate(job, place, now, outcome)

    def _pair(self) -> tuple[Job, WorkerId, Worker] | None:
        """Whose turn it is: the longest waiting place that may have a job, and the job that is next there."""
        if not self.lanes:
            return None
        pairs = ((self.pick(place), name, place) for name, place in self.idle.firsts())
        return next(((job, name, place) for job, name, place in pairs if job), None)

    def pick(self, worker: Worker) -> Job | None:
        """The job whose turn it is at the place."""
        if self.trouble.exists and self.trouble.is_paused(worker.host):
            return None
        return self.placement.pick(worker)

    def more(self, worker: Worker) -> Job | None:
        """The job that may follow, in one answer, what the place was given."""
        if self.trouble.exists and self.trouble.is_paused(worker.host):
            return None
        return self.placement.more(worker)

    def submit(
        self, record: JobsSubmitted, now: Now, outcome: Outcome, never: tuple[Decided, ...] = ()
    ) -> None:
        """Queue the jobs of a submission, unless more of it is to come; of some it is known that they `never` run."""
        self.emit(record, outcome)
        if record.submission.terms.after:
            self.watches.add(self.state.submissions[record.submission.first])
        if never:
            self.watches.decided += never
            self._follow(now.wall_ns, outcome)
        if not record.is_whole:
            self.expect(record.submission.nonce, now)
        else:
            self._open(self.state.submissions[record.submission.first], now)

    def add_items(self, delivery: Live, lines: tuple[bytes, ...], now: Now, outcome: Outcome) -> None:
        """The next lines of a list are here; when they are the last, its jobs are queued."""
        first, nonce = JobId(delivery.first + delivery.here), delivery.submission.nonce
        self.emit(ItemsAdded(nonce, first, lines), outcome)
        self._go_on_with(delivery, now)

    def add_blob(self, add: AddBlob, now: Now, outcome: Outcome) -> None:
        """The next piece of a blob is here; with the last one, those that lacked it may be whole."""
        end = add.offset + len(add.data)
        those = [each for each in self.state.deliveries.values() if add.blob in each.lacks]
        firsts = tuple(each.first for each in those) if end == size_of(add.blob) else ()
        self.emit(BlobAdded(add.blob, add.offset, bytes(add.data), firsts), outcome)
        for each in those if firsts else ():
            self._go_on_with(each, now)

    def drop_blobs(self, outcome: Outcome) -> None:
        """What no job needs any more goes."""
        self.emit(BlobsDropped(tuple(self.state.blobs.useless)), outcome)

    def _go_on_with(self, delivery: Live, now: Now) -> None:
        """Something has come of it."""
        nonce = delivery.submission.nonce
        if not delivery.is_whole:
            self.expect(nonce, now)
        else:
            self.deliveries.drop(nonce)
            self._open(delivery, now)

    def expect(self, submission: Nonce, now: Now) -> None:
        """There is news of a submission that is not all here."""
        self.deliveries.set(submission, now.attended_s + self.rules.delivery_s)

    def end_delivery(
        self, delivery: Live, ending: Ending, reason: str, now: Now, outcome: Outcome, by: By = NOBODY
    ) -> None:
        """A submission that is not all here ends, as a whole."""
        here = tuple(self.state.waiting.between(delivery.first, delivery.end))  # of a list that is all of it
        self.end_waiting(RangeEnded(here, ending, reason, now.wall_ns, by), outcome)

    def _open(self, live: Live, now: Now) -> None:
        if live.terms.not_before_ns:
            self.gates.put_off(live.first, live.end, live.terms.not_before_ns)
        self.make_ready(live.first, live.end)
        if self.trouble.exists:
            self.trouble.submitted(group_of(live.origin, live.terms), now.attended_s)

    def make_ready(self, first: JobId, end: JobId) -> None:
        """A gate has opened for the jobs of this range, which were not ready; those are that have no other."""
        for live in self.state.submissions.between(first, end):
            for part in self.gates.ready(live, first, end):
                self.lanes.append(live, *part)
        for job in self.trouble.shy(first, end) if self.trouble.exists else ():
            self.lanes.move(job, self.trouble.avoided_by(job))

    def open_gates(self, now: Now) -> None:
        """The moments of some jobs may have come."""
        for first, end in self.gates.pass_time(now):
            self.make_ready(first, end)

    def hold(self, ranges: Ranges, by: By, now: Now, outcome: Outcome, why: str = "") -> None:
        """Jobs that wait and are not held are from now on."""
        self.lanes.discard(ranges)
        self.emit(Held(ranges, by, now.wall_ns, why), outcome)

    def let_go(self, ranges: Ranges, by: By, now: Now, outcome: Outcome) -> None:
        """Jobs that are held are so no more."""
        self.emit(Released(ranges, by, now.wall_ns), outcome)
        for first, end in ranges:
            self.make_ready(first, end)

    def alter(
        self, ranges: Ranges, terms: Terms, by: By, now: Now, outcome: Outcome, *, in_time: bool
    ) -> None:
        """Jobs that wait, and are in no lane, have these terms. `in_time`: with another moment to wait for."""
        self.emit(Altered(ranges, terms, by, now.wall_ns), outcome)
        if in_time and terms.not_before_ns:
            for first, end in without(ranges, tuple(runs(sorted(self.state.past)))):
                self.gates.put_off(first, end, terms.not_before_ns)
        elif in_time:  # nor is another attempt waited for, until the server begins anew
            for first, end in ranges:
                self.gates.forget(first, end)

    def delegate(self, job: Job, worker: Worker, now: Now, outcome: Outcome) -> Job:
        """Give the waiting job to the worker; the job as it then is."""
        self.lanes.remove(job)
        if self.trouble.exists:
            self.trouble.given(job, worker.host)
        grant = self.placement.start(worker, job)
        claim = Claim(self.state.epoch, job.id, job.attempts + 1, worker.id)
        files: Files = ()
        names = self.state.names
        if names_any(job.terms) or names.layout.folder_of(job.origin.owner):
            files = free_files_of(job, claim.attempt, worker.host, names.in_use, names.layout)
        self.emit(JobDelegated(claim, worker, now.wall_ns, grant, files), outcome)
        name = worker_of(worker.id)
        self.given.setdefault(name, {})[job.id] = UNSAID
        self.touched[name] = None
        return self.state.running[job.id].job

    def end_waiting(self, record: RangeEnded, outcome: Outcome) -> None:
        """Jobs that wait have their final state; those that are in a lane leave it."""
        self.lanes.discard(record.ranges)
        for first, end in record.ranges:
            self.gates.forget(first, end)
        ends = self.watches.parts(record.ranges) if self.watches else []
        coming = set(self.state.deliveries)
        self.emit(record, outcome)
        for nonce in coming - self.state.deliveries.keys():
            self.deliveries.drop(nonce)
        if self.trouble.exists:
            self.trouble.ended(record)
        observed = filter(record.__contains__, self.observers.keys()) if record.count > 1 else record.jobs()
        for job in observed:
            self._tell(record.ended(job), outcome)
        for live, first, end in ends:
            self.watches.ended(live, first, end, record.ended(first))
        if ends:
            self._follow(record.at_ns, outcome)
        if record.ending is not Ending.CANCELLED:
            for first, end in record.ranges:
                self.stop_failing(first, end, record.at_ns, outcome)

    def _follow(self, at_ns: int, outcome: Outcome) -> None:
        """Something has ended: who was behind it alone is ready, unless that was to end otherwise."""
        for step in self._behind.steps(at_ns):
            match step:
                case Opened(ranges):
                    for first, end in ranges:
                        self.make_ready(first, end)
                case RangeEnded():
                    self.end_waiting(step, outcome)
                case Held():
                    self.emit(step, outcome)
                case _:
                    assert_never(step)

    def stop_failing(self, first: JobId, end: JobId, at_ns: int, outcome: Outcome) -> None:
        """Of submissions with jobs in this range of which too many have failed, what waits is cancelled."""
        for live in list(self.state.submissions.between(first, end)):
            stopped = self._stopped(live) if live.failed else ()
            if stopped:
                why = f"{live.failed} of its tasks failed"
                self.end_waiting(RangeEnded(stopped, Ending.CANCELLED, why, at_ns), outcome)

    def _stopped(self, live: Live) -> Ranges:
        """Those of its jobs that wait whose terms say that so many failures are enough."""
        return merged(
            (start, stop)
            for first, end in self.state.waiting.between(live.first, live.end)
            for start, stop, terms in self.state.terms_of(live, first, end)
            if 0 < terms.max_fails <= live.failed
        )

    def hear(self, claim: Claim) -> None:
        """The end of that attempt is known, and its job waits again."""
        self.heard[claim] = None
        if len(self.heard) > HEARD_LIMIT:
            del self.heard[next(iter(self.heard))]

    def want_signal(self, running: RunningJob, signal: int, by: By, now: Now, outcome: Outcome) -> None:
        """Somebody wants the job killed. SIGKILL is never taken back by a gentler kill that comes after it."""
        job = running.job.id
        if running.kill_signal not in (signal, SIGKILL):
            self.emit(CancelRequested(job, signal, now.wall_ns, by), outcome)
            self.touched[worker_of(running.worker.id)] = None

    def alter_running(self, jobs: list[JobId], terms: Terms, by: By, now: Now, outcome: Outcome) -> None:
        """Running jobs have these terms, with another time that they may take."""
        self.emit(Altered(tuple(runs(jobs)), terms, by, now.wall_ns), outcome)
        for job in jobs:
            self.steer(job)

    def pause(self, running: RunningJob, by: By, now: Now, outcome: Outcome, *, on: bool) -> None:
        """Somebody wants the running job stopped, or to go on."""
        self.emit(Paused(running.job.id, on, now.wall_ns, by), outcome)
        self.steer(running.job.id)

    def steer(self, job: JobId) -> None:
        """Something else is wanted of the running job: its worker hears of that now, or when it reports next."""
        self.touched[worker_of(self.state.running[job].worker.id)] = None

    def course_of(self, running: RunningJob) -> Course:
        """What is wanted of a running job, beside its end."""
        back = self.state.is_drained_at_once(running.worker.host)
        is_followed = running.job.id in self.followed
        return Course(running.paused, back, running.job.terms.time_limit_s, is_followed)

    def end_attempt(self, claim: Claim, ending: Ending, result: Result, now: Now, outcome: Outcome) -> None:
        """The job ends so, by this attempt."""
        ended = Ended(claim.job, claim.attempt, ending, result, claim.epoch)
        live = self.state.submissions[claim.job] if self.watches else None
        self.emit(JobFinished(ended, now.wall_ns), outcome)
        self.release(claim)
        if self.trouble.exists:
            self.trouble.ended((claim.job,))
        self._tell(ended, outcome)
        if live:
            self.watches.ended(live, claim.job, JobId(claim.job + 1), ended)
            self._follow(now.wall_ns, outcome)

    def _tell(self, ended: Ended, outcome: Outcome) -> None:
        for each in self.observers.take(ended.job):
            outcome.replies.append(each.reply(JobFinishedNotice(self.veil.end(ended, each.handle.who))))

    def release(self, claim: Claim) -> None:
        """Whoever still runs the job holds nothing any more."""
        job = claim.job
        if self.uses:
            self.uses.drop(job)
        if claim.worker not in self.state.jobs_of_worker:
            self.placement.end(claim.worker)
        name = worker_of(claim.worker)
        jobs = self.given[name]
        del jobs[job]
        if not jobs:
            del self.given[name]
        self.touched[name] = None
        if self.trouble.exists:
            self.trouble.released(job)

    def is_suspect(self, running: RunningJob) -> bool:
        """The connection of its worker has gone, and nothing was heard of that since."""
        return worker_of(running.worker.id) in self.voices.silent

    def note_end(self, running: RunningJob, now: Now) -> None:
        """An attempt has ended at its host; unless it was killed, that starts jobs."""
        if not running.kill_signal:
            self.trouble.started(running.job.id)
        self.trouble.ended_at(running.worker.host, now.attended_s)

    def _busy_hosts(self) -> set[str]:
        jobs = map(min, self.state.jobs_of_worker.values())
        return {self.state.running[job].worker.host for job in jobs}

    def present(self, now: Now, owner: str) -> set[str]:
        """The hosts that have workers now which run that owner's jobs."""
        return self.hosts.present(self._busy_hosts(), now.attended_s, owner)

    def ended(self, job: JobId, past: Past) -> Ended | None:
        """The final state of a job, remembered here or told by the journal."""
        told = (ended for ended in past if ended.job == job) if isinstance(past, tuple) else iter(())
        return self.state.ended(job) or next(told, None)

    def emit(self, record: Record, outcome: Outcome) -> None:
        self.state.apply(record)
        outcome.records.append(record)
