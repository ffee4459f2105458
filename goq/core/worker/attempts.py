"""The attempts that one place has been given: in the hand, with the shepherd, ended.

Pure. What has ended, or was returned unstarted, passes on to the reports.
"""

from collections import OrderedDict, deque

from goq.core.messages import Answer, Done, Orders
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim, Course, Job
from goq.core.values.result import BEGUN, NODE_TROUBLE, OVERRUNS, SIGKILL, SIGTERM, SPOOL
from goq.core.worker import notes
from goq.core.worker.desk import Desk
from goq.core.worker.events import Collected, Stopped
from goq.core.worker.hand import Hand
from goq.core.worker.health import Health
from goq.core.worker.instructions import (
    Collect,
    Deliver,
    Direct,
    Finish,
    Forget,
    GiveUp,
    Halt,
    Kill,
    Measure,
    Relaunch,
    Start,
    Withdraw,
)
from goq.core.worker.reports import Reports
from goq.core.worker.rules import MEMORY, NEVER, RETURN_S, TERM_S, Rules
from goq.core.worker.talk import CancelWip, CarryOn, Heartbeat, Steer, Told
from goq.core.worker.work import Work, label

SHEPHERD_JOBS = 10  # so many at once are with the shepherd, the one that is on among them


class Attempts:
    """Jobs pass from the hand to the shepherd, where the first of `_works` is on.

    What has ended is among `_ended` until its output has been read or, when that is long, is with
    the server; what is short goes with its report. What began here and is gone is remembered: no
    attempt is started twice, whatever the server says.
    """

    def __init__(self, worker: WorkerId, rules: Rules, desk: Desk, reports: Reports, health: Health) -> None:
        self.is_leaving = False
        self._worker = worker
        self._rules = rules
        self._desk = desk
        self._reports = reports
        self._health = health
        self._hand = Hand()
        self._works: deque[Work] = deque()
        self._ended: dict[Claim, Work] = {}
        self._gone: OrderedDict[Claim, Stopped | None] = OrderedDict()  # how it ended, if that is untold
        self._withdrawing = False
        self._has_shepherd = True
        self._relaunch_s = NEVER

    @property
    def is_idle(self) -> bool:
        """Nothing runs, or is about to."""
        return not self._works

    @property
    def is_supplied(self) -> bool:
        """The shepherd has jobs to go on with."""
        return len(self._works) >= SHEPHERD_JOBS // 2

    def held(self) -> tuple[JobId, ...]:
        """All that is here."""
        works = (*self._works, *self._ended.values())
        return tuple([work.claim.job for work in works] + [job.id for job in self._hand.jobs()])

    def wants(self, now_s: float) -> int:
        """How many more jobs could be started soon."""
        if self.is_leaving or now_s < self.asks_from_s:
            return 0
        if any(work.is_delivering for work in self._ended.values()):
            return 0
        return self._hand.wants() or int(not self._works and not len(self._hand))

    @property
    def asks_from_s(self) -> float:
        """The second before which no job could be started here."""
        paused_s = self._health.paused_until_s
        return paused_s if self._has_shepherd else max(paused_s, self._relaunch_s)

    # --- what is due ---------------------------------------------------------------------

    def next_deadline(self) -> float:
        """The second by which `do_what_is_due` is wanted."""
        due_s = self._relaunch_s
        if self._has_more:
            due_s = min(due_s, self._works[0].begun_s + RETURN_S)
        for work in self._attended():
            due_s = min(due_s, work.next_beat_s, work.next_measure_s, work.decide_s)
        return due_s

    def do_what_is_due(self, now_s: float) -> None:
        """Heartbeats, looks at outputs, jobs that wait for too long, a new shepherd."""
        if now_s >= self._relaunch_s:
            self._relaunch_s, self._has_shepherd = NEVER, True
            self._desk.do(Relaunch())
        for work in self._attended():
            if now_s >= work.decide_s:
                self._collect(work)
            if now_s >= work.next_measure_s:
                work.measure_at = now_s + work.stream_every_s
                self._desk.do(Measure(work.claim))
            if now_s >= work.next_beat_s:
                work.beat = self._desk.ask(Heartbeat(work.claim, work.told, work.course))
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
        """Put into the hand what came, but for copies of what is or was here."""
        here = {work.claim.job for work in (*self._works, *self._ended.values())} | self._reports.jobs()
        new = [job for job in jobs if job.id not in here]
        for job in [job for job in new if self._claim(job) in self._gone]:
            new.remove(job)
            self._confess(job)
        self._hand.add(new, now_s)

    def _confess(self, job: Job) -> None:
        """The server gives an attempt that was here: tell that, since it must not begin again."""
        claim = self._claim(job)
        how = notes.confession(self._gone.pop(claim))
        self._ended[claim] = work = Work(claim, label(job, claim), has_ended=True, how=how)
        self._desk.say(f"not started again: {work.label.name}", "started before", work.label.about)
        self._collect(work)

    def go_on(self, now_s: float) -> bool:
        """Start what can be started; True while something is here that has not passed on to the reports."""
        if len(self._hand):
            if self._hand.is_stale(now_s) or not self._has_shepherd:
                self.return_hand()
            while len(self._works) < SHEPHERD_JOBS and len(self._hand) and not self._withdrawing:
                self._start(self._hand.take(), now_s)
        return bool(self._works or self._ended or len(self._hand))

    def _start(self, job: Job, now_s: float) -> None:
        claim = self._claim(job)
        work = Work(claim, label(job, claim), course=Course(time_limit_s=job.terms.time_limit_s))
        self._works.append(work)
        self._desk.do(Start(claim, job))
        if len(self._works) == 1:
            self._begin(work, now_s)

    def _begin(self, work: Work, now_s: float) -> None:
        work.begin(now_s)
        self._desk.say(f"starting {work.label.name}", "job started", work.label.about)

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
        unstarted = self._take_out(claims, now_s)
        for claim in unstarted:
            self._desk.do(Forget(claim))
        self._reports.give_back(unstarted)

    def not_started(self, claim: Claim, problem: str, now_s: float) -> None:
        """There is no spool for this one."""
        self._take_out((claim,), now_s)
        self._return_troubled(claim, NODE_TROUBLE, problem, now_s)

    def _take_out(self, claims: tuple[Claim, ...], now_s: float) -> list[Claim]:
        unstarted = [work.claim for work in self._works if work.claim in claims]
        for work in self._works:
            if work.claim in claims:
                self._desk.drop(work.beat)
        self._works = deque(work for work in self._works if work.claim not in claims)
        if self._works and self._works[0].begun_s == NEVER:
            self._begin(self._works[0], now_s)
        return unstarted

    def _return_troubled(self, claim: Claim, trouble: str, problem: str, now_s: float) -> None:
        """What this host could not start others may, and what waits behind it too."""
        self._reports.give_back([claim], trouble, problem)
        self.return_hand()
        if trouble == NODE_TROUBLE:
            notes.note_trouble(self._health, self._desk, problem, now_s)

    # --- while they run, or are delivered ------------------------------------------------

    def leave(self) -> None:
        """Hand back what runs, deliver what has ended."""
        self.is_leaving = True
        self._relaunch_s = NEVER
        for work in list(self._ended.values()):
            if work.decide_s != NEVER and not work.told:
                self._hand_back(work)
        if self._works:
            self.return_hand()
            self._kill(self._works[0], SIGTERM)

    def measured(self, claim: Claim, size: int) -> None:
        """Its output is so long so far."""
        if size:
            (work := self._work(claim)).is_delivering = True
            self._desk.do(Deliver(claim, work.stream_every_s))

    def _work(self, claim: Claim) -> Work:
        return next(work for work in self._attended() if work.claim == claim)

    def on_beat(self, number: int, answer: Told, now_s: float) -> None:
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
            case Steer(_, course):
                work.beat_at = now_s
                self._steer(work, course, now_s)

    def _steer(self, work: Work, course: Course, now_s: float) -> None:
        before = work.follow(course, now_s)
        if work.is_delivering and before.followed != course.followed:
            self._desk.do(Deliver(work.claim, work.stream_every_s))
        if work.has_ended or work.is_lost or before.steering == course.steering:
            return
        notes.say_course(work.label, before, course, self._desk)
        if course.back:
            self._kill(work, SIGTERM)  # once more does no harm
            return
        self._desk.do(Direct(work.claim, course.paused, course.time_limit_s))

    def _cancel(self, work: Work, signal: int) -> None:
        work.told = signal
        if not work.has_ended:
            notes.say_cancelling(work.label, signal, self._desk)
            self._kill(work, signal)

    def _kill(self, work: Work, signal: int) -> None:
        if work.is_lost:
            return  # it is killed already, and not gently
        self._desk.do(Kill(work.claim, signal, self._rules.kill_grace_s))

    def _lose(self, work: Work) -> None:
        """The job is not ours any more: another attempt may be running."""
        notes.say_lost(work.label, self._desk)
        work.is_lost = True
        work.beat_at = work.measure_at = NEVER
        if work.is_delivering:
            self._desk.do(Halt(work.claim))
        if work.has_ended:
            self._forget(work)
        else:
            self._desk.do(Kill(work.claim, SIGKILL, 0.0))

    # --- when they have ended ------------------------------------------------------------

    def stopped(self, how: Stopped, now_s: float) -> None:
        """The job that was on has ended, and the next one may have begun."""
        work = self._works.popleft()
        work.has_ended = True
        work.how = how
        self._ended[work.claim] = work
        if not how.trouble:
            self._hand.learn(max(0, how.ended_ns - how.started_ns) / 1e9)
        if how.cause == SPOOL:
            notes.note_trouble(self._health, self._desk, how.problem or how.cause, now_s)
            self.return_hand()
        elif how.pid and self._health.is_troubled:
            notes.note_start(self._health, self._desk)
        if self._works:
            self._begin(self._works[0], now_s)
            if self.is_leaving:  # the shepherd may have gone on with it before it heard of that
                self._kill(self._works[0], SIGTERM)
        if work.is_lost:
            self._forget(work)
        elif work.course.back and not work.told:
            self._hand_back(work)
            self._reports.give_back([work.claim], BEGUN, "handed back")
        elif how.cause in OVERRUNS:
            self._collect(work)  # it would go the same way wherever it went
        elif self.is_leaving and not work.told:
            self._hand_back(work)
        elif how.trouble and not work.told:
            self._drop(work)
            notes.say_trouble(work.label, how.problem, self._desk)
            self._return_troubled(work.claim, how.trouble, how.problem, now_s)
        elif not work.told and SIGTERM in (how.signal, how.exit_code - 128):
            work.decide_s = now_s + TERM_S  # whoever ends all of a host may have begun with the jobs
        else:
            self._collect(work)

    def _collect(self, work: Work) -> None:
        work.decide_s = NEVER
        if work.how is not None:
            self._desk.do(Collect(work.claim, work.how, work.label.name, work.told))

    def decide(self) -> None:
        """There is no time to see whether an end is the first of a shutdown."""
        for work in list(self._ended.values()):
            if work.decide_s != NEVER:
                self._collect(work)

    def _hand_back(self, work: Work) -> None:
        """It was killed because the worker leaves, whose goodbye says the rest."""
        self._desk.say(f"handing back {work.label.name}", "job handed back", work.label.about)
        self._forget(work)

    def shepherd_died(self, job: Stopped | None, problem: str, now_s: float) -> None:
        """The job that was on, if any, ended so; what waited with it has not begun."""
        has_begun = int(job is not None)
        self._has_shepherd = False
        self.unstarted(tuple(work.claim for work in self._works)[has_begun:], now_s)
        self.return_hand()
        if job is not None and self._works:
            notes.note_start(self._health, self._desk)
            self._relaunch_s = now_s
            self.stopped(job, now_s)
        else:
            self._relaunch_s = now_s + self._health.has_died()
        if self.is_leaving or self._health.is_hopeless:
            self._relaunch_s = NEVER
        if self._health.is_hopeless:
            self._desk.do(GiveUp(problem or "its processes that start jobs die before they have begun one"))

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
            self._reports.add(Done(claim, result), work.label, now_s, connected=connected)

    def delivering(self, claim: Claim, *, is_result: bool) -> None:
        """A long output is with the server, and its result on the way; or is so no more."""
        self._ended[claim].is_reporting = is_result

    def delivered(self, claim: Claim, answer: Answer) -> None:
        """The end of a delivery."""
        work = self._work(claim)
        if isinstance(answer, Orders) and not answer.signals:
            self._desk.tell_end(work.label, accepted=not answer.refused)
            self._forget(work)
        else:  # of a chunk of a job that is not ours any more
            self._lose(work)

    def _forget(self, work: Work) -> None:
        """Nothing of it is left here but, maybe, a report; and the memory that it has run."""
        self._drop(work)
        self._gone[work.claim] = work.how if work.is_lost else None
        if len(self._gone) > MEMORY:
            self._gone.popitem(last=False)

    def _drop(self, work: Work) -> None:
        self._desk.drop(work.beat)
        self._desk.do(Forget(work.claim))
        del self._ended[work.claim]
