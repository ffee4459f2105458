"""Which requests are new: sent lately, and not seen before.

Pure. A request that would do harm when replayed is admitted once; the memory of nonces is
as long as the window and bounded in number. When the memory is full it refuses rather than
forgets, because a forgotten nonce can be used again. Whoever asks again since the answer was
lost has another nonce.
"""

from collections import Counter, OrderedDict
from enum import Enum, auto

from goq.core.messages import (
    Change,
    Goodbye,
    ImmolateWorkers,
    Request,
    Reset,
    SetKey,
    SetLimit,
    ShutdownServer,
)
from goq.core.values.ids import Nonce, Now

NS_PER_S = 1_000_000_000
HOLDERS = 10  # so many fill the memory, if each has as much of it as he may


class Verdict(Enum):
    """What the gate says of a request."""

    FRESH = auto()
    STALE = auto()
    REPEATED = auto()
    FULL = auto()


class FreshnessGate:
    """Admits each once-only request once, and only within `window_s` of the server's clock.

    `since` is when this server started: a once-only request sent before that may have
    been admitted by the server before it, whose memory is gone, and is stale.
    """

    def __init__(self, window_s: float, since: Now, limit: int = 200_000) -> None:
        self.window_s = window_s
        self._window_ns = int(window_s * NS_PER_S)
        self._since = since
        self._limit = limit
        self._seen: OrderedDict[Nonce, tuple[int, str]] = OrderedDict()  # until when, and whose
        self._of: Counter[str] = Counter()  # how many are of each holder of a key
        self.refused_count = 0

    def __len__(self) -> int:
        return len(self._seen)

    def refusal(self, request: Request, now: Now) -> str | None:
        """None to let it in; a reason to refuse it with; an empty reason to stay silent."""
        verdict = self._verdict(request, now)
        if verdict is Verdict.FRESH:
            return None
        if verdict is Verdict.FULL:
            return "the server has more requests to remember than it can; try again in a minute"
        self.refused_count += 1
        if verdict is Verdict.REPEATED:
            return ""
        skew_s = (request.sent_ns - now.wall_ns) / NS_PER_S
        if abs(skew_s) <= self.window_s:
            return "the request was sent before this server started; send it again"
        side = "ahead of" if skew_s > 0 else "behind"
        return f"your clock is {abs(skew_s):.0f} s {side} the server's; set it"

    def _verdict(self, request: Request, now: Now) -> Verdict:
        match request.question:
            case (
                Goodbye() | ShutdownServer() | ImmolateWorkers() | Reset() | Change() | SetLimit() | SetKey()
            ):
                # What was done to all of somebody's jobs must not be done to those that came since.
                return self.admit_once(request.nonce, request.sent_ns, now, request.who.holder)
            case _:  # harmless when repeated, whatever came between
                return Verdict.FRESH if self.is_fresh(request.sent_ns, now) else Verdict.STALE

    def is_fresh(self, sent_ns: int, now: Now) -> bool:
        """The request was sent within the window, before or after the server's now."""
        return abs(now.wall_ns - sent_ns) <= self._window_ns

    def is_of_now(self, request: Request, now: Now) -> bool:
        """The request was sent since this server has started: what was said to the one before it may be repeated."""
        return request.sent_ns >= self._start_ns(now)

    def admit_once(self, nonce: Nonce, sent_ns: int, now: Now, holder: str = "") -> Verdict:
        """Let a once-only request in, and remember it while a copy of it would look fresh.

        The holder of a key has a part of the memory: it is not full for others by what one of them asks.
        """
        self._forget(now)
        if not self.is_fresh(sent_ns, now) or sent_ns < self._start_ns(now):
            return Verdict.STALE
        if nonce in self._seen:
            return Verdict.REPEATED
        if len(self._seen) >= self._limit or (holder and self._of[holder] >= self._limit // HOLDERS):
            return Verdict.FULL
        self._seen[nonce] = now.wall_ns + 2 * self._window_ns, holder
        if holder:
            self._of[holder] += 1
        return Verdict.FRESH

    def _start_ns(self, now: Now) -> int:
        """When this server started, by the clock as it is now: one that was ahead may have been set back."""
        attended_ns = int((now.attended_s - self._since.attended_s) * NS_PER_S)
        return min(self._since.wall_ns, now.wall_ns - attended_ns)

    def _forget(self, now: Now) -> None:
        # A request may be dated one window ahead and stays fresh for one more.
        while self._seen and next(iter(self._seen.values()))[0] < now.wall_ns:
            _, (_, holder) = self._seen.popitem(last=False)
            self._of[holder] -= 1
            if self._of[holder] <= 0:
                del self._of[holder]
