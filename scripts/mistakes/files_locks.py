"""Mistakes in adapters/files/locks.py."""

from mistakes.fault import Fault

FILE = "adapters/files/locks.py"
FAULTS = [
    Fault(
        "no locks are taken for somebody's lock",
        FILE,
        "        raise NoLocks(error.errno, error.strerror) from error\n",
        "        return False\n",
    ),
    Fault(
        "a lock that somebody has is no lock",
        FILE,
        "    except BlockingIOError:\n        return False\n",
        "",
    ),
    Fault(
        "a folder that has just gone is inherited",
        FILE,
        "        if try_lock(lock) and _is_still(lock, path):",
        "        if try_lock(lock):",
    ),
]
