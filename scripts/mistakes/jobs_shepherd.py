"""Mistakes in adapters/jobs/shepherd.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/shepherd.py"
FAULTS = [
    Fault(
        "a shepherd that was frozen starts what waited",
        FILE,
        "since_s > STALE_S",
        "since_s > 3600.0",
    ),
    Fault(
        "a late kill hits the next job",
        FILE,
        "if self._root and number == self._number:",
        "if self._root:",
    ),
    Fault(
        "what a job leaves behind lives on",
        FILE,
        "if self._exit is not None and self._kill_at is None:",
        "if False:",
    ),
    Fault(
        "jobs outlive their worker",
        FILE,
        "                self._watch()\n        self._exterminate()",
        "                self._watch()",
    ),
]
