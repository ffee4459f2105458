"""The loop, the journal and the peers around a dispatcher, played in memory.

It keeps all that was ever recorded, so that it can answer for the journal and replay it;
it gives each request a handle and a nonce of its own, holds the clock, and after every turn
compares the dispatcher with two independent accounts: the ledger's and the desk's.
"""

import math
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypeGuard

from chooser import meant_by
from desk import Desk, check_orders
from epochs import EPOCH
from ledger import Ledger, Place
from msgspec.structs import replace
from spokesman import Asked as Spoken
from spokesman import Heard, Spokesman, told
from warden import Warden

from goq.core.board.gates import Gates
from goq.core.board.lanes import Lanes
from goq.core.board.limits import Limits
from goq.core.board.views import Group
from goq.core.dispatch import refusals
from goq.core.dispatch.again import copies_of, nonce_of
from goq.core.dispatch.decision import (
    Asked,
    Bygone,
    Copies,
    Gone,
    Kinds,
    LiveEnds,
    Note,
    Outcome,
    Past,
    Rules,
)
from goq.core.dispatch.door import Dispatcher
from goq.core.dispatch.freshness import NS_PER_S, FreshnessGate
from goq.core.dispatch.wishes import fits
from goq.core.messages import (
    AckChange,
    AckOutput,
    AckSubmit,
    AddBlob,
    AddItems,
    Answer,
    AskWhy,
    Cancel,
    CancelEach,
    Change,
    Done,
    Goodbye,
    ImmolateWorkers,
    Mean,
    Observe,
    ObserveEach,
    Orders,
    Refused,
    Reply,
    Report,
    Request,
    Reset,
    Retry,
    SetKey,
    SetLimit,
    ShutdownServer,
    Submit,
)
from goq.core.state import state as state_module
from goq.core.state.parts import Part, Parts
from goq.core.state.records import (
    BlobAdded,
    EpochBegun,
    JobDelegated,
    JobFinished,
    JobRequeued,
    RangeEnded,
    Record,
)
from goq.core.state.state import State
from goq.core.state.submissions import CountsAs, Live, Submissions
from goq.core.values.blobs import NO_BLOB
from goq.core.values.changes import Kill
from goq.core.values.ids import NO_EPOCH, Epoch, Handle, JobId, Nonce, Now, WorkerId, worker_of
from goq.core.values.job import Claim, Job, Submission
from goq.core.values.ranges import Ranges, common, merged, runs
from goq.core.values.result import Ended, Ending, Result
from goq.core.values.spans import Spans
from goq.core.values.states import JobState
from goq.core.worker.talk import AckFinished, DelegateToWorker, RequestForWork, Told

WINDOW_S = 60.0
START_NS = 1_700_000_000 * NS_PER_S
ONCE_ONLY = (Goodbye, ShutdownServer, ImmolateWorkers, Reset, Change, SetLimit, SetKey)


def picture(state: State) -> dict[str, object]:
    """All that a state holds as plain values, in order: equal pictures, equal states."""
    return {name: _plain(value) for name, value in vars(state).items() if not name.startswith("_")}


def _plain(value: object) -> object:
    if isinstance(value, OrderedDict):
        return [(key, _plain(each)) for key, each in value.items()]
    if isinstance(value, dict):
        return sorted((key, _plain(each)) for key, each in value.items())
    if isinstance(value, Spans):
        return value.ranges()
    if isinstance(value, Parts):
        return list(value)
    if isinstance(value, Submissions):
        return sorted(value.left_of.items()), sorted((each.first, _plain(each)) for each in value)
    if isinstance(value, Live):
        bad = list(value.bad or ())
        of_jobs = (value.left, list(value.lines or ()), bad, value.failed, value.retried)
        return str(value.submission), *of_jobs, value.lacks
    return value


