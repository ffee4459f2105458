"""Mistakes in core/waits/pulse.py."""

from mistakes.fault import Fault

FILE = "core/waits/pulse.py"
FAULTS = [
    Fault(
        "a silence of two beats is enough",
        FILE,
        "PATIENCE_BEATS = 3",
        "PATIENCE_BEATS = 2",
    ),
    Fault(
        "a word is not heard",
        FILE,
        "        self.begin(now_s)\n        self._given_up = 0",
        "        self._given_up = 0",
    ),
    Fault(
        "who was impatient once stays patient",
        FILE,
        "        self.begin(now_s)\n        self._given_up = 0",
        "        self.begin(now_s)",
    ),
    Fault(
        "it is asked again and again",
        FILE,
        "            self._asked = True\n            return Sign.ASK",
        "            return Sign.ASK",
    ),
    Fault(
        "nobody is asked for a sign of life",
        FILE,
        "if not self._asked and now_s >= self._since_s + self._beat_s:",
        "if False:",
    ),
    Fault(
        "a server that stays silent is stormed",
        FILE,
        "self._given_up = min(self._given_up + 1, _DOUBLINGS)",
        "self._given_up = 0",
    ),
    Fault(
        "patience doubles without an end",
        FILE,
        "_DOUBLINGS = 3  #",
        "_DOUBLINGS = 30  #",
    ),
    Fault(
        "a new connection inherits the question",
        FILE,
        "        self._since_s = now_s\n        self._asked = False",
        "        self._since_s = now_s",
    ),
    Fault(
        "the loop sleeps past the end",
        FILE,
        "return self._last_s() if self._asked else self._since_s + self._beat_s",
        "return self._since_s + self._beat_s + (1e9 if self._asked else 0.0)",
    ),
]
