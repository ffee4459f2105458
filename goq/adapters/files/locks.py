"""A lock on a file or folder that tells whether the process that took it still lives."""

import fcntl
import os
from pathlib import Path


def take_if_free(path: Path, flags: int) -> int | None:
    """The lock of a file or folder, taken; None while somebody has it, and when it is just going.

    `flags` are those to open it with. The lock is held until its descriptor is closed, or the
    process has ended.
    """
    try:
        lock = os.open(path, flags | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), os.stat(path)):  # nobody took it away before we had the lock
            return lock
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(lock)
    return None
