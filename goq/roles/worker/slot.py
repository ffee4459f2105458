"""One place for one job at a time in a worker: ask, run, report, go on with the next.

Event driven: the worker's loop calls `turn` when something may be due and `executor_news`
when the shepherd has spoken; the answers of the server come as callbacks.
"""

import signal
import time
from collections import deque
from typing import assert_never

from goq.adapters.config import Config
from goq.adapters.files.spool import Spool, SpoolFolder
from goq.adapters.jobs.executor import Event, Executor, ShepherdDied, Stopped, Withdrawn
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
    Report,
    RequestForWork,
    ShutdownWorker,
)
from goq.core.values.job import Claim, Job, Worker
from goq.core.values.result import INLINE_OUTPUT_BYTES
from goq.roles.client.calls import Call, Calls
from goq.roles.said.saying import Say
from goq.roles.worker.delivery import NEVER, REFUSED_PAUSE_S, RESEND_S, STREAM_EVERY_S, Delivery
from goq.roles.worker.hand import RETURN_S, Hand
from goq.roles.worker.reports import Ended, Reports
from goq.roles.worker.work import Label, Phase, Work, label

FOREVER_PATIENCE_S = 20.0
SHEPHERD_JOBS = 10  # so many at once are with the shepherd, the one that is on among them


