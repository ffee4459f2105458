"""The shepherd: a small process between a worker and the processes of its one job at a time.

It starts the job, takes what the job writes out of a pipe and into the spool, is told to kill it,
and reports the end only when no process of the job is left: as a subreaper it is the parent of
whatever the job leaves behind. Jobs that are to follow wait here, and may be withdrawn. When its
worker dies the link closes, and the shepherd kills everything below it.

Worker to shepherd: ("grace", seconds) for jobs that nobody asked to be killed,
                    ("scratch", path) of the folder that is the TMPDIR of each job in turn,
                    ("environment", variables), of the jobs from now on,
                    ("start", number, argv, folder, physical folder, umask, stdin, more variables, output),
                    numbers growing,
                    ("kill", number, signal, grace_s), ("withdraw",) what has not started.
Shepherd to worker: ("ended", pid, started_ns, exit_code, signal, problem, ended_ns, cpu_s, peak_kib,
                    trouble, cause), the last ones only if there is anything to say of them,
                    for each job in order, ("withdrawn", numbers) of what never will start,
                    ("doomed", ...) as "ended".

A job that is forking when it is to be killed may do so faster than its processes can be looked up:
it goes with all that is in the shepherd's own cgroup, if it has one. The shepherd is doomed then,
and says so before.
"""

import os
import select
import signal
import time
from collections import deque

from msgspec import Struct

from goq.adapters.jobs.cgroups import JobCgroup
from goq.adapters.jobs.drain import NEVER, Drain
from goq.adapters.jobs.link import Link, Message
from goq.adapters.jobs.mark import Mark
from goq.adapters.jobs.processes import (
    Exit,
    descendants,
    names_of,
    own_peak_kib,
    reap,
    signal_all,
    signal_descendants,
)
from goq.adapters.jobs.scratch import VARIABLE, Scratch
from goq.adapters.jobs.spawning import CannotStart, leave, no_output, no_scratch, spawn
from goq.adapters.machine import host_name
from goq.core.values.result import DAMAGED_STATUS
from goq.core.worker.rules import STALE_S

LEFTOVER_GRACE_S = 2.0
SPOOL = "spool"  # the cause of an end: what the job wrote could not be kept
NAMES_SHOWN, NAMES_KEPT = 10, 1000
_BLUR_KIB = 256  # the kernel counts in batches
_KILL_AGAIN_S = 0.05
_CROWD = 50  # processes that take long to be looked up one by one, the more so if they all want to run
_GLANCE_S = 0.002
_EXTERMINATE_S = 0.2
_REAP_S = 0.2  # enough for thousands of dead ones, which make a look slow
_Environment = dict[bytes, bytes]


class Waiting(Struct):
    """A job that is to be started after those before it."""

    number: int
    argv: list[bytes]
    folder: bytes
    physical: bytes
    umask: int
    stdin: bytes
    environment: _Environment
    output: bytes
    since_s: float


class Running(Struct):
    """The job that is on. Seconds are monotonic."""

    number: int
    id: bytes
    drain: Drain
    root: int  # the pid of its first process
    started_ns: int
    exit: Exit | None = None  # how the first process ended
    kill_at_s: float = NEVER  # when SIGKILL is due
    left: dict[int, str] | None = None  # what the first process left behind, once it has to be ended


