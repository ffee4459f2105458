"""One question to the outside that may take its time, on a thread of its own."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Errand(Generic[T]):
    """Runs a function that blocks; `wake` is called when `take` has what it gave."""

    def __init__(self, run: Callable[[], T], wake: Callable[[], None]) -> None:
        self._run = run
        self._wake = wake
        self._results: list[T] = []
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, unless it is under way."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._go, daemon=True)
            self._thread.start()

    def take(self) -> list[T]:
        """What it gave, if it has ended since the last call: one thing, or nothing."""
        if not self._results:
            return []
        self._thread = None
        results, self._results = self._results, []
        return results

    def _go(self) -> None:
        result = self._run()
        self._results.append(result)
        self._wake()
