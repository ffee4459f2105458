"""Workers and a server that talk over a network which loses, doubles and delays what they say.

The server is the loop of the other machine, with all its laws; workers are played around real
agents. Both halves are judged by what the other has seen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import inf

from epochs import FOREIGN
from ledger import Place as Whereabouts
from loop import Loop
from msgspec.structs import replace
from place import Fates, Played
from rig import submission

from goq.core.dispatch.decision import Rules as ServerRules
from goq.core.dispatch.freshness import NS_PER_S
from goq.core.messages import (
    AckGoodbye,
    Answer,
    Cancel,
    Done,
    Goodbye,
    Orders,
    OutputChunk,
    Question,
    Refused,
    Reply,
    Report,
    Request,
    Signal,
    alone,
)
from goq.core.state.records import JobRequeued, Record, ResultRefused
from goq.core.state.submissions import CountsAs
from goq.core.values.ids import NO_EPOCH, Epoch, JobId, Nonce, Now, WorkerId, worker_of
from goq.core.values.job import Claim, Worker
from goq.core.values.result import SIGKILL, Ended
from goq.core.values.terms import Terms
from goq.core.waits.allegiance import Allegiance
from goq.core.worker.agent import Agent, Phase
from goq.core.worker.conversation import Conversation
from goq.core.worker.events import Begin, GoAlong, Leave, NoTime
from goq.core.worker.health import Health
from goq.core.worker.rules import NEVER, RESEND_S, Rules
from goq.core.worker.talk import RequestForWork, Saying

SERVER_RULES = ServerRules(heartbeat_s=5, lease_s=15, observe_s=12, crash_limit=3)
SHORTEST_S = 1e-6  # below that the two clocks would never meet
WORKER_RULES = Rules(forever=True, timeout_s=1.0, heartbeat_s=5.0, kill_grace_s=2.0)


@dataclass(slots=True)
class Call:
    """A question that a site has open. `on_answer` is called once."""

    question: Question
    on_answer: Callable[[Answer], None]
    resend_s: float
    due_s: float
    nonces: list[Nonce]
    wanted: Epoch
    asked: Epoch = NO_EPOCH


def worst_answer(question: Question) -> Answer:
    """What would do the most harm, if it came from whom the question is for."""
    match question:
        case Report(worker) as report:
            lost = tuple(Signal(held.claim, SIGKILL, lost=True) for held in report.held)
            return Orders(worker.id, tuple(done.claim for done in report.ended), signals=lost, leave=True)
        case OutputChunk(claim):
            return Orders(worker_of(claim.worker), signals=(Signal(claim, SIGKILL, lost=True),))
        case _:
            return AckGoodbye()


class Site:
    """A worker process: places around one connection."""

    def __init__(self, world: "World", name: str, places: int) -> None:
        self.world = world
        self.peer = world.new_peer()
        self.is_up = True
        self.calls: dict[object, Call] = {}
        self.health = Health()
        self.allegiance = Allegiance(lambda: any(place.agent.is_bound for place in self.places))
        names = [WorkerId(f"{name}-{at}") for at in range(places)]
        self.conversation = Conversation(Worker(WorkerId(name), name, 1), names)
        self.places = [self._place(Worker(each, name, 1)) for each in names]
        self.heir_of: dict[Claim, Done] = {}
        for place in self.places:
            place.now_s = world.now_s
            place.tell(Begin())
            place.connected(is_up=True)
        self.talk()

    def _place(self, worker: Worker) -> Played:
        name = worker.id

        def send(number: int, question: Question | Saying) -> None:
            if number > 0:
                assert isinstance(question, Saying)
                self.conversation.ask(name, number, question, self.world.now_s)
            else:
                assert isinstance(question, Report | OutputChunk)
                wanted = question.claims()[0] if isinstance(question, Report) else question.claim
                self.ask(
                    (name, number), question, partial(self._brought, name, number), RESEND_S, wanted.epoch
                )

        def cancel(number: int) -> None:
            if number > 0:
                self.conversation.drop(name, number)
            else:
                del self.calls[name, number]

        agent = Agent(worker, WORKER_RULES, self.health)
        return Played(agent, self.world.fates, send, cancel, self.conversation.settled)

    def _at(self, name: WorkerId) -> Played:
        (place,) = (place for place in self.places if place.agent.worker.id == name)
        place.now_s = self.world.now_s
        return place

    def _brought(self, name: WorkerId, number: int, answer: Answer) -> None:
        self._at(name).brought(number, answer)

    def talk(self) -> None:
        """The last of a turn: places hear what they are told, and the next question is asked."""
        for place in self.places:
            if place.agent.phase is Phase.GONE:
                self.conversation.gone(place.agent.worker.id)
        self._pass_on()
        if not self.conversation.is_due(self.world.now_s):
            return
        for place in self.places:
            if place.agent.has_news:
                place.now_s = self.world.now_s
                place.tell(GoAlong())
        question, wanted = self.conversation.next_question(self.world.now_s)
        self.calls.pop("report", None)
        is_parked = isinstance(question, Report) and not question.is_news
        resend_s = 2 * WORKER_RULES.heartbeat_s + RESEND_S if is_parked else RESEND_S
        self.ask("report", question, self._on_answer, resend_s, wanted)

    def _on_answer(self, answer: Answer) -> None:
        self.conversation.answered(answer, self.world.now_s)
        self._pass_on()

    def _pass_on(self) -> None:
        while passed := self.conversation.take_passed():
            for name, number, answer in passed:
                self._at(name).answered(number, answer)

    @property
    def is_gone(self) -> bool:
        """The server knows that it has left."""
        return self.conversation.is_over

    @property
    def is_working(self) -> bool:
        """It is there to stay."""
        return not any(place.is_leaving or place.gave_up for place in self.places)

    def ask(
        self,
        key: object,
        question: Question,
        on_answer: Callable[[Answer], None],
        resend_s: float,
        wanted: Epoch = NO_EPOCH,
    ) -> None:
        """Open a question."""
        self.calls[key] = Call(question, on_answer, resend_s, NEVER, [], wanted)
        if self.is_up:
            self.send(self.calls[key])

    def send(self, call: Call) -> None:
        """Send a question, or send it again."""
        call.asked = self.allegiance.addressee(call.wanted)
        request = self.world.loop.request(call.question, self.peer, call.asked)
        call.nonces.append(request.nonce)
        call.due_s = self.world.now_s + call.resend_s
        self.world.up.append(request)

    def take(self, reply: Reply, speaker: Epoch) -> None:
        """An answer has come, maybe to a question that is open no more."""
        for key, call in self.calls.items():
            if reply.in_reply_to in call.nonces:
                if not self.allegiance.counts(call.wanted, call.asked, speaker, self.world.now_s):
                    if not call.wanted.queue and speaker.queue == self.allegiance.queue != call.asked.queue:
                        call.due_s = self.world.now_s
                    return
                if isinstance(reply.answer, Refused) and reply.in_reply_to != call.nonces[-1]:
                    return  # a newer sending is on its way
                del self.calls[key]
                call.on_answer(reply.answer)
                self.talk()
                return

    def next_deadline(self) -> float:
        """When a turn is wanted."""
        calls_s = min((call.due_s for call in self.calls.values()), default=inf) if self.is_up else inf
        return min(
            calls_s, self.conversation.next_deadline(), *(each.next_deadline() for each in self.places)
        )

    def turn(self) -> None:
        """A turn of the worker's loop: news of the shepherds, and what is due."""
        if any(place.gave_up for place in self.places):
            self.world.stop(self)
        for place in self.places:
            place.now_s = self.world.now_s
            place.hear()
            place.tick()
        self.talk()
        for call in list(self.calls.values()):
            if self.is_up and call.due_s <= self.world.now_s:
                self.send(call)

    def connect(self, *, is_up: bool) -> None:
        """The connection has come, or is gone."""
        if is_up is self.is_up:
            return
        self.is_up = is_up
        if is_up:
            self.peer = self.world.new_peer()
        for place in self.places:
            place.now_s = self.world.now_s
            place.connected(is_up=is_up)
        self.talk()
        if is_up:
            for call in list(self.calls.values()):
                self.send(call)

    def inherit(self, done: Done) -> None:
        """Deliver what a worker before this one has left on the disk."""
        self.heir_of[done.claim] = done

        def on_answer(answer: Answer) -> None:
            del self.heir_of[done.claim]
            if isinstance(answer, Refused):
                self.inherit(done)
            else:
                assert isinstance(answer, Orders)

        self.ask(("heir", done.claim), alone(done), on_answer, RESEND_S, done.claim.epoch)


