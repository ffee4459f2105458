"""The hosts that have workers now. Pure, and volatile."""

from collections.abc import Set as AbstractSet

ABSENT_S = 25.0  # a worker without work asks more often than that
SETTLE_S = 2.0  # after a start, or a newcomer, others may be about to come


class Hosts:
    """Who was heard of, since when, and when last. A host whose worker starts again is there meanwhile."""

    def __init__(self) -> None:
        self._since_s: dict[str, float] = {}
        self._heard_s: dict[str, float] = {}

    def hear(self, host: str, now_s: float) -> None:
        """A worker there has said something."""
        if host not in self._heard_s:
            self._since_s[host] = now_s
        self._heard_s[host] = now_s

    def leave(self, host: str) -> None:
        """The last worker there has said goodbye."""
        self._heard_s.pop(host, None)
        self._since_s.pop(host, None)

    def present(self, busy: AbstractSet[str], now_s: float) -> set[str]:
        """All that are there: those where something runs, and those that were heard lately."""
        for host, heard_s in list(self._heard_s.items()):
            if now_s - heard_s > ABSENT_S and host not in busy:
                self.leave(host)
        return {*busy, *self._heard_s}

    def settled_s(self) -> float:
        """From when on those that are there can be taken for all."""
        return max(self._since_s.values(), default=0.0) + SETTLE_S
