"""`goq alter`: what waits has other terms. Pure."""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from goq.core.dispatch.decision import Outcome
from goq.core.dispatch.moves import Moves
from goq.core.state.state import State
from goq.core.values.changes import Alter
from goq.core.values.ids import JobId, Now
from goq.core.values.job import By
from goq.core.values.ranges import Ranges, merged
from goq.core.values.terms import Terms


class Altering(Struct, frozen=True):
    """They have these terms."""

    alter: Alter

    shuts: ClassVar[bool] = True

    def narrow(self, state: State, numbers: Ranges) -> Ranges:
        """Those that have other terms, whether they wait or not."""
        return merged((first, end) for first, end, _ in self._others(state, numbers))

    def count(self, state: State, numbers: Ranges) -> int:
        """All that wait, once the others are left out."""
        return state.waiting.count(numbers)

    def suits(self, state: State, waiting: Ranges) -> Ranges:
        """Those whose terms are others."""
        return merged((first, end) for first, end, _ in self._others(state, waiting))

    def make(self, ranges: Ranges, moves: Moves, by: By, now: Now, outcome: Outcome) -> None:
        """They are in the lanes, and behind the gates, of their terms."""
        found: dict[Terms, list[tuple[JobId, JobId]]] = {}
        for first, end, terms in self._others(moves.state, ranges):
            found.setdefault(terms, []).append((first, end))
        for terms, parts in found.items():
            moves.alter(merged(parts), terms, by, now, outcome, in_time="not_before_ns" in self.alter.fields)
        for first, end in ranges:
            moves.make_ready(first, end)
            if "max_fails" in self.alter.fields:
                moves.stop_failing(first, end, now.wall_ns, outcome)

    @property
    def _is_hurry(self) -> bool:
        """What waits for another attempt is to have it now."""
        return "not_before_ns" in self.alter.fields and not self.alter.terms.not_before_ns

    def _others(self, state: State, ranges: Ranges) -> Iterator[tuple[JobId, JobId, Terms]]:
        """What has other terms, or waits for another attempt and is not to; with those that it is to have."""
        for first, end in ranges:
            for live in state.submissions.between(first, end):
                for start, stop, terms in state.terms_of(live, first, end):
                    altered = self.alter.of(terms)
                    if altered != terms:
                        yield start, stop, altered
                    elif self._is_hurry:
                        yield from ((job, JobId(job + 1), terms) for job in _put_off(state, start, stop))


def _put_off(state: State, first: JobId, end: JobId) -> list[JobId]:
    """Those that were told to wait for another attempt, in order."""
    return sorted(job for job, past in state.past.items() if first <= job < end and past.not_before_ns)