def in_groups(lanes: Lanes) -> dict[Group, list[JobId]]:
    """The jobs that wait to be given out, whatever they avoid."""
    found: defaultdict[Group, list[JobId]] = defaultdict(list)
    for key, lane in lanes._lanes.items():
        found[key.group] = sorted([*found[key.group], *lane.jobs])
    return dict(found)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn did, for tests that look closely."""

    records: tuple[Record, ...]
    replies: tuple[Reply, ...]
    stop: bool
    notes: tuple[Note, ...]


class Loop:
    """One server's life, over restarts."""

    def __init__(self, rules: Rules | None = None, gate: FreshnessGate | None = None) -> None:
        self.rules = rules or Rules()
        self.now = Now(100.0, START_NS)
        self.ledger = Ledger(self.rules.crash_limit)
        self.desk = Desk(self.rules)
        self.story: list[Record] = [EpochBegun(EPOCH, START_NS)]
        self.turns: list[Turn] = []
        self.answers: defaultdict[Handle, list[Answer]] = defaultdict(list)
        self.admitted: set[Nonce] = set()
        self.since_ns = START_NS
        self.silent: set[WorkerId] = set()
        self.spoke: dict[WorkerId, int] = {}  # over which connection each worker has spoken last
        self.leaving: set[WorkerId] = set()
        self.known: dict[WorkerId, tuple[Report, float]] = {}  # what workers have said last, and when
        self.spoken: dict[Nonce, Spoken] = {}
        self.asks_again = False  # whoever wants work does, while it is patient
        self._sent: dict[Nonce, tuple[float, Request]] = {}
        self._again: dict[Nonce, Request] = {}
        self.spokesman = Spokesman()
        self.warden = Warden(self.ledger)
        self._shadow = replayed(self.story)
        self._lease_ends_s: dict[WorkerId, float] = {}
        self._news_s: dict[Nonce, float] = {}  # until when each list that is not all here is waited for
        self._requests = 0
        self._due_s = -math.inf
        self.dispatcher = self._dispatcher(replayed(self.story), gate)

    def _dispatcher(self, state: State, gate: FreshnessGate | None = None) -> Dispatcher:
        if gate is None:
            gate = FreshnessGate(WINDOW_S, self.now)
        return Dispatcher(state, gate, self.rules, {"jservPid": 1})

    @property
    def state(self) -> State:
        """The state of the dispatcher at hand."""
        return self.dispatcher.state

    # --- requests ----------------------------------------------------------------------

    @property
    def suspects(self) -> set[JobId]:
        """What runs at workers whose connection has gone."""
        at = {job: worker_of(self.ledger.claim(job).worker) for job in self.ledger.running}
        return {job for job, name in at.items() if name in self.silent}

    def request(self, asked: Spoken, peer: int = 1, epoch: Epoch = NO_EPOCH) -> Request:
        """A request as it is made now, not yet delivered; with an epoch it is for that queue alone."""
        self._requests += 1
        header, nonce = b"%d" % self._requests, Nonce(b"%016d" % self._requests)
        self.spoken[nonce] = asked
        request = self._request(asked, peer, header, nonce, epoch)
        self._sent[nonce] = self.now.attended_s, request
        return request

    def _request(self, asked: Spoken, peer: int, header: bytes, nonce: Nonce, epoch: Epoch) -> Request:
        question = self.spokesman.question(asked, self.dispatcher)
        return Request(Handle(peer, header), nonce, self.now.wall_ns, question, epoch)

    def copy(self, request: Request, peer: int) -> Request:
        """The same request, sent again over another connection."""
        self._requests += 1
        return replace(request, handle=Handle(peer, b"%d" % self._requests))

    def deliver(self, request: Request) -> Heard:
        """One turn: the answer that the request gets at once, or None; as it is told to the place that asked."""
        return told(self.spoken.get(request.nonce, request.question), self.turn(request))

    def turn(self, request: Request) -> Answer | None:
        """The same as it travels."""
        silent = self.is_repeated(request)
        meant: set[JobId] = set()
        if isinstance(request.question, Change) and not self.is_under_way(request.question):
            meant = self.meant(request.question)
        past = self._past(request) if self.dispatcher.needs_past(request) else ()
        outcome = self.dispatcher.handle(request, self.now, past)
        is_done = isinstance(request.question, Change) and not silent and _was_done(outcome, request)
        if is_done and isinstance(request.question, Change) and isinstance(request.question.what, Kill):
            self.ledger.kill(meant, self.warden.doomed)
        if silent:
            assert Outcome() == outcome, "a repeated request does nothing and gets no answer"
            return None
        if isinstance(request.question, Goodbye) and _is_heard(outcome, request):
            name = request.question.worker.id
            self.desk.leave(name, request.question.serial)
            self.spoke.pop(name, None)
            self.silent.discard(name)
            self.leaving.discard(name)
            self.known.pop(name, None)
            self._lease_ends_s.pop(name, None)
        if isinstance(request.question, ONCE_ONLY) and self.is_fresh(request):
            self.admitted.add(request.nonce)  # also what is for another queue, and is refused
        return self._carry_out(outcome, request, meant if is_done else set())

    def is_under_way(self, change: Change) -> bool:
        """The same was asked for before, it is not all done, and nobody has submitted anything since."""
        wanted = (change.what, change.by, change.selector, self.state.next_job)
        pending = ((each.asked, each.behind) for each in self.dispatcher._changes._pending)
        return wanted in [(asked.what, asked.by, asked.selector, behind) for asked, behind in pending]

    def meant(self, change: Change) -> set[JobId]:
        """The live jobs that are meant: each is asked."""
        return meant_by(self.ledger, change.selector, change.by.owner)

    def send(self, question: Spoken, peer: int = 1) -> Request:
        """Make a request and deliver it at once."""
        request = self.request(question, peer)
        self.deliver(request)
        return request

    def ask(self, question: Spoken, peer: int = 1) -> Heard:
        """Make a request, deliver it, and give its answer if it got one at once."""
        return self.deliver(self.request(question, peer))

    def answer_to(self, request: Request) -> Heard:
        """The answer that the request has got by now."""
        while request.nonce in self._again:
            request = self._again[request.nonce]
        answers = self.answers[request.handle]
        return told(self.spoken[request.nonce], answers[-1]) if answers else None

    def is_fresh(self, request: Request) -> bool:
        """The request may be admitted: it is of this window, and of this server if it is once-only."""
        if isinstance(request.question, ONCE_ONLY) and request.sent_ns < self.since_ns:
            return False
        return abs(self.now.wall_ns - request.sent_ns) <= WINDOW_S * NS_PER_S

    def is_repeated(self, request: Request) -> bool:
        """The request was admitted before and may not be again."""
        once_only = isinstance(request.question, ONCE_ONLY)
        return once_only and self.is_fresh(request) and request.nonce in self.admitted

    def _past(self, request: Request) -> Past:
        match request.question:
            case Submit():
                asked = self.dispatcher.asked(request, self.now)
                return self._accepted(request.nonce) or (self._gone(asked) if asked else ())
            case Retry() | Mean():
                past = self._gone(self.dispatcher.asked(request, self.now))
                wanted = self.dispatcher.wanted_lines(request, past)
                return replace(past, lines={job: self.ledger.lives[job].argv for job in numbers_in(wanted)})
            case AddItems(submission) | AddBlob(submission):
                return self._accepted(submission) or ()
            case AskWhy(ranges):
                return self._ends([ranges[0][0]])
            case Observe(job) | Cancel(job, _):
                return self._ends([job])
            case ObserveEach(jobs) | CancelEach(jobs, _):
                return self._ends(list(jobs))
            case Report() as report:
                return self._ends([done.claim.job for done in report.ended])
            case other:
                raise AssertionError(f"asks the journal in vain: {other}")

    def _accepted(self, nonce: Nonce) -> AckSubmit | None:
        """A journal does not say what is wanted next."""
        ack = self.ledger.acks.get(nonce)
        return ack and replace(ack, wanted=NO_BLOB, offset=0)

    def _gone(self, asked: Asked) -> Bygone:
        again = tuple(self._came_of(asked.nonce)) if asked.nonce else ()
        whole = {first: what for first, what in self.ledger.submissions.items() if self._is_over(what)}
        met = [self._gone_one(what) for what in whole.values() if _is_asked(what, asked)]
        live = tuple(
            LiveEnds(first, self._kinds(first, end), self._parts(first, end), self._copies(first, end))
            for first, end in asked.live
        )
        around = tuple(map(self._gone_one, whole.values())) if asked.behind else ()
        return Bygone(
            () if again else tuple(met),
            len(met) <= asked.most,
            live,
            around,
            again=again,
            blobs=self.ledger.whole_blobs(),
        )

    def _is_over(self, what: Submission) -> bool:
        return len(self._ends([JobId(job) for job in range(what.first, what.end)])) == what.count

    def _gone_one(self, what: Submission) -> Gone:
        bad = [
            end for end in self._ends([JobId(job) for job in range(what.first, what.end)]) if not end.is_good
        ]
        retried = common(
            ((what.first, what.end),), merged(old for each in self.ledger.again.values() for old in each)
        )
        how = (
            tuple(runs(end.job for end in bad)),
            bad[0] if bad else None,
            self._kinds(what.first, what.end),
        )
        part = (what.first, what.end)
        return Gone(what, *how, retried, self._parts(*part), self._copies(*part))

    def _copies(self, first: JobId, end: JobId) -> Copies:
        return copies_of(self.ledger.again, first, end)

    def _kinds(self, first: JobId, end: JobId) -> Kinds:
        found: defaultdict[JobState, list[JobId]] = defaultdict(list)
        for each in self._ends([JobId(job) for job in range(first, end)]):
            if not each.is_good:
                failed = each.ending is Ending.FINISHED
                found[JobState.FAILED if failed else JobState(each.ending.value)].append(each.job)
        return tuple((state, tuple(runs(jobs))) for state, jobs in found.items())

    def _parts(self, first: JobId, end: JobId) -> tuple[Part, ...]:
        lives = ((JobId(job), self.ledger.lives[JobId(job)]) for job in range(first, end))
        altered = (
            (job, life.terms)
            for job, life in lives
            if life.terms != self.ledger.submissions[life.first].terms
        )
        return tuple((job, JobId(job + 1), terms) for job, terms in altered)

    def _came_of(self, nonce: Nonce) -> Iterator[tuple[Submission, Ranges]]:
        at = 0
        while ack := self.ledger.acks.get(nonce_of(nonce, at)):
            if ack.first in self.ledger.again:
                yield self.ledger.submissions[ack.first], self.ledger.again[ack.first]
            at += 1

    def _ends(self, jobs: list[JobId]) -> tuple[Ended, ...]:
        return tuple(ended for job in jobs if (ended := self.ledger.ended(job)))

    # --- time --------------------------------------------------------------------------

    def jump(self, seconds: float) -> None:
        """Time passes while the loop is busy elsewhere; one tick at the end."""
        wall_ns = self.now.wall_ns + round(seconds * NS_PER_S)
        self.now = Now(self.now.attended_s + seconds, wall_ns)
        self.tick()

    def pass_time(self, seconds: float) -> None:
        """Time passes, and the loop ticks whenever the dispatcher wants it to."""
        end_s = self.now.attended_s + seconds
        while (wanted_s := self.dispatcher.next_deadline()) < end_s:
            self.jump(max(0.0, wanted_s - self.now.attended_s))
        self.jump(end_s - self.now.attended_s)

    def tick(self) -> None:
        """Let what is due be done."""
        self._due_s = self.now.attended_s
        self.ledger.look(self.now)
        self._carry_out(self.dispatcher.tick(self.now))
        self._due_s = -math.inf
        self.desk.check_due(self.now.attended_s)
        overdue = [job for job, end_s in self._lease_ends_s.items() if end_s <= self.now.attended_s]
        assert [] == overdue, "a silent worker loses its job"
        late = [nonce for nonce, due_s in self._news_s.items() if due_s <= self.now.attended_s]
        assert [] == late, "a list that never comes whole is given up"
        # While jobs are being failed, each tick fails some, or meets some that were killed meanwhile.
        is_failing = bool(self.dispatcher._refusals._failing or self.dispatcher._changes._pending)
        assert is_failing or self.dispatcher.next_deadline() > self.now.attended_s, "the loop would spin"
        if self.asks_again:
            self._ask_again()

    def _ask_again(self) -> None:
        """Workers that were told to order nothing ask for work again, while their patience lasts."""
        for reply in self.turns[-1].replies:
            asked = self.spoken.get(reply.in_reply_to)
            if isinstance(asked, RequestForWork) and reply.answer == Orders(worker_of(asked.worker.id)):
                asked_s, before = self._sent[reply.in_reply_to]
                left_s = asked.patience_s - (self.now.attended_s - asked_s)
                if left_s > 0:
                    again = self.send(replace(asked, patience_s=left_s), before.handle.peer)
                    self._again[before.nonce] = again

    def note_followed(self, jobs: frozenset[JobId]) -> None:
        """Somebody reads on in what these write, and in nothing else."""
        self._carry_out(self.dispatcher.note_followed(jobs))

    def restart(self, downtime_s: float = 0.0, *, from_checkpoint: bool = False) -> None:
        """The server dies with all that it had parked; the next one replays the journal."""
        before, epoch = picture(self.state), self.state.epoch
        if from_checkpoint:
            self.story = self.ledger.checkpoint(state_module.RECENT_FINISHED, self.state.epoch)
        self._replay(before, from_checkpoint=from_checkpoint)
        self.now = Now(self.now.attended_s / 2, self.now.wall_ns + round(downtime_s * NS_PER_S))
        self.since_ns = self.now.wall_ns
        self.admitted.clear()
        self.silent.clear()
        self.spoke.clear()
        self.leaving.clear()
        self.known.clear()
        self.desk = Desk(self.rules)
        self.warden = Warden(self.ledger)
        self.dispatcher = self._dispatcher(self._shadow)
        self.ledger.begin_anew(self.now)
        begun = self.dispatcher.resume(self.now)
        assert [EpochBegun(Epoch(EPOCH.queue, epoch.number + 1), self.now.wall_ns)] == begun.records
        self.story += begun.records
        self._shadow = replayed(self.story)
        lease_end_s = self.now.attended_s + self.rules.lease_s
        self._lease_ends_s = dict.fromkeys(self._busy(), lease_end_s)
        self._news_s = dict.fromkeys(self.ledger.coming, self.now.attended_s + self.rules.delivery_s)
        self._check()

    def _replay(self, before: dict[str, object], *, from_checkpoint: bool) -> None:
        self._shadow = replayed(self.story)
        after = picture(self._shadow)
        if from_checkpoint:  # old nonces are looked up in the journal
            del before["recent_submissions"], after["recent_submissions"]
        assert before == after, "replaying the records gives the same state"

    def peer_gone(self, peer: int) -> None:
        """A connection closes."""
        self.dispatcher.peer_gone(peer)
        self.silent |= self.desk.forget_peer(peer, self.spoke)
        self.spoke = {name: its for name, its in self.spoke.items() if its != peer}
        self._check()

    def _busy(self) -> set[WorkerId]:
        """The workers that run something."""
        return {worker_of(self.ledger.claim(job).worker) for job in self.ledger.running}

    def count_workers(self) -> int:
        """The places that run something or were spoken of within a beat; of a worker one at least."""
        places = set(self.ledger.busy)
        for name, (report, heard_s) in self.known.items():
            is_new = heard_s >= self.now.attended_s - self.rules.heartbeat_s
            if name in self.desk.reports or (is_new and name not in self.silent):
                named = {claim.worker for claim in report.claims()} | {place for place, _ in report.wants}
                places |= named or {name}
        return len(places)

    def is_of_now(self, request: Request) -> bool:
        """It was sent since this server has started."""
        return request.sent_ns >= self.since_ns

    # --- after each turn ---------------------------------------------------------------

    def _carry_out(
        self, outcome: Outcome, request: Request | None = None, meant: Collection[JobId] = ()
    ) -> Answer | None:
        self.turns.append(
            Turn(tuple(outcome.records), tuple(outcome.replies), outcome.stop, tuple(outcome.notes))
        )
        self.ledger.now_s = self.now.attended_s
        is_heard = request is not None and _is_heard(outcome, request)
        if request and is_heard and isinstance(request.question, ImmolateWorkers):
            self.leaving |= {*self.known, *self._busy()}
            self.desk.idle.clear()
        is_latest = self._hear(request) if request and is_heard else False
        self._enter_all(outcome.records, request, meant, is_heard=is_heard, is_latest=is_latest)
        for asker, chunk in outcome.chunks:
            outcome.replies.append(asker.reply(AckOutput(chunk.offset + len(chunk.data))))
        if request and is_latest and isinstance(request.question, Report):
            name = request.question.worker.id
            self.desk.hear(
                request.question,
                self.ledger,
                is_given=self.is_of_now(request),
                is_leaving=name in self.leaving,
            )
        own = [reply for reply in outcome.replies if request and _answers(reply, request)]
        assert len(own) <= 1, "each request is answered at most once"
        for reply in outcome.replies:
            self._note(reply, request if reply in own else None)
        for reply in own:
            self._check_given(request, reply.answer, outcome.records)
        self._note_news(request, own[0].answer if own else None)
        is_old = request is not None and isinstance(request.question, Report) and not is_latest
        if request and not own and not is_old:
            self.desk.park(request, self.now.attended_s)
        self._check()
        return own[0].answer if own else None

    def _hear(self, request: Request) -> bool:
        """Whether it is a report, and nothing newer is known of its worker, which has its lease by that."""
        report = request.question
        if not isinstance(report, Report) or not self.desk.is_latest(report):
            return False
        name = report.worker.id
        self.desk.reports.pop(name, None)
        self.spoke[name] = request.handle.peer
        self.known[name] = report, self.now.attended_s
        self.silent.discard(name)
        self._lease_ends_s[name] = self.now.attended_s + self.rules.lease_s
        return True

    def _enter_all(
        self,
        records: list[Record],
        request: Request | None,
        meant: Collection[JobId],
        *,
        is_heard: bool,
        is_latest: bool,
    ) -> None:
        if request and is_heard:
            self.warden.hear(request.question, self.now.attended_s, is_latest=is_latest)
        is_judged, is_met = False, self._meet(request, meant)
        for record in records:
            if not is_judged and (isinstance(record, JobDelegated) or _is_failure(record)):
                self._judge(request, is_heard=is_heard)
                is_judged = True
            self.warden.before(record, self.now.attended_s)
            self._enter(record, request)
            is_met = is_met or self._meet(request, meant)
        assert is_met, "who came before is through with what somebody else changes in another way"
        if not is_judged:
            self._judge(request, is_heard=is_heard)

    def _meet(self, request: Request | None, meant: Collection[JobId]) -> bool:
        """A change meets its jobs as they are once all others are through with them; False: not yet."""
        if request is None or not isinstance(request.question, Change):
            return True
        what = request.question.what
        if isinstance(what, Kill):  # which waits for nobody
            return True
        if any(self.ledger.lives[job].changing not in (None, what) for job in meant):
            return False
        self.ledger.change(what, meant, self.warden.doomed)
        return True

    def _judge(self, request: Request | None, *, is_heard: bool) -> None:
        """What was said in this turn has been taken in; now jobs are given out."""
        if request is None:
            self.warden.pass_time(self.now.attended_s)
        elif isinstance(request.question, Goodbye) and is_heard:
            self.warden.left(request.question.worker.host, self.now.attended_s)
        self.warden.judge(self.now.attended_s)

    def _enter(self, record: Record, request: Request | None) -> None:
        match record:
            case JobRequeued(claim, _, counts_as, _, result):
                crashed = counts_as is CountsAs.CRASH
                self._left(claim.job, crashed=crashed)
                reported = result is not None and _tells(request, claim, result)
                assert crashed or reported or _gives_back(request, claim), "only its worker gives a job back"
            case JobFinished(ended):
                self._left(ended.job, crashed=_is_crash(ended))
                reported = _reports(request, ended, self.ledger)
                assert reported or ended.ending is not Ending.FINISHED, "only its worker finishes a job"
                assert not reported or ended.ending is not Ending.LOST, "what is reported is not lost"
                if reported:
                    self.ledger.reported.add(self.ledger.claim(ended.job))
            case RangeEnded(ranges, reason="never came whole"):
                acks = {each: self.ledger.acks[each] for each in self._news_s}
                (nonce,) = (each for each, ack in acks.items() if ack.first <= ranges[0][0] <= ack.last)
                assert self._news_s[nonce] <= self._due_s, "given up while it was waited for"
            case BlobAdded(whole_for=firsts):
                those = (self.ledger.submissions[first].nonce for first in firsts)
                self._news_s |= dict.fromkeys(those, self.now.attended_s + self.rules.delivery_s)
        self.ledger.enter(record)
        self.story.append(record)
        self._shadow.apply(record)
        if isinstance(record, JobDelegated):
            self._check_turn(record, request)

    def _lose(self, name: WorkerId) -> None:
        """Its lease has ended."""
        del self._lease_ends_s[name]
        self.desk.forget(name)
        self.spoke.pop(name, None)
        self.known.pop(name, None)
        for names in (self.leaving, self.silent):
            names.discard(name)

    def _check_turn(self, record: JobDelegated, request: Request | None) -> None:
        """Of the places that wait for a job the longest waiting one comes first."""
        news = request.question if request and isinstance(request.question, Report) else None
        if news and record.claim.worker in {done.claim.worker for done in news.ended}:
            return
        if news and self.desk.is_latest(news):
            self.desk.forget_moved(news.worker)
        wants = {place for place, count in news.wants if count} if news else set()
        its = {place for place in self.desk.idle if place.id in wants}  # which its report has opened
        others = [place for place in self.desk.idle if place in {*self.desk.open_idle(), *its}]
        # Whose lease ends in this very turn is given up before anything is given out.
        others = [
            place for place in others if self._lease_ends_s.get(self.desk.idle[place], math.inf) > self._due_s
        ]
        if not self.warden.is_calm():
            others = [each for each in others if each.host == record.worker.host]
        if others:
            assert record.worker == others[0], "the longest waiting worker comes first"
            del self.desk.idle[record.worker]

    def _left(self, job: JobId, *, crashed: bool) -> None:
        self.desk.given.pop(job, None)
        if crashed:
            name = worker_of(self.ledger.claim(job).worker)
            assert self._lease_ends_s[name] <= self._due_s, "given up while its lease ran"

    def _note(self, reply: Reply, request: Request | None) -> None:
        self.answers[reply.handle].append(reply.answer)
        report = request.question if request else None
        if request is None:
            stuck = isinstance(reply.answer, Orders) and self._is_stuck(reply.answer.worker)
            report = self.desk.settle(reply, self.ledger, self._due_s, stuck=stuck)
        elif isinstance(reply.answer, Orders) and isinstance(report, Report):
            check_orders(report, reply.answer, self.ledger)
        if isinstance(reply.answer, Orders) and isinstance(report, Report):
            self.spokesman.heard(reply.answer)
            jobs = [job.id for batch in reply.answer.run for job in batch.jobs]
            self.desk.given |= dict.fromkeys(jobs, report.serial)

    def _is_stuck(self, name: WorkerId) -> bool:
        """Something of it was killed before it had said that it has it."""
        its = [job for job in self.ledger.running if worker_of(self.ledger.claim(job).worker) == name]
        return any(self.ledger.lives[job].kill_signal for job in its)

    def _check_given(self, request: Request | None, answer: Answer, records: list[Record]) -> None:
        """What a worker is given with its own answer is lawfully so."""
        if request is None or not isinstance(request.question, Report):
            return
        report, given = request.question, [each for each in records if isinstance(each, JobDelegated)]
        wants = dict(report.wants)
        for place, count in wants.items():
            fresh = [each for each in given if each.claim.worker == place]
            done = [each.claim for each in report.ended if each.claim.worker == place]
            if len(fresh) > 1:
                assert done, "a message that says nothing new of a place brings it no more than one"
                assert len(fresh) <= count, "no more than it wants"
                left = len(self.ledger.waiting) + len(given) - len(fresh)
                assert len(fresh) <= left, "at least half is for others"
        for place in {each.claim.worker for each in report.returned} - wants.keys():
            assert place not in [each.claim.worker for each in given], "what is returned is for others"

    def _note_news(self, request: Request | None, answer: Answer | None) -> None:
        """A list that is not all here is waited for as long again, from this on."""
        if request and isinstance(answer, AckSubmit):
            items = request.question
            nonce = items.submission if isinstance(items, AddItems | AddBlob) else request.nonce
            self._news_s[nonce] = self.now.attended_s + self.rules.delivery_s
        self._news_s = {nonce: due_s for nonce, due_s in self._news_s.items() if nonce in self.ledger.coming}

    def _check(self) -> None:
        self.ledger.check(self.state)
        gates = Gates(self.state)
        gates.pass_time(Now(self.now.attended_s, self.ledger.moment_ns))
        for job in self.ledger.waiting:
            if self.state.past.get(job) and not self.ledger.lives[job].paused:
                gates.forget(job, JobId(job + 1))
        grown, built = self.dispatcher._moves.lanes, Lanes(self.state, gates, Limits(self.state))
        for job in [*self.warden.doomed, *self.ledger.in_place(Place.KILLED), *self.ledger.changing]:
            built.discard(((job, JobId(job + 1)),))
        assert in_groups(grown) == in_groups(built), "the board that grew equals the one that is built"
        self.desk.check(self.ledger, self.warden)
        assert picture(self._shadow) == picture(self.state), "replaying the records gives the same state"
        leases = self._lease_ends_s.items()
        for name in [name for name, end_s in leases if end_s <= self._due_s]:
            self._lose(name)
        assert self._busy() <= self._lease_ends_s.keys(), "who has something has a lease"
        ends_s = [
            *self._lease_ends_s.values(),
            *self._news_s.values(),
            *(owed.until_s for owed in self.desk.all()),
        ]
        slice_s = refusals.SLICE_EVERY_S if self.warden.doomed else math.inf
        ends_s += [self.now.attended_s + slice_s, self.warden.next_due_s()]
        ends_s += [self.now.attended_s for _ in self.ledger.in_place(Place.KILLED)[:1]]
        ends_s += [self.now.attended_s for _ in self.ledger.changing[:1]]
        waiting = (self.ledger.lives[job] for job in self.ledger.waiting)
        ends_s += [life.not_before_s for life in waiting if life.paused]
        assert self.dispatcher.next_deadline() <= min(ends_s, default=math.inf), (
            f"the loop would sleep too long, not to {sorted(ends_s)[:1]}: {self._lease_ends_s} {self._news_s}"
        )


