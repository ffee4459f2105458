"""What was done to whom in a run, and when. Written at once, so that it is there however the run ends."""

import threading
import time
from datetime import datetime
from pathlib import Path

NAME = "faults.log"
_LIKE = "2026-01-31 12:00:00.000"


class Timeline:
    """A line a deed: the wall clock, /proc/uptime as jobs log it, who, and what. For any thread."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._lock = threading.Lock()

    def note(self, whom: str, what: str) -> None:
        """It is done now."""
        with self._lock, self._path.open("a") as file:
            up_s = time.clock_gettime(time.CLOCK_BOOTTIME)
            file.write(f"{stamp(time.time_ns())} {up_s:.2f} {whom}: {what}\n")


def stamp(wall_ns: int) -> str:
    """As logs have it, with the milliseconds."""
    local = datetime.fromtimestamp(wall_ns / 1e9).astimezone()
    return local.isoformat(" ", "milliseconds")[: len(_LIKE)]
