"""The number of the job that a shepherd has begun, in memory that its worker sees too.

A message for each start would wake the worker; this costs nothing, and outlives a shepherd that
is killed: so its worker knows whether a job had begun.
"""

import mmap
import os
import struct

_MFD_NOEXEC_SEAL = 8
_NUMBER = struct.Struct("Q")


class Mark:
    """0 while nothing has begun."""

    def __init__(self, fileno: int) -> None:
        """Takes the file over: it is closed."""
        try:
            self._memory = mmap.mmap(fileno, _NUMBER.size)
        finally:
            os.close(fileno)

    def set(self, number: int) -> None:
        """Say that the job begins now."""
        _NUMBER.pack_into(self._memory, 0, number)

    def get(self) -> int:
        """The job that has begun last."""
        (number,) = _NUMBER.unpack_from(self._memory)
        return int(number)


def new_memory() -> int:
    """A file in memory for a mark, to be handed to both processes."""
    try:
        fileno = os.memfd_create("goq-mark", os.MFD_CLOEXEC | _MFD_NOEXEC_SEAL)
    except OSError:  # Linux before 6.3 does not know that, and later ones complain of whoever does without
        fileno = os.memfd_create("goq-mark", os.MFD_CLOEXEC)
    os.ftruncate(fileno, _NUMBER.size)
    return fileno
