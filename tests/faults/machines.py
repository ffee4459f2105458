"""The processes under fault: a server or a worker, each in a group of its own, and only ours."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import goq
from faults.clocks import Clock
from faults.enclosure import Node
from faults.stops import Stops
from faults.timeline import Timeline

GOQ = str(Path(sys.executable).with_name("goq"))
LISTENING, LOOKING = "listening for jobs", "looking for work"
PACKAGE = Path(goq.__file__).parent


def children(pid: int) -> list[int]:
    """Every process below this one."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
        direct = [
            int(child)
            for task in tasks
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split()
        ]
    except OSError:
        return []
    return [*direct, *(below for child in direct for below in children(child))]


@dataclass(eq=False)
class Machine:
    """A server or a worker: what it is started with, and how it is now."""

    name: str
    words: list[str]
    env: dict[str, str]
    cwd: Path
    log: Path
    timeline: Timeline
    prefix: Sequence[str] = ()  # the program that runs it elsewhere
    node: Node | None = None  # what it is started on, if that is not ours
    clock: Clock | None = None
    process: subprocess.Popen[bytes] | None = None
    state: str = "down"  # down, up, frozen, leaving
    frozen: list[int] = field(default_factory=list)
    stops: Stops = field(default_factory=Stops)
    said_before: int = 0  # so much was in its log when it was started

    def start(self) -> None:
        if self.node and not self.node.has(PACKAGE):
            self.state = "leaving"  # nobody can start what is not there; it is tried again
            self.note("cannot be started, without the package")
            return
        with self.log.open("ab") as file:
            self.said_before = file.tell()
            self.process = subprocess.Popen(
                [*self.prefix, GOQ, *self.words],
                env=self.env | (self.clock.env if self.clock else {}),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.state = "up"
        self.note(f"started, pid {self.pid}")

    def note(self, what: str) -> None:
        """Done to it, now."""
        self.timeline.note(self.name, what)

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    @property
    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def said(self) -> str:
        """What it has said since it was started."""
        with self.log.open("rb") as file:
            file.seek(self.said_before)
            return file.read().decode("utf-8", "replace")

    @property
    def is_listening(self) -> bool:
        """A server: it is there for anybody."""
        return LISTENING in self.said()

    @property
    def has_begun(self) -> bool:
        """It has got beyond its start, since when it needs no file of goq's."""
        said = self.said()
        return LISTENING in said or LOOKING in said

    def await_listening(self) -> None:
        deadline = time.monotonic() + 20
        while not self.is_listening:
            if self.ended or time.monotonic() > deadline:
                raise AssertionError(self.said())
            time.sleep(0.02)

    def kill(self) -> None:
        """kill -9, of this process alone."""
        if self.process is not None:
            if not self.ended:
                self.note("kill -9")
            self.process.kill()
            self.process.wait()
        self.state = "down"

    def terminate(self) -> None:
        if self.process is not None:
            self.note("SIGTERM")
            self.process.terminate()
        self.state = "leaving"

    def freeze(self, *, tree: bool) -> None:
        self.frozen = [self.pid, *(children(self.pid) if tree else [])]
        self.stops.begin()
        self._signal(signal.SIGSTOP)
        self.state = "frozen"
        self.note(f"SIGSTOP of {len(self.frozen)} processes")

    def thaw(self) -> None:
        if self.frozen:
            self.note("SIGCONT")
        self._signal(signal.SIGCONT)
        self.stops.end()
        self.frozen = []
        if self.state == "frozen":
            self.state = "up"

    def _signal(self, number: int) -> None:
        for pid in self.frozen:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def wait(self, within_s: float) -> bool:
        """It has ended in time."""
        try:
            if self.process is not None:
                self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            return False
        self.state = "down"
        return True
