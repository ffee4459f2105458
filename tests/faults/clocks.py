"""Wall clocks that jump, by libfaketime.so.1, of one machine each. The monotonic clock goes on as it is."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_TRIAL_S = 1_000_000


@dataclass
class Skew:
    """A time in which a clock was wrong, as the right clock counts. `to_ns` is 0 until it is over."""

    from_ns: int
    offset_ns: int
    to_ns: int = 0


class Clock:
    """The wall clock of one machine, and when it was wrong."""

    def __init__(self, path: Path, library: str) -> None:
        self._path = path
        self.skews: list[Skew] = []
        self._write(0)
        self.env = {
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": str(path),
            "FAKETIME_NO_CACHE": "1",  # a jump is seen at once
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # with it nng's threads spin
            "FAKETIME_DISABLE_SHM": "1",  # which kill -9 would leave behind
            "NO_FAKE_STAT": "1",
        }

    def jump(self, seconds: int) -> None:
        """Be wrong by so much."""
        self._write(seconds)
        self.skews.append(Skew(time.time_ns(), seconds * 1_000_000_000))

    def set_right(self) -> None:
        """Be right again."""
        self._write(0)
        self.skews[-1].to_ns = time.time_ns()

    @property
    def is_right(self) -> bool:
        return not self.skews or self.skews[-1].to_ns > 0

    def _write(self, seconds: int) -> None:
        """Whole at any moment: each look at the clock reads it."""
        new = self._path.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        os.replace(new, self._path)


def faking_library() -> str:
    """The library that `faketime` puts into a program, or "" where there is none that makes a clock jump."""
    if not shutil.which("faketime"):
        return ""
    library = _said(["faketime", "-m", "-f", "+0", "sh", "-c", 'echo "$LD_PRELOAD"'], {})
    offset = {"LD_PRELOAD": library, "FAKETIME": f"-{_TRIAL_S}"}
    told = _said([sys.executable, "-c", "import time; print(time.time())"], offset)
    return library if float(told or "inf") < time.time() - _TRIAL_S / 2 else ""


def _said(command: list[str], more: dict[str, str]) -> str:
    env = os.environ | more
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False).stdout.strip()
