"""Mistakes in core/dispatch/behind.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/behind.py"
FAULTS = [
    Fault(
        "what can never run waits for ever", FILE, "            if each.reason:\n", "            if False:\n"
    ),
    Fault(
        "what is to be kept is skipped",
        FILE,
        "                if live.terms.keep:\n",
        "                if False:\n",
    ),
    Fault(
        "half a list is skipped in part",
        FILE,
        "yield self._skip([(live.first, live.end)], decided.reason, at_ns)",
        "yield self._skip([(max(first, live.first), JobId(live.first + 1))], decided.reason, at_ns)",
    ),
    Fault(
        "what is held is held once more",
        FILE,
        "        if is_kept:\n",
        "        if False:\n",
    ),
    Fault("a skipped job was cancelled", FILE, "Ending.SKIPPED", "Ending.CANCELLED"),
    Fault(
        "who is behind a skipped one is forgotten",
        FILE,
        "        while decided:\n            each = decided.popleft()\n",
        "        for _ in range(1 if decided else 0):\n            each = decided.popleft()\n",
    ),
    Fault("what is open stays shut", FILE, "                self._gates.watches.open(each)\n", ""),
]
