"""One place for one job in a worker: ask, run, stream, report, ask again.

Event driven: the worker's loop calls `turn` when something may be due and `executor_news`
when the shepherd has spoken; the answers of the server come as callbacks.
"""

import signal
import time
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import assert_never

from goq.adapters.config import Config
from goq.adapters.executor import Event, Executor, ShepherdDied, Started, Stopped
from goq.adapters.spool import Spool
from goq.core.messages import (
    AckFinished,
    AckOutput,
    Answer,
    AskAgain,
    CancelWip,
    CarryOn,
    DelegateToWorker,
    FinishedWork,
    Goodbye,
    Heartbeat,
    OutputChunk,
    Refused,
    RequestForWork,
    ShutdownWorker,
)
from goq.core.model import INLINE_OUTPUT_BYTES, Worker
from goq.roles.calls import Call, Calls
from goq.roles.work import Work

FIRST_BEAT_S = 0.05
STREAM_EVERY_S = 1.0
RESEND_S = 2.0
REFUSED_PAUSE_S = 5.0
NEVER = float("inf")


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
        spool_folder: Path,
        say: Callable[[str], None],
        *,
        forever: bool,
    ) -> None:
        self.worker = worker
        self.executor = executor
        self.phase = Phase.ASKING
        self._config = config
        self._calls = calls
        self._spool_folder = spool_folder
        self._say = say
        self._forever = forever
        self._leaving = False
        self._work: Work | None = None
        self._asking: Call | None = None
        self._retry_at = NEVER

    # --- what the loop calls -----------------------------------------------------------

    def ask_for_work(self) -> None:
        """Ask, and wait for a job."""
        self.phase = Phase.ASKING
        self._retry_at = NEVER
        patience_s = NEVER if self._forever else self._config.timeout_s
        patience_s = min(patience_s, 3600.0)
        question = RequestForWork(self.worker, patience_s)
        self._asking = self._calls.ask(question, self._on_work, resend_s=min(patience_s, 30.0) + RESEND_S)

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
            if self._work is None:
                continue
            match event:
                case Started(pid, at_ns):
                    self._work.pid, self._work.started_ns = pid, at_ns
                case Stopped():
                    self._stopped(self._work, event)
                case ShepherdDied():
                    self._stopped(
                        self._work,
                        Stopped(0, signal.SIGKILL, "its shepherd was killed", time.time_ns(), 0.0, 0),
                    )
                case _:
                    assert_never(event)

    def turn(self) -> None:
        """Do what is due."""
        now = time.monotonic()
        if now >= self._retry_at:
            self._retry_at = NEVER
            self._resume()
        work = self._work
        if work is None:
            return
        if work.beat is None and now >= work.beat_at:
            work.beat = self._calls.ask(
                Heartbeat(work.claim), self._on_beat, resend_s=2 * self._config.heartbeat_s + RESEND_S
            )
        if self.phase is Phase.RUNNING and work.chunk is None and now >= work.stream_at:
            self._stream(work)

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        work = self._work
        if work is None:
            return self._retry_at
        beat_at = work.beat_at if work.beat is None else NEVER
        stream_at = work.stream_at if work.chunk is None and self.phase is Phase.RUNNING else NEVER
        return min(self._retry_at, beat_at, stream_at)

    # --- getting a job -----------------------------------------------------------------

    def _on_work(self, answer: Answer) -> None:
        self._asking = None
        match answer:
            case DelegateToWorker():
                self._begin(answer)
            case AskAgain():
                if self._forever:
                    self.ask_for_work()
                else:
                    idle_ms = self._config.timeout_s * 1000
                    self._say(f"worker could not fetch job: no work came in {idle_ms:.0f} msec.")
                    self.phase = Phase.GONE
            case ShutdownWorker():
                self._vanish()
            case _:
                self._pause(answer)

    def _begin(self, delegation: DelegateToWorker) -> None:
        job, claim = delegation.job, delegation.claim
        now = time.monotonic()
        spool = Spool(self._spool_folder / f"{claim.job}.{claim.attempt}.out")
        self._work = Work(claim, job, spool, now + FIRST_BEAT_S, now + STREAM_EVERY_S)
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
        match answer:
            case CarryOn():
                work.beat_at = time.monotonic()
            case CancelWip(_, True):
                self._lost(work)
            case CancelWip():
                work.beat_at = time.monotonic() + self._config.heartbeat_s
                self._cancel(work)
            case _:
                work.beat_at = time.monotonic() + self._config.heartbeat_s

    def _cancel(self, work: Work) -> None:
        if self.phase is Phase.RUNNING and not work.cancelled:
            work.cancelled = True
            self._say(f"cancelling {work.name}")
            self.executor.kill(signal.SIGTERM, self._config.kill_grace_s)

    def _lost(self, work: Work) -> None:
        """The job is not ours any more: another attempt may be running."""
        self._say(f"lost the lease of {work.name}; killing it")
        work.lost = True
        work.beat_at = NEVER
        if self.phase is Phase.RUNNING:
            self.executor.kill(signal.SIGKILL, 0.0)
        else:
            self._forget(work)
            self._go_on()

    def _stream(self, work: Work) -> None:
        data = work.spool.read(work.streamed)
        if data:
            chunk = OutputChunk(work.claim, work.streamed, data)
            work.chunk = self._calls.ask(chunk, self._on_chunk, resend_s=RESEND_S)
        else:
            work.stream_at = time.monotonic() + STREAM_EVERY_S

    def _on_chunk(self, answer: Answer) -> None:
        work = self._work
        if work is None:
            return
        work.chunk = None
        match answer:
            case AckOutput(offset):
                work.streamed = min(offset, work.spool.size())
                if self.phase is Phase.DELIVERING:
                    self._deliver(work)
            case CancelWip(_, True):
                self._lost(work)
            case _:
                work.stream_at = time.monotonic() + REFUSED_PAUSE_S
                self._pause(answer)

    # --- when it has ended -------------------------------------------------------------

    def _stopped(self, work: Work, stopped: Stopped) -> None:
        if work.lost:
            self._forget(work)
            self._go_on()
        elif self._leaving and not work.cancelled:
            self._say(f"handing back {work.name}")
            self._forget(work)
            self._say_goodbye()
        else:
            work.stopped = stopped
            epitaph = work.epitaph(stopped)
            if epitaph:
                work.spool.add_line(epitaph)
            self.phase = Phase.DELIVERING
            if work.chunk is None:
                self._deliver(work)

    def _deliver(self, work: Work) -> None:
        """Send the next piece of what the server lacks: a chunk of the output, or the result."""
        if work.stopped is None:
            return
        size = work.spool.size()
        inline = not work.streamed and size <= INLINE_OUTPUT_BYTES
        if not inline and work.streamed < size:
            self._stream(work)
            return
        output = work.spool.read(0) if inline else b""
        result = work.result(work.stopped, self.worker.host, output, size)
        question = FinishedWork(work.claim, result, wants_next=not self._leaving)
        self._stop_beating(work)
        self._calls.ask(question, self._on_finished, resend_s=RESEND_S)

    def _on_finished(self, answer: Answer) -> None:
        work = self._work
        if work is None:
            return
        match answer:
            case AckOutput(offset):
                work.streamed = offset
                work.beat_at = time.monotonic()
                self._deliver(work)
            case AckFinished(accepted):
                self._done(work, accepted=accepted)
                self._go_on()
            case DelegateToWorker():
                self._done(work, accepted=True)
                self._begin(answer)
            case ShutdownWorker():
                self._done(work, accepted=True)
                self._vanish()
            case _:
                self._pause(answer)

    def _done(self, work: Work, *, accepted: bool) -> None:
        self._say(
            f"done with {work.name}"
            if accepted
            else f"the result of {work.name} came too late and is refused"
        )
        self._forget(work)

    def _stop_beating(self, work: Work) -> None:
        if work.beat is not None:
            self._calls.cancel(work.beat)
        work.beat, work.beat_at = None, NEVER

    def _forget(self, work: Work) -> None:
        self._stop_beating(work)
        if work.chunk is not None:
            self._calls.cancel(work.chunk)
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

    def _pause(self, answer: Answer) -> None:
        """The server said no, or something odd: tell why, and try again in a while."""
        reason = (
            answer.reason if isinstance(answer, Refused) else f"unexpected answer {type(answer).__name__}"
        )
        self._say(f"the server refused: {reason}; trying again in {REFUSED_PAUSE_S:.0f} s")
        self._retry_at = time.monotonic() + REFUSED_PAUSE_S

    def _resume(self) -> None:
        if self.phase is Phase.ASKING:
            self.ask_for_work()
        elif self.phase is Phase.DELIVERING and self._work is not None:
            self._deliver(self._work)
