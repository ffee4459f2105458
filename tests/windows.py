"""Windows: a terminal with a shell in it that lines are typed into, and that can be closed."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

SHELL = ("bash", "--norc", "--noprofile", "-i")


class Window:
    """A terminal of our own, and a program whose terminal it is."""

    def __init__(
        self, argv: Sequence[str] = SHELL, *, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 200, 0, 0))
        self.shown = ""
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *argv], stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd=cwd
        )
        os.close(theirs)

    def type(self, line: str) -> None:
        """Type a line; \x1a, say, is Ctrl-Z."""
        os.write(self._ours, line.encode() if line < " " else f"{line}\n".encode())

    def keys(self, typed: str) -> None:
        """Press these keys, and no Enter behind them."""
        os.write(self._ours, typed.encode())

    def look(self) -> str:
        """All that has been shown so far."""
        while self._ours >= 0 and select.select([self._ours], [], [], 0)[0]:
            try:
                self.shown += os.read(self._ours, 65536).decode("utf-8", "replace")
            except OSError:  # Linux says EIO when nobody has it open any more
                break
        return self.shown

    def close(self) -> None:
        """As with the mouse."""
        if self._ours >= 0:
            os.close(self._ours)
            self._ours = -1

    def end(self) -> None:
        """Close it, and see that the program in it has ended."""
        self.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def is_stopped(pid: int) -> bool:
    """A shell's Ctrl-Z has reached it, and no `bg` or `fg` since."""
    return _fields(pid)[0] == "T"


def is_in_front(pid: int) -> bool:
    """It is what its terminal belongs to."""
    _, _, group, _, _, terminals_group, *_ = _fields(pid)
    return group == terminals_group


def has_obeyed(pid: int, typed: str) -> bool:
    """What was typed last has had its effect on the process: Ctrl-Z, bg or fg."""
    return {"\x1a": is_stopped(pid), "bg": not is_stopped(pid), "fg": is_in_front(pid)}[typed]


def _fields(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
