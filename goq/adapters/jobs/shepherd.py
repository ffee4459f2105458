"""The shepherd: a small process between a worker and the processes of its one job at a time.

Run as a module, its standard input is the link to its worker. It starts the job, is told to
kill it, and reports the end only when no process of the job is left: as a subreaper it is the
parent of whatever the job leaves behind. Jobs that are to follow wait here, and may be
withdrawn. When its worker dies the link closes, and the shepherd kills everything below it.

Worker to shepherd: ("environment", variables), of the jobs from now on,
                    ("start", number, argv, folder, physical folder, umask, more variables, output),
                    numbers growing,
                    ("kill", number, signal, grace_s), ("withdraw",) what has not started.
Shepherd to worker: ("ready",) once,
                    ("ended", pid, started_ns, exit_code, signal, problem, ended_ns, cpu_s, peak_kib)
                    and the trouble of one that could not start, for each job in order,
                    ("withdrawn", numbers) of what never will start,
                    ("doomed", ...) as "ended".

A job that is forking when it is to be killed may do so faster than its processes can be looked up:
it goes with all that is in the shepherd's own cgroup, if it has one. The shepherd is doomed then,
and says so before.
"""

import os
import select
import signal
import socket
import sys
import time
from collections import deque
from pathlib import Path

from msgspec import Struct

from goq.adapters.jobs.cgroups import JobCgroup
from goq.adapters.jobs.link import Link, Message
from goq.adapters.jobs.processes import CannotStart, Exit, become_subreaper, reap, signal_descendants, spawn
from goq.core.worker.rules import STALE_S

LEFTOVER_GRACE_S = 2.0
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
    environment: _Environment
    output: bytes
    since_s: float


