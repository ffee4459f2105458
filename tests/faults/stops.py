"""When a machine was stopped by SIGSTOP, as the right wall clock counts."""

import time
from dataclasses import dataclass, field


@dataclass
class Stops:
    """All stops of one machine, one after the other."""

    _spans: list[tuple[int, int]] = field(default_factory=list)
    _began_ns: int = 0

    def begin(self) -> None:
        self._began_ns = time.time_ns()

    def end(self) -> None:
        """It goes on, if it was stopped."""
        if self._began_ns:
            self._spans.append((self._began_ns, time.time_ns()))
            self._began_ns = 0

    def within_ns(self, from_ns: int, to_ns: int) -> int:
        """How much of that time it was stopped."""
        spans = ((max(begin, from_ns), min(end, to_ns)) for begin, end in self._spans)
        return sum(max(0, end - begin) for begin, end in spans)
