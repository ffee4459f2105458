"""The number of the job that a shepherd has begun, since when, and what it uses, in memory that its worker sees too.

A message for each start would wake the worker; this costs nothing, and outlives a shepherd that
is killed: so its worker knows whether a job had begun, and can say so.
"""

import fcntl
import mmap
import os
import struct

from msgspec import Struct

_MFD_NOEXEC_SEAL = 8
_BEGUN = struct.Struct("QqQ")
_SAMPLE = struct.Struct("QddQQ")  # between its job's number and that number again
_SIZE = _BEGUN.size + _SAMPLE.size


class Sample(Struct, frozen=True):
    """What a job had used at that monotonic second: seconds of cpu time, and how much memory it had then."""

    at_s: float
    cpu_s: float
    resident_kib: int


class Mark:
    """0 while nothing has begun."""

    def __init__(self, fileno: int) -> None:
        """Takes the file over: it is closed."""
        try:
            self._memory = mmap.mmap(fileno, _SIZE)
        finally:
            os.close(fileno)

    def set(self, number: int, root: int = 0, started_ns: int = 0) -> None:
        """Say that the job begins now; or that it is on, by the pid of its first process."""
        _BEGUN.pack_into(self._memory, 0, number, root, started_ns)

    def get(self) -> tuple[int, int, int]:
        """The job that has begun last, with its pid, 0 before it has one, and when that was."""
        number, root, started_ns = _BEGUN.unpack_from(self._memory)
        return int(number), int(root), int(started_ns)

    def note(self, number: int, sample: Sample) -> None:
        """Say what the job of that number uses."""
        what = (number, sample.at_s, sample.cpu_s, sample.resident_kib, number)
        _SAMPLE.pack_into(self._memory, _BEGUN.size, *what)

    def sample(self, number: int) -> Sample | None:
        """What was said of the job of that number, if anything was, and is not just being said."""
        first, at_s, cpu_s, resident_kib, last = _SAMPLE.unpack_from(self._memory, _BEGUN.size)
        return Sample(at_s, cpu_s, int(resident_kib)) if first == last == number else None


def new_memory() -> int:
    """A file in memory for a mark, to be handed to both processes."""
    try:
        fileno = os.memfd_create("goq-mark", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING | _MFD_NOEXEC_SEAL)
    except OSError:  # Linux before 6.3 does not know that, and later ones complain of whoever does without
        fileno = os.memfd_create("goq-mark", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(fileno, _SIZE)
    os.fchmod(fileno, 0o600)  # whoever is somebody else may not open it by way of /proc
    fcntl.fcntl(fileno, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
    return fileno
