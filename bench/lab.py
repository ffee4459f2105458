"""The room in which one bench runs: its folder, its processes, its small C programs.

All of it ends with the room, also on Ctrl-C. Only processes that were started here are ended,
each by its pid. Nothing here imports goq: what is measured may be another revision of it.
"""

import fcntl
import json
import os
import shutil
import signal
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

HERE = Path(__file__).resolve().parent
_PATIENCE_S = 3600.0
_LEAVE_S = 10.0
_SET_FLAGS = 0x40086602  # FS_IOC_SETFLAGS
_TOP_OF_HIERARCHY = 0x00020000  # FS_TOPDIR_FL, as `chattr +T`


@dataclass(frozen=True, slots=True)
class Build:
    """One installed goq: where its programs are, and its bench's part that speaks its protocol."""

    name: str
    bin: Path
    simulated: Path

    @property
    def python(self) -> str:
        """The interpreter that goq is installed in."""
        return str(self.bin / "python")

    @property
    def goq(self) -> str:
        """The console script."""
        return str(self.bin / "goq")


class Failed(Exception):
    """Something that a figure needs did not work; the text says what."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put Ctrl-C and SIGTERM off until the end of this, so that no process is lost between two lines."""
    came: list[int] = []
    handlers = {
        number: signal.signal(number, lambda number, _: came.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])


class Running:
    """A process that runs on, in a session of its own. Its output goes to a log."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self.log = log
        self._process = process
        self._told_to_end = False

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    @property
    def has_failed(self) -> bool:
        """It has ended by itself, and not well."""
        return not self._told_to_end and self._process.poll() not in (None, 0)

    def end(self) -> None:
        """SIGTERM, and SIGKILL to all of its session that is left after a while."""
        self._told_to_end = True
        _end(self._process)

    def kill(self) -> None:
        """SIGKILL, where nothing that it does at its end is of interest."""
        self._told_to_end = True
        self._process.kill()
        self._process.wait()


def _end(process: "subprocess.Popen[str]") -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_LEAVE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _spread_folders(root: Path) -> None:
    """Have ext4 put each folder made here in a block group of its own, chosen by its name.

    In a group in which many files were deleted in the last minutes, making one costs up to
    ten times as much: ext4 looks at each freed inode, and passes it by.
    """
    folder = os.open(root, os.O_RDONLY)
    with suppress(OSError):  # another file system
        fcntl.ioctl(folder, _SET_FLAGS, struct.pack("l", _TOP_OF_HIERARCHY))
    os.close(folder)


class Lab:
    """Makes folders, runs programs, and clears both away at the end."""

    def __init__(self, say: Callable[[str], None], parent: Path | None = None) -> None:
        self.say = say
        self.root = Path(tempfile.mkdtemp(prefix="goq-bench-", dir=parent))
        _spread_folders(self.root)
        self._processes: list[subprocess.Popen[str]] = []
        self._compiled: dict[str, Path | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with undisturbed():
            for process in self._processes:
                _end(process)
            shutil.rmtree(self.root)

    def folder(self, name: str) -> Path:
        """A new folder."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.root))

    def start(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path) -> Running:
        """Start a program that runs on until the end, or until it is ended."""
        with log.open("ab") as file:
            return Running(self._launch(argv, env, cwd, file, subprocess.STDOUT), log)

    def run(self, argv: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
        """Run a program to its end: what it has printed. Raises Failed when it fails."""
        process = self._launch(argv, env, cwd or self.root, subprocess.PIPE, subprocess.PIPE)
        printed, complaint = process.communicate(timeout=_PATIENCE_S)
        self._processes.remove(process)
        if process.returncode:
            raise Failed(f"{' '.join(argv)}: exit {process.returncode}\n{complaint[-2000:]}")
        return printed

    def _launch(
        self, argv: Sequence[str], env: Mapping[str, str] | None, cwd: Path, out: int | IO[bytes], err: int
    ) -> "subprocess.Popen[str]":
        with undisturbed():
            process = subprocess.Popen(
                argv,
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                text=True,
                start_new_session=True,
            )
            self._processes.append(process)
        return process

    def run_json(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> Any:
        """Run a program to its end: the JSON that it has printed last."""
        return json.loads(self.run(argv, env).splitlines()[-1])

    def program(self, name: str) -> Path | None:
        """One of our C programs, compiled; None where there is no compiler."""
        if name not in self._compiled:
            self._compiled[name] = self._compile(name)
        return self._compiled[name]

    def _compile(self, name: str) -> Path | None:
        compiler = shutil.which("cc")
        if compiler is None:
            return None
        made = self.root / name
        self.run([compiler, "-O2", "-static", "-o", str(made), str(HERE / "programs" / f"{name}.c")])
        return made
