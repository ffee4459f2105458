"""Where the lines of a log go. Nothing that happens to a log stops whoever writes it."""

import fcntl
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from goq.errors import BadSetting


class Log(Protocol):
    """Takes whole lines. `write` says whether they were taken, and raises nothing."""

    def write(self, lines: str) -> bool: ...


class StandardOutput:
    """The lines go where the shell has sent them, or nowhere once that is lost.

    Into a file they are appended, whoever else writes there: two workers in one folder are both
    started with `> work.log`, and a log is cut while it grows.
    """

    def __init__(self) -> None:
        with suppress(OSError, ValueError):  # no file, or nothing that the system knows by a number
            fileno = sys.stdout.fileno()
            if stat.S_ISREG(os.fstat(fileno).st_mode):
                fcntl.fcntl(fileno, fcntl.F_SETFL, fcntl.fcntl(fileno, fcntl.F_GETFL) | os.O_APPEND)

    def write(self, lines: str) -> bool:
        try:
            sys.stdout.write(lines)
            sys.stdout.flush()
        except OSError:
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the rest of our life
        return True


class LogFile:
    """A file that may be renamed, removed or cut by whoever rotates logs: it is opened again.

    Born with mode 0600, since it tells for long what `ps` tells only while a job runs: the
    commands of everybody. A file that is there keeps its mode. Raises BadSetting when it cannot
    be opened at first.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._torn = False  # the last line has no end: the disk was full
        try:
            self._fileno = self._open()
        except OSError as error:
            raise BadSetting(f"cannot write the log file '{path}': {error.strerror}") from error

    def write(self, lines: str) -> bool:
        left = memoryview(lines.encode("utf-8", "backslashreplace"))
        try:
            self._follow()
            if self._torn:
                os.write(self._fileno, b"\n")
                self._torn = False
            while left:
                left = left[os.write(self._fileno, left) :]
                self._torn = bool(left)
        except OSError:
            return False
        return True

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _follow(self) -> None:
        """Have the file open that has the name now."""
        try:
            there = os.stat(self._path)
            ours = os.fstat(self._fileno)
            if (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino):
                return
        except FileNotFoundError:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        fileno = self._open()
        os.close(self._fileno)
        self._fileno, self._torn = fileno, False
