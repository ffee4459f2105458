"""Mistakes in roles/said/narration.py."""

from mistakes.fault import Fault

FILE = "roles/said/narration.py"
FAULTS = [
    Fault(
        "a line does not say where",
        FILE,
        'self._prefix = f"{host_name()} {prefix}"',
        "self._prefix = prefix",
    ),
    Fault(
        "the time stands still",
        FILE,
        "        if second != self._second:\n            self._second = second\n            self._beginning",
        "        if self._second < 0:\n            self._second = second\n            self._beginning",
    ),
    Fault(
        "the time is not the local one",
        FILE,
        "time.localtime(second)",
        "time.gmtime(second + 1800)",
    ),
    Fault(
        "an object does not say where",
        FILE,
        '"role": role, "host": host_name(), ',
        '"role": role, ',
    ),
]
