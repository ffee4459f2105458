"""Times by which something must have happened, cheap to move.

Pure. A heap with one entry a key, at a time that may be too early: moving a deadline later
costs a dict write, and an entry that comes up too early is put back at its real time.
"""

import heapq
import math
from collections.abc import Iterator
from typing import Generic, TypeVar

K = TypeVar("K")


class Deadlines(Generic[K]):
    """A deadline in seconds for each key; of two at the same moment, the one set first is due first."""

    def __init__(self) -> None:
        # A deadline is a time and the number of the call that set it: numbers break ties.
        self._deadline: dict[K, tuple[float, int]] = {}
        self._entry: dict[K, tuple[float, int]] = {}  # the one in the heap that counts
        self._heap: list[tuple[float, int, K]] = []
        self._calls = 0

    def __contains__(self, key: K) -> bool:
        return key in self._deadline

    def __len__(self) -> int:
        return len(self._deadline)

    def __iter__(self) -> Iterator[K]:
        return iter(self._deadline)

    def set(self, key: K, when: float) -> None:
        """Give the key a deadline, or move the one that it has."""
        self._calls += 1
        self._deadline[key] = (when, self._calls)
        if key not in self._entry or when < self._entry[key][0]:
            self._push(key)

    def when(self, key: K) -> float:
        """The key's deadline; infinity if it has none."""
        return self._deadline[key][0] if key in self._deadline else math.inf

    def drop(self, key: K) -> None:
        """Forget the key's deadline, if it has one."""
        self._deadline.pop(key, None)
        self._entry.pop(key, None)

    def pop_due(self, now: float) -> list[K]:
        """Take out the keys whose time has come, the earliest first."""
        due: list[K] = []
        while self._heap and self._heap[0][0] <= now:
            when, number, key = heapq.heappop(self._heap)
            if self._entry.get(key) != (when, number):
                continue  # left behind by a drop, or by a move to an earlier time
            if self._deadline[key] == (when, number):
                self.drop(key)
                due.append(key)
            else:
                self._push(key)
        return due

    def next(self) -> float:
        """The earliest moment at which `pop_due` may have something; infinity if never."""
        return self._heap[0][0] if self._heap else math.inf

    def _push(self, key: K) -> None:
        when, number = self._entry[key] = self._deadline[key]
        heapq.heappush(self._heap, (when, number, key))
