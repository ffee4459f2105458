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
    Fault(
        "anybody may open what is said", FILE, "    os.fchmod(fileno, 0o600)", "    os.fchmod(fileno, 0o666)"
    ),
    Fault(
        "what is said may be cut", FILE, "fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL", "0"
    ),
]
