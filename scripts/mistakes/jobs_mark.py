"""Mistakes in adapters/jobs/mark.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/mark.py"
FAULTS = [
    Fault(
        "nobody knows what has begun",
        FILE,
        "        _BEGUN.pack_into(self._memory, 0, number, root, started_ns)",
        "        pass",
    ),
]
