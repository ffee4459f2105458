"""The hosts that have workers now, and those workers. Pure, and volatile."""

from collections import OrderedDict
from collections.abc import Set as AbstractSet

from goq.core.values.ids import WorkerId

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

    def hear(self, host: str, now_s: float) -> None:
        """A worker there has said something."""
        if host not in self._heard_s:
            self._since_s[host] = now_s
        self._heard_s[host] = now_s

    def present(self, busy: AbstractSet[str], now_s: float) -> set[str]:
        """All that are there: those where something runs, and those that were heard lately."""
        for host, heard_s in list(self._heard_s.items()):
            if now_s - heard_s > ABSENT_S and host not in busy:
                del self._heard_s[host], self._since_s[host]
        return {*busy, *self._heard_s}

    def settled_s(self) -> float:
        """From when on those that are there can be taken for all."""
        return max(self._since_s.values(), default=0.0) + SETTLE_S


class Voices:
    """Workers that have said something within a beat, and the connection over which that came."""

    def __init__(self, beat_s: float) -> None:
        self._beat_s = beat_s
        self._heard: OrderedDict[WorkerId, tuple[int, float]] = OrderedDict()  # the longest silent first

    def hear(self, worker: WorkerId, peer: int, now_s: float) -> None:
        """It has said something."""
        self._heard[worker] = peer, now_s
        self._heard.move_to_end(worker)
        self._forget_silent(now_s)

    def leave(self, worker: WorkerId) -> None:
        """It has said goodbye."""
        self._heard.pop(worker, None)

    def forget_peer(self, peer: int) -> None:
        """The connection has gone: whether its workers are there they must say anew."""
        for worker in [worker for worker, (its_peer, _) in self._heard.items() if its_peer == peer]:
            del self._heard[worker]

    def heard(self, now_s: float) -> AbstractSet[WorkerId]:
        """Those that may be between two questions now."""
        self._forget_silent(now_s)
        return self._heard.keys()

    def _forget_silent(self, now_s: float) -> None:
        while self._heard:
            worker, (_, heard_s) = next(iter(self._heard.items()))
            if now_s - heard_s <= self._beat_s:
                return
            del self._heard[worker]
