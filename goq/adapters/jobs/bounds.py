"""What a running job must not exceed: its time, and its memory. Its shepherd looks.

Seconds are those of the monotonic clock: steps of the wall clock change nothing, and a machine's
sleep does not count. Memory is looked at twice a second, and of jobs without a bound never. The
kernel bounds it sooner where it can (`cgroup_memory`), and then nobody looks.
"""

import os
import time
from collections.abc import Callable

from msgspec import Struct

from goq.core.values.quantities import show_duration, show_size
from goq.core.values.result import MEMORY, TIME
from goq.core.values.terms import Bounds

NEVER = float("inf")
LOOK_EVERY_S = 0.5
LOOK_SHARE = 20  # looks take a part of so many of the time, however much memory there is to look through
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_SHARES = (b"Pss_Anon:", b"Pss_Shmem:")


class Overrun(Struct, frozen=True):
    """Why a job is ended: the cause, and a sentence."""

    cause: str
    problem: str
    had_bytes: int = 0  # of memory, where that is why


class Watch:
    """What bounds one job, from this moment on. `due_s`: the monotonic second of the next look."""

    def __init__(self, bounds: Bounds, now_s: float) -> None:
        self._limit_s, self._signal, self._before_s, self._memory = bounds or (0.0, 0, 0.0, 0)
        self._begun_s = now_s  # and later by all the time in which it was stopped
        self._paused_s: float | None = None  # since then it is stopped
        self._looks_s = now_s + LOOK_EVERY_S if self._memory else NEVER
        self.had_bytes = 0  # of memory, when that was looked at last
        self._count()

    def _count(self) -> None:
        """Its time may have changed."""
        self._ends_s = self._begun_s + self._limit_s if self._limit_s else NEVER
        self._warns_s = self._ends_s - self._before_s if self._signal else NEVER
        self._note()

    def _note(self) -> None:
        due_s = min(self._ends_s, self._warns_s, self._looks_s)
        self.due_s = due_s if self._paused_s is None else NEVER

    def allow(self, limit_s: float) -> None:
        """It may run for so long in all, 0 for ever."""
        if limit_s != self._limit_s:
            self._limit_s = limit_s
            self._count()

    def pause(self, now_s: float) -> None:
        """It is stopped, and nothing is due."""
        self._paused_s = now_s
        self._note()

    def go_on(self, now_s: float) -> None:
        """It is stopped no more: that time does not count."""
        if self._paused_s is not None:
            self._begun_s += now_s - self._paused_s
            self._paused_s = None
            self._count()

    def take_warning(self, now_s: float) -> int:
        """The signal that is due, once; 0 for none."""
        if now_s < self._warns_s:
            return 0
        number, self._signal, self._warns_s = self._signal, 0, NEVER
        self._note()
        return number

    def overrun(self, now_s: float, processes: Callable[[], list[int]]) -> Overrun | None:
        """What the job with these processes exceeds; nothing is due any more then."""
        found = None
        if now_s >= self._ends_s:
            found = Overrun(TIME, f"its time of {show_duration(self._limit_s)} was up")
        elif now_s >= self._looks_s:
            had = self.had_bytes = memory_of(processes(), self._memory)
            if had > self._memory:
                words = f"it had {show_size(had)}, and asked for {show_size(self._memory)}"
                found = Overrun(MEMORY, words, had)
            self._looks_s = now_s + max(LOOK_EVERY_S, LOOK_SHARE * (time.monotonic() - now_s))
        if found:
            self._ends_s = self._warns_s = self._looks_s = NEVER
        self._note()
        return found


def memory_of(pids: list[int], enough: int) -> int:
    """The bytes that these processes have in memory together; more exactly when they seem to be above `enough`.

    What all of them have mapped, a look each at a short file, counts shared pages in each and pages
    of files that the kernel may drop at any time. Only if that is too much their page tables are gone
    through: what several share counts once, and mapped files not at all. So nobody is ended for a
    large file that he has mapped, or for children that have his pages.
    """
    sizes = {pid: _resident_bytes(pid) for pid in pids}
    if sum(sizes.values()) <= enough:
        return sum(sizes.values())
    return sum(_share_bytes(pid, size) for pid, size in sizes.items())


def _resident_bytes(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE_BYTES
    except OSError:
        return 0  # it has ended meanwhile


def _share_bytes(pid: int, otherwise: int) -> int:
    """Its part of what is not in files; what else is known where that may not be read, as of a setuid program."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            lines = file.read().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    except OSError:
        return otherwise
    kib = [int(line.split()[1]) for line in lines if line.startswith(_SHARES)]
    return sum(kib) * 1024 if kib else otherwise
