"""A real shepherd and its jobs, for one test. Every process of a job bears the test's mark.

What is still alive at the end of a test is killed, by its pid, and the test fails.
"""

import fcntl
import os
import signal
import struct
import sys
import termios
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from adapters.until import wait_until
from goq.adapters.jobs.executor import Event, Executor, ShepherdDied, Stopped
from goq.adapters.jobs.launcher import Launcher
from goq.adapters.jobs.outlets import Outlets
from goq.core.values.ids import join_argv, join_environment
from goq.core.values.terms import Bounds

MARK = b"GOQ_TEST_HERD"
SHELL = "/bin/sh"


class Herd:
    """Starts jobs, and finds what they leave."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = uuid.uuid4().hex.encode()
        self.launcher = Launcher(dict(os.environb))
        self.executor = Executor(self.launcher)
        self.events: list[Event] = []
        self._unheard: list[Event] = []
        self._jobs = 0
        self.number = 0  # the executor's, of the latest job

    # --- one job -----------------------------------------------------------------------

    def start(
        self,
        *words: str | bytes,
        folder: bytes | None = None,
        variables: dict[bytes, bytes] | None = None,
        physical: bytes = b"",
        umask: int = 0o022,
        stdin: bytes = b"",
        bounds: Bounds = (),
        cpus: tuple[int, ...] = (),
        owner: str = "",
        own: tuple[bytes, ...] = (),
        output: Outlets | None = None,
    ) -> None:
        """Have a job started, with a PATH and the mark for its environment."""
        self._jobs += 1
        argv = join_argv([os.fsencode(word) for word in words])
        environment = {b"PATH": b"/usr/local/bin:/usr/bin:/bin", MARK: self.mark} | (variables or {})
        where = os.fsencode(self.folder) if folder is None else folder
        joined = join_environment(environment)
        to = self.output_path if output is None else output
        how = (where, joined, {b"EXTRA": b"1"}, to, physical, umask, stdin, bounds, cpus, owner, own)
        self.number = self.executor.start(argv, *how)
        self.executor.go()

    def shell(self, script: str) -> None:
        """Have a shell script started."""
        self.start(SHELL, "-c", script)

    def python(self, script: str) -> None:
        """Have a Python script started."""
        self.start(sys.executable, "-c", script)

    @property
    def output_path(self) -> Path:
        """Where the latest job writes."""
        return self.folder / f"out.{self._jobs}"

    @property
    def output(self) -> bytes:
        """What it has written so far."""
        return self.output_path.read_bytes() if self.output_path.exists() else b""

    def kill(
        self, signal_number: int = signal.SIGTERM, grace_s: float = 20.0, number: int | None = None
    ) -> None:
        """What a worker does after `goq kill`, to the latest job unless another one's number is told."""
        self.executor.kill(self.number if number is None else number, signal_number, grace_s)

    def has_obeyed(self) -> bool:
        """The shepherd has read all that it was told, and sleeps."""
        (unread,) = struct.unpack("i", fcntl.ioctl(self.executor.fileno(), termios.TIOCOUTQ, bytes(4)))
        state = Path(f"/proc/{self.executor.pid}/stat").read_text().rpartition(")")[2].split()[0]
        return unread == 0 and state == "S"

    def look(self) -> list[Event]:
        """What has happened since the last look; `events` keeps it all."""
        events = self.executor.events()
        if any(isinstance(event, ShepherdDied) for event in events):
            self.executor.relaunch()
        self.events += events
        self._unheard += events
        return events

    def forget(self) -> None:
        """What has been seen so far is not waited for any more."""
        self._unheard.clear()

    def stopped(self) -> Stopped:
        """Wait for the end of the job."""
        event = self.heard()
        assert isinstance(event, Stopped)
        return event

    def heard(self) -> Event:
        """Wait for the next event."""

        def found() -> bool:
            self.look()
            return self._unheard != []

        wait_until(found, "news of the job")
        return self._unheard.pop(0)

    def run(self, *words: str | bytes, variables: dict[bytes, bytes] | None = None) -> Stopped:
        """Run a job to its end."""
        self.start(*words, variables=variables)
        return self.stopped()

    def says(self, text: bytes) -> None:
        """Wait until the job has written this."""
        wait_until(lambda: text in self.output, f"{text!r} in the output")

    # --- what is left ------------------------------------------------------------------

    def living(self) -> list[int]:
        """The pids of all processes that jobs of this test have started, wherever they are now."""
        return marked(self.mark)

    def close(self) -> None:
        """Let the shepherd go; whatever is left of its jobs is killed, and is a failure."""
        self.executor.close()
        self.launcher.close()
        left = self.living()
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert [] == left, "no process of a job outlives its shepherd"


def marked(mark: bytes) -> list[int]:
    """The living processes with this mark in their environment."""
    wanted = MARK + b"=" + mark
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                variables = Path("/proc", entry, "environ").read_bytes().split(b"\0")
            except OSError:
                continue  # it has ended meanwhile
            if wanted in variables:
                found.append(int(entry))
    return found


@contextmanager
def a_herd(folder: Path) -> Iterator[Herd]:
    """A shepherd for the time of a test."""
    herd = Herd(folder)
    try:
        yield herd
    finally:
        herd.close()