def replayed(story: list[Record]) -> State:
    """The state that the records lead to."""
    state = State()
    for record in story:
        state.apply(record)
    return state


def numbers_in(ranges: Ranges) -> list[JobId]:
    """The jobs one by one."""
    return [JobId(job) for first, end in ranges for job in range(first, end)]


def _is_asked(what: Submission, asked: Asked) -> bool:
    by_number = any(what.first < end and what.end > first for first, end in asked.ranges)
    return by_number or any(fits(what, word, asked.owner) for word in asked.words)


def _is_heard(outcome: Outcome, request: Request) -> bool:
    own = [reply for reply in outcome.replies if _answers(reply, request)]
    return not any(isinstance(reply.answer, Refused) for reply in own)


def _is_crash(ended: Ended) -> bool:
    problem = ended.result.problem
    return problem == "worker lost" or problem.startswith("poisonous")


def _is_failure(record: Record) -> bool:
    return isinstance(record, RangeEnded) and record.ending is Ending.FINISHED


def _is_end(record: Record) -> TypeGuard[JobFinished]:
    return isinstance(record, JobFinished)


def jobs_in(answer: Answer | Told | None) -> tuple[Job, ...]:
    """The jobs that an answer brings."""
    if isinstance(answer, Orders):
        return tuple(job for batch in answer.run for job in batch.jobs)
    return answer.jobs if isinstance(answer, DelegateToWorker | AckFinished) else ()


