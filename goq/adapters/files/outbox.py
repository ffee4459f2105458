"""Submissions that have no answer yet, in their cluster's part of GOQ_SPOOL: files of mode 0600.

`NONCE.zjob` is a signed submission that waits for a server (`goq sub --spool`).
`DIGEST.retry` holds the nonce of a submission that timed out: whether the server has it nobody
knows, so the same command, submitted again soon, is the same submission.
"""

import os
import time
from contextlib import suppress
from pathlib import Path

from goq.adapters.files.durable import remove_leftovers, sync, write_private
from goq.adapters.files.secretfile import make_private_folder
from goq.adapters.files.spoolroot import cluster_part, is_own, take_spool
from goq.core.values.ids import NONCE_BYTES, Nonce
from goq.errors import BadSetting

RETRY_WITHIN_S = 600.0
_LEFTOVERS = ("*.new", "*.retry", "*.taken")  # of crashes, and of who did not try again


class Outbox:
    """The outbox of one user on one machine, for one cluster. Any number of processes may use it at once."""

    def __init__(self, spool: Path, cluster_id: str) -> None:
        self._spool = spool
        self._folder = cluster_part(spool, cluster_id) / "outbox"

    def put(self, nonce: Nonce, frame: bytes) -> Path:
        """Keep a signed submission, on the disk when this returns. Raises BadSetting when that cannot be."""
        path = self._write(f"{nonce.hex()}.zjob", frame)
        with suppress(OSError):
            sync(self._folder)
        return path

    def entries(self) -> list[Path]:
        """The submissions that wait, the oldest first."""
        if not is_own(self._spool):
            return []
        try:
            paths = [path for path in self._folder.iterdir() if path.suffix == ".zjob"]
        except OSError:
            return []
        return sorted(paths, key=_age_ns)

    def leave_retry(self, digest: str, nonce: Nonce) -> None:
        """Let the same submission be tried again with the same nonce. Raises BadSetting when that cannot be."""
        self._write(f"{digest}.retry", nonce)

    def take_retry(self, digest: str) -> Nonce | None:
        """The nonce with which this submission was tried lately. Each is given to one taker only.

        Raises BadSetting when there may be one that cannot be taken.
        """
        path = self._folder / f"{digest}.retry"
        if not is_own(self._spool) or not os.path.lexists(path):
            return None
        mine = path.with_suffix(f".{os.getpid()}.taken")
        try:
            path.rename(mine)
            nonce, age_s = mine.read_bytes(), time.time() - mine.stat().st_mtime
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadSetting(f"cannot take {path}: {error.strerror}") from error
        with suppress(OSError):
            mine.unlink()
        return Nonce(nonce) if len(nonce) == NONCE_BYTES and age_s < RETRY_WITHIN_S else None

    def _write(self, name: str, data: bytes) -> Path:
        take_spool(self._spool)
        path = make_private_folder(self._folder) / name
        for pattern in _LEFTOVERS:
            remove_leftovers(self._folder, pattern)
        try:
            write_private(path, data)
        except OSError as error:
            raise BadSetting(f"cannot write in {self._folder}: {error.strerror}") from error
        return path


def _age_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0  # somebody else has delivered it
