"""What is to be done later in a run."""

import heapq
import itertools
import time
from collections.abc import Callable


class Agenda:
    """Deeds, each with its time."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def __bool__(self) -> bool:
        return bool(self._due)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), act))

    def do_due(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic():
            heapq.heappop(self._due)[2]()
