"""The number of the job that a shepherd has begun, and since when, in memory that its worker sees too.

A message for each start would wake the worker; this costs nothing, and outlives a shepherd that
is killed: so its worker knows whether a job had begun, and can say so.
"""

import mmap
import os
import struct

_MFD_NOEXEC_SEAL = 8
_BEGUN = struct.Struct("QqQ")


class Mark:
    """0 while nothing has begun."""

    def __init__(self, fileno: int) -> None:
        """Takes the file over: it is closed."""
        try:
            self._memory = mmap.mmap(fileno, _BEGUN.size)
        finally:
            os.close(fileno)

    def set(self, number: int, root: int = 0, started_ns: int = 0) -> None:
        """Say that the job begins now; or that it is on, by the pid of its first process."""
        _BEGUN.pack_into(self._memory, 0, number, root, started_ns)

    def get(self) -> tuple[int, int, int]:
        """The job that has begun last, with its pid, 0 before it has one, and when that was."""
        number, root, started_ns = _BEGUN.unpack_from(self._memory)
        return int(number), int(root), int(started_ns)


def new_memory() -> int:
    """A file in memory for a mark, to be handed to both processes."""
    try:
        fileno = os.memfd_create("goq-mark", os.MFD_CLOEXEC | _MFD_NOEXEC_SEAL)
    except OSError:  # Linux before 6.3 does not know that, and later ones complain of whoever does without
        fileno = os.memfd_create("goq-mark", os.MFD_CLOEXEC)
    os.ftruncate(fileno, _BEGUN.size)
    return fileno
