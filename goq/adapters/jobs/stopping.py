"""A job that is paused: all its processes are stopped, and those that they were just forking too.

A look that finds nobody running is not enough: one may have forked after its children were looked up, and have
been stopped before it was looked at. When a second look finds the same processes, all stopped, nobody is left.
"""

import math
import os
import signal
from collections.abc import Iterable
from contextlib import suppress

from goq.adapters.jobs.processes import descendants, signal_all

AGAIN_S = 0.02
LOOKS_AT_ONCE = 20
NEVER = math.inf
_DEAD, _STOPPED = (b"Z", b"X"), (b"T", b"t")


class Stop:
    """Whether the job of this shepherd is stopped. `look_s`: the monotonic second by which to `look` again."""

    def __init__(self) -> None:
        self.is_on = False
        self.look_s = NEVER
        self._before: set[int] = set()  # stopped by themselves
        self._seen: set[int] | None = None  # all of them, when all were stopped

    def turn(self, now_s: float, *, on: bool) -> None:
        """Stop it, or let it go on."""
        if on and not self.is_on:
            self._before = {pid for pid, state in _states(descendants()) if state in _STOPPED}
            self._seen = None
        self.is_on = on
        if on:
            self.look_s = now_s
            self.look(now_s)
        else:
            self.look_s = NEVER
            signal_all((pid for pid in descendants() if pid not in self._before), signal.SIGCONT)

    def look(self, now_s: float) -> None:
        """Stop those that run, if a look is due."""
        if now_s < self.look_s:
            return
        self.look_s = now_s + AGAIN_S
        for _ in range(LOOKS_AT_ONCE):
            found = [each for each in _states(descendants()) if each[1] not in _DEAD]
            running = [pid for pid, state in found if state not in _STOPPED and _may_signal(pid)]
            if running:
                signal_all(running, signal.SIGSTOP)
                self._seen = None
                continue
            here = {pid for pid, _ in found}
            if here == self._seen:
                self.look_s = NEVER
                return
            self._seen = here


def _may_signal(pid: int) -> bool:
    """It is not another user's, as a setuid program is."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _states(pids: Iterable[int]) -> list[tuple[int, bytes]]:
    """What the kernel says that each is doing."""
    found = []
    for pid in pids:
        with suppress(OSError), open(f"/proc/{pid}/stat", "rb") as file:
            found.append((pid, file.read().rpartition(b")")[2].split()[0]))
    return found
