"""Submissions that have no answer yet, in GOQ_HOME/outbox: files of mode 0600.

`NONCE.zjob` is a signed submission that waits for a server (`goq sub --spool`).
`DIGEST.retry` holds the nonce of a submission that timed out: whether the server has it nobody
knows, so the same command, submitted again soon, is the same submission.
"""

import os
import time
from pathlib import Path

from goq.adapters.files.durable import write_private
from goq.adapters.files.secretfile import make_private_folder
from goq.core.values.ids import NONCE_BYTES, Nonce

RETRY_WITHIN_S = 600.0


class Outbox:
    """The outbox of one user on one machine. Any number of processes may use it at once."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "outbox"

    def put(self, nonce: Nonce, frame: bytes) -> None:
        """Keep a signed submission, on the disk when this returns."""
        self._write(f"{nonce.hex()}.zjob", frame)

    def entries(self) -> list[Path]:
        """The submissions that wait, the oldest first."""
        try:
            paths = [path for path in self._folder.iterdir() if path.suffix == ".zjob"]
        except FileNotFoundError:
            return []
        return sorted(paths, key=_age_ns)

    def leave_retry(self, digest: str, nonce: Nonce) -> None:
        """Let the same submission be tried again with the same nonce."""
        self._write(f"{digest}.retry", nonce)

    def take_retry(self, digest: str) -> Nonce | None:
        """The nonce with which this submission was tried lately. Each is given to one taker only."""
        path = self._folder / f"{digest}.retry"
        mine = path.with_suffix(f".{os.getpid()}")
        try:
            path.rename(mine)
        except FileNotFoundError:
            return None
        nonce, age_s = mine.read_bytes(), time.time() - mine.stat().st_mtime
        mine.unlink()
        return Nonce(nonce) if len(nonce) == NONCE_BYTES and age_s < RETRY_WITHIN_S else None

    def _write(self, name: str, data: bytes) -> None:
        make_private_folder(self._folder)
        write_private(self._folder / name, data)


def _age_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0  # somebody else has delivered it
