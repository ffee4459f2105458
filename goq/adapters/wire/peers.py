"""Which connections of a server may stay: whoever shows in time that it is one of ours, and speaks on.

Whoever reaches the port may connect, and nng would keep each connection for ever, with as much of
a frame as was sent. One of ours that is sent away just connects again.
"""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable

STRANGER_S = 10.0  # for the first signed frame of a connection; nng gives its greeting as long
STRANGERS = 256  # when there are more, the oldest have less time:
CROWD_S = 1.0
FORGER_S = 5.0  # for one that has sent what is not signed with our id: it learns that so
SILENT_S = 60.0  # so long a peer of ours may say nothing: it asks for a sign of life far more often
_LOOK_EVERY_S = 5.0


class Peers:
    """The connections that are there, by their numbers. `close` is to close one, if it is still there."""

    def __init__(self, close: Callable[[int], None]) -> None:
        self._close = close
        self._arrivals: deque[tuple[int, float]] = deque()
        self._strangers: OrderedDict[int, float] = OrderedDict()  # since when, the oldest first
        self._forgers: OrderedDict[int, float] = OrderedDict()  # the same
        self._heard_s: dict[int, float] = {}  # of ours, on the loop's clock
        self._look_s = 0.0

    def arrived(self, peer: int) -> None:
        """It has connected. A thread of nng's says so before it passes on a frame of it."""
        self._arrivals.append((peer, time.monotonic()))

    def welcome(self, peer: int, now_s: float) -> None:
        """It has shown that it is one of ours."""
        self._meet()
        self._strangers.pop(peer, None)
        self._forgers.pop(peer, None)
        self._heard_s[peer] = now_s

    def suspect(self, peer: int) -> None:
        """It has sent what is not signed with our id: it has less time."""
        self._meet()
        if peer in self._strangers:
            self._forgers[peer] = self._strangers.pop(peer)

    def forget(self, peer: int) -> None:
        """It has gone."""
        self._meet()
        for accounts in (self._strangers, self._forgers, self._heard_s):
            accounts.pop(peer, None)

    def dismiss_strangers(self) -> None:
        """Close the connections that have had their time."""
        self._meet()
        now_s = time.monotonic()
        for strangers in (self._strangers, self._forgers):
            while strangers and self._due_s(strangers) <= now_s:
                self._close(strangers.popitem(last=False)[0])

    def next_deadline(self) -> float:
        """The monotonic second in which the first of them has had its time."""
        return min(map(self._due_s, (self._strangers, self._forgers)))

    def _due_s(self, strangers: OrderedDict[int, float]) -> float:
        if not strangers:
            return math.inf
        allowed_s = STRANGER_S if strangers is self._strangers else FORGER_S
        if len(self._strangers) + len(self._forgers) > STRANGERS:
            allowed_s = min(allowed_s, CROWD_S)
        return next(iter(strangers.values())) + allowed_s

    def dismiss_silent(self, now_s: float) -> None:
        """Close the connections of ours that have died without a word.

        Time in which the loop could not hear them does not count: `now_s` is the attended one.
        """
        if now_s < self._look_s:
            return
        self._look_s = now_s + _LOOK_EVERY_S
        for peer in [peer for peer, heard_s in self._heard_s.items() if now_s - heard_s >= SILENT_S]:
            del self._heard_s[peer]
            self._close(peer)

    def _meet(self) -> None:
        while self._arrivals:
            peer, since_s = self._arrivals.popleft()
            self._strangers[peer] = since_s