class Slot:
    """Runs one job at a time, and keeps the server's word about it.

    Jobs pass from the hand to the shepherd, where the first of `_works` is on. One that has
    ended leaves a report, or, when its output is long, is delivered on its own.
    """

    def __init__(
        self,
        worker: Worker,
        config: Config,
        calls: Calls,
        executor: Executor,
        folder: SpoolFolder,
        say: Say,
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
        self._leaving = self._withdrawing = False
        self._hand = Hand()
        self._works: deque[Work] = deque()
        self._delivered: list[Work] = []
        self._reports = Reports(worker.id, calls, folder, self._on_reported)
        self._scratch: list[Spool] = []  # empty, for outputs to come
        self._asking: Call | None = None
        self._ask_at = NEVER

    # --- what the loop calls -----------------------------------------------------------

    def ask_for_work(self) -> None:
        """Ask, and wait for a job."""
        self.phase = Phase.ASKING
        self._ask_at = NEVER
        patience_s = FOREVER_PATIENCE_S if self._forever else self._config.timeout_s
        resend_s = min(patience_s, FOREVER_PATIENCE_S) + RESEND_S
        question = RequestForWork(self.worker, patience_s)
        self._asking = self._calls.ask(question, self._on_work, resend_s=resend_s)

    def leave(self) -> None:
        """Hand back what runs, deliver what has ended, and go."""
        self._leaving = True
        if self.phase is Phase.ASKING:
            self._say_goodbye()
        elif self._works:
            self._return_hand()
            self.executor.kill(self._works[0].number, signal.SIGTERM, self._config.kill_grace_s)

    def executor_news(self, events: list[Event]) -> None:
        """The shepherd has spoken."""
        for event in events:
            match event:
                case Stopped():
                    self._stopped(event)
                case Withdrawn(numbers):
                    self._withdrawn(numbers)
                case ShepherdDied(job):
                    if self._works:
                        self._withdrawn([work.number for work in self._works][1:])
                        self._stopped(job)
                case _:
                    assert_never(event)
        self._go_on()

    def turn(self) -> None:
        """Do what is due."""
        now = time.monotonic()
        if self._works:
            self._attend(self._works[0], now)
            if self._has_more and now >= self._works[0].begun_s + RETURN_S:
                self._return_hand()
        for work in list(self._delivered):
            self._attend(work, now)
        if now >= self._ask_at:
            self.ask_for_work()
        if now >= self._reports.due_s(idle=not self._works):
            self._report()
        self._reports.turn()

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        due = min(self._reports.due_s(idle=not self._works), self._reports.next_deadline())
        due = min(due, self._ask_at, *(work.next_deadline() for work in self._delivered))
        if not self._works:
            return due
        return_s = self._works[0].begun_s + RETURN_S if self._has_more else NEVER
        return min(due, return_s, self._works[0].next_deadline())

    def keep_result(self) -> None:
        """There is no time to wait for the server: leave the results to the next worker here."""
        self._reports.keep()
        for work in self._delivered:
            if work.delivery is not None:
                work.delivery.keep()

    # --- getting jobs ------------------------------------------------------------------

    def _on_work(self, answer: Answer) -> None:
        self._asking = None
        match answer:
            case DelegateToWorker(jobs):
                self.phase = Phase.BUSY
                self._take(jobs)
                self._go_on()
            case AskAgain() if self._forever:
                self.ask_for_work()
            case AskAgain():
                idle_ms = self._config.timeout_s * 1000
                self._say(f"worker could not fetch job: no work came in {idle_ms:.0f} msec.", "no work came")
                self.phase = Phase.GONE
            case ShutdownWorker():
                self._vanish()
            case _:
                if isinstance(answer, Refused):
                    text = f"the server refused: {answer.reason}; trying again in {REFUSED_PAUSE_S:.0f} s"
                    self._say(text, "refused", reason=answer.reason)
                self._ask_at = time.monotonic() + REFUSED_PAUSE_S

    def _take(self, jobs: tuple[Job, ...]) -> None:
        """Put into the hand what came, but for copies of what is here already."""
        here = {work.job.id for work in (*self._works, *self._delivered)} | self._reports.jobs()
        self._hand.add((job for job in jobs if job.id not in here), time.monotonic())

    @property
    def is_supplied(self) -> bool:
        """What the shepherd says can wait a little: it has jobs to go on with."""
        return len(self._works) >= SHEPHERD_JOBS // 2

    @property
    def _has_more(self) -> bool:
        """Jobs wait behind the one that is on."""
        return len(self._hand) > 0 or (len(self._works) > 1 and not self._withdrawing)

    def _return_hand(self) -> None:
        """What waits here would wait too long."""
        if len(self._works) > 1 and not self._withdrawing:
            self._withdrawing = True
            self.executor.withdraw()
        self._reports.give_back(self._claim(job) for job in self._hand.take_all())

    def _withdrawn(self, numbers: list[int]) -> None:
        self._withdrawing = False
        unstarted = [work for work in self._works if work.number in numbers]
        self._works = deque(work for work in self._works if work.number not in numbers)
        self._scratch += [work.spool for work in unstarted]
        self._reports.give_back(work.claim for work in unstarted)
        if self._works and self._works[0].begun_s == NEVER:
            self._begin(self._works[0])

    def _start(self, job: Job) -> None:
        spool = self._empty_spool(job)
        extra = {b"GOQ_JOB_ID": b"%d" % job.id, b"GOQ_ATTEMPT": b"%d" % job.attempts}
        number = self.executor.start(job.argv, job.origin.folder, job.origin.environment, extra, spool.path)
        claim = self._claim(job)
        work = Work(claim, job, label(job, claim), spool, number)
        self._works.append(work)
        if len(self._works) == 1:
            self._begin(work)

    def _begin(self, work: Work) -> None:
        work.begin(time.monotonic())
        self._say(f"starting {work.label.name}", "job started", **work.label.about)

    def _empty_spool(self, job: Job) -> Spool:
        while self._scratch:
            spool = self._scratch.pop()
            if spool.is_there:
                return spool
            spool.close()
        return self._folder.scratch(f"{self.worker.id}.{job.id}.{job.attempts}")

    def _claim(self, job: Job) -> Claim:
        return Claim(job.id, job.attempts, self.worker.id)

    # --- while it runs, or is delivered --------------------------------------------------

    def _attend(self, work: Work, now: float) -> None:
        if work.delivery is None and now >= work.stream_at:
            work.stream_at = now + STREAM_EVERY_S
            if work.spool.size():
                self._deliver(work)
        if work.beat is None and now >= work.beat_at and not work.is_reporting:
            resend_s = 2 * self._config.heartbeat_s + RESEND_S
            beat = Heartbeat(work.claim, work.told)
            work.beat = self._calls.ask(beat, lambda answer: self._on_beat(work, answer), resend_s=resend_s)
        if work.delivery is not None:
            work.delivery.turn()

    def _deliver(self, work: Work) -> Delivery:
        """Have the output brought to the server apart from the result: it is long, or grows slowly."""
        work.spool.own(work.claim)
        work.delivery = Delivery(
            self._calls, work.claim, work.spool, lambda answer: self._on_delivered(work, answer)
        )
        return work.delivery

    def _on_beat(self, work: Work, answer: Answer) -> None:
        work.beat = None
        if work.is_reporting:
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
        if not work.ended:
            self._say(
                f"cancelling {work.label.name}", "job being cancelled", signal=number, **work.label.about
            )
            self.executor.kill(work.number, number, self._config.kill_grace_s)

    def _lost(self, work: Work) -> None:
        """The job is not ours any more: another attempt may be running."""
        self._say(f"lost the lease of {work.label.name}; killing it", "lease lost", **work.label.about)
        work.lost = True
        work.beat_at = NEVER
        if work.delivery is not None:
            work.delivery.stop()
        self._return_hand()
        if not work.ended:
            self.executor.kill(work.number, signal.SIGKILL, 0.0)
        else:
            self._forget(work)
            self._go_on()

    def _stopped(self, stopped: Stopped) -> None:
        work = self._works.popleft()
        work.ended = True
        self._hand.learn(max(0, stopped.ended_ns - stopped.started_ns) / 1e9)
        if self._works:
            self._begin(self._works[0])
            if self._leaving:  # the shepherd may have gone on with it before it heard of that
                self.executor.kill(self._works[0].number, signal.SIGTERM, self._config.kill_grace_s)
        if work.lost:
            self._forget(work)
        elif self._leaving and not work.told:
            self._say(f"handing back {work.label.name}", "job handed back", **work.label.about)
            self._forget(work)
        elif stopped.trouble:  # it may start elsewhere, and what waits behind it as well
            self._say(
                f"cannot start {work.label.name}: {stopped.problem}", "start trouble", **work.label.about
            )
            self._forget(work)
            self._reports.give_back([work.claim], stopped.trouble, stopped.problem)
            self._return_hand()
        else:
            self._record(work, stopped)

    def _record(self, work: Work, stopped: Stopped) -> None:
        """Send the result on its way, with a short output or after a long one."""
        if epitaph := work.epitaph(stopped):
            work.spool.add_line(epitaph)
        output = None if work.delivery else work.spool.take(INLINE_OUTPUT_BYTES)
        result = work.result(stopped, self.worker.host, output or b"")
        if output is None:
            self._delivered.append(work)
            self._return_hand()
            (work.delivery or self._deliver(work)).finish(result)
        else:
            self._forget(work)
            self._reports.add(Report(work.claim, result), work.label)

    def _on_delivered(self, work: Work, answer: Answer) -> None:
        match answer:
            case AckFinished(refused):
                self._tell_end(work.label, accepted=not refused)
                self._forget(work)
                self._go_on()
            case ShutdownWorker():
                self._tell_end(work.label, accepted=True)
                self._forget(work)
                self._vanish()
            case _:  # a chunk of a job that is not ours any more
                self._lost(work)

    def _tell_end(self, label: Label, *, accepted: bool) -> None:
        if accepted:
            self._say(f"done with {label.name}", "job done", **label.about)
        else:
            self._say(f"too late, and refused: the result of {label.name}", "result refused", **label.about)

    def _forget(self, work: Work) -> None:
        """Nothing of it is left here but, maybe, a report."""
        if work.beat is not None:
            self._calls.cancel(work.beat)
        if work.delivery is not None:
            work.delivery.stop()
            work.spool.remove()
            self._delivered = [other for other in self._delivered if other is not work]
        else:
            work.spool.clear()
            self._scratch.append(work.spool)

    def _report(self) -> None:
        running = [work.job.id for work in (*self._works, *self._delivered)]
        held = running + [job.id for job in self._hand.jobs()]
        wants = 0 if self._leaving or self._delivered else self._hand.wants() or int(not held)
        self._reports.send(tuple(held), wants)

    def _on_reported(self, answer: Answer, confirmed: list[Ended]) -> None:
        refused = answer.refused if isinstance(answer, AckFinished) else ()
        for ended in confirmed:
            self._tell_end(ended.label, accepted=ended.report.claim.job not in refused)
        if isinstance(answer, ShutdownWorker):
            self._vanish()
        elif isinstance(answer, AckFinished) and not self._leaving:
            self._take(answer.jobs)
        self._go_on()

    def _go_on(self) -> None:
        """Start what can be started; ask for more when nothing is left here."""
        if self.phase is not Phase.BUSY:
            return  # who asks twice at once is given one job twice
        if self._hand.is_stale(time.monotonic()):
            self._return_hand()
        while len(self._hand) and len(self._works) < SHEPHERD_JOBS and not self._withdrawing:
            self._start(self._hand.take())
        self.executor.go()
        if self._works or self._delivered or not self._reports.is_empty:
            return
        if self._leaving:
            self._say_goodbye()
        else:
            self.ask_for_work()

    def _say_goodbye(self) -> None:
        self.phase = Phase.LEAVING
        if self._asking is not None:
            self._calls.cancel(self._asking)
            self._asking = None
        self._calls.ask(Goodbye(self.worker), self._gone, resend_s=RESEND_S)

    def _vanish(self) -> None:
        self._say("vanishing in a puff of smoke, as the server asks.", "stopping")
        self._gone()

    def _gone(self, _: Answer | None = None) -> None:
        self.phase = Phase.GONE