class Shepherd:
    """One job at a time: start it, kill it, see to its last process, report."""

    def __init__(self, link: Link, cgroup: JobCgroup | None = None) -> None:
        self._link = link
        self._cgroup = cgroup
        self._has_more = False  # there may be more children that have ended
        self._environment: _Environment = {}
        self._waiting: deque[Waiting] = deque()
        self._number = 0  # of the job that is on
        self._root = 0  # the pid of the job's first process, 0 while no job is on
        self._started_ns = 0
        self._exit: Exit | None = None  # how the first process ended
        self._kill_at: float | None = None  # when SIGKILL is due

    def run(self, child_ended: int) -> None:
        """Serve the worker until it is gone; `child_ended` is readable when a child has ended."""
        poll = select.poll()
        poll.register(self._link, select.POLLIN)
        poll.register(child_ended, select.POLLIN)
        link = self._link.fileno()
        while not self._link.closed:
            ready = {fileno for fileno, _ in poll.poll(self._patience_ms())}
            if link in ready:
                for message in self._link.receive():
                    self._obey(message)
            if child_ended in ready:
                os.read(child_ended, 4096)
            if child_ended in ready or self._has_more or self._kill_at is not None:
                self._watch()
        self._exterminate()

    def _patience_ms(self) -> float | None:
        if self._has_more:
            return 0
        if self._kill_at is None:
            return None
        return max(0.0, self._kill_at - time.monotonic()) * 1000 + 1

    def _obey(self, message: Message) -> None:
        match message:
            case ("start", number, argv, folder, physical, umask, more, output):
                environment, now_s = self._environment | more, time.monotonic()
                job = Waiting(number, argv, folder, physical, umask, environment, output, now_s)
                self._waiting.append(job)
                self._go_on()
            case ("environment", variables):
                self._environment = variables
            case ("kill", number, signal_number, grace_s) if self._root and number == self._number:
                self._kill(signal_number, grace_s)
            case ("withdraw",):
                self._withdraw()

    def _go_on(self) -> None:
        """Start the next job if none is on; one that cannot be started has ended at once."""
        while self._waiting and not self._root:
            if time.monotonic() - self._waiting[0].since_s > STALE_S:
                self._withdraw()
            else:
                self._start(self._waiting.popleft())

    def _withdraw(self) -> None:
        self._link.send(("withdrawn", [job.number for job in self._waiting]))
        self._waiting.clear()

    def _start(self, job: Waiting) -> None:
        self._number = job.number
        self._started_ns = at_ns = time.time_ns()
        try:
            self._root = spawn(job.argv, job.folder, job.environment, job.output, job.physical, job.umask)
        except CannotStart as error:
            how = (0, at_ns, error.exit_code, 0, error.problem, at_ns, 0.0, 0, error.trouble)
            self._link.send(("ended", *how))

    def _kill(self, number: int, grace_s: float) -> None:
        if number == signal.SIGKILL:
            self._strike()
            return
        signal_descendants(number)
        due = time.monotonic() + grace_s
        self._kill_at = due if self._kill_at is None else min(due, self._kill_at)

    def _watch(self) -> None:
        """Reap what has ended, and kill what is due."""
        if not self._root:
            return
        if self._kill_at is not None and time.monotonic() >= self._kill_at:
            self._strike()
        try:
            self._has_more = self._reap_some()
        except ChildProcessError:
            self._has_more = False
            self._report()
            self._go_on()
            return
        if self._exit is not None and self._kill_at is None:
            self._kill(signal.SIGTERM, LEFTOVER_GRACE_S)

    def _reap_some(self) -> bool:
        """True when there may be more: some jobs fork for as long as nobody stops them."""
        until = time.monotonic() + _REAP_S
        while ended := reap():
            self._note(*ended)
            if time.monotonic() > until:
                return True
        return False

    def _strike(self) -> None:
        """SIGKILL to the job; where that may not be enough, to all that is in our cgroup."""
        if self._cgroup and _is_teeming(self._cgroup):
            self._link.send(("doomed", *self._verdict()))
            self._cgroup.kill()  # and us
        signal_descendants(signal.SIGKILL)
        # A process may have forked between the look and the kill: look again soon.
        self._kill_at = time.monotonic() + _KILL_AGAIN_S

    def _verdict(self) -> tuple[int | float | str, ...]:
        """What there is to say of the job that is on."""
        how = self._exit or Exit(0, int(signal.SIGKILL), 0.0, 0)
        begun = (self._root, self._started_ns)
        return (*begun, how.code, how.signal, "", time.time_ns(), how.cpu_s, how.peak_kib)

    def _note(self, pid: int, how: Exit) -> None:
        if pid == self._root:
            self._exit = how

    def _report(self) -> None:
        self._link.send(("ended", *self._verdict()))
        self._root, self._exit, self._kill_at = 0, None, None

    def _exterminate(self) -> None:
        """The worker is gone: nothing below may live on."""
        deadline = time.monotonic() + _EXTERMINATE_S
        while True:
            if self._cgroup and (_is_teeming(self._cgroup) or time.monotonic() > deadline):
                self._cgroup.kill()  # and us
            signal_descendants(signal.SIGKILL)
            try:
                os.wait()
                self._reap_some()
            except ChildProcessError:
                return


def _is_teeming(cgroup: JobCgroup) -> bool:
    """There are many processes, or new ones are being forked at this moment."""
    before = cgroup.pids()
    if len(before) > _CROWD:
        return True
    select.select((), (), (), _GLANCE_S)  # not time.sleep, which wants a clock that does not jump
    return not cgroup.pids() <= before


def _do_nothing(_number: int, _frame: object) -> None:
    """Be interrupted, and go on."""


def main() -> None:
    """Take the link from standard input and serve it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Only the worker's word counts, or its death. Not SIG_IGN, which jobs would inherit.
        signal.signal(number, _do_nothing)
    wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, _do_nothing)
    become_subreaper()
    end = socket.socket(fileno=os.dup(0))
    end.set_inheritable(False)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    link = Link(end)
    group = _join_group()
    link.send(("ready",))
    Shepherd(link, group).run(wake_read)


def _join_group() -> JobCgroup | None:
    """Our slot's group, if it has one and it lets us in."""
    if len(sys.argv) < 2:
        return None
    group = JobCgroup(Path(sys.argv[1]))
    try:
        group.join()
    except OSError:
        return None
    return group


if __name__ == "__main__":
    main()
