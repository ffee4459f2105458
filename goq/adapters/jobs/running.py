"""A job at its shepherd: while it waits, while it is on, and what there is to say of its end."""

import math
import os
import time

from msgspec import Struct, field

from goq.adapters.jobs.bounds import Overrun, Watch
from goq.adapters.jobs.cgroup_memory import MemoryGroup
from goq.adapters.jobs.drain import Drain
from goq.adapters.jobs.processes import Exit
from goq.adapters.jobs.spawning import CannotStart
from goq.adapters.jobs.stopping import Stop
from goq.adapters.machine import host_name
from goq.core.values.quantities import show_size
from goq.core.values.result import (
    DAMAGED_STATUS,
    MEMORY,
    MEMORY_STATUS,
    SIGKILL,
    SPOOL,
    TIME,
    TIME_STATUS,
)
from goq.core.values.terms import Bounds

NEVER = math.inf
NAMES_SHOWN, NAMES_KEPT = 10, 1000
STATUS = b"GOQ_EXIT_STATUS"  # in an epilog: how its job has ended
Verdict = tuple[int | float | str, ...]  # the fields of a `Stopped`


# The status of a job that had to be ended, and ended as if all were well.
_OTHERWISE = {SPOOL: DAMAGED_STATUS, TIME: TIME_STATUS, MEMORY: MEMORY_STATUS}


class Waiting(Struct):
    """A job that is to be started after those before it."""

    number: int
    argv: list[bytes]
    folder: bytes
    physical: bytes
    umask: int
    stdin: bytes
    bounds: Bounds
    cpus: tuple[int, ...]
    environment: dict[bytes, bytes]
    output: bytes
    since_s: float


class Running(Struct):
    """The job that is on. Seconds are monotonic."""

    number: int
    environment: dict[bytes, bytes]
    drain: Drain
    root: int  # the pid of its first process
    started_ns: int
    started_s: float
    exit: Exit | None = None  # how the first process ended
    kill_at_s: float = NEVER  # when SIGKILL is due
    watch: Watch | None = None  # if anything bounds it
    pause: Stop = field(default_factory=Stop)
    overrun: Overrun | None = None  # why we have ended it
    memory: MemoryGroup | None = None  # where the kernel bounds that
    left: dict[int, str] | None = None  # what the first process left behind, once it has to be ended

    @property
    def due_s(self) -> float:
        """When to look at it though none of its processes has ended."""
        if self.kill_at_s < NEVER:
            return self.kill_at_s
        return min(self.watch.due_s if self.watch else NEVER, self.pause.look_s)

    def is_due(self) -> bool:
        """It is to be looked at."""
        if self.kill_at_s < NEVER:
            return True
        return time.monotonic() >= self.due_s

    def settle(self) -> None:
        """Nothing of it is left: see whether the kernel has ended it for its memory."""
        if self.memory:
            had = self.memory.had()
            if had and self.overrun is None:
                text = f"it wanted more than {show_size(had)}, and asked for {show_size(self.memory.limit)}"
                self.overrun = Overrun(MEMORY, text)
            self.memory.remove()

    def left_behind(self) -> str:
        """The line for whoever started what had to be ended."""
        if not self.left:
            return ""
        names = list(self.left.values())
        count = f"{len(names)}{' or more' if len(names) >= NAMES_KEPT else ''} process{'es' if len(names) > 1 else ''}"
        more = [f"{len(names) - NAMES_SHOWN} more"] if len(names) > NAMES_SHOWN else []
        job = os.fsdecode(self.environment.get(b"GOQ_JOB_ID", b""))
        return f"goq: job {job}: ended {count} left behind: {', '.join(names[:NAMES_SHOWN] + more)}"

    def verdict(self, peak_kib: int) -> Verdict:
        """What there is to say of it at its end."""
        how = self.exit or Exit(0, SIGKILL, 0.0, 0)
        begun, used = (self.root, self.started_ns), (time.time_ns(), how.cpu_s, peak_kib)
        over = self.overrun
        if over is None and self.drain.trouble:
            over = Overrun(SPOOL, f"the spool of {host_name()} {self.drain.trouble}")
        if over is None:
            return (*begun, how.code, how.signal, "", *used)
        code = how.code if how.code or how.signal else _OTHERWISE[over.cause]
        return (*begun, code, how.signal, over.problem, *used, "", over.cause)


def unstarted(error: CannotStart, at_ns: int) -> Verdict:
    """What there is to say of a job that could not be started."""
    return (0, at_ns, error.exit_code, 0, error.problem, at_ns, 0.0, 0, error.trouble)


def killed(number: int, at_ns: int) -> Verdict:
    """What there is to say of one that was killed by that signal before it began."""
    return (0, at_ns, 0, number, "", at_ns, 0.0, 0)


def status_of(verdict: Verdict) -> int:
    """How the job ended as a shell has it."""
    code, number = int(verdict[2]), int(verdict[3])
    return 128 + number if number else code
