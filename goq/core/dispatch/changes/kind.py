"""What all kinds of changes have. Pure."""

from typing import Protocol

from goq.core.dispatch.decision import Outcome
from goq.core.dispatch.moves import Moves
from goq.core.state.state import State
from goq.core.values.ids import Now
from goq.core.values.job import By
from goq.core.values.ranges import Ranges


class Kind(Protocol):
    """A change of jobs that wait. Two that are equal do the same."""

    def suits(self, state: State, waiting: Ranges) -> Ranges:
        """Those of the jobs that wait which are not so already."""

    def make(self, ranges: Ranges, moves: Moves, by: By, now: Now, outcome: Outcome) -> None:
        """Make the change of these, which it suits, and which no lane has."""
