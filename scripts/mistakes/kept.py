"""Mistakes in adapters/kept.py."""

from mistakes.fault import Fault

FILE = "adapters/kept.py"
FAULTS = [
    Fault(
        "a pid of another boot is ours",
        FILE,
        "return self.boot == boot_id() and here == self.process",
        "return here == self.process",
    ),
    Fault(
        "a pid that was given again is ours",
        FILE,
        "and here == self.process and not",
        "and here.pid == self.process.pid and not",
    ),
    Fault(
        "what has ended and is not reaped lives",
        FILE,
        "here == self.process and not has_surely_ended(here)",
        "here == self.process",
    ),
    Fault(
        "two may be at it",
        FILE,
        "        return try_lock(lock)\n",
        "        return try_lock(lock) or True\n",
    ),
    Fault(
        "what is damaged stops everybody",
        FILE,
        "    except DecodeError:\n        return Pair()\n",
        "    except DecodeError:\n        raise\n",
    ),
]
