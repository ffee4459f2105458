"""The dispatcher's door: one question in, records and replies out.

Pure: decides, and changes durable state only by applying the records that it emits. The
caller commits the records, writes the outputs and only then sends the replies.
"""

from collections.abc import Iterator
from typing import assert_never

from msgspec.structs import replace

from goq.core.dispatch.again import Again
from goq.core.dispatch.again_plan import asked_again, wanted_lines
from goq.core.dispatch.changing import Changes
from goq.core.dispatch.copies import Copies
from goq.core.dispatch.decision import Asked, Bygone, Counts, Note, Outcome, Past, Rules
from goq.core.dispatch.freshness import NS_PER_S, FreshnessGate
from goq.core.dispatch.guard import Guard
from goq.core.dispatch.keys import Keys
from goq.core.dispatch.looks import Looks
from goq.core.dispatch.moves import Moves
from goq.core.dispatch.people import People
from goq.core.dispatch.refusals import Refusals
from goq.core.dispatch.steering import Steering
from goq.core.dispatch.wishes import RECENT_NS, asked_about
from goq.core.dispatch.workers import Workers
from goq.core.messages import (
    NO_BLOB_HERE,
    AckShutdownServer,
    AddBlob,
    AddItems,
    Answer,
    AskAgain,
    AskReasons,
    AskUse,
    AskWaiting,
    AskWhy,
    Cancel,
    CancelEach,
    Change,
    FetchBlob,
    Follow,
    Goodbye,
    ImmolateWorkers,
    Look,
    Mean,
    News,
    Observe,
    ObserveEach,
    OutputChunk,
    Refused,
    Reply,
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
    Submit,
    TakeSnapshot,
)
from goq.core.state.records import EpochBegun
from goq.core.state.state import State
from goq.core.values.blobs import Blob
from goq.core.values.ids import Epoch, JobId, Now
from goq.core.values.place import NO_BIRTH, Birth
from goq.core.values.ranges import Ranges
from goq.core.values.result import Ending
from goq.core.values.rights import may_run
from goq.core.values.who import Role, Who
from goq.core.values.wishes import Wish
from goq.core.waits.parking import Parked

NEVER_WHOLE = "never came whole"


