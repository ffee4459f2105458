"""The ends of the processes below a shepherd: taken note of, and brought about."""

import os
import select
import signal
import time
from typing import Protocol

from goq.adapters.jobs.cgroups import JobCgroup
from goq.adapters.jobs.processes import Exit, own_peak_kib, reap, signal_descendants

_BLUR_KIB = 256  # the kernel counts in batches
_CROWD = 50  # processes that take long to be looked up one by one, the more so if they all want to run
_GLANCE_S = 0.002
_EXTERMINATE_S = 0.2
_REAP_S = 0.2  # enough for thousands of dead ones, which make a look slow


class Rooted(Protocol):
    """What began with one process: its pid, and how that ended.

    Of what it left to us, and has ended, the seconds of cpu time together, and the most memory that one had.
    """

    root: int
    exit: Exit | None
    orphans_cpu_s: float
    orphans_peak_kib: int


class Reaper:
    """Reaps, and knows how to kill what forks. `has_more`: there may be more children that have ended."""

    def __init__(self, cgroup: JobCgroup | None) -> None:
        self.has_more = False
        self._cgroup = cgroup
        self._own_peak_kib = 0

    def reap(self, whose: Rooted | None = None) -> bool:
        """Take note of what has ended; False once nothing is left at all."""
        try:
            self.has_more = self._reap_some(whose)
        except ChildProcessError:
            self.has_more = False
            return False
        return True

    def _reap_some(self, whose: Rooted | None) -> bool:
        """True when there may be more: some jobs fork for as long as nobody stops them."""
        until = time.monotonic() + _REAP_S
        while ended := reap():
            pid, how = ended
            if whose and pid == whose.root:
                whose.exit = how
            elif whose:
                whose.orphans_cpu_s += how.cpu_s
                whose.orphans_peak_kib = max(whose.orphans_peak_kib, how.peak_kib)
            if time.monotonic() > until:
                return True
        return False

    def peak_kib(self, whose: Rooted) -> int:
        """The most memory that a process of a job had; 0 when that is less than we have, which counts as its own before its exec."""
        peak_kib = max(whose.exit.peak_kib if whose.exit else 0, whose.orphans_peak_kib)
        if peak_kib > self._own_peak_kib:
            self._own_peak_kib = own_peak_kib() + _BLUR_KIB
        return peak_kib if peak_kib > self._own_peak_kib else 0

    def is_outrun(self) -> bool:
        """A kill of process by process may not be enough, and there is `fall`."""
        return self._cgroup is not None and _is_teeming(self._cgroup)

    def fall(self) -> None:
        """SIGKILL to all that is in our cgroup, and to us."""
        if self._cgroup:
            self._cgroup.kill()

    def exterminate(self) -> None:
        """Nothing below may live on."""
        deadline = time.monotonic() + _EXTERMINATE_S
        while True:
            if self.is_outrun() or time.monotonic() > deadline:
                self.fall()
            signal_descendants(signal.SIGKILL)
            try:
                os.wait()
            except ChildProcessError:
                return
            if not self.reap():
                return


def _is_teeming(cgroup: JobCgroup) -> bool:
    """There are many processes, or new ones are being forked at this moment."""
    before = cgroup.pids()
    if len(before) > _CROWD:
        return True
    select.select((), (), (), _GLANCE_S)  # not time.sleep, which wants a clock that does not jump
    return not cgroup.pids() <= before
