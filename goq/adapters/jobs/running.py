"""A job at its shepherd: while it waits, while it is on, and what there is to say of its end."""

import math
import os
import time
from signal import SIGRTMIN, Signals

from msgspec import Struct, field

from goq.adapters.accounts import Account
from goq.adapters.jobs.appending import Appender
from goq.adapters.jobs.bounds import Overrun, Watch
from goq.adapters.jobs.cgroup_memory import MemoryGroup
from goq.adapters.jobs.drain import Drain
from goq.adapters.jobs.outlets import Outlets
from goq.adapters.jobs.processes import Exit
from goq.adapters.jobs.spawning import CannotStart
from goq.adapters.jobs.stopping import Stop
from goq.adapters.machine import host_name
from goq.core.values.quantities import show_size
from goq.core.values.result import (
    DAMAGED_STATUS,
    MEMORY,
    MEMORY_STATUS,
    OUTPUT,
    SIGKILL,
    SPOOL,
    TIME,
    TIME_STATUS,
)
from goq.core.values.terms import Bounds
from goq.core.values.text import show_folder
from goq.core.worker.rules import SAMPLES_FROM_S

NEVER = math.inf
NAMES_SHOWN, NAMES_KEPT = 10, 1000
STATUS = b"GOQ_EXIT_STATUS"  # in an epilog: how its job has ended
OWNER = b"GOQ_OWNER"  # in a prolog and an epilog of a job that runs as its owner: whose it is
Verdict = tuple[int | float | str, ...]  # the fields of a `Stopped`


# The status of a job that had to be ended, and ended as if all were well.
_OTHERWISE = {SPOOL: DAMAGED_STATUS, OUTPUT: DAMAGED_STATUS, TIME: TIME_STATUS, MEMORY: MEMORY_STATUS}


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
    around: dict[bytes, bytes]  # the environment of its prolog and epilog
    output: Outlets
    since_s: float
    owner: str = ""
    own: tuple[bytes, ...] = ()  # files that were made for it
    account: Account | None = None  # its owner's, where it runs as that


class Running(Struct):
    """The job that is on. Seconds are monotonic."""

    number: int
    around: dict[bytes, bytes]
    drains: tuple[Drain, ...]  # of its output, and, where they are wanted apart, of its errors
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
    orphans_cpu_s: float = 0.0
    orphans_peak_kib: int = 0
    sample_at_s: float = NEVER  # when to see what it uses

    def __post_init__(self) -> None:
        self.sample_at_s = self.started_s + SAMPLES_FROM_S

    @property
    def look_at_s(self) -> float:
        """When to look at what it writes, though nothing says that there is anything."""
        return min(drain.look_at_s for drain in self.drains)

    @property
    def trouble(self) -> Drain | None:
        """The drain that takes no more of what it writes."""
        return next((drain for drain in self.drains if drain.trouble), None)

    @property
    def due_s(self) -> float:
        """When to look at it though none of its processes has ended."""
        if self.kill_at_s < NEVER:
            return self.kill_at_s
        return min(self.watch.due_s if self.watch else NEVER, self.pause.look_s, self.sample_at_s)

    def is_due(self) -> bool:
        """It is to be looked at."""
        if self.kill_at_s < NEVER:
            return True
        return time.monotonic() >= self.due_s

    def finish(self) -> None:
        """Nothing of it is left: take out the last of what it wrote, with lines of our own below it."""
        lines = [self._left_behind()]
        if isinstance(self.drains[-1], Appender):  # of a spool the worker sees to that, which knows more
            lines.append(self._last_words())
        for drain in self.drains[:-1]:
            drain.finish()
        self.drains[-1].finish("\n".join(filter(None, lines)))

    def _last_words(self) -> str:
        """The line for whoever reads what a job wrote that did not end well."""
        how = self.exit or Exit(0, SIGKILL, 0.0, 0)
        if self.overrun:
            words = self.overrun.problem
        elif how.signal:
            words = (
                f"ended by {Signals(how.signal).name}"
                if how.signal < SIGRTMIN
                else f"ended by signal {how.signal}"
            )
        elif how.code:
            words = f"exit status {how.code}"
        else:
            return ""
        return f"goq: job {self._job}: {words}"

    @property
    def _job(self) -> str:
        return os.fsdecode(self.around.get(b"GOQ_JOB_ID", b""))

    def settle(self) -> None:
        """Nothing of it is left: see whether the kernel has ended it for its memory."""
        if self.memory:
            had = self.memory.had()
            if had and self.overrun is None:
                text = f"it wanted more than {show_size(had)}, and asked for {show_size(self.memory.limit)}"
                self.overrun = Overrun(MEMORY, text, had)
            self.memory.remove()

    def _left_behind(self) -> str:
        """The line for whoever started what had to be ended."""
        if not self.left:
            return ""
        names = list(self.left.values())
        count = f"{len(names)}{' or more' if len(names) >= NAMES_KEPT else ''} process{'es' if len(names) > 1 else ''}"
        more = [f"{len(names) - NAMES_SHOWN} more"] if len(names) > NAMES_SHOWN else []
        return f"goq: job {self._job}: ended {count} left behind: {', '.join(names[:NAMES_SHOWN] + more)}"

    def verdict(self, peak_kib: int) -> Verdict:
        """What there is to say of it at its end."""
        how = self.exit or Exit(0, SIGKILL, 0.0, 0)
        over = self.overrun
        most_kib = max(peak_kib, over.had_bytes // 1024 if over else 0)
        begun = (self.root, self.started_ns)
        used = (time.time_ns(), how.cpu_s + self.orphans_cpu_s, most_kib)
        if over is None and (drain := self.trouble):
            over = _full(drain)
        if over is None:
            damage = next((drain.damage for drain in self.drains if drain.damage), "")
            problem = f"its output was damaged: the worker's copy at {host_name()} {damage}" if damage else ""
            code = DAMAGED_STATUS if damage and not (how.code or how.signal) else how.code
            return (*begun, code, how.signal, problem, *used)
        code = how.code if how.code or how.signal else _OTHERWISE[over.cause]
        return (*begun, code, how.signal, over.problem, *used, "", over.cause)


def _full(drain: Drain) -> Overrun:
    """Why what the job writes goes nowhere any more."""
    if isinstance(drain, Appender):
        return Overrun(OUTPUT, f"its output '{show_folder(drain.path)}' at {host_name()} {drain.trouble}")
    return Overrun(SPOOL, f"the spool of {host_name()} {drain.trouble}")


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
