"""What becomes of jobs that were behind others, once these have ended. Pure."""

from collections.abc import Iterator

from msgspec import Struct

from goq.core.board.gates import Gates
from goq.core.board.watches import Decided
from goq.core.state.records import Held, RangeEnded
from goq.core.state.state import State
from goq.core.state.submissions import Live
from goq.core.values.ids import JobId
from goq.core.values.job import NOBODY
from goq.core.values.ranges import Range, Ranges, merged
from goq.core.values.result import Ending


class Opened(Struct, frozen=True):
    """These jobs are behind something no more."""

    ranges: Ranges


Step = Opened | RangeEnded | Held


class Behind:
    """Takes what was decided about them, until no more comes of it: a chain is one turn, however long."""

    def __init__(self, state: State, gates: Gates) -> None:
        self._state = state
        self._gates = gates
        self._is_on = False

    def steps(self, at_ns: int) -> Iterator[Step]:
        """What is to be done, one after the other; nothing for who is at it already."""
        if self._is_on:
            return
        self._is_on = True
        decided = self._gates.watches.decided
        while decided:
            each = decided.popleft()
            if each.reason:
                yield from self._unmet(each, at_ns)
            if each.over:
                self._gates.watches.open(each)
                yield Opened(each.ranges)
        self._is_on = False

    def _unmet(self, decided: Decided, at_ns: int) -> Iterator[Step]:
        """Jobs that can never run are skipped, or held; a list that is not all here is one thing yet."""
        kept: list[Range] = []
        skipped: list[Range] = []
        for first, end in decided.ranges:
            for live in list(self._state.submissions.between(first, end)):
                if live.terms.keep:
                    kept += self._waiting(live, first, end, is_kept=True)
                elif live.to_come:
                    yield self._skip([(live.first, live.end)], decided.reason, at_ns)
                else:
                    skipped += self._waiting(live, first, end)
        if skipped:
            yield self._skip(skipped, decided.reason, at_ns)
        if kept:
            yield Held(merged(kept), NOBODY, at_ns, decided.reason)

    def _waiting(self, live: Live, first: JobId, end: JobId, *, is_kept: bool = False) -> list[Range]:
        parts = self._state.waiting.between(max(live.first, first), min(live.end, end))
        if is_kept:
            parts = [part for start, stop in parts for part in self._state.held.outside(start, stop)]
        return parts

    def _skip(self, ranges: list[Range], reason: str, at_ns: int) -> RangeEnded:
        return RangeEnded(merged(ranges), Ending.SKIPPED, reason, at_ns)
