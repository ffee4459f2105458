"""Mistakes in adapters/wire/peers.py."""

from mistakes.fault import Fault

FILE = "adapters/wire/peers.py"
FAULTS = [
    Fault(
        "a peer that fell silent is kept",
        FILE,
        "now_s - heard_s >= SILENT_S]",
        "False]",
    ),
    Fault(
        "a peer's words do not count",
        FILE,
        "        self._heard_s[peer] = now_s",
        "        self._heard_s.setdefault(peer, now_s)",
    ),
    Fault(
        "peers are looked at once",
        FILE,
        "        self._look_s = now_s + _LOOK_EVERY_S",
        "        self._look_s = math.inf",
    ),
    Fault(
        "one of ours is a stranger for ever",
        FILE,
        "        self._strangers.pop(peer, None)\n"
        "        self._forgers.pop(peer, None)\n"
        "        self._heard_s",
        "        self._heard_s",
    ),
    Fault(
        "a wrong signature changes nothing",
        FILE,
        "            self._forgers[peer] = self._strangers.pop(peer)",
        "            self._strangers.move_to_end(peer)",
    ),
    Fault(
        "those who forge have no time limit",
        FILE,
        "for strangers in (self._strangers, self._forgers):",
        "for strangers in (self._strangers,):",
    ),
    Fault(
        "a crowd is given time",
        FILE,
        "> STRANGERS:\n            allowed_s = min(allowed_s, CROWD_S)",
        "> STRANGERS:\n            allowed_s = STRANGER_S",
    ),
    Fault(
        "who has gone is kept in the books",
        FILE,
        "for accounts in (self._strangers, self._forgers, self._heard_s):",
        "for accounts in (self._forgers,):",
    ),
    Fault(
        "the loop does not wake for those who forge",
        FILE,
        "return min(map(self._due_s, (self._strangers, self._forgers)))",
        "return self._due_s(self._strangers)",
    ),
]
