"""What workers say: a handler a question. Pure."""

from msgspec.structs import replace

from goq.core.board.hands import Deal, share
from goq.core.board.rooms import process_of
from goq.core.dispatch.decision import Counts, Note, Outcome, Past
from goq.core.dispatch.ends import NS, end
from goq.core.dispatch.fate import HandedBack, Told, WorkerLost
from goq.core.dispatch.moves import Moves
from goq.core.dispatch.refusals import LIFETIME_OVER, Refusals
from goq.core.dispatch.steering import Steering
from goq.core.messages import (
    TESTIMONY,
    AckGoodbye,
    Answer,
    Done,
    Goodbye,
    Orders,
    OutputChunk,
    Refused,
    Report,
    Signal,
)
from goq.core.state.records import ResultRefused, StrayEnded
from goq.core.state.running import RunningJob
from goq.core.state.submissions import NO_PAST
from goq.core.values.ids import JobId, Now, WorkerId, worker_of
from goq.core.values.job import Claim, Worker
from goq.core.values.result import SIGKILL
from goq.core.values.uses import Step
from goq.core.values.who import Role, Who
from goq.core.waits.parking import Parked

WORKERS_EACH = 200  # processes, with the key of one user or node


class Workers:
    """Answers what workers say."""

    def __init__(self, moves: Moves, refusals: Refusals, counts: Counts, steering: Steering) -> None:
        self._moves = moves
        self._refusals = refusals
        self._state = moves.state
        self._counts = counts
        self._steering = steering

    def report(
        self, asker: Parked, report: Report, now: Now, past: Past, outcome: Outcome, *, is_given: bool
    ) -> Answer | None:
        """A testimony is answered at once, any other report with orders, unless a newer one is known already."""
        name, holder = report.worker.id, asker.handle.who.holder
        if (
            holder
            and not self._moves.voices.get(name)
            and self._moves.voices.count_of(holder) >= WORKERS_EACH
        ):
            return Refused(f"with this key {WORKERS_EACH} workers are there already")
        # Judged before anything ends, since each end may push the memory of an earlier one out.
        late = [done for done in report.ended if not self._is_wanted(done, past)]
        places: dict[WorkerId, Worker | None] = {}
        is_latest = report.serial != TESTIMONY and self._moves.voices.is_latest(report)
        if is_latest:
            self._hear(asker, report, now, outcome, is_given=is_given)
        for done in late:
            self._refuse(done, asker.handle.who, past, now, outcome)
        refused = self._settle(report, late, now, outcome, places)
        if report.serial == TESTIMONY:
            return Orders(name, refused)
        if not is_latest:
            return None
        if report.is_news:
            self._steering.answer(name, refused)
        if self._moves.trouble.exists:
            for held in report.held:
                if held.is_on and self._state.held_by(held.claim):
                    self._moves.trouble.begun(held.claim.job, now.attended_s)
        if is_given:
            self._give(report, places, now, outcome)
        else:
            self._moves.idle.forget(name)
        return None

    def _hear(self, asker: Parked, report: Report, now: Now, outcome: Outcome, *, is_given: bool) -> None:
        """The worker is there, and has what it names and nothing else."""
        moves, worker = self._moves, report.worker
        before = moves.voices.get(worker.id)
        if before and process_of(before.report.worker) != process_of(worker):  # it has moved, or says so
            moves.idle.forget(worker.id)
            moves.rooms.leave(before.report.worker)
        until_s = now.attended_s + min(report.patience_s, moves.rules.heartbeat_s)
        moves.voices.hear(report, asker, now.attended_s, until_s, is_given=is_given)
        moves.leases.set(worker.id, now.attended_s + moves.rules.lease_s)
        moves.touched[worker.id] = None
        moves.hosts.hear(worker.host, now.attended_s, report.offer.owner)
        if report.used:
            self._hear_used(report, now)
        taken = moves.rooms.hear(worker, report.offer, now.attended_s)
        if taken:
            host, ids = worker.host, ", ".join(taken)
            text = f"worker '{host}:{worker.pid}' offers GPUs that another worker of its host has: {ids}."
            about: dict[str, int | str] = {"host": host, "pid": worker.pid, "gpus": ids}
            outcome.notes.append(Note(text, "gpu refused", about))
        killed = [job for job in moves.given.get(worker.id, ()) if self._state.running[job].kill_signal]
        if killed:
            self._end_what_never_came(report, killed, now, outcome)

    def _hear_used(self, report: Report, now: Now) -> None:
        for used in report.used:
            running = self._state.held_by(used.claim)
            if running:
                at_ns = now.wall_ns - round(used.age_s * NS)
                self._moves.uses.hear(running, Step(at_ns, used.cpu_s, used.resident_kib))

    def _end_what_never_came(self, report: Report, killed: list[JobId], now: Now, outcome: Outcome) -> None:
        """What it was given in an answer to an earlier report, and does not name, has never reached it."""
        named = set(report.claims())
        for job in killed:
            running = self._state.running[job]
            if running.claim not in named and self._moves.given[report.worker.id][job] < report.serial:
                end(self._moves, running, HandedBack(), "never started", now, outcome)

    def _settle(
        self,
        report: Report,
        late: list[Done],
        now: Now,
        outcome: Outcome,
        places: dict[WorkerId, Worker | None],
    ) -> tuple[Claim, ...]:
        """Take in what has ended and what is returned; which of the results, those that are late, come to nothing.

        In `places` are those that may have more: where something has ended, and nothing is returned.
        """
        for done in report.ended:
            running = self._state.held_by(done.claim)
            if running:
                places.setdefault(running.worker.id, running.worker)
                if self._moves.trouble.exists:
                    self._moves.note_end(running, now)
                end(self._moves, running, Told(done.result), "", now, outcome)
        for returned in report.returned:
            places[returned.claim.worker] = None  # what is returned is for others, or it would go to and fro
            running = self._state.held_by(returned.claim)
            if running:
                self._refusals.returned(returned, running, now, outcome)
        return tuple(done.claim for done in late if not self._state.is_stray(done.claim))

    def _is_wanted(self, done: Done, past: Past) -> bool:
        """The attempt is on, or its result is known already: its report was answered, and the answer lost."""
        claim = done.claim
        if self._state.held_by(claim) or claim in self._moves.heard:
            return True
        ended = self._moves.ended(claim.job, past)
        if ended is None or (ended.epoch, ended.attempt) != (claim.epoch, claim.attempt):
            return False
        return ended.result.ended_ns == done.result.ended_ns  # else it was given up, and ended then

    def _refuse(self, done: Done, who: Who, past: Past, now: Now, outcome: Outcome) -> None:
        """It ends no job here. That of a stray is noted all the same, and that of an attempt that there was."""
        if self._state.is_stray(done.claim):
            result = replace(done.result, output=b"")
            self._moves.emit(StrayEnded(done.claim, result, now.wall_ns), outcome)
            return
        self._counts.stale_results += 1
        if self._was_given(done.claim, who, past):
            self._moves.emit(ResultRefused(done.claim, done.result.status, now.wall_ns), outcome)

    def _was_given(self, claim: Claim, who: Who, past: Past) -> bool:
        """There was such an attempt, as far as is known, of a job that may be had with that key."""
        job, state = claim.job, self._state
        owner, attempts = "", 0
        if (ended := self._moves.ended(job, past)) is not None:
            row = state.recent_finished.get(job)
            owner, attempts = row.owner if row else "", ended.attempt
        elif (running := state.running.get(job)) is not None:
            owner, attempts = running.job.origin.owner, running.claim.attempt
        elif job in state.waiting:
            owner, attempts = state.submissions[job].origin.owner, state.past.get(job, NO_PAST).attempts
        return claim.attempt <= attempts and (who.role is not Role.USER or owner == who.name)

    # --- what it gets ----------------------------------------------------------------------

    def _give(
        self, report: Report, places: dict[WorkerId, Worker | None], now: Now, outcome: Outcome
    ) -> None:
        """More of the same where jobs have ended; who has nothing waits for a job."""
        is_leaving = report.worker.id in self._moves.leaving
        free: list[WorkerId] = []
        named = {each.claim for each in report.held} if places else set()
        for place, wants in report.wants if not is_leaving else ():
            worker = places.get(place)
            if not wants or (worker is None and place in places):
                continue
            if worker:
                self._give_more(worker, wants, named, now, outcome)
            if place not in self._state.jobs_of_worker:
                free.append(place)
        self._moves.idle.hear(report, free)

    def _give_more(self, worker: Worker, wants: int, named: set[Claim], now: Now, outcome: Outcome) -> None:
        held = self._state.held_by_worker(worker.id)
        if any(run.claim not in named for run in held):
            return  # it has not all that it was given, and gets that first
        deal = Deal([run.job for run in held])
        room = share(wants, self._moves.lanes.count(worker.host), len(self._state.jobs_of_worker))
        job = self._moves.pick(worker)
        while job and len(deal.jobs) < room and deal.fits(job):
            deal.add(self._moves.delegate(job, worker, now, outcome))
            job = self._moves.more(worker)

    # --- the rest of what it says ------------------------------------------------------------

    def output_chunk(self, asker: Parked, chunk: OutputChunk, outcome: Outcome) -> Answer | None:
        if self._state.held_by(chunk.claim) is None and not self._state.is_stray(chunk.claim):
            lost = Signal(chunk.claim, SIGKILL, lost=True)
            return Orders(worker_of(chunk.claim.worker), signals=(lost,))
        self._moves.trouble.started(chunk.claim.job)
        outcome.chunks.append((asker, chunk))
        return None

    def goodbye(self, bye: Goodbye, now: Now, outcome: Outcome) -> Answer:
        voice, why = self._moves.voices.get(bye.worker.id), LIFETIME_OVER if bye.outlived else "handed back"
        worker = voice.report.worker if voice else bye.worker
        for running in self._held(worker.id):
            end(self._moves, running, HandedBack(bye.outlived), why, now, outcome)
        self._forget(worker.id)
        self._moves.voices.leave(worker.id, bye.serial)
        room = self._moves.rooms.get(process_of(worker))
        self._moves.hosts.hear(worker.host, now.attended_s, room.offer.owner if room else "")
        self._moves.rooms.leave(worker)
        return AckGoodbye()

    def lose(self, worker: WorkerId, now: Now, outcome: Outcome) -> None:
        """Nothing was heard of it for as long as its lease is: all that it has is given up."""
        voice, held = self._moves.voices.get(worker), self._held(worker)
        for running in held:
            end(self._moves, running, WorkerLost(), "worker lost", now, outcome)
        if voice or held:
            self._moves.rooms.lose(voice.report.worker if voice else held[0].worker)
        self._steering.dismiss(worker, outcome)
        self._forget(worker)

    def _held(self, worker: WorkerId) -> list[RunningJob]:
        return [self._state.running[job] for job in sorted(self._moves.given.get(worker, ()))]

    def _forget(self, worker: WorkerId) -> None:
        self._moves.idle.forget(worker)
        self._moves.leaving.discard(worker)
        self._moves.voices.forget(worker)
        self._moves.leases.drop(worker)
