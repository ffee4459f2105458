"""The attempts that one place has been given: in the hand, with the shepherd, ended.

Pure. What has ended, or was returned unstarted, passes on to the reports.
"""

from collections import deque

from goq.core.messages import AckFinished, Answer, CancelWip, CarryOn, Heartbeat, Report, ShutdownWorker
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim, Job
from goq.core.values.result import SIGKILL, SIGTERM
from goq.core.worker.desk import Desk
from goq.core.worker.events import Collected, Stopped
from goq.core.worker.hand import Hand
from goq.core.worker.instructions import (
    Collect,
    Deliver,
    Finish,
    Forget,
    Halt,
    Kill,
    Measure,
    Start,
    Withdraw,
)
from goq.core.worker.reports import Reports
from goq.core.worker.rules import NEVER, RESEND_S, RETURN_S, STREAM_EVERY_S, Rules
from goq.core.worker.work import Work, label

SHEPHERD_JOBS = 10  # so many at once are with the shepherd, the one that is on among them


class Attempts:
    """Jobs pass from the hand to the shepherd, where the first of `_works` is on.

    What has ended is among `_ended` until its output has been read or, when that is long, is with
    the server; what is short goes with its report.
    """

    def __init__(self, worker: WorkerId, rules: Rules, desk: Desk, reports: Reports) -> None:
        self.is_leaving = False
        self._worker = worker
        self._rules = rules
        self._desk = desk
        self._reports = reports
        self._hand = Hand()
        self._works: deque[Work] = deque()
        self._ended: dict[Claim, Work] = {}
        self._withdrawing = False

    @property
    def is_idle(self) -> bool:
        """Nothing runs, or is about to."""
        return not self._works

    @property
    def is_empty(self) -> bool:
        """Nothing runs, and all that has run is reported."""
        return not self._works and not self._ended

    @property
    def is_supplied(self) -> bool:
        """The shepherd has jobs to go on with."""
        return len(self._works) >= SHEPHERD_JOBS // 2

    def held(self) -> tuple[JobId, ...]:
        """All that is here."""
        works = (*self._works, *self._ended.values())
        return tuple([work.claim.job for work in works] + [job.id for job in self._hand.jobs()])

    def wants(self) -> int:
        """How many more jobs could be started soon."""
        if self.is_leaving or self._ended:
            return 0
        return self._hand.wants() or int(not self._works and not len(self._hand))

    # --- what is due ---------------------------------------------------------------------

    def next_deadline(self) -> float:
        """The second by which `do_what_is_due` is wanted."""
        due_s = self._works[0].begun_s + RETURN_S if self._has_more else NEVER
        for work in self._attended():
            due_s = min(due_s, work.next_beat_s, work.next_measure_s)
        return due_s

    def do_what_is_due(self, now_s: float) -> None:
        """Heartbeats, looks at outputs, and jobs that wait for too long."""
        for work in self._attended():
            if now_s >= work.next_measure_s:
                work.measure_at = now_s + STREAM_EVERY_S
                self._desk.do(Measure(work.claim))
            if now_s >= work.next_beat_s:
                resend_s = 2 * self._rules.heartbeat_s + RESEND_S
                work.beat = self._desk.ask(Heartbeat(work.claim, work.told), resend_s)
        if self._has_more and now_s >= self._works[0].begun_s + RETURN_S:
            self.return_hand()

    def _attended(self) -> list[Work]:
        """What the server hears of from time to time: the job that is on, and outputs on their way."""
        return [*self._ended.values(), self._works[0]] if self._works else list(self._ended.values())

    @property
    def _has_more(self) -> bool:
        """Jobs wait behind the one that is on."""
        if not self._works:
            return False
        return len(self._hand) > 0 or (len(self._works) > 1 and not self._withdrawing)

    # --- until they begin ----------------------------------------------------------------

    def take(self, jobs: tuple[Job, ...], now_s: float) -> None:
        """Put into the hand what came, but for copies of what is here already."""
        here = {work.claim.job for work in (*self._works, *self._ended.values())} | self._reports.jobs()
        self._hand.add((job for job in jobs if job.id not in here), now_s)

    def go_on(self, now_s: float) -> None:
        """Start what can be started."""
        if self._hand.is_stale(now_s):
            self.return_hand()
        while len(self._hand) and len(self._works) < SHEPHERD_JOBS and not self._withdrawing:
            self._start(self._hand.take(), now_s)

    def _start(self, job: Job, now_s: float) -> None:
        claim = self._claim(job)
        work = Work(claim, label(job, claim))
        self._works.append(work)
        self._desk.do(Start(claim, job))
        if len(self._works) == 1:
            self._begin(work, now_s)

    def _begin(self, work: Work, now_s: float) -> None:
        work.begin(now_s)
        self._desk.say(f"starting {work.label.name}", "job started", **work.label.about)

    def _claim(self, job: Job) -> Claim:
        return Claim(job.epoch, job.id, job.attempts, self._worker)

    def return_hand(self) -> None:
        """What waits here would wait too long: others shall have it."""
        if len(self._works) > 1 and not self._withdrawing:
            self._withdrawing = True
            self._desk.do(Withdraw())
        self._reports.give_back(self._claim(job) for job in self._hand.take_all())

    def unstarted(self, claims: tuple[Claim, ...], now_s: float) -> None:
        """The shepherd will not start these."""
        self._withdrawing = False
        unstarted = [work for work in self._works if work.claim in claims]
        self._works = deque(work for work in self._works if work.claim not in claims)
        for work in unstarted:
            self._desk.do(Forget(work.claim))
        self._reports.give_back(work.claim for work in unstarted)
        if self._works and self._works[0].begun_s == NEVER:
            self._begin(self._works[0], now_s)

    # --- while they run, or are delivered ------------------------------------------------

    def leave(self) -> None:
        """Hand back what runs, deliver what has ended."""
        self.is_leaving = True
        if self._works:
            self.return_hand()
            self._kill(self._works[0], SIGTERM)

    def measured(self, claim: Claim, size: int) -> None:
        """Its output is so long so far."""
        if size:
            self._work(claim).is_delivering = True
            self._desk.do(Deliver(claim))

    def _work(self, claim: Claim) -> Work:
        return next(work for work in self._attended() if work.claim == claim)

    def on_beat(self, number: int, answer: Answer, now_s: float) -> None:
        """The answer to a heartbeat."""
        work = next(work for work in self._attended() if work.beat == number)
        work.beat = 0
        if work.is_reporting:
            return  # the server has answered the heartbeat because the result is there
        work.beat_at = now_s + self._rules.heartbeat_s
        match answer:
            case CarryOn():
                work.beat_at = now_s
            case CancelWip(_, True):
                self._lose(work)
            case CancelWip(_, _, signal):
                work.beat_at = now_s
                self._cancel(work, signal)

    def _cancel(self, work: Work, signal: int) -> None:
        work.told = signal
        if not work.has_ended:
            text = f"cancelling {work.label.name}"
            self._desk.say(text, "job being cancelled", signal=signal, **work.label.about)
            self._kill(work, signal)

    def _kill(self, work: Work, signal: int) -> None:
        self._desk.do(Kill(work.claim, signal, self._rules.kill_grace_s))

    def _lose(self, work: Work) -> None:
        """The job is not ours any more: another attempt may be running."""
        text = f"lost the lease of {work.label.name}; killing it"
        self._desk.say(text, "lease lost", **work.label.about)
        work.is_lost = True
        work.beat_at = NEVER
        if work.is_delivering:
            self._desk.do(Halt(work.claim))
        self.return_hand()
        if work.has_ended:
            self._forget(work)
        else:
            self._desk.do(Kill(work.claim, SIGKILL, 0.0))

    # --- when they have ended ------------------------------------------------------------

    def stopped(self, how: Stopped, now_s: float) -> None:
        """The job that was on has ended, and the next one may have begun."""
        work = self._works.popleft()
        work.has_ended = True
        self._ended[work.claim] = work
        self._hand.learn(max(0, how.ended_ns - how.started_ns) / 1e9)
        if self._works:
            self._begin(self._works[0], now_s)
            if self.is_leaving:  # the shepherd may have gone on with it before it heard of that
                self._kill(self._works[0], SIGTERM)
        if work.is_lost:
            self._forget(work)
        elif self.is_leaving and not work.told:
            self._desk.say(f"handing back {work.label.name}", "job handed back", **work.label.about)
            self._forget(work)
        elif how.trouble:  # it may start elsewhere, and what waits behind it as well
            self._desk.say(
                f"cannot start {work.label.name}: {how.problem}", "start trouble", **work.label.about
            )
            self._reports.give_back([work.claim], how.trouble, how.problem)
            self._forget(work)
            self.return_hand()
        else:
            self._desk.do(Collect(work.claim, how, work.label.name, work.told))

    def shepherd_died(self, job: Stopped, now_s: float) -> None:
        """What waited with it has not begun, and the job that was on ended so."""
        self.unstarted(tuple(work.claim for work in self._works)[1:], now_s)
        if self._works:
            self.stopped(job, now_s)

    def collected(self, collected: Collected, now_s: float, *, connected: bool) -> None:
        """Send the result on its way, with a short output or after a long one."""
        claim, result = collected.claim, collected.result
        work = self._ended[claim]
        if collected.is_long:
            work.is_delivering = True
            self.return_hand()
            self._desk.do(Finish(claim, result))
        else:
            self._forget(work)
            self._reports.add(Report(claim, result), work.label, now_s, connected=connected)

    def delivering(self, claim: Claim, *, is_result: bool) -> None:
        """A long output is with the server, and its result on the way; or is so no more."""
        self._ended[claim].is_reporting = is_result

    def delivered(self, claim: Claim, answer: Answer) -> None:
        """The end of a delivery."""
        work = self._work(claim)
        if isinstance(answer, AckFinished | ShutdownWorker):
            refused = isinstance(answer, AckFinished) and bool(answer.refused)
            self._desk.tell_end(work.label, accepted=not refused)
            self._forget(work)
        else:  # of a chunk of a job that is not ours any more
            self._lose(work)

    def _forget(self, work: Work) -> None:
        """Nothing of it is left here but, maybe, a report."""
        self._desk.drop(work.beat)
        self._desk.do(Forget(work.claim))
        del self._ended[work.claim]
