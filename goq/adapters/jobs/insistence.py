"""When a shepherd that does not act is made to: it may have been stopped, and by its own job.

Pure but for the time, in monotonic seconds, which is told. What is wanted of a shepherd has a
second by which it should be done. After that the shepherd is woken and asked for a sign: with one
it has some more time, since it sees to it; without, it is ended, and its job with it. So is one that is stopped
once more after it was woken and gave its sign: somebody stops it again and again.
"""

from collections.abc import Callable
from enum import Enum, auto

from msgspec import Struct

NEVER = float("inf")
SLACK_S = 2.0  # beyond the time that the shepherd has itself
SIGN_S = 3.0  # a shepherd that is stopped again after it was woken gives none
LONGEST_S = 60.0  # one that is not may be on a machine that has much to do
MORE_S = 5.0
# So long after its time what is wanted of a stopped shepherd is done.
LATE_S = SLACK_S + SIGN_S + MORE_S + SIGN_S


class Step(Enum):
    """What is to be done about a shepherd."""

    NOTHING = auto()
    ASK = auto()  # wake it, and ask for a sign
    END = auto()


class Wanted(Struct):
    """Something that is to be done by then; `problem` says of a job that ends by it why."""

    by_s: float
    problem: str = ""
    cause: str = ""


class Insistence:
    """What is wanted of one shepherd. `due_s`: when to take the next `step`."""

    def __init__(self) -> None:
        self._wanted: dict[object, Wanted] = {}
        self._asked_s = NEVER
        self._was_stopped = False  # when it was asked last
        self.due_s = NEVER

    def want(self, what: object, wanted: Wanted) -> None:
        """Something is wanted, maybe sooner than so far."""
        known = self._wanted.get(what)
        if known is None or wanted.by_s < known.by_s:
            self._wanted[what] = wanted
            self._note()

    def done(self, what: object) -> None:
        """It is, or is wanted no more."""
        if self._wanted.pop(what, None) and not self._wanted:
            self._asked_s, self._was_stopped = NEVER, False
        self._note()

    def heard(self, now_s: float) -> None:
        """The shepherd has given its sign: it goes on with what is late."""
        self._asked_s = NEVER
        for wanted in self._wanted.values():
            wanted.by_s = max(wanted.by_s, now_s + MORE_S)
        self._note()

    def step(self, now_s: float, is_stopped: Callable[[], bool]) -> Step:
        """What is to be done now."""
        if now_s < self.due_s:
            return Step.NOTHING
        if self._asked_s == NEVER:
            was_stopped, self._was_stopped = self._was_stopped, is_stopped()
            if was_stopped and self._was_stopped:
                self.due_s = NEVER
                return Step.END
            self._asked_s = now_s
            self.due_s = now_s + SIGN_S
            return Step.ASK
        if is_stopped() or now_s >= self._asked_s + LONGEST_S:
            self.due_s = NEVER
            return Step.END
        self.due_s = now_s + SIGN_S
        return Step.NOTHING

    def why(self, what: object) -> Wanted | None:
        """What is wanted so, if it is."""
        return self._wanted.get(what)

    def _note(self) -> None:
        if self._asked_s == NEVER:
            self.due_s = min((wanted.by_s for wanted in self._wanted.values()), default=NEVER)
