"""`goq kill`: what waits never runs. Pure."""

from typing import ClassVar

from msgspec import Struct

from goq.core.dispatch.decision import Outcome
from goq.core.dispatch.moves import Moves
from goq.core.state.records import RangeEnded
from goq.core.state.state import State
from goq.core.values.ids import Now
from goq.core.values.job import By
from goq.core.values.ranges import Ranges
from goq.core.values.result import Ending


class Killing(Struct, frozen=True):
    """They end as cancelled."""

    shuts: ClassVar[bool] = True

    def narrow(self, _state: State, numbers: Ranges) -> Ranges:
        """All can be killed."""
        return numbers

    def count(self, state: State, numbers: Ranges) -> int:
        """All that wait."""
        return state.waiting.count(numbers)

    def suits(self, _state: State, waiting: Ranges) -> Ranges:
        """All can be killed."""
        return waiting

    def make(self, ranges: Ranges, moves: Moves, by: By, now: Now, outcome: Outcome) -> None:
        """They have their final state."""
        moves.end_waiting(RangeEnded(ranges, Ending.CANCELLED, "", now.wall_ns, by), outcome)
