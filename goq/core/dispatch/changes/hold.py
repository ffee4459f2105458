"""`goq hold`: what waits is kept from being started. Pure."""

from typing import ClassVar

from msgspec import Struct

from goq.core.dispatch.decision import Outcome
from goq.core.dispatch.moves import Moves
from goq.core.state.state import State
from goq.core.values.ids import Now
from goq.core.values.job import By
from goq.core.values.ranges import Ranges, without


class Holding(Struct, frozen=True):
    """They are held."""

    shuts: ClassVar[bool] = True

    def narrow(self, _state: State, numbers: Ranges) -> Ranges:
        """What is held is in no lane."""
        return numbers

    def count(self, state: State, numbers: Ranges) -> int:
        """All that wait, but for those that are held."""
        return state.waiting.count(numbers) - state.held.count(numbers)

    def suits(self, state: State, waiting: Ranges) -> Ranges:
        """Those that are not held."""
        held = (part for each in waiting[:1] for part in state.held.between(each[0], waiting[-1][1]))
        return without(waiting, tuple(held))

    def make(self, ranges: Ranges, moves: Moves, by: By, now: Now, outcome: Outcome) -> None:
        """They are in no lane until they are released."""
        moves.hold(ranges, by, now, outcome)
