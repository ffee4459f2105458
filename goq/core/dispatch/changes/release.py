"""`goq release`: what is held is so no more. Pure."""

from msgspec import Struct

from goq.core.dispatch.decision import Outcome
from goq.core.dispatch.moves import Moves
from goq.core.state.state import State
from goq.core.values.ids import Now
from goq.core.values.job import By
from goq.core.values.ranges import Ranges, common


class Releasing(Struct, frozen=True):
    """They are held no more."""

    def suits(self, state: State, waiting: Ranges) -> Ranges:
        """Those that are held."""
        return common(waiting, tuple(state.held.ranges())) if state.held else ()

    def make(self, ranges: Ranges, moves: Moves, by: By, now: Now, outcome: Outcome) -> None:
        """They are in their place by number, unless something else keeps them."""
        moves.let_go(ranges, by, now, outcome)
