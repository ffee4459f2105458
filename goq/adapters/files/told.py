"""How far somebody has been told what ended: a file beside the journal, and a lock, so that one tells at a time.

In a file and not in the journal, which the server alone writes: whoever tells is another process, and the queue does
not wait for it. A copy of the folder brings it along; a backup, which is the journal alone, begins anew.
"""

import os
from pathlib import Path
from typing import Self

from goq.adapters.files.durable import remove_leftovers, write_private
from goq.adapters.files.locks import wait_for_lock
from goq.core.values.ids import QueueId

Mark = tuple[int, int]  # an event, and of the submissions that ended with it the last that was told
NAME, LOCK = "told", "told.lock"


class Told:
    """The mark of one queue in a folder. Waits until whoever tells there has ended. Raises OSError."""

    def __init__(self, folder: Path, queue: QueueId) -> None:
        self._path = folder / NAME
        self._queue = queue.hex()
        self._lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        wait_for_lock(self._lock)
        remove_leftovers(folder, f"{NAME}.*.new")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)

    def begin(self, latest: int) -> Mark:
        """The mark, from which to go on; where there is none of this queue, or one that is yet to come, `latest`.

        That is then kept. Raises OSError when it cannot be.
        """
        try:
            queue, seq, first = self._path.read_text().split()
            mark = (int(seq), int(first))
        except (FileNotFoundError, ValueError):
            queue, mark = "", (0, 0)
        if queue != self._queue or mark[0] > latest:
            mark = (latest, 2**63 - 1)
            self.write(mark)
        return mark

    def write(self, mark: Mark) -> None:
        """Have that told, on the disk when this returns. Raises OSError."""
        write_private(self._path, f"{self._queue} {mark[0]} {mark[1]}\n".encode())


def forget(folder: Path) -> None:
    """Nobody is told any more: who is told later begins with what ends then. Raises OSError."""
    (folder / NAME).unlink(missing_ok=True)
