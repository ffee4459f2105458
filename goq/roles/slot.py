"""One place for one job in a worker: ask, run, report, ask again.

Event driven: the worker's loop calls `turn` when something may be due and `executor_news`
when the shepherd has spoken; the answers of the server come as callbacks.
"""

import signal
import time
from collections.abc import Callable
from enum import Enum, auto
from typing import assert_never

from goq.adapters.config import Config
from goq.adapters.executor import Event, Executor, ShepherdDied, Started, Stopped
from goq.adapters.spool import SpoolFolder
from goq.core.messages import (
    AckFinished,
    Answer,
    AskAgain,
    CancelWip,
    CarryOn,
    DelegateToWorker,
    Goodbye,
    Heartbeat,
    Refused,
    RequestForWork,
    ShutdownWorker,
)
from goq.core.model import Worker
from goq.roles.calls import Call, Calls
from goq.roles.delivery import NEVER, REFUSED_PAUSE_S, RESEND_S, Delivery
from goq.roles.work import Work

FIRST_BEAT_S = 0.05
FOREVER_PATIENCE_S = 20.0


class Phase(Enum):
    """Where a slot is in its round."""

    ASKING = auto()
    RUNNING = auto()
    DELIVERING = auto()
    LEAVING = auto()
    GONE = auto()


