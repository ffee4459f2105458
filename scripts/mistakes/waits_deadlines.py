"""Mistakes in core/waits/deadlines.py."""

from mistakes.fault import Fault

FILE = "core/waits/deadlines.py"
FAULTS = [
    Fault(
        "a deadline that moved is forgotten",
        FILE,
        "            else:\n                self._push(key)",
        "            else:\n                self.drop(key)",
    ),
    Fault(
        "a deadline that moved earlier comes late",
        FILE,
        "if key not in self._entry or when < self._entry[key][0]:",
        "if key not in self._entry:",
    ),
    Fault(
        "a dropped deadline comes up",
        FILE,
        "            if self._entry.get(key) != (when, number):\n"
        "                continue  # left behind by a drop, or by a move to an earlier time\n"
        "            if self._deadline[key] == (when, number):",
        "            if self._deadline.get(key, (when, number)) == (when, number):",
    ),
    Fault(
        "a deadline is due after its moment",
        FILE,
        "self._heap[0][0] <= now",
        "self._heap[0][0] < now",
    ),
]
