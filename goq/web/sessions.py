"""Who is logged in, and who guesses. Pure: the time and the chance come in as arguments.

Of a cookie only its hash is kept, so that a dump of our memory lets nobody in.
"""

from collections import deque
from collections.abc import Callable
from hashlib import sha256

from msgspec import Struct

SESSION_S = 12 * 3600.0
SESSIONS_LIMIT = 1000  # one more ends the oldest
NOTE_S = 5.0
WRONG_COSTS_S = 1.0
WRONG_LIMIT = 10
LOCK_S = 60.0


class Session(Struct, frozen=True):
    """One browser: `token` is in each form of its pages. Over at `until_s`."""

    token: str
    until_s: float
    notes: list[tuple[float, str]]

    def note(self, text: str, now_s: float) -> None:
        """Have its pages say that for a moment: they may be loaded more than once by what follows."""
        self.notes.append((now_s + NOTE_S, text))

    def noted(self, now_s: float) -> list[str]:
        """What they are to say now."""
        self.notes[:] = [each for each in self.notes if each[0] > now_s]
        return [text for _, text in self.notes]


class Sessions:
    """All that are logged in, by the hash of their cookie. `chance` makes a secret each time."""

    def __init__(self, chance: Callable[[], str]) -> None:
        self._chance = chance
        self._by_hash: dict[bytes, Session] = {}

    def begin(self, now_s: float) -> str:
        """A new cookie."""
        cookie = self._chance()
        while len(self._by_hash) >= SESSIONS_LIMIT:
            del self._by_hash[next(iter(self._by_hash))]
        self._by_hash[_hash(cookie)] = Session(self._chance(), now_s + SESSION_S, [])
        return cookie

    def find(self, cookie: str, now_s: float) -> Session | None:
        """Whose cookie that is; None for nobody's, any more."""
        session = self._by_hash.get(_hash(cookie))
        if session is not None and session.until_s <= now_s:
            self.end(cookie)
            return None
        return session

    def end(self, cookie: str) -> None:
        """Log out."""
        self._by_hash.pop(_hash(cookie), None)


class Guesses:
    """Wrong codes: so many within the time of a lock, and no code is looked at for as long."""

    def __init__(self) -> None:
        self._wrong_s: deque[float] = deque()
        self._open_s = 0.0

    def wait_s(self, now_s: float) -> float:
        """How long no code is looked at; 0 when one is."""
        return max(0.0, self._open_s - now_s)

    def wrong(self, now_s: float) -> None:
        """A code was wrong."""
        while self._wrong_s and self._wrong_s[0] <= now_s - LOCK_S:
            self._wrong_s.popleft()
        self._wrong_s.append(now_s)
        if len(self._wrong_s) >= WRONG_LIMIT:
            self._open_s = now_s + LOCK_S
            self._wrong_s.clear()


def _hash(cookie: str) -> bytes:
    return sha256(cookie.encode()).digest()
