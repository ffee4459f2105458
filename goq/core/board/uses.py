"""What running jobs use, as their workers say: a curve each, in fewer and longer steps the longer it is. Pure, and volatile."""

from array import array

from goq.core.state.running import RunningJob
from goq.core.values.ids import JobId
from goq.core.values.job import Claim
from goq.core.values.uses import Step, Use

STEPS_EACH = 360  # of a job
STEPS_IN_ALL = 500_000  # 12 MB
_NS = 10**9


class Curve:
    """Of one attempt. A step is of `_every` looks, the last one of `_in_last` so far."""

    def __init__(self, claim: Claim, begun_ns: int) -> None:
        self.claim = claim
        self.cpus = 0.0
        self._begun_ns = begun_ns
        self._at_ns, self._cpu_s, self._kib = array("q"), array("d"), array("q")
        self._now = Step(begun_ns, 0.0, 0)
        self._most_kib, self._most_at_ns = 0, 0
        self._every, self._in_last = 1, 1

    def __len__(self) -> int:
        return len(self._at_ns)

    def add(self, step: Step) -> None:
        """So it is now. What is no later than what is known, or says that time ran backwards, is nothing."""
        past_s = (step.at_ns - self._now.at_ns) / _NS
        if past_s <= 0:
            return
        self.cpus = max(0.0, step.cpu_s - self._now.cpu_s) / past_s
        self._now = step
        if step.resident_kib >= self._most_kib:
            self._most_kib, self._most_at_ns = step.resident_kib, step.at_ns
        if self and self._in_last < self._every:
            self._in_last += 1
            self._at_ns[-1], self._cpu_s[-1] = step.at_ns, step.cpu_s
            self._kib[-1] = max(self._kib[-1], step.resident_kib)
            return
        self._in_last = 1
        self._at_ns.append(step.at_ns)
        self._cpu_s.append(step.cpu_s)
        self._kib.append(step.resident_kib)

    def halve(self) -> None:
        """Two neighbours become one: where it was at the end of both, and the more memory."""
        count = len(self)
        self._in_last += self._every if count % 2 == 0 else 0
        self._every *= 2
        ends = range(1, count, 2)
        kib = [max(self._kib[at - 1], self._kib[at]) for at in ends]
        odd = slice(count - 1, count) if count % 2 else slice(0, 0)
        self._at_ns = self._at_ns[1::2] + self._at_ns[odd]
        self._cpu_s = self._cpu_s[1::2] + self._cpu_s[odd]
        self._kib = array("q", kib) + self._kib[odd]

    def shown(self, *, steps: bool) -> Use:
        """How it is, and how it came to that if the `steps` are wanted."""
        rows = zip(self._at_ns, self._cpu_s, self._kib, strict=True) if steps else ()
        now, claim = self._now, self.claim
        most = (self._most_kib, self._most_at_ns)
        looked = (now.at_ns, now.cpu_s, self.cpus, now.resident_kib)
        return Use(
            claim.job, claim.attempt, self._begun_ns, *looked, *most, tuple(Step(*row) for row in rows)
        )


class Uses:
    """The curves of jobs that run: so many steps each at most, and so many in all."""

    def __init__(self, each: int = STEPS_EACH, in_all: int = STEPS_IN_ALL) -> None:
        self._each, self._in_all = each, in_all
        self._curves: dict[JobId, Curve] = {}
        self.steps = 0  # of all curves

    def __bool__(self) -> bool:
        return bool(self._curves)

    def hear(self, running: RunningJob, step: Step) -> None:
        """The worker of the job has said so of the attempt that is on."""
        curve = self._curves.get(running.job.id)
        if curve is None or curve.claim != running.claim:
            self.drop(running.job.id)
            if len(self._curves) >= self._in_all:
                return
            curve = self._curves[running.job.id] = Curve(running.claim, running.delegated_ns)
        before = len(curve)
        curve.add(step)
        self.steps += len(curve) - before
        if len(curve) > self._each:
            self._halve(curve)
        while self.steps > self._in_all:
            self._halve(self._next_to_halve())

    def drop(self, job: JobId) -> None:
        """The attempt is over."""
        if curve := self._curves.pop(job, None):
            self.steps -= len(curve)

    def of(self, running: RunningJob, *, steps: bool = False) -> Use | None:
        """What the job uses; None while its worker has not said."""
        curve = self._curves.get(running.job.id)
        return curve.shown(steps=steps) if curve and len(curve) and curve.claim == running.claim else None

    def _halve(self, curve: Curve) -> None:
        before = len(curve)
        curve.halve()
        self.steps += len(curve) - before

    def _next_to_halve(self) -> Curve:
        """In turn one of those that have more steps than others: there are some, since all together have too many."""
        share = self._in_all // len(self._curves)
        while True:
            job = next(iter(self._curves))
            curve = self._curves[job] = self._curves.pop(job)
            if len(curve) > share:
                return curve
