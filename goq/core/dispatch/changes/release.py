"""`goq release`: what is held is so no more. Pure."""

from typing import ClassVar

from msgspec import Struct

from goq.core.dispatch.decision import Outcome
from goq.core.dispatch.moves import Moves
from goq.core.state.state import State
from goq.core.values.ids import Now
from goq.core.values.job import By
from goq.core.values.ranges import Ranges, common


class Releasing(Struct, frozen=True):
    """They are held no more."""

    shuts: ClassVar[bool] = False  # what is held does not start

    def narrow(self, _state: State, numbers: Ranges) -> Ranges:
        """Nobody else is disturbed."""
        return numbers

    def count(self, state: State, numbers: Ranges) -> int:
        """Those that are held."""
        return state.held.count(numbers)

    def suits(self, state: State, waiting: Ranges) -> Ranges:
        """Those that are held."""
        held = (part for each in waiting[:1] for part in state.held.between(each[0], waiting[-1][1]))
        return common(waiting, tuple(held))

    def make(self, ranges: Ranges, moves: Moves, by: By, now: Now, outcome: Outcome) -> None:
        """They are in their place by number, unless something else keeps them."""
        moves.let_go(ranges, by, now, outcome)
