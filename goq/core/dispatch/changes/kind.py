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

    @property
    def shuts(self) -> bool:
        """What is to be changed might start before it is."""

    def narrow(self, state: State, numbers: Ranges) -> Ranges:
        """The numbers without those of whole ranges of jobs that are so already."""

    def count(self, state: State, numbers: Ranges) -> int:
        """How many jobs that wait it suits."""

    def suits(self, state: State, waiting: Ranges) -> Ranges:
        """Those of the jobs that wait which are not so already."""

    def make(self, ranges: Ranges, moves: Moves, by: By, now: Now, outcome: Outcome) -> None:
        """Make the change of these, which it suits, and which no lane has."""
