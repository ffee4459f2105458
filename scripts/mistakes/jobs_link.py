"""Mistakes in adapters/jobs/link.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/link.py"
FAULTS = [
    Fault(
        "only the last that was put is sent",
        FILE,
        "self._unsent += _LENGTH.pack(len(data)) + data",
        "self._unsent = bytearray(_LENGTH.pack(len(data)) + data)",
    ),
    Fault(
        "what a shepherd said before it fell is not heard",
        FILE,
        "        with suppress(OSError):  # that end is gone, and may have said something before\n"
        "            self._end.sendall(data)",
        "        try:\n"
        "            self._end.sendall(data)\n"
        "        except OSError:\n"
        "            self.closed = True",
    ),
    Fault(
        "another version is not refused",
        FILE,
        "        elif not GREETING.startswith(begin):",
        "        elif False:",
    ),
    Fault(
        "what another version says is read",
        FILE,
        "        self._greeted = begin == GREETING",
        "        self._greeted = len(begin) == len(GREETING)",
    ),
    Fault(
        "a piece of a greeting is another version",
        FILE,
        "        elif not GREETING.startswith(begin):",
        "        else:",
    ),
]