class World:
    """Everybody, and the network between them."""

    def __init__(self) -> None:
        self.loop = Loop(SERVER_RULES)
        self.fates = Fates()
        self.now_s = 1000.0
        self.up: list[Request] = []  # on their way to the server
        self.down: list[Reply] = []  # and back
        self.sites: list[Site] = []
        self.left: list[Done] = []  # on the disks of workers that have died
        self.unkept: set[Claim] = set()  # ended, and not on a disk when their worker died
        self.refused: set[Claim] = set()  # their results came too late
        self._peers = 10  # those below are people
        self._names = 0
        self._turns_seen = self._story_seen = 0

    def new_peer(self) -> int:
        """A connection that was not there before."""
        self._peers += 1
        return self._peers

    # --- people ------------------------------------------------------------------------------

    def submit(self, count: int, terms: Terms) -> None:
        """`goq sub`."""
        self.loop.ask(submission(count, terms), 1)
        self._take_turns()

    def cancel(self, job: JobId, signal: int) -> None:
        """`goq kill`."""
        self.loop.ask(Cancel(job, signal), 1)
        self._take_turns()

    # --- the network ---------------------------------------------------------------------------

    def deliver(self, at: int, *, keep: bool = False) -> None:
        """A question arrives; `keep` doubles it."""
        request = self.up[at] if keep else self.up.pop(at)
        answer = self.loop.turn(request)
        self._take_turns()
        if answer is not None and not any(it.in_reply_to == request.nonce for it in self.down):
            self.down.append(Reply(request.handle, request.nonce, answer))

    def bring(self, at: int, *, keep: bool = False) -> None:
        """An answer arrives, if its connection is there still."""
        reply = self.down[at] if keep else self.down.pop(at)
        for site in self.sites:
            if site.peer == reply.handle.peer and site.is_up:
                site.take(reply, self.loop.state.epoch)

    def usurp(self, at: int) -> None:
        """A question arrives at another queue, if it names its own; the answer is at once there."""
        if self.up[at].epoch.queue:
            request = self.up.pop(at)
            for site in self.sites:
                if site.peer == request.handle.peer and site.is_up:
                    site.take(Reply(request.handle, request.nonce, worst_answer(request.question)), FOREIGN)

    def flow(self) -> None:
        """All that is on its way arrives, and so does what comes of it."""
        for _ in range(1000):
            if not self.up and not self.down:
                return
            while self.up:
                self.deliver(0)
            while self.down:
                self.bring(0)
        raise AssertionError("they would talk for ever")

    def cut(self, site: Site) -> None:
        """A connection closes, with all that was on its way over it."""
        self.up = [request for request in self.up if request.handle.peer != site.peer]
        self.loop.peer_gone(site.peer)
        site.connect(is_up=False)

    # --- workers -------------------------------------------------------------------------------

    def join(self, places: int) -> None:
        """`goq work`."""
        self._names += 1
        self.sites.append(Site(self, f"site{self._names}", places))

    def crash(self, site: Site) -> None:
        """`kill -9` of a worker: only what is on the disk outlives it."""
        self.cut(site)
        self.sites.remove(site)
        self.left += site.heir_of.values()
        for place in site.places:
            self.left += place.disk.values()
            self.unkept |= place.results.keys() - place.disk.keys()

    def stop(self, site: Site) -> None:
        """SIGTERM to a worker."""
        for place in site.places:
            place.now_s = self.now_s
            if not place.is_leaving:
                place.tell(Leave())
        site.talk()

    def close(self, site: Site) -> None:
        """The loop of a worker ends, by itself or in a hurry."""
        for place in site.places:
            place.now_s = self.now_s
            place.tell(NoTime())
            for claim, delivery in place.deliveries.items():
                if delivery.result is not None:
                    place.disk[claim] = Done(claim, delivery.result)
        self.crash(site)

    # --- time and death --------------------------------------------------------------------------

    def restart(self, downtime_s: float) -> None:
        """`kill -9` of the server, and a new one."""
        for site in list(self.sites):
            self.cut(site)
        self.now_s += downtime_s
        self.loop.restart(downtime_s)

    def pass_time(self, seconds: float, *, flowing: bool = False, frozen: Site | None = None) -> None:
        """Time passes, and everybody does what is due, but for a process that is frozen."""
        end_s = self.now_s + seconds
        awake = [site for site in self.sites if site is not frozen]
        while self.now_s < end_s:
            server_s = self.now_s + self.loop.dispatcher.next_deadline() - self.loop.now.attended_s
            sites_s = min((site.next_deadline() for site in awake), default=inf)
            self._advance(max(SHORTEST_S, min(end_s, server_s, sites_s) - self.now_s))
            for site in awake:
                site.turn()
            if flowing:
                self.flow()

    def _advance(self, seconds: float) -> None:
        self.now_s += seconds
        now = self.loop.now
        self.loop.now = Now(now.attended_s + seconds, now.wall_ns + round(seconds * NS_PER_S))
        if self.loop.dispatcher.next_deadline() <= self.loop.now.attended_s:
            self.loop.tick()
            self._take_turns()

    # --- what the server has done ------------------------------------------------------------------

    def _take_turns(self) -> None:
        for turn in self.loop.turns[self._turns_seen :]:
            self.down += [reply for reply in turn.replies if reply.handle.peer > 10]
            for record in turn.records:
                self._note(record)
        self._turns_seen = len(self.loop.turns)

    def _note(self, record: Record) -> None:
        if isinstance(record, JobRequeued) and record.counts_as is not CountsAs.CRASH:
            claim = record.claim
            assert claim not in self.on(), "what is handed back is not running"
            assert claim not in self.fates.ended, "what has ended is not handed back"
            self.fates.given_back.add(claim)
        elif isinstance(record, ResultRefused):
            self.refused.add(record.claim)

    def on(self) -> dict[Claim, Played]:
        """The attempts that run at this moment, or are with a shepherd that may start them."""
        places = [place for site in self.sites for place in site.places]
        return {run.claim: place for place in places for run in place.runs}

    # --- the end -------------------------------------------------------------------------------------

    def settle(self) -> None:
        """The network is healed, and everybody gets time: every job ends, and nothing was lost."""
        if not any(site.is_working for site in self.sites):
            self.join(1)
        for site in self.sites:
            site.connect(is_up=True)
            for place in site.places:
                place.disk_is_full = place.spool_is_broken = place.no_launches = False
            for report in self.left:
                if site is self.sites[-1]:
                    site.inherit(report)
        self.left.clear()
        self.flow()
        self._hold_leases()
        self._end_all()
        self._check_end()

    def _hold_leases(self) -> None:
        """Whoever is in touch keeps what it runs."""
        self.pass_time(60, flowing=True)  # so that all has been said that had been lost
        held = {claim: place for claim, place in self.on().items() if self.loop.ledger.holds(claim)}
        self.pass_time(2 * SERVER_RULES.lease_s, flowing=True)
        for claim, place in held.items():
            assert self.loop.ledger.holds(claim), "a worker that is there keeps its lease"
            assert claim in self.on() or place.is_leaving

    def _end_all(self) -> None:
        for _ in range(400):
            if self.loop.ledger.waiting or self.loop.ledger.running or self.on():
                if not any(site.is_working for site in self.sites):
                    self.join(1)  # the last one has given up
                for site in self.sites:
                    self._end_some(site)
                self.pass_time(0.5, flowing=True)
        self.pass_time(60, flowing=True)

    def _end_some(self, site: Site) -> None:
        for place in site.places:
            if not place.runs:
                continue
            run = place.runs[0]
            wanted = self.loop.ledger.lives[run.claim.job].kill_signal
            if not self.loop.ledger.holds(run.claim) or wanted or place.is_leaving:
                if run.signals:  # and not before: it runs until somebody kills it
                    place.end(signal=run.signals[-1])
            else:
                place.end()

    def _check_end(self) -> None:
        ledger = self.loop.ledger
        assert {} == self.on(), "nobody runs anything"
        assert [] == ledger.in_place(Whereabouts.WAITING) == ledger.in_place(Whereabouts.RUNNING), (
            "every job ends"
        )
        # Only a lease that has ended (the loop sees to that) lets an attempt be given up that ended by itself.
        for claim, result in self.fates.ended.items():
            if claim in ledger.reported:
                ended = ledger.ended(claim.job)
                assert isinstance(ended, Ended)
                assert result == replace(ended.result, output=b""), "a job ends as its attempt did"
            else:
                told = self.refused | self.fates.lost | self.unkept
                assert claim in told, "nothing that has ended is lost unsaid"
        for site in self.sites:
            # Who went over to another queue, which is there no more, leaves that one: the process waits for so long.
            strayed = site.allegiance.queue == FOREIGN.queue and not site.is_working
            owed = Goodbye if strayed else RequestForWork
            assert {} == site.heir_of
            for place in site.places:
                assert {} == place.disk, "what the server has is kept no longer"
                assert {} == place.holds or place.is_leaving
                asks = [type(question) for question in place.open.values()]
                assert place.agent.phase is Phase.GONE or asks == [owed]
            assert site.is_gone or set(site.calls) == {"report"}, "one question is open"
