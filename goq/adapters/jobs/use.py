"""What a running job uses: seconds of cpu time, and memory. Its shepherd looks, seldom, and at a short job never.

What its processes and those say that they have waited for; what has ended elsewhere its shepherd has taken note of.
"""

import os
import time
from collections.abc import Callable

from msgspec import Struct

from goq.adapters.jobs.bounds import LOOK_EVERY_S, LOOK_SHARE, memory_of
from goq.adapters.jobs.mark import Mark, Sample
from goq.adapters.jobs.running import Running
from goq.core.worker.rules import SAMPLE_EVERY_S, SAMPLES_FROM_S

LARGE_BYTES = 16 << 20  # of two processes as large as that it matters what they share
_PAGE_BYTES, _TICKS_A_SECOND = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
_TIMES, _RESIDENT = slice(11, 15), 21  # in /proc/PID/stat, counted from the state on; proc(5)


class Seen:
    """The processes of a job in one look, however many want to know them: they are looked up once, or not at all."""

    def __init__(self, look_up: Callable[[], list[int]]) -> None:
        self._look_up = look_up
        self._pids: list[int] | None = None

    def __call__(self) -> list[int]:
        """Their pids."""
        if self._pids is None:
            self._pids = self._look_up()
        return self._pids

    @property
    def is_known(self) -> bool:
        """Somebody has wanted to know them."""
        return self._pids is not None


class _Process(Struct, frozen=True):
    cpu_s: float  # also of its children that it has waited for
    resident_bytes: int


def note_use(job: Running, mark: Mark, now_s: float, seen: Seen) -> None:
    """Note what the job has used if it is time to; somewhat sooner where its processes were just looked up."""
    if now_s >= job.sample_at_s - (LOOK_EVERY_S if seen.is_known else 0.0):
        mark.note(job.number, _sample(job, now_s, seen))


def _sample(job: Running, now_s: float, seen: Seen) -> Sample:
    """What it has used, and when to look again: as late as it is old, and as the look takes little of the time."""
    if job.memory:
        cpu_s, resident_bytes = job.memory.uses()
    else:
        cpu_s, resident_bytes = _use_of(seen(), job.watch.had_bytes if job.watch else 0)
        cpu_s += job.orphans_cpu_s
    pause_s = min(SAMPLE_EVERY_S, max(SAMPLES_FROM_S, now_s - job.started_s))
    job.sample_at_s = now_s + max(pause_s, LOOK_SHARE * (time.monotonic() - now_s))
    return Sample(now_s, cpu_s, resident_bytes // 1024)


def _use_of(pids: list[int], had_bytes: int) -> tuple[float, int]:
    """Of these processes together; `had_bytes` is what somebody has just seen that they have, 0 if nobody has."""
    found = [process for process in map(_process, pids) if process]
    cpu_s = sum(process.cpu_s for process in found)
    large = sum(process.resident_bytes > LARGE_BYTES for process in found)
    if not had_bytes and large > 1:  # pages of both count once
        had_bytes = memory_of(pids, 0)
    return cpu_s, had_bytes or sum(process.resident_bytes for process in found)


def _process(pid: int) -> _Process | None:
    """None when it has ended meanwhile."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            told = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return _Process(sum(map(int, told[_TIMES])) / _TICKS_A_SECOND, int(told[_RESIDENT]) * _PAGE_BYTES)