class Slot:
    """Runs one job at a time, and keeps the server's word about it."""

    def __init__(
        self,
        worker: Worker,
        config: Config,
        calls: Calls,
        executor: Executor,
        folder: SpoolFolder,
        say: Callable[[str], None],
        *,
        forever: bool,
    ) -> None:
        self.worker = worker
        self.executor = executor
        self.phase = Phase.ASKING
        self._config = config
        self._calls = calls
        self._folder = folder
        self._say = say
        self._forever = forever
        self._leaving = False
        self._work: Work | None = None
        self._asking: Call | None = None
        self._ask_at = NEVER

    # --- what the loop calls -----------------------------------------------------------

    def ask_for_work(self) -> None:
        """Ask, and wait for a job."""
        self.phase = Phase.ASKING
        self._ask_at = NEVER
        patience_s = FOREVER_PATIENCE_S if self._forever else self._config.timeout_s
        question = RequestForWork(self.worker, patience_s)
        resend_s = min(patience_s, FOREVER_PATIENCE_S) + RESEND_S
        self._asking = self._calls.ask(question, self._on_work, resend_s=resend_s)

    def leave(self) -> None:
        """Hand back what runs, deliver what has ended, and go."""
        self._leaving = True
        if self.phase is Phase.ASKING:
            self._say_goodbye()
        elif self.phase is Phase.RUNNING:
            self.executor.kill(signal.SIGTERM, self._config.kill_grace_s)

    def executor_news(self, events: list[Event]) -> None:
        """The shepherd has spoken."""
        for event in events:
            work = self._work
            if work is None:
                continue
            match event:
                case Started(pid, at_ns):
                    work.pid, work.started_ns = pid, at_ns
                case Stopped():
                    self._stopped(work, event)
                case ShepherdDied():
                    killed = Stopped(
                        0, int(signal.SIGKILL), "its shepherd was killed", time.time_ns(), 0.0, 0
                    )
                    self._stopped(work, killed)
                case _:
                    assert_never(event)

    def turn(self) -> None:
        """Do what is due."""
        now = time.monotonic()
        work = self._work
        if work is not None:
            if work.beat is None and now >= work.beat_at and not work.delivery.is_reporting:
                resend_s = 2 * self._config.heartbeat_s + RESEND_S
                work.beat = self._calls.ask(
                    Heartbeat(work.claim, work.told), self._on_beat, resend_s=resend_s
                )
            work.delivery.turn()
        elif now >= self._ask_at:
            self.ask_for_work()

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        work = self._work
        if work is None:
            return self._ask_at
        beat_at = NEVER if work.beat or work.delivery.is_reporting else work.beat_at
        return min(beat_at, work.delivery.next_deadline())

    def keep_result(self) -> None:
        """There is no time to wait for the server: leave the result to the next worker here."""
        if self._work is not None:
            self._work.delivery.keep()

    # --- getting a job -----------------------------------------------------------------

    def _on_work(self, answer: Answer) -> None:
        self._asking = None
        match answer:
            case DelegateToWorker():
                self._begin(answer)
            case AskAgain() if self._forever:
                self.ask_for_work()
            case AskAgain():
                idle_ms = self._config.timeout_s * 1000
                self._say(f"worker could not fetch job: no work came in {idle_ms:.0f} msec.")
                self.phase = Phase.GONE
            case ShutdownWorker():
                self._vanish()
            case Refused(reason):
                self._say(f"the server refused: {reason}; trying again in {REFUSED_PAUSE_S:.0f} s")
                self._ask_at = time.monotonic() + REFUSED_PAUSE_S
            case _:
                self._ask_at = time.monotonic() + REFUSED_PAUSE_S

    def _begin(self, delegation: DelegateToWorker) -> None:
        job, claim = delegation.job, delegation.claim
        spool = self._folder.spool(claim.job, claim.attempt)
        delivery = Delivery(self._calls, claim, spool, self._on_end)
        self._work = Work(claim, job, spool, delivery, time.monotonic() + FIRST_BEAT_S)
        self.phase = Phase.RUNNING
        extra = {b"GOQ_JOB_ID": b"%d" % job.id, b"GOQ_ATTEMPT": b"%d" % claim.attempt}
        self.executor.start(job.argv, job.origin.folder, job.origin.environment, extra, spool.path)
        self._say(f"starting {self._work.name}")

    # --- while it runs -----------------------------------------------------------------

    def _on_beat(self, answer: Answer) -> None:
        work = self._work
        if work is None:
            return
        work.beat = None
        if work.delivery.is_reporting:
            return  # the server has answered the heartbeat because the result is there
        work.beat_at = time.monotonic() + self._config.heartbeat_s
        match answer:
            case CarryOn():
                work.beat_at = time.monotonic()
            case CancelWip(_, True):
                self._lost(work)
            case CancelWip(_, _, number):
                work.beat_at = time.monotonic()
                self._cancel(work, number)

    def _cancel(self, work: Work, number: int) -> None:
        work.told = number
        if self.phase is Phase.RUNNING:
            self._say(f"cancelling {work.name}")
            self.executor.kill(number, self._config.kill_grace_s)

    def _lost(self, work: Work) -> None:
        """The job is not ours any more: another attempt may be running."""
        self._say(f"lost the lease of {work.name}; killing it")
        work.lost = True
        work.beat_at = NEVER
        work.delivery.stop()
        if self.phase is Phase.RUNNING:
            self.executor.kill(signal.SIGKILL, 0.0)
        else:
            self._forget(work)
            self._go_on()

    # --- when it has ended -------------------------------------------------------------

    def _stopped(self, work: Work, stopped: Stopped) -> None:
        if work.lost:
            self._forget(work)
            self._go_on()
        elif self._leaving and not work.told:
            self._say(f"handing back {work.name}")
            self._forget(work)
            self._say_goodbye()
        else:
            epitaph = work.epitaph(stopped)
            if epitaph:
                work.spool.add_line(epitaph)
            self.phase = Phase.DELIVERING
            result = work.result(stopped, self.worker.host)
            work.delivery.finish(result, wants_next=not self._leaving)
            if work.delivery.is_reporting:
                self._stop_beating(work)

    def _on_end(self, answer: Answer) -> None:
        work = self._work
        if work is None:
            return
        match answer:
            case AckFinished(accepted):
                self._done(work, accepted=accepted)
                self._go_on()
            case DelegateToWorker():
                self._done(work, accepted=True)
                self._begin(answer)
            case ShutdownWorker():
                self._done(work, accepted=True)
                self._vanish()
            case _:  # a chunk of a job that is not ours any more
                self._lost(work)

    def _done(self, work: Work, *, accepted: bool) -> None:
        self._say(
            f"done with {work.name}" if accepted else f"too late, and refused: the result of {work.name}"
        )
        self._forget(work)

    def _stop_beating(self, work: Work) -> None:
        if work.beat is not None:
            self._calls.cancel(work.beat)
            work.beat = None

    def _forget(self, work: Work) -> None:
        self._stop_beating(work)
        work.delivery.stop()
        work.spool.remove()
        self._work = None

    # --- what comes next ---------------------------------------------------------------

    def _go_on(self) -> None:
        if self._leaving:
            self._say_goodbye()
        else:
            self.ask_for_work()

    def _say_goodbye(self) -> None:
        self.phase = Phase.LEAVING
        if self._asking is not None:
            self._calls.cancel(self._asking)
            self._asking = None
        self._calls.ask(Goodbye(self.worker), lambda _: self._gone(), resend_s=RESEND_S)

    def _gone(self) -> None:
        self.phase = Phase.GONE

    def _vanish(self) -> None:
        self._say("vanishing in a puff of smoke, as the server asks.")
        self.phase = Phase.GONE
