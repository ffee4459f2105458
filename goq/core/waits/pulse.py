"""Whether the other end of a connection still speaks, while somebody waits for its answer.

Pure. A connection may die without a word: a firewall has forgotten it, a cable is out. So after
a beat of silence the other end is asked for a sign of life, and after two more it is given up.
"""

from enum import Enum, auto

PATIENCE_BEATS = 3
_DOUBLINGS = 3  # of the patience, while nothing but silence follows: it may be the other end's trouble


class Sign(Enum):
    """What is to be done about a silence."""

    NOTHING = auto()
    ASK = auto()
    GIVE_UP = auto()


class Pulse:
    """The silence of one connection. Times in seconds, of any clock that goes on."""

    def __init__(self, beat_s: float) -> None:
        self._beat_s = beat_s
        self._since_s = 0.0
        self._asked = False
        self._given_up = 0

    def begin(self, now_s: float) -> None:
        """From now on somebody waits, over this connection."""
        self._since_s = now_s
        self._asked = False

    def heard(self, now_s: float) -> None:
        """The other end has spoken, of whatever."""
        self.begin(now_s)
        self._given_up = 0

    def turn(self, now_s: float) -> Sign:
        """What is due; each but once."""
        if now_s >= self._last_s():
            self._given_up = min(self._given_up + 1, _DOUBLINGS)
            self.begin(now_s)
            return Sign.GIVE_UP
        if not self._asked and now_s >= self._since_s + self._beat_s:
            self._asked = True
            return Sign.ASK
        return Sign.NOTHING

    def next_deadline(self) -> float:
        """When `turn` will have something to say, if nothing is heard before."""
        return self._last_s() if self._asked else self._since_s + self._beat_s

    def _last_s(self) -> float:
        return self._since_s + PATIENCE_BEATS * self._beat_s * (1 << self._given_up)
