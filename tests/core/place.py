"""A place of a worker as it is played: a shepherd, spools and a disk in memory, around a real agent.

It carries out what the agent says, and holds every instruction against its own account of what
the place was given and what came of it. An unlawful instruction raises AssertionError.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import assert_never

from goq.core.messages import (
    AckOutput,
    Answer,
    Done,
    Goodbye,
    Orders,
    OutputChunk,
    Question,
    Refused,
    alone,
)
from goq.core.values.job import Claim, Course, Job
from goq.core.values.result import BEGUN, SIGKILL, SIGTERM, Result
from goq.core.worker import attempts
from goq.core.worker.agent import Agent, Phase
from goq.core.worker.events import (
    Answered,
    Collected,
    Connection,
    Delivered,
    Delivering,
    Event,
    Kept,
    Leave,
    Measured,
    NoTime,
    NotStarted,
    ShepherdDied,
    Stopped,
    Tick,
    Unstarted,
)
from goq.core.worker.instructions import (
    Ask,
    Collect,
    Deliver,
    Direct,
    Drop,
    Finish,
    Forget,
    GiveUp,
    Halt,
    Instruction,
    Keep,
    Kill,
    Measure,
    Relaunch,
    Say,
    Start,
    Unkeep,
    Withdraw,
)
from goq.core.worker.rules import (
    KEEP_AFTER_S,
    REFUSED_PAUSE_S,
    REPORT_S,
    RETURN_S,
    STALE_S,
    STREAM_EVERY_S,
)
from goq.core.worker.talk import (
    AckFinished,
    CancelWip,
    DelegateToWorker,
    FinishedWork,
    Heartbeat,
    RequestForWork,
    Saying,
    Steer,
    Told,
)

KILLED = Stopped(0, 0, 0, SIGKILL, "its shepherd was killed", 0, 0.0, 0)


@dataclass(slots=True)
class Run:
    """A job with the shepherd."""

    claim: Claim
    since_s: float
    begun_s: float | None = None
    signals: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Delivery:
    """A long output on its way: one piece of it and, after the end, the result."""

    claim: Claim
    call: int = 0  # the number of the question that is open, 0 if none is
    result: Result | None = None
    is_reporting: bool = False
    heard_reporting: bool = False  # as the agent has it
    retry_s: float = inf


@dataclass(slots=True)
class Fates:
    """What became of attempts, at all places of all workers together."""

    started: set[Claim] = field(default_factory=set)  # given to a shepherd
    begun: set[Claim] = field(default_factory=set)  # by it
    ended: dict[Claim, Result] = field(default_factory=dict)  # in a way that the server is to hear of
    given_back: set[Claim] = field(default_factory=set)  # as the server has it
    lost: set[Claim] = field(default_factory=set)  # as the server has told their workers


class Played:
    """One place. `send` and `cancel` are its way to the server; questions of deliveries have numbers below 0."""

    def __init__(
        self,
        agent: Agent,
        fates: Fates,
        send: Callable[[int, Question | Saying], None],
        cancel: Callable[[int], None],
        settled: Callable[[Claim], None] = lambda _: None,
    ) -> None:
        self.agent = agent
        self.fates = fates
        self.now_s = 0.0
        self.done: list[Instruction] = []
        self.said: list[str] = []
        self.runs: deque[Run] = deque()  # with the shepherd, the first is on
        self.unheard: deque[Event] = deque()  # what the shepherd has said
        self.known: deque[Claim] = deque()  # with the shepherd, as far as the agent has heard,
        self.known_begun_s = 0.0  # the first of them since then
        self.open: dict[int, Saying] = {}
        self.holds: dict[Claim, Job] = {}  # what the server gave, until it knows what came of it
        self.ends: dict[Claim, Stopped] = {}  # until they are forgotten
        self.results: dict[Claim, Result] = {}  # until the server has them
        self.told_s: dict[Claim, float] = {}  # when the agent got those
        self.deliveries: dict[Claim, Delivery] = {}
        self.spools: set[Claim] = set()
        self.disk: dict[Claim, Done] = {}
        self.backs: set[Claim] = set()  # that are to be handed back
        self.directed: list[tuple[Claim, bool, float]] = []
        self.told: dict[Claim, int] = {}  # signals that the server wanted them killed with
        self.lost = fates.lost
        self.is_dead = self.is_withdrawing = self.is_leaving = self.is_over = False
        self.is_buried = self.no_launches = self.spool_is_broken = False
        self.disk_is_full = self.disk_was_full = False
        self.gave_up = ""
        self._dies_with: Claim | None = None
        self.has_output = self.is_long = False  # whoever looks now finds that
        self._paused_s = 0.0
        self._calls = 0
        self._send = send
        self._cancel = cancel
        self._settled = settled

    # --- what happens ----------------------------------------------------------------------

    def tell(self, event: Event) -> None:
        """The agent hears of something, and gets its way."""
        self.is_leaving |= isinstance(event, Leave)
        self.is_over |= isinstance(event, NoTime)
        for each in (*self._news(), event):
            todo = deque(self.agent.handle(each, self.now_s))
            while todo:
                self.done.append(todo[0])
                answer = self._do(todo.popleft())
                if answer is not None:
                    todo += self.agent.handle(answer, self.now_s)
        self._check()

    def tick(self) -> None:
        """A turn of the loop, in which nothing has come."""
        self.tell(Tick())
        for delivery in self.deliveries.values():
            if self.now_s >= delivery.retry_s:
                self._bring(delivery)

        if self.next_deadline() <= self.now_s:  # what came of that may have made something due
            self.tell(Tick())
        assert self.next_deadline() > self.now_s, "the loop would spin"
        if self.known and self.now_s >= self.known_begun_s + RETURN_S:
            self._check_returned()

    def next_deadline(self) -> float:
        """When a tick is wanted."""
        return min(self.agent.next_deadline(), *(each.retry_s for each in self.deliveries.values()), inf)

    def connected(self, *, is_up: bool) -> None:
        """The connection has come, or is gone."""
        self.tell(Connection(is_up))

    def answered(self, number: int, answer: Told) -> None:
        """The answer to an open question has come."""
        match self.open.pop(number), answer:
            case FinishedWork(), Refused():
                self._paused_s = self.now_s + REFUSED_PAUSE_S
            case FinishedWork() as message, _:
                for claim in (
                    *(report.claim for report in message.reports),
                    *(each.claim for each in message.returned),
                ):
                    del self.holds[claim]
                    self.results.pop(claim, None)
            case Heartbeat(claim), CancelWip(_, True):
                if not (claim in self.deliveries and self.deliveries[claim].is_reporting):
                    self.lost.add(claim)  # else the result, which is there, has ended it
            case Heartbeat(claim), CancelWip(_, _, signal):
                self.told[claim] = signal
            case Heartbeat(claim), Steer(_, Course(back=True)):
                self.backs.add(claim)
        if isinstance(answer, AckFinished | DelegateToWorker) and not self.is_leaving:
            here = {claim.job for claim in self.holds}
            for job in answer.jobs:
                if job.id not in here:
                    self.holds[Claim(job.epoch, job.id, job.attempts, self.agent.worker.id)] = job
        self.tell(Answered(number, answer))

    # --- the shepherd ----------------------------------------------------------------------

    def end(self, exit_code: int = 0, signal: int = 0) -> None:
        """The job that is on ends; the shepherd goes on with the next, or has kept it for too long."""
        run = self.runs.popleft()
        assert run.begun_s is not None
        elapsed_ns = round((self.now_s - run.begun_s) * 1e9)
        self._say_end(run.claim, Stopped(7, 0, exit_code, signal, "", elapsed_ns, 0.0, 0))
        if self.runs and self.now_s - self.runs[0].since_s > STALE_S:
            self._withdraw(keep=0)
        self._begin()

    def die(self, *, unread: bool = False) -> None:
        """The shepherd is killed, with the job that is on; what waited in it, or is sent to it now, never begins.

        `unread`: it had not even come to the first.
        """
        if self.is_dead:
            return
        self.is_dead = True
        self._dies_with = None
        if self.runs and unread and not self.runs[0].signals and self.runs[0].begun_s == self.now_s:
            self.fates.begun.remove(self.runs[0].claim)
        elif self.runs:
            self._dies_with = self.runs[0].claim
        self.runs.clear()
        self.unheard.append(ShepherdDied(KILLED if self._dies_with else None))

    def hear(self) -> None:
        """The agent hears what the shepherd has said so far."""
        while self.unheard:
            event = self.unheard[0]
            gone: tuple[Claim, ...] = ()
            match event:
                case Stopped():
                    gone = (self.known[0],)
                case Unstarted(claims):
                    self.is_withdrawing = False
                    gone = claims
                case ShepherdDied():
                    self.is_withdrawing, self.is_buried = False, True
                    gone = tuple(self.known)
                    if self._dies_with:
                        self.ends[self._dies_with] = KILLED
                        self.tell(Unstarted(gone[1:]))
                    else:
                        self.tell(Unstarted(gone))
            if self.known and self.known[0] in gone:
                self.known_begun_s = self.now_s
            self.known = deque(claim for claim in self.known if claim not in gone)
            self.unheard.popleft()
            self.tell(event)

    def fail(self, trouble: str, problem: str) -> None:
        """The job that is on cannot be started on this host."""
        run = self.runs.popleft()
        self.fates.begun.remove(run.claim)
        self._say_end(run.claim, Stopped(0, 0, 125, 0, problem, 0, 0.0, 0, trouble))
        self._begin()

    def _say_end(self, claim: Claim, how: Stopped) -> None:
        self.ends[claim] = how
        self.unheard.append(how)

    def _begin(self) -> None:
        if self.runs and self.runs[0].begun_s is None:
            self.runs[0].begun_s = self.now_s
            self.fates.begun.add(self.runs[0].claim)

    def _withdraw(self, keep: int) -> None:
        if self.is_dead:
            return
        runs = list(self.runs)
        self.runs = deque(runs[:keep])
        self.unheard.append(Unstarted(tuple(run.claim for run in runs[keep:])))

    # --- the agent's will ------------------------------------------------------------------

    def _do(self, instruction: Instruction) -> Event | None:
        match instruction:
            case Ask(number, question):
                self._check_question(question)
                self.open[number] = question
                self._send(number, question)
            case Drop(number):
                del self.open[number]
                self._cancel(number)
            case Start(claim, job):
                return self._start(claim, job)
            case Kill(claim, signal, grace_s):
                self._kill(claim, signal, grace_s)
            case Direct(claim, paused, limit_s):
                assert claim in self.known, "only what is on is directed"
                self.directed.append((claim, paused, limit_s))
            case Relaunch():
                assert self.is_buried, "a shepherd that lives is not replaced"
                assert not self.is_leaving, "who leaves needs no new shepherd"
                if self.no_launches:
                    return ShepherdDied(None)
                self.is_dead = self.is_buried = False
            case GiveUp(why):
                self.gave_up = why
            case Withdraw():
                assert not self.is_buried, "nobody is there to withdraw anything"
                assert not self.is_withdrawing, "one withdrawal at a time"
                self.is_withdrawing = True
                self._withdraw(keep=1)
            case Collect(claim, how, _, told):
                return self._collect(claim, how, told)
            case Measure(claim):
                return Measured(claim, int(self.has_output))
            case Deliver(claim) if claim in self.deliveries:
                pass  # from now on it goes at another pace
            case Deliver(claim):
                self._bring(self._deliver(claim))
            case Finish(claim, result):
                delivery = self.deliveries.get(claim) or self._deliver(claim)
                delivery.result = result
                self._bring(delivery)
            case Halt(claim):
                self._halt(self.deliveries[claim])
            case Forget(claim):
                self._forget(claim)
            case Keep(done):
                return self._keep(done)
            case Unkeep(claim):
                del self.disk[claim]
            case Say(text):
                self.said.append(text)
            case _:
                assert_never(instruction)
        return None

    def _start(self, claim: Claim, job: Job) -> NotStarted | None:
        assert not self.is_buried, "nobody is there to start anything"
        assert claim not in self.fates.started, "an attempt is never started twice"
        assert claim not in self.fates.given_back, "what was handed back is never started"
        assert self.holds.get(claim) == job, "only what the server gave is started"
        assert len(self.known) < attempts.SHEPHERD_JOBS
        assert not self.is_withdrawing, "what is started behind a long job would have to be withdrawn"
        if self.spool_is_broken:
            return NotStarted(claim, "no room")
        self.fates.started.add(claim)
        self.spools.add(claim)
        if not self.known:
            self.known_begun_s = self.now_s
        self.known.append(claim)
        if not self.is_dead:
            self.runs.append(Run(claim, self.now_s))
            self._begin()
        return None

    def _kill(self, claim: Claim, signal: int, grace_s: float) -> None:
        if claim in self.lost:
            assert (SIGKILL, 0.0) == (signal, grace_s), "what is lost is killed at once"
        else:
            wanted = [self.told.get(claim), SIGTERM if self.is_leaving or claim in self.backs else None]
            assert signal in wanted, "a job is killed as somebody wants it, and no other"
            assert grace_s > 0
        if self.runs and self.runs[0].claim == claim:
            self.runs[0].signals.append(signal)

    def _collect(self, claim: Claim, how: Stopped, told: int) -> Collected:
        if claim in self.ends:
            assert self.ends[claim] == how, "each end is that of its own attempt"
        else:
            assert claim in self.fates.started, "only what was here is told without an end"
        assert claim not in self.results, "each result is looked at once"
        assert self.told.get(claim, 0) == told
        result = Result(exit_code=how.exit_code, signal=how.signal, problem=how.problem, pid=how.pid)
        self.results[claim] = result
        self.fates.ended.setdefault(claim, result)
        self.told_s[claim] = self.now_s
        return Collected(claim, result, is_long=self.is_long or claim in self.deliveries)

    def _forget(self, claim: Claim) -> None:
        assert claim not in [run.claim for run in self.runs], "what runs is not forgotten"
        self.spools.discard(claim)
        delivery = self.deliveries.pop(claim, None)
        if delivery is not None:
            self._halt(delivery)
            self.results.pop(claim, None)  # none of a job that was lost while it ran
        if self.ends.pop(claim, None) and claim not in self.results:
            handed_back = self.is_leaving and claim not in self.told
            is_back = claim in self.backs and not self.is_leaving
            if (claim not in self.fates.begun or is_back) and claim not in self.told:
                return  # and is returned
            assert delivery or claim in self.lost or handed_back, "no result is thrown away"
            del self.holds[claim]

    def _keep(self, report: Done) -> Kept:
        assert report.claim not in self.disk, "kept once"
        assert self.results[report.claim] == report.result
        self.disk_was_full |= self.disk_is_full
        if not self.disk_is_full:
            self.disk[report.claim] = report
        return Kept(report.claim, is_on_disk=not self.disk_is_full)

    # --- long outputs ----------------------------------------------------------------------

    def _news(self) -> Iterator[Event]:
        for delivery in self.deliveries.values():
            if delivery.heard_reporting is not delivery.is_reporting:
                delivery.heard_reporting = delivery.is_reporting
                yield Delivering(delivery.claim, delivery.is_reporting)

    def _deliver(self, claim: Claim) -> Delivery:
        assert claim not in self.deliveries, "an output has one way"
        self.deliveries[claim] = Delivery(claim)
        return self.deliveries[claim]

    def _bring(self, delivery: Delivery) -> None:
        if delivery.call:
            return
        self._calls -= 1
        delivery.call, delivery.retry_s = self._calls, inf
        question: Question = OutputChunk(delivery.claim, 0, b"output", bytes(32), bytes(32))
        if delivery.result is not None:
            delivery.is_reporting = True
            question = alone(Done(delivery.claim, delivery.result))
        self._send(delivery.call, question)

    def brought(self, number: int, answer: Answer) -> None:
        """The answer to what was brought of a long output."""
        (delivery,) = (each for each in self.deliveries.values() if each.call == number)
        delivery.call, delivery.is_reporting = 0, False
        match answer:
            case AckOutput():
                if delivery.result is not None:
                    self._bring(delivery)
            case Refused():
                delivery.retry_s = self.now_s + REFUSED_PAUSE_S
            case _:
                if isinstance(answer, Orders) and answer.signals:
                    self.lost.add(delivery.claim)
                self._settled(delivery.claim)
                self.tell(Delivered(delivery.claim, answer))

    def _halt(self, delivery: Delivery) -> None:
        if delivery.call:
            self._cancel(delivery.call)
        delivery.call, delivery.retry_s = 0, inf

    # --- laws ------------------------------------------------------------------------------

    def _check_question(self, question: Saying) -> None:
        talking = [each for each in self.open.values() if not isinstance(each, Heartbeat)]
        match question:
            case RequestForWork():
                assert [] == talking, "one conversation at a time"
                assert {} == self.holds, "who asks for work has nothing, and has told of all"
                assert set() == self.spools, "every spool is free for other outputs"
            case FinishedWork():
                assert [] == talking, "one conversation at a time"
                self._check_message(question)
            case Heartbeat(claim):
                assert claim in self.holds.keys() - self.lost
                assert claim not in self._beating(), "one heartbeat of an attempt at a time"
            case Goodbye():
                assert [] == talking, "one conversation at a time"
                assert not self.runs, "who says goodbye runs nothing"
                assert {} == self.results, "who says goodbye has told of all that has ended"
            case _:
                raise AssertionError(f"no question of an agent: {question}")

    def _beating(self) -> list[Claim]:
        return [question.claim for question in self.open.values() if isinstance(question, Heartbeat)]

    def _check_message(self, message: FinishedWork) -> None:
        for report in message.reports:
            assert self.results[report.claim] == report.result, "what is reported has ended so"
        assert not self.fates.begun & {each.claim for each in message.returned if each.trouble != BEGUN}, (
            "what is returned has not begun"
        )
        told = [
            *(report.claim.job for report in message.reports),
            *(each.claim.job for each in message.returned),
        ]
        told += message.kept
        assert sorted(claim.job for claim in self.holds) == sorted(told), "all that is here is told of, once"
        assert {run.claim.job for run in self.runs} <= {*message.kept}, "what is with the shepherd is kept"
        assert not self.is_leaving or message.wants == 0, "who leaves wants nothing more"

    def _check_returned(self) -> None:
        assert len(self.runs) <= 1, "what waits with the shepherd behind a long job is withdrawn"
        if self._paused_s <= self.now_s and not self._is_telling():
            waiting = self.holds.keys() - self.fates.started
            assert set() == waiting, "what waits in the hand behind a long job is returned"

    def _check(self) -> None:
        if self.agent.phase is Phase.GONE or self.is_over:
            return
        awaits = self.open or self.unheard or self.runs or self.deliveries or self.gave_up
        due_s = self.agent.next_deadline()
        assert awaits or due_s < inf, f"nothing would ever wake the agent after {self.done[-3:]}"
        if len(self.known) > 1 and not self.is_withdrawing:
            by_s = self.known_begun_s + RETURN_S
            assert due_s <= max(self.now_s, by_s), "the loop would sleep over what waits behind a long job"
        brought = [each.claim for each in self.deliveries.values() if each.call]
        assert not self.lost.intersection(brought), "what is lost is brought no further"
        if self.known and self.known[0] not in self.deliveries.keys() | self.lost:
            assert due_s <= self.now_s + STREAM_EVERY_S, "the loop would sleep over growing output"
        told_s = {claim: self.told_s[claim] for claim in self.results if claim not in self.deliveries}
        if told_s and self._paused_s <= self.now_s and not self._is_telling():
            by_s = min(told_s.values()) + REPORT_S
            assert due_s <= max(self.now_s, by_s), "the loop would sleep over a report"
        unkept_s = [at_s for claim, at_s in told_s.items() if claim not in self.disk]
        if unkept_s and not self.disk_was_full:
            by_s = min(unkept_s) + KEEP_AFTER_S
            assert due_s <= max(self.now_s, by_s), "the loop would sleep over what is to be kept"

    def _is_telling(self) -> bool:
        return any(isinstance(question, FinishedWork) for question in self.open.values())
