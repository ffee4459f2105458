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
        "        if second != self._second:",
        "        if self._second < 0:",
    ),
    Fault(
        "the time is not the local one",
        FILE,
        '_Clock("%Y-%m-%d %H:%M:%S", time.localtime)',
        '_Clock("%Y-%m-%d %H:%M:%S", lambda s: time.gmtime(s + 1800))',
    ),
    Fault(
        "an object does not say where",
        FILE,
        '"role": role, "host": host_name(), ',
        '"role": role, ',
    ),
]
