"""Mistakes in adapters/jobs/executor.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/executor.py"
FAULTS = [
    Fault(
        "a second shepherd knows no environment",
        FILE,
        "self._told_environment: Environment | None = None",
        "self._told_environment = getattr(self, '_told_environment', None)",
    ),
    Fault(
        "a dead shepherd's word is not heard",
        FILE,
        "died = self._doomed or killed",
        "died = killed",
    ),
]