class Dispatcher:
    """Decides which worker runs which job, and who is told what."""

    def __init__(
        self,
        state: State,
        gate: FreshnessGate,
        rules: Rules,
        facts: dict[str, int | str],
        outputs: bytes = b"",
    ) -> None:
        self.state = state
        self.gate = gate
        self.counts = Counts()
        self._moves = Moves(state, rules)
        self.is_open = rules.is_open
        self._guard = Guard(state, self.counts)
        self.copies = Copies(self._moves)
        self._refusals = Refusals(self._moves)
        self._changes = Changes(self._moves)
        self._people = People(self._moves, self._refusals, gate, self.counts, facts, outputs, self.copies)
        self._again = Again(self._moves, self._changes, self._guard)
        self._looks = Looks(self._moves, facts, self._worries, self.counts)
        self._keys = Keys(self._moves, self._changes)
        self._steering = Steering(self._moves)
        self._workers = Workers(self._moves, self._refusals, self.counts, self._steering)
        self._asked_s = 0.0  # when there was a request
        self._may_go_on = False  # somebody may have jobs again

    def _worries(self, who: Who) -> Iterator[str]:
        yield from self._people.troubles(who)
        if who.is_administrator:  # who alone can do something about them
            yield from self._people.odd_messages()

    def note_outputs(self, full_folders: tuple[str, ...], in_the_way: frozenset[str]) -> None:
        """Below the folder for outputs, those that take none now, "" for that itself: people are told.

        For those that are `in_the_way` workers keep places: jobs of these owners wait.
        """
        self._people.full_folders = full_folders
        self._may_go_on |= self._moves.placement.note_full(in_the_way)

    def note_followed(self, jobs: frozenset[JobId]) -> Outcome:
        """Somebody reads on in what these jobs write: their workers are to bring that at once, and of no others."""
        outcome, before = Outcome(), self._moves.followed
        if jobs is not before:
            self._moves.followed = jobs
            for job in sorted((jobs ^ before) & self.state.running.keys()):
                self._moves.steer(job)
        self._steering.give_orders(outcome)
        return outcome

    # --- what the loop calls -----------------------------------------------------------

    def resume(self, now: Now, restored_after: int | None = None, birth: Birth = NO_BIRTH) -> Outcome:
        """After a replay: begin an epoch. Every worker that runs something has one full lease to claim it again in.

        `restored_after`: the state is that of a copy, and that is the latest epoch that is known to have been.
        """
        outcome = Outcome()
        last, self.copies.birth = self.state.epoch, birth
        if restored_after is None:
            epoch = Epoch(last.queue, last.number + 1, birth.draw)
            self._moves.emit(EpochBegun(epoch, now.wall_ns, birth.place), outcome)
        else:
            self._moves.restore(restored_after, now, outcome, birth)
        for worker in self._moves.given:
            self._moves.leases.set(worker, now.attended_s + self._moves.rules.lease_s)
        for submission in self.state.deliveries:
            self._moves.expect(submission, now)
        self._moves.gates.resume(now)
        self._moves.open_gates(now)
        if self.state.blobs.useless:
            self._moves.drop_blobs(outcome)
        return outcome

    def admit(self, request: Request, now: Now, outcome: Outcome) -> Request | None:
        """The request as it counts, by whose key has signed it; None when they may not ask that. Before all else."""
        return self._guard.admit(request, now, outcome)

    def denied(self, who: Who, what: str, why: str, now: Now) -> tuple[Note, ...]:
        """Somebody else has refused them that: it is counted; what the log is to have of it."""
        return self._guard.denied(who, what, why, now)

    def needs_past(self, request: Request) -> bool:
        """The answer may lie in the journal: `handle` wants its word on the request."""
        match request.question:
            case Submit():
                return request.nonce not in self.state.recent_submissions
            case AddItems(submission) | AddBlob(submission):
                return submission not in self.state.recent_submissions
            case Observe(job) | Cancel(job, _):
                return self.state.is_past(job)
            case AskWhy(ranges):
                return self.state.is_past(ranges[0][0])
            case ObserveEach(jobs) | CancelEach(jobs, _):
                return any(map(self.state.is_past, jobs))
            case Mean() | Retry():
                return True
            case Report() as report:
                return any(self.state.is_past(done.claim.job) for done in report.ended)
            case _:
                return False

    def asked(self, request: Request, now: Now) -> Asked:
        """The submissions that ended of which `handle` wants to know, beside what `needs_past` says."""
        match request.question:
            case Submit() as submit if submit.wishes or submit.script or submit.stdin:
                owner, since_ns = submit.origin.owner, now.wall_ns - RECENT_NS
                asked = asked_about(self.state, submit.wishes, owner, since_ns) if submit.wishes else Asked()
                return replace(asked, blobs=submit.origin.blobs)
            case Mean(selector, owner, since_s):
                since_ns = now.wall_ns - round(since_s * NS_PER_S)
                return asked_about(self.state, (Wish(selector),), selector.user or owner, since_ns)
            case Retry() as retry:
                return asked_again(self.state, retry, now.wall_ns, request.nonce)
            case _:
                return Asked()

    def wanted_lines(self, request: Request, past: Past) -> Ranges:
        """The jobs of which `handle` wants the lines as well, once it knows that."""
        if isinstance(request.question, Retry) and isinstance(past, Bygone):
            return wanted_lines(self.state, request.question, past)
        return ()

    def handle(self, request: Request, now: Now, past: Past = ()) -> Outcome:
        """Decide on one request. `past` is the journal's word, where `needs_past` asked for it."""
        outcome = Outcome()
        self._moves.rooms.clock.now_ns = now.wall_ns
        refusal = self.gate.refusal(request, now)
        if refusal is None:
            refusal = self.copies.misdirection(request, outcome)
        if refusal is None:
            self._asked_s = now.attended_s
            self._decide(request, now, past, outcome)
            if self._moves.unjudged:
                self._refusals.judge(now)
            self._moves.match(now, outcome)
            self._steering.give_orders(outcome)
            if self.state.blobs.useless:
                self._moves.drop_blobs(outcome)
        elif refusal:
            outcome.replies.append(Reply(request.handle, request.nonce, Refused(refusal)))
        return outcome

    def tick(self, now: Now) -> Outcome:
        """Do what has become due: leases that ended, and parked requests that waited enough."""
        outcome = Outcome()
        self._moves.rooms.clock.now_ns = now.wall_ns
        for worker in self._moves.leases.pop_due(now.attended_s) if now.has_heard else ():
            self._workers.lose(worker, now, outcome)
        outcome.replies += [
            parked.reply(AskAgain()) for parked in self._moves.observers.take_due(now.attended_s)
        ]
        for submission in self._moves.deliveries.pop_due(now.attended_s):
            late = self.state.deliveries.get(submission)
            if late:  # and was behind none of the others
                self._moves.end_delivery(late, Ending.CANCELLED, NEVER_WHOLE, now, outcome)
        self._moves.open_gates(now)
        self._moves.trouble.pass_time(now.attended_s)
        self._refusals.judge(now)
        self._refusals.fail_some(now, outcome, self._asked_s)
        self._changes.go_on(now, outcome)
        self._may_go_on = False
        self._moves.match(now, outcome)
        self._steering.give_orders(outcome)
        # Only now: who waits longest is not sent away from what just comes.
        self._steering.send_due(now.attended_s, outcome)
        if self.state.blobs.useless:
            self._moves.drop_blobs(outcome)
        return outcome

    def next_deadline(self) -> float:
        """The attended second by which `tick` is wanted; infinity if nothing is due."""
        if self._may_go_on:
            return 0.0
        lots = (self._moves.voices, self._moves.observers)
        gates_s = self._moves.gates.next_deadline()
        troubles_s = min(self._moves.trouble.next_deadline(), self._refusals.next_deadline())
        given_up_s = min(
            self._changes.next_deadline(), self._moves.leases.next(), self._moves.deliveries.next()
        )
        return min(given_up_s, troubles_s, gates_s, *(lot.next_deadline() for lot in lots))

    def peer_gone(self, peer: int) -> None:
        """A connection has closed; what it had parked waits for its next one, its workers' jobs are suspect."""
        self._moves.observers.forget_peer(peer)
        for worker in self._moves.voices.forget_peer(peer):
            self._moves.idle.forget(worker)

    def _decide(self, request: Request, now: Now, past: Past, outcome: Outcome) -> None:
        asker = Parked(request.handle, request.nonce)
        answer: Answer | None = None
        match request.question:
            case Submit() as submit:
                answer = self._people.submit(request, submit, now, past, outcome)
            case AddItems() | AddBlob() as more:
                answer = self._people.add(more, now, past, outcome)
            case FetchBlob() | Look() | News() | Follow() as asked:
                answer = self._pass_on(asker, asked, outcome)
            case Report() as report:
                is_given = self._may_be_given(request, now)
                answer = self._workers.report(asker, report, now, past, outcome, is_given=is_given)
            case OutputChunk() as chunk:
                answer = self._workers.output_chunk(asker, chunk, outcome)
            case Goodbye() as bye:
                answer = self._workers.goodbye(bye, now, outcome)
            case Cancel() as cancel:
                answer = self._people.cancel(cancel, now, past, outcome)
            case CancelEach() as each:
                answer = self._people.cancel_each(each, now, past, outcome)
            case Change() as change:
                answer = self._change(request.who, change, now, outcome)
            case Observe(job):
                answer = self._people.observe(asker, job, now, past)
            case ObserveEach(jobs):
                answer = self._people.observe_each(asker, jobs, now, past)
            case TakeSnapshot(max_show):
                answer = self._people.snapshot(max_show, now, request.who)
            case ShutdownServer():
                outcome.stop = True
                answer = AckShutdownServer()
            case ImmolateWorkers():
                answer = self._people.immolate(now)
            case Reset():
                answer = self._people.reset(now, outcome)
            case Mean() as mean:
                answer = self._people.meant(mean, past)
            case Retry() as retry:
                answer = self._again.retry(request, retry, now, past, outcome)
            case SetKey() | ShowKeys() as asked:
                answer = self._keys.answer(asked, now, outcome)
            case SetLimit() | ShowLimits() | ShowWorkers() | ShowCluster() as look:
                answer = self._looks.answer(look, request.who, now, outcome)
            case AskWhy() | AskReasons() | AskUse() | AskWaiting() as look:
                answer = self._looks.answer(look, request.who, now, outcome, past)
            case _:
                assert_never(request.question)
        if answer is not None:
            outcome.replies.append(asker.reply(self._moves.veil.over(answer, request.who, request.question)))

    def _pass_on(
        self, asker: Parked, asked: FetchBlob | Look | News | Follow, outcome: Outcome
    ) -> Refused | None:
        """What others answer, from what is in the journal."""
        if not isinstance(asked, FetchBlob):
            outcome.queries.append((asker, asked))
        elif self._is_theirs(asker.handle.who, asked.blob):
            outcome.fetches.append((asker, asked))
        else:
            return Refused(NO_BLOB_HERE)
        return None

    def _is_theirs(self, who: Who, blob: Blob) -> bool:
        """A job that runs reads it, and with that key it may be run: what others' jobs read is for these."""
        if who.role is not Role.USER or blob not in self.state.blobs.users:
            return who.role is not Role.USER
        runs = self.state.running.values()
        return any(blob in run.job.origin.blobs and may_run(who, run.job.origin.owner) for run in runs)

    def _may_be_given(self, request: Request, now: Now) -> bool:
        """Whoever reports may have jobs by the answer."""
        return self.gate.is_of_now(request, now) and self.copies.may_give and not request.who.is_retired

    def _change(self, who: Who, change: Change, now: Now, outcome: Outcome) -> Answer:
        limits = self._moves.limits
        refusal = limits.refusal_of(change.what, change.by.owner, keyed=not who.is_administrator)
        if foreign := self._changes.refusal(who, change):
            outcome.notes += self._guard.denied(who, "Change", foreign, now)
            return Refused(foreign)
        return Refused(refusal) if refusal else self._changes.change(change, now, outcome)
