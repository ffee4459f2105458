"""A line for the shell that is run now and then, beside the loop: a check of this node, or a hook.

A shell runs it in /; whatever it starts in its session ends with it, and so does one that takes too long.
"""

import os
import signal
import subprocess
import time
from contextlib import suppress

from msgspec import Struct

from goq.adapters.jobs.launcher import Launcher
from goq.core.values.quantities import show_duration
from goq.core.values.text import show_text

LIMIT_S = 60.0
NEVER = float("inf")
_GLANCE_S = 0.05  # its pipe may be closed before it has ended
_KEPT_BYTES = 4096
_READ_BYTES = 1 << 16


class Verdict(Struct, frozen=True):
    """What a check has found: `problem` is "" when all is well, else why not, in one line."""

    problem: str


class Check:
    """One line for the shell, at most one run of it at a time. Seconds are monotonic."""

    def __init__(
        self,
        command: bytes,
        launcher: Launcher | None,
        environment: dict[bytes, bytes],
        limit_s: float = LIMIT_S,
    ) -> None:
        """`launcher` is to know its process as one of this worker's; None where that is no worker."""
        self._command = command
        self._launcher = launcher
        self._environment = environment
        self._limit_s = limit_s
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe = -1
        self._said = b""
        self._strike_s = NEVER
        self._is_late = False

    @property
    def is_on(self) -> bool:
        """It runs."""
        return self._process is not None

    def filenos(self) -> list[int]:
        """Readable when there may be something to `look` at."""
        return [self._pipe] if self._pipe >= 0 else []

    def next_deadline(self) -> float:
        """When `look` is wanted in any case."""
        if self._process is None:
            return NEVER
        return self._strike_s if self._pipe >= 0 else min(self._strike_s, time.monotonic() + _GLANCE_S)

    def start(self) -> Verdict | None:
        """Begin a run; what is to be said when that cannot be."""
        self._said, self._is_late = b"", False
        try:
            self._process = self._spawn()
        except OSError as error:
            self._close_pipe()
            return Verdict(f"cannot be started: {error.strerror}")
        if self._launcher:
            self._launcher.adopt(self._process.pid)
        self._strike_s = time.monotonic() + self._limit_s
        return None

    def _spawn(self) -> "subprocess.Popen[bytes]":
        """Raises OSError."""
        self._pipe, entry = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self._pipe, False)
        try:
            return subprocess.Popen(
                [b"/bin/sh", b"-c", self._command],
                stdin=subprocess.DEVNULL,
                stdout=entry,
                stderr=entry,
                cwd="/",
                env=self._environment,
                start_new_session=True,
            )
        finally:
            os.close(entry)

    def look(self) -> Verdict | None:
        """Take in what it says; what it has found, once it has ended."""
        process = self._process
        if process is None:
            return None
        self._listen()
        if time.monotonic() >= self._strike_s:
            self._is_late = True
            self._kill(process)
        if process.poll() is None:
            return None
        self._listen()
        self._end(process)
        return Verdict(self._problem(process.returncode))

    def close(self) -> None:
        """End it if it is on."""
        if self._process:
            self._kill(self._process)
            self._process.wait()
            self._end(self._process)

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        self._kill(process)  # whatever it has left in its session
        if self._launcher:
            self._launcher.let_go(process.pid)
        self._process, self._strike_s = None, NEVER
        self._close_pipe()

    def _kill(self, process: "subprocess.Popen[bytes]") -> None:
        self._strike_s = NEVER
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)

    def _listen(self) -> None:
        with suppress(BlockingIOError):
            while self._pipe >= 0:
                data = os.read(self._pipe, _READ_BYTES)
                if not data:
                    self._close_pipe()
                self._said = (self._said + data)[-_KEPT_BYTES:]

    def _close_pipe(self) -> None:
        if self._pipe >= 0:
            os.close(self._pipe)
        self._pipe = -1

    def _problem(self, status: int) -> str:
        lines = [show_text(line) for line in self._said.splitlines() if line.strip()]
        if self._is_late:
            return f"took longer than {show_duration(self._limit_s)}"
        if not status:
            return ""
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        return lines[-1] if lines else how
