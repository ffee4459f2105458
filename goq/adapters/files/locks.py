"""A lock on a file or folder that tells whether the process that took it still lives."""

import fcntl
import os
from pathlib import Path


class NoLocks(OSError):
    """The file system does not do locks: NFS without its lock service, say. `strerror` is its word for it."""


def try_lock(fileno: int) -> bool:
    """Take the lock of an open file or folder unless somebody has it. Raises NoLocks.

    It is held until the descriptor is closed, or the process has ended.
    """
    try:
        fcntl.flock(fileno, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise NoLocks(error.errno, error.strerror) from error
    return True


def wait_for_lock(fileno: int) -> None:
    """Take the lock of an open file, when whoever has it lets it go or ends. Raises NoLocks."""
    try:
        fcntl.flock(fileno, fcntl.LOCK_EX)
    except OSError as why:
        raise NoLocks(why.errno, why.strerror) from why


def take_if_free(path: Path, flags: int) -> int | None:
    """The lock of a file or folder, taken; None while somebody has it, and when it is just going.

    `flags` are those to open it with; the descriptor is the lock. Raises NoLocks, or OSError when
    it cannot be opened.
    """
    try:
        lock = os.open(path, flags | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        if try_lock(lock) and _is_still(lock, path):  # else somebody took it away before we had the lock
            return lock
    except OSError:
        os.close(lock)
        raise
    os.close(lock)
    return None


def _is_still(fileno: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fileno), os.stat(path))
    except FileNotFoundError:
        return False
