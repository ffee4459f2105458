"""The shepherd: a small process between a worker and the processes of its one job at a time.

Run as a module, its standard input is the link to its worker. It starts the job, is told to
kill it, and reports the end only when no process of the job is left: as a subreaper it is the
parent of whatever the job leaves behind. When its worker dies the link closes, and the
shepherd kills everything below it at once.

Worker to shepherd: ("start", argv, folder, environment, output), ("kill", signal, grace_s).
Shepherd to worker: ("started", pid, at_ns),
                    ("ended", exit_code, signal, problem, at_ns, cpu_s, peak_kib).
"""

import os
import select
import signal
import socket
import time

from goq.adapters.link import Link, Message
from goq.adapters.processes import (
    CannotStart,
    Exit,
    become_subreaper,
    reap,
    signal_descendants,
    spawn,
)

LEFTOVER_GRACE_S = 2.0
_KILL_AGAIN_S = 0.05


class Shepherd:
    """One job at a time: start it, kill it, see to its last process, report."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._root = 0  # the pid of the job's first process, 0 while no job is on
        self._exit: Exit | None = None  # how the first process ended
        self._kill_at: float | None = None  # when SIGKILL is due

    def run(self, child_ended: int) -> None:
        """Serve the worker until it is gone; `child_ended` is readable when a child has ended."""
        poll = select.poll()
        poll.register(self._link, select.POLLIN)
        poll.register(child_ended, select.POLLIN)
        while not self._link.closed:
            for fileno, _ in poll.poll(self._patience_ms()):
                if fileno == child_ended:
                    os.read(child_ended, 4096)
            for message in self._link.receive():
                self._obey(message)
            self._watch()
        self._exterminate()

    def _patience_ms(self) -> float | None:
        if self._kill_at is None:
            return None
        return max(0.0, self._kill_at - time.monotonic()) * 1000 + 1

    def _obey(self, message: Message) -> None:
        match message:
            case ("start", argv, folder, environment, output):
                self._start(argv, folder, environment, output)
            case ("kill", number, grace_s) if self._root:
                self._kill(number, grace_s)

    def _start(
        self, argv: list[bytes], folder: bytes, environment: dict[bytes, bytes], output: bytes
    ) -> None:
        at_ns = time.time_ns()
        try:
            self._root = spawn(argv, folder, environment, output)
        except CannotStart as error:
            self._link.send(("ended", error.exit_code, 0, error.problem, at_ns, 0.0, 0))
            return
        self._link.send(("started", self._root, at_ns))

    def _kill(self, number: int, grace_s: float) -> None:
        signal_descendants(number)
        grace_s = 0.0 if number == signal.SIGKILL else grace_s
        due = time.monotonic() + grace_s
        self._kill_at = due if self._kill_at is None else min(due, self._kill_at)

    def _watch(self) -> None:
        """Reap what has ended, and kill what is due."""
        if not self._root:
            return
        if self._kill_at is not None and time.monotonic() >= self._kill_at:
            signal_descendants(signal.SIGKILL)
            # A process may have forked between the look and the kill: look again soon.
            self._kill_at = time.monotonic() + _KILL_AGAIN_S
        try:
            while ended := reap():
                self._note(*ended)
        except ChildProcessError:
            self._report()
            return
        if self._exit is not None and self._kill_at is None:
            self._kill(signal.SIGTERM, LEFTOVER_GRACE_S)

    def _note(self, pid: int, how: Exit) -> None:
        if pid == self._root:
            self._exit = how

    def _report(self) -> None:
        how = self._exit or Exit(0, signal.SIGKILL, 0.0, 0)
        self._root, self._exit, self._kill_at = 0, None, None
        self._link.send(("ended", how.code, how.signal, "", time.time_ns(), how.cpu_s, how.peak_kib))

    def _exterminate(self) -> None:
        """The worker is gone: nothing below may live on."""
        while True:
            signal_descendants(signal.SIGKILL)
            try:
                os.wait()
            except ChildProcessError:
                return


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
    Shepherd(Link(end)).run(wake_read)


if __name__ == "__main__":
    main()
