"""Mistakes in core/waits/newsroom.py."""

from mistakes.fault import Fault

FILE = "core/waits/newsroom.py"
FAULTS = [
    Fault("who asks most sends others away", FILE, "self._lot.count_of(holder) >= ASKERS_EACH", "False"),
    Fault(
        "news is told at once",
        FILE,
        "                self._next_s = now_s + NEWS_EVERY_S\n",
        "                pass\n",
    ),
    Fault("all hear the same", FILE, " if since != seq]", "]"),
    Fault("any number waits", FILE, "len(self._lot) >= ASKERS_LIMIT", "False"),
    Fault(
        "who waits in vain is never told",
        FILE,
        "        return replies + due\n",
        "        return replies\n",
    ),
]
