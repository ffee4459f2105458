"""What went through a queue behind a number of its journal: how much, how it went, and how long it took. Pure."""

from bisect import bisect_left
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

BOUNDS_S = (0.1, 1.0, 10.0, 60.0, 600.0, 3600.0, 14_400.0, 86_400.0, 604_800.0)
COMMIT_BOUNDS_S = (0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.2, 1.0)
_NONE = (0,) * (len(BOUNDS_S) + 1)


class Timed(Struct, frozen=True):
    """How many took at most as long as each of some bounds, but longer than the one before; the last longer than all. And how long together.

    The bounds are BOUNDS_S, for commits COMMIT_BOUNDS_S.
    """

    counts: tuple[int, ...] = _NONE
    sum_s: float = 0.0

    def plus(self, other: "Timed") -> "Timed":
        """Both together."""
        counts = zip(self.counts, other.counts, strict=True)
        return Timed(tuple(one + more for one, more in counts), self.sum_s + other.sum_s)


class Stopwatch:
    """Sorts what took so long by COMMIT_BOUNDS_S, as it happens."""

    def __init__(self) -> None:
        self._counts = list(_NONE)
        self._sum_s = 0.0

    def note(self, took_s: float) -> None:
        """One more."""
        self._counts[bisect_left(COMMIT_BOUNDS_S, took_s)] += 1
        self._sum_s += took_s

    def timed(self) -> Timed:
        """All so far."""
        return Timed(tuple(self._counts), self._sum_s)


class Flow(Struct, frozen=True):
    """Up to the event `seq` so many jobs came, attempts were begun, and taken back, by why: retry, worker_lost, handed_back.

    Jobs `waited` until their first attempt, attempts that ended `ran`, and wrote so much. `is_all`: nothing lies behind it.
    """

    seq: int
    submitted: int = 0
    attempts: int = 0
    requeued: dict[str, int] = {}
    waited: Timed = Timed()
    ran: Timed = Timed()
    output_bytes: int = 0
    is_all: bool = True

    def plus(self, later: "Flow") -> "Flow":
        """Both together."""
        reasons = sorted({*self.requeued, *later.requeued})
        return Flow(
            later.seq,
            self.submitted + later.submitted,
            self.attempts + later.attempts,
            {why: self.requeued.get(why, 0) + later.requeued.get(why, 0) for why in reasons},
            self.waited.plus(later.waited),
            self.ran.plus(later.ran),
            self.output_bytes + later.output_bytes,
            later.is_all,
        )


class FlowSince(Struct, frozen=True, tag="flow", forbid_unknown_fields=True):
    """What happened behind that event, a part of it."""

    after: Annotated[int, Meta(ge=0)]

    found: ClassVar[type[Flow]] = Flow