def _reports(request: Request | None, ended: Ended, ledger: Ledger) -> bool:
    if request is None or not isinstance(request.question, Report) or not ended.attempt:
        return False
    claim = ledger.claim(ended.job)
    return claim.attempt == ended.attempt and claim in {each.claim for each in request.question.ended}


def _tells(request: Request | None, claim: Claim, result: Result) -> bool:
    finished = request and request.question
    if not isinstance(finished, Report):
        return False
    if not result.files:
        return Done(claim, result) in finished.ended
    return Done(claim, _without_outputs(result)) in [
        Done(each.claim, _without_outputs(each.result)) for each in finished.ended
    ]


def _without_outputs(result: Result) -> Result:
    """What is not kept elsewhere than the server, and by no name of its own."""
    return replace(result, output=b"", output_length=0, output_sha256=b"", err=None, files=())


def _gives_back(request: Request | None, claim: Claim) -> bool:
    match request and request.question:
        case Goodbye(worker):
            return worker.id == worker_of(claim.worker)
        case Report() as report:
            never_came = claim not in report.claims() and worker_of(claim.worker) == report.worker.id
            return never_came or claim in {each.claim for each in report.returned}
        case _:
            return False


def _was_done(outcome: Outcome, request: Request) -> bool:
    own = [reply.answer for reply in outcome.replies if _answers(reply, request)]
    return any(isinstance(answer, AckChange) and answer.done for answer in own)


def _answers(reply: Reply, request: Request) -> bool:
    return (reply.handle, reply.in_reply_to) == (request.handle, request.nonce)
