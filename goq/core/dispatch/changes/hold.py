"""`goq hold`: what waits is kept from being started. Pure."""

from msgspec import Struct

from goq.core.dispatch.decision import Outcome
from goq.core.dispatch.moves import Moves
from goq.core.state.state import State
from goq.core.values.ids import Now
from goq.core.values.job import By
from goq.core.values.ranges import Ranges, without


class Holding(Struct, frozen=True):
    """They are held."""

    def suits(self, state: State, waiting: Ranges) -> Ranges:
        """Those that are not held."""
        return without(waiting, tuple(state.held.ranges())) if state.held else waiting

    def make(self, ranges: Ranges, moves: Moves, by: By, now: Now, outcome: Outcome) -> None:
        """They are in no lane until they are released."""
        moves.hold(ranges, by, now, outcome)
