"""One place of a worker, for one job at a time: ask, run, report, go on with the next.

Pure: hears an event, with the time, and says what is to be done. Whoever carries that out tells
what came of it as further events. No clock, sockets, processes or files.
"""

from enum import Enum, auto
from typing import assert_never

from goq.core.messages import AskAgain, Goodbye, Refused
from goq.core.values.job import Worker
from goq.core.values.room import ANYTHING, Offer
from goq.core.worker.attempts import Attempts
from goq.core.worker.desk import Desk
from goq.core.worker.events import (
    Answered,
    Begin,
    Collected,
    Connection,
    Delivered,
    Delivering,
    Event,
    GoAlong,
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
from goq.core.worker.health import Health
from goq.core.worker.instructions import Instruction, Keep, Unkeep
from goq.core.worker.reports import Reports
from goq.core.worker.rules import LONGEST_PATIENCE_S, NEVER, REFUSED_PAUSE_S, Rules
from goq.core.worker.talk import (
    AckFinished,
    DelegateToWorker,
    FinishedWork,
    Heartbeat,
    RequestForWork,
    ShutdownWorker,
    Told,
)


class Phase(Enum):
    """Where an agent is in its round."""

    ASKING = auto()
    BUSY = auto()  # something runs, or has ended and is not confirmed
    LEAVING = auto()
    GONE = auto()


class Agent:
    """Decides for one place, and keeps the server's word about its jobs."""

    def __init__(self, worker: Worker, rules: Rules, health: Health, offer: Offer = ANYTHING) -> None:
        self.worker = worker
        self.offer = offer
        self.phase = Phase.ASKING
        self._rules = rules
        self._connected = self._has_no_time = False
        self._desk = Desk()
        self._reports = Reports(worker.id)
        self._attempts = Attempts(worker.id, rules, self._desk, self._reports, health)
        self._ask_at = NEVER
        self._outlived = False

    def handle(self, event: Event, now_s: float) -> list[Instruction]:
        """What is to be done now that this has happened."""
        self._hear(event, now_s)
        if self.phase is Phase.BUSY:  # who asks twice at once is given one job twice
            self._go_on(now_s)
        return self._desk.take_all()

    def _hear(self, event: Event, now_s: float) -> None:
        match event:
            case Stopped():
                self._attempts.stopped(event, now_s)
            case Collected():
                self._attempts.collected(event, now_s, connected=self._connected)
                if self._has_no_time:
                    self._keep(until_s=NEVER)
            case Answered(number, answer):
                self._answered(number, answer, now_s)
            case Tick():
                self._do_what_is_due(now_s)
            case GoAlong():
                if self.has_news:
                    self._report(now_s)
            case Unstarted(claims):
                self._attempts.unstarted(claims, now_s)
            case NotStarted(claim, problem):
                self._attempts.not_started(claim, problem, now_s)
            case ShepherdDied(job, problem):
                self._attempts.shepherd_died(job, problem, now_s)
            case Measured(claim, size):
                self._attempts.measured(claim, size)
            case Delivering(claim, is_result):
                self._attempts.delivering(claim, is_result=is_result)
            case Delivered(claim, answer):
                self._attempts.delivered(claim, answer)
            case Kept(claim, is_on_disk):
                self._reports.kept(claim, now_s, is_on_disk=is_on_disk)
            case Connection(is_up):
                self._connected = is_up
            case Begin():
                self._ask_for_work(now_s)
            case Leave(outlived):
                self._outlived = outlived
                self._leave()
            case NoTime():
                self._has_no_time = True
                self._attempts.decide()
                self._keep(until_s=NEVER)
            case _:
                assert_never(event)

    def next_deadline(self) -> float:
        """The second by which a tick is wanted."""
        reports_s = min(self._report_s, self._reports.next_keep_s)
        return min(self._ask_at, reports_s, self._attempts.next_deadline())

    @property
    def is_bound(self) -> bool:
        """Something of a queue is here, or owed to it: a job, a result, a goodbye."""
        return self.phase in (Phase.BUSY, Phase.LEAVING)

    @property
    def has_news(self) -> bool:
        """Something has ended, and waits for company."""
        return self.phase is Phase.BUSY and self._reports.waits_for_company

    @property
    def is_supplied(self) -> bool:
        """What the shepherd says can wait a little: it has jobs to go on with."""
        return self._attempts.is_supplied

    def _do_what_is_due(self, now_s: float) -> None:
        self._attempts.do_what_is_due(now_s)
        if now_s >= self._ask_at:
            self._ask_for_work(now_s)
        if now_s >= self._report_s:
            self._report(now_s)
        self._keep(now_s)

    def _keep(self, until_s: float) -> None:
        for done in self._reports.to_keep(until_s):
            self._desk.do(Keep(done))

    # --- what it asks, and the answers -----------------------------------------------------

    def _answered(self, number: int, answer: Told, now_s: float) -> None:
        match self._desk.answered(number):
            case RequestForWork():
                self._on_work(answer, now_s)
            case FinishedWork():
                self._on_reported(answer, now_s)
            case Heartbeat():
                self._attempts.on_beat(number, answer, now_s)
            case Goodbye():
                self.phase = Phase.GONE

    def _ask_for_work(self, now_s: float) -> None:
        self.phase = Phase.ASKING
        self._ask_at = NEVER
        if now_s < self._attempts.asks_from_s:
            self._ask_at = self._attempts.asks_from_s
            return
        patience_s = LONGEST_PATIENCE_S if self._rules.forever else self._rules.timeout_s
        self._desk.ask(RequestForWork(self.worker, patience_s, self.offer))

    def _on_work(self, answer: Told, now_s: float) -> None:
        match answer:
            case DelegateToWorker(jobs):
                self.phase = Phase.BUSY
                self._attempts.take(jobs, now_s)
            case AskAgain() if self._rules.forever:
                self._ask_for_work(now_s)
            case AskAgain():
                idle_ms = self._rules.timeout_s * 1000
                text = f"worker could not fetch job: no work came in {idle_ms:.0f} msec."
                self._desk.say(text, "no work came", {})
                self.phase = Phase.GONE
            case ShutdownWorker():
                self._vanish()
            case _:
                if isinstance(answer, Refused):
                    text = f"the server refused: {answer.reason}; trying again in {REFUSED_PAUSE_S:.0f} s"
                    self._desk.say(text, "refused", {"reason": answer.reason})
                self._ask_at = now_s + REFUSED_PAUSE_S

    @property
    def _report_s(self) -> float:
        return self._reports.due_s(idle=self._attempts.is_idle)

    def _report(self, now_s: float) -> None:
        self._desk.ask(self._reports.send(self._attempts.held(), self._attempts.wants(now_s)))

    def _on_reported(self, answer: Told, now_s: float) -> None:
        confirmed = self._reports.answered(answer, now_s)
        refused = answer.refused if isinstance(answer, AckFinished) else ()
        for ended in confirmed:
            if ended.is_kept:
                self._desk.do(Unkeep(ended.done.claim))
            self._desk.tell_end(ended.label, accepted=ended.done.claim.job not in refused)
        if isinstance(answer, AckFinished) and not self._attempts.is_leaving:
            self._attempts.take(answer.jobs, now_s)

    # --- what comes next -------------------------------------------------------------------

    def _go_on(self, now_s: float) -> None:
        """Start what can be started; ask for more when nothing is left here."""
        if self._attempts.go_on(now_s) or not self._reports.is_empty:
            return
        if self._attempts.is_leaving:
            self._say_goodbye()
        else:
            self._ask_for_work(now_s)

    def _leave(self) -> None:
        self._attempts.leave()
        if self.phase is Phase.ASKING:
            self._say_goodbye()

    def _say_goodbye(self) -> None:
        self.phase = Phase.LEAVING
        self._ask_at = NEVER
        self._desk.drop_all()
        self._desk.ask(Goodbye(self.worker, self._outlived))

    def _vanish(self) -> None:
        self._desk.say("vanishing in a puff of smoke, as the server asks.", "stopping", {})
        self.phase = Phase.GONE