class Shepherd:
    """One job at a time: start it, kill it, see to its last process, report."""

    def __init__(self, link: Link, mark: Mark, cgroup: JobCgroup | None, group: int) -> None:
        self._link = link
        self._mark = mark
        self._cgroup = cgroup
        self._group = group  # of processes, led by one that is no job
        self._poll = select.poll()
        self._grace_s = LEFTOVER_GRACE_S
        self._has_more = False  # there may be more children that have ended
        self._environment: _Environment = {}
        self._scratch: Scratch | None = None
        self._waiting: deque[Waiting] = deque()
        self._job: Running | None = None
        self._listens = False  # to what the job writes
        self._own_peak_kib = 0

    def run(self, child_ended: int) -> None:
        """Serve the worker until it is gone; `child_ended` is readable when a child has ended."""
        self._poll.register(self._link, select.POLLIN)
        self._poll.register(child_ended, select.POLLIN)
        link = self._link.fileno()
        while not self._link.closed:
            ready = {fileno for fileno, _ in self._poll.poll(self._patience_ms())}
            if link in ready:
                for message in self._link.receive():
                    self._obey(message)
            if child_ended in ready:
                os.read(child_ended, 4096)
            if self._job and (self._listens or time.monotonic() >= self._job.drain.look_at_s):
                self._look(self._job, ready)
            if self._job and (child_ended in ready or self._has_more or self._job.kill_at_s < NEVER):
                self._watch(self._job)
        self._exterminate()
        if self._scratch:
            self._scratch.leave()

    def _patience_ms(self) -> float | None:
        if self._has_more:
            return 0
        due_s = min(self._job.kill_at_s, self._job.drain.look_at_s) if self._job else NEVER
        return None if due_s == NEVER else max(0.0, due_s - time.monotonic()) * 1000 + 1

    def _obey(self, message: Message) -> None:
        match message:
            case ("start", number, argv, folder, physical, umask, stdin, more, output):
                environment, now_s = self._environment | more, time.monotonic()
                job = Waiting(number, argv, folder, physical, umask, stdin, environment, output, now_s)
                self._waiting.append(job)
                self._go_on()
            case ("environment", variables):
                self._environment = variables
                if self._scratch:
                    self._environment[VARIABLE] = self._scratch.path
            case ("scratch", path):
                self._scratch = Scratch(path)
            case ("kill", number, signal_number, grace_s) if self._job and number == self._job.number:
                self._kill(self._job, signal_number, grace_s)
            case ("withdraw",):
                self._withdraw()
            case ("grace", seconds):
                self._grace_s = seconds

    # --- starting ------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Start the next job if none is on; one that cannot be started has ended at once."""
        while self._waiting and not self._job:
            if time.monotonic() - self._waiting[0].since_s > STALE_S:
                self._withdraw()
            else:
                self._start(self._waiting.popleft())
                if not self._waiting:
                    leave()

    def _withdraw(self) -> None:
        self._link.send(("withdrawn", [job.number for job in self._waiting]))
        self._waiting.clear()

    def _start(self, job: Waiting) -> None:
        self._mark.set(job.number)
        at_ns = time.time_ns()
        try:
            drain, root = self._spawn(job)
        except CannotStart as error:
            how = (error.exit_code, 0, error.problem, at_ns, 0.0, 0, error.trouble)
            self._link.send(("ended", 0, at_ns, *how))
            return
        self._job = Running(job.number, job.environment.get(b"GOQ_JOB_ID", b""), drain, root, at_ns)

    def _spawn(self, job: Waiting) -> tuple[Drain, int]:
        try:
            if self._scratch:
                self._scratch.be_ready()
        except OSError as error:
            raise no_scratch(error) from error
        try:
            drain = Drain(job.output)
        except OSError as error:
            raise no_output(error, job.output) from error
        entry = drain.take_entry()
        try:
            how = (job.environment, entry, job.physical, job.umask, self._group, job.stdin)
            root = spawn(job.argv, job.folder, *how)
        except CannotStart:
            drain.close()
            raise
        finally:
            os.close(entry)
        drain.begin(time.monotonic())
        return drain, root

    # --- what it writes ------------------------------------------------------------------------

    def _look(self, job: Running, ready: set[int]) -> None:
        drain = job.drain
        if self._listens and drain.fileno() not in ready:
            return
        drain.look(time.monotonic())
        self._listen(drain, drain.look_at_s == NEVER)
        if drain.trouble and job.kill_at_s == NEVER:
            self._kill(job, signal.SIGTERM, self._grace_s)

    def _listen(self, drain: Drain, wanted: bool) -> None:
        if wanted and not self._listens:
            self._poll.register(drain.fileno(), select.POLLIN)
        elif self._listens and not wanted:
            self._poll.unregister(drain.fileno())
        self._listens = wanted

    # --- ending --------------------------------------------------------------------------------

    def _kill(self, job: Running, number: int, grace_s: float) -> None:
        if number == signal.SIGKILL:
            self._strike(job)
            return
        signal_descendants(number)
        job.kill_at_s = min(job.kill_at_s, time.monotonic() + grace_s)

    def _watch(self, job: Running) -> None:
        """Reap what has ended, and kill what is due."""
        if time.monotonic() >= job.kill_at_s:
            self._strike(job)
        try:
            self._has_more = self._reap_some(job)
        except ChildProcessError:
            self._has_more = False
            self._report(job)
            self._go_on()
            if self._scratch and not self._job:  # who comes next at once has it emptied
                self._scratch.clear()
            return
        if job.exit is not None and job.kill_at_s == NEVER:
            self._end_what_is_left(job)

    def _end_what_is_left(self, job: Running) -> None:
        """Nothing of it may disturb the next job; who started it is told."""
        found = descendants()
        job.left = names_of(found[:NAMES_KEPT])
        signal_all(found, signal.SIGTERM)
        job.kill_at_s = time.monotonic() + LEFTOVER_GRACE_S

    def _reap_some(self, job: Running | None) -> bool:
        """True when there may be more: some jobs fork for as long as nobody stops them."""
        until = time.monotonic() + _REAP_S
        while ended := reap():
            pid, how = ended
            if job and pid == job.root:
                job.exit = how
            if time.monotonic() > until:
                return True
        return False

    def _strike(self, job: Running) -> None:
        """SIGKILL to the job; where that may not be enough, to all that is in our cgroup."""
        if self._cgroup and _is_teeming(self._cgroup):
            job.drain.look(time.monotonic())
            self._link.send(("doomed", *self._verdict(job)))
            self._cgroup.kill()  # and us
        found = descendants()
        if job.left is not None and len(job.left) < NAMES_KEPT:
            job.left |= names_of(found[:NAMES_KEPT])
        signal_all(found, signal.SIGKILL)
        # A process may have forked between the look and the kill: look again soon.
        job.kill_at_s = time.monotonic() + _KILL_AGAIN_S

    def _report(self, job: Running) -> None:
        self._listen(job.drain, False)
        job.drain.finish(_left_behind(job))
        self._link.send(("ended", *self._verdict(job)))
        self._job = None

    def _verdict(self, job: Running) -> tuple[int | float | str, ...]:
        """What there is to say of a job at its end."""
        how = job.exit or Exit(0, int(signal.SIGKILL), 0.0, 0)
        begun, used = (job.root, job.started_ns), (time.time_ns(), how.cpu_s, self._peak_kib(how))
        if not job.drain.trouble:
            return (*begun, how.code, how.signal, "", *used)
        code = how.code if how.code or how.signal else DAMAGED_STATUS
        problem = f"the spool of {host_name()} {job.drain.trouble}"
        return (*begun, code, how.signal, problem, *used, "", SPOOL)

    def _peak_kib(self, how: Exit) -> int:
        """The memory of the job; 0 when it had less than we have, which counts as its own before its exec."""
        if how.peak_kib > self._own_peak_kib:
            self._own_peak_kib = own_peak_kib() + _BLUR_KIB
        return how.peak_kib if how.peak_kib > self._own_peak_kib else 0

    def _exterminate(self) -> None:
        """The worker is gone: nothing below may live on."""
        deadline = time.monotonic() + _EXTERMINATE_S
        while True:
            if self._cgroup and (_is_teeming(self._cgroup) or time.monotonic() > deadline):
                self._cgroup.kill()  # and us
            signal_descendants(signal.SIGKILL)
            try:
                os.wait()
                self._reap_some(None)
            except ChildProcessError:
                return


def _left_behind(job: Running) -> str:
    """The line for whoever started what had to be ended."""
    if not job.left:
        return ""
    names = list(job.left.values())
    count = f"{len(names)}{' or more' if len(names) >= NAMES_KEPT else ''} process{'es' if len(names) > 1 else ''}"
    more = [f"{len(names) - NAMES_SHOWN} more"] if len(names) > NAMES_SHOWN else []
    return (
        f"goq: job {os.fsdecode(job.id)}: ended {count} left behind: {', '.join(names[:NAMES_SHOWN] + more)}"
    )


def _is_teeming(cgroup: JobCgroup) -> bool:
    """There are many processes, or new ones are being forked at this moment."""
    before = cgroup.pids()
    if len(before) > _CROWD:
        return True
    select.select((), (), (), _GLANCE_S)  # not time.sleep, which wants a clock that does not jump
    return not cgroup.pids() <= before


def _do_nothing(_number: int, _frame: object) -> None:
    """Be interrupted, and go on."""


def serve(link: Link, mark: Mark, cgroup: JobCgroup | None, group: int) -> None:
    """Be a shepherd, until the worker at the other end of the link is gone."""
    wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, _do_nothing)
    Shepherd(link, mark, cgroup, group).run(wake_read)
