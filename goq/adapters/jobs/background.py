"""`goq` in the background: started so that it outlives us and our window, and ended by a signal.

Who is meant by a pid is made sure of while the kernel keeps it for us (pidfd), so no stranger is ever hit.
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import goq
from goq.adapters.kept import Kept
from goq.errors import CannotLaunch

_PROGRAM = Path(goq.__file__).with_name("__main__.py")
_PRIVATE = 0o600


class Started:
    """A `goq` that was started; it lives on when this object is gone."""

    def __init__(self, words: list[str], folder: Path, log: Path, environment: Mapping[str, str]) -> None:
        """Run `goq` with these words; all that it says is appended to the log. Raises CannotLaunch."""
        self._log = log
        try:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            with open(os.open(log, flags, _PRIVATE), "ab") as file:
                self._said_before = file.tell()
                self._child = subprocess.Popen(
                    [sys.executable, "-I", _PROGRAM, *words],
                    cwd=folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    start_new_session=True,
                )
        except OSError as error:
            raise CannotLaunch(
                f"cannot start goq in {folder}, with its log in {log}: {error.strerror}"
            ) from error

    @property
    def pid(self) -> int:
        """Its number."""
        return self._child.pid

    @property
    def lives(self) -> bool:
        """It is still there."""
        return self._child.poll() is None

    def last_words(self) -> str:
        """The last line that it has said, "" for none."""
        with self._log.open("rb") as file:
            file.seek(self._said_before)
            lines = file.read().decode("utf-8", "backslashreplace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "").removeprefix("goq: ")


def end(kept: Kept, within_s: float) -> bool:
    """Tell it to stop, and wait for its end; whether it has ended by then."""
    try:
        process = os.pidfd_open(kept.pid)
    except ProcessLookupError:
        return True
    try:
        if not kept.lives:  # the pid cannot go to another one from here on
            return True
        signal.pidfd_send_signal(process, signal.SIGTERM)
        return bool(select.select([process], [], [], within_s)[0])
    finally:
        os.close(process)
