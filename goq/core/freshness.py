"""Which requests are new: sent lately, and not seen before.

Pure. A request that would do harm when replayed is admitted once; the memory of nonces is
as long as the window and bounded in number. When the memory is full it refuses rather than
forgets, because a forgotten nonce can be used again.
"""

from collections import OrderedDict
from enum import Enum, auto

from goq.core.model import Nonce, Now

NS_PER_S = 1_000_000_000


class Verdict(Enum):
    """What the gate says of a request."""

    FRESH = auto()
    STALE = auto()
    REPEATED = auto()
    FULL = auto()


class FreshnessGate:
    """Admits each once-only request once, and only within `window_s` of the server's clock.

    `since_ns` is when this server started: a once-only request sent before that may have
    been admitted by the server before it, whose memory is gone, and is stale.
    """

    def __init__(self, window_s: float, since_ns: int, limit: int = 200_000) -> None:
        self.window_s = window_s
        self._window_ns = int(window_s * NS_PER_S)
        self._since_ns = since_ns
        self._limit = limit
        self._seen: OrderedDict[Nonce, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._seen)

    def is_fresh(self, sent_ns: int, now: Now) -> bool:
        """The request was sent within the window, before or after the server's now."""
        return abs(now.wall_ns - sent_ns) <= self._window_ns

    def admit_once(self, nonce: Nonce, sent_ns: int, now: Now) -> Verdict:
        """Let a once-only request in, and remember it while a copy of it would look fresh."""
        self._forget(now)
        if not self.is_fresh(sent_ns, now) or sent_ns < self._since_ns:
            return Verdict.STALE
        if nonce in self._seen:
            return Verdict.REPEATED
        if len(self._seen) >= self._limit:
            return Verdict.FULL
        self._seen[nonce] = now.wall_ns + 2 * self._window_ns
        return Verdict.FRESH

    def _forget(self, now: Now) -> None:
        # A request may be dated one window ahead and stays fresh for one more.
        while self._seen and next(iter(self._seen.values())) < now.wall_ns:
            self._seen.popitem(last=False)
