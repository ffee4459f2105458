"""The hosts that have workers now, and those workers. Pure, and volatile."""

from collections.abc import Set as AbstractSet

ABSENT_S = 25.0  # a worker without work asks more often than that; one that is started again takes less
SETTLE_S = 4.5  # after a start, or a newcomer, others may be about to come; less than SHUT_S


class Hosts:
    """Who was heard of, since when, and when last.

    A host whose workers have gone is there for a while yet, also when they have said goodbye:
    people start workers again.
    """

    def __init__(self) -> None:
        self._since_s: dict[str, float] = {}
        self._heard_s: dict[str, float] = {}
        self._owners: dict[str, str] = {}  # of those that serve one user alone

    def hear(self, host: str, now_s: float, owner: str = "") -> None:
        """A worker there has said something; it runs that owner's jobs alone, or everybody's."""
        if host not in self._heard_s:
            self._since_s[host] = now_s
        self._heard_s[host] = now_s
        self._owners[host] = owner

    def present(self, busy: AbstractSet[str], now_s: float, owner: str = "") -> set[str]:
        """All that are there for that owner's jobs: those where something runs, and those that were heard lately."""
        for host, heard_s in list(self._heard_s.items()):
            if now_s - heard_s > ABSENT_S and host not in busy:
                del self._heard_s[host], self._since_s[host], self._owners[host]
        return {host for host in (*busy, *self._heard_s) if self._serves(host, owner)}

    def settled_s(self, owner: str = "") -> float:
        """From when on those that are there for that owner's jobs can be taken for all."""
        since = (since_s for host, since_s in self._since_s.items() if self._serves(host, owner))
        return max(since, default=0.0) + SETTLE_S

    def _serves(self, host: str, owner: str) -> bool:
        return self._owners.get(host, "") in ("", owner)
