"""Submissions that have no answer yet, in their cluster's part of GOQ_SPOOL: files of mode 0600.

`NONCE.zjob` is a signed submission that waits for a server (`goq sub --spool`), `NONCE.OFFSET.items`
the rest of a long list, and `NONCE.SHA256.OFFSET.blob` a piece of what is taken along. `DIGEST.NONCE.begun` is locked while a long list is brought: nobody holds that of
a process that was killed at it, and the same command goes on.
`DIGEST.retry` holds the nonce of a submission that timed out: whether the server has it nobody
knows, so the same command, submitted again soon, is the same submission.
"""

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from goq.adapters.files.durable import remove_leftovers, sync, write_private
from goq.adapters.files.locks import take_if_free, try_lock
from goq.adapters.files.secretfile import make_private_folder
from goq.adapters.files.spoolroot import cluster_part, is_own, take_spool
from goq.core.values.ids import NONCE_BYTES, Nonce
from goq.errors import BadSetting

RETRY_WITHIN_S = 600.0
_LEFTOVERS = ("*.new", "*.retry", "*.taken", "*.begun")  # of crashes, and of who did not try again
_PARTS = ("*.items", "*.blob")  # of submissions


class Outbox:
    """The outbox of one user on one machine, for one cluster. Any number of processes may use it at once."""

    def __init__(self, spool: Path, secret: str) -> None:
        self._spool = spool
        self._folder = cluster_part(spool, secret) / "outbox"

    def put(
        self,
        nonce: Nonce,
        frame: bytes,
        items: Iterable[tuple[int, bytes]] = (),
        blobs: Iterable[tuple[str, bytes]] = (),
    ) -> Path:
        """Keep a signed submission, what follows it, and pieces of blobs by names, on the disk when this returns.

        Raises BadSetting when that cannot be; nothing is left then.
        """
        kept: list[Path] = []
        try:
            for at, each in items:
                kept.append(self._write(f"{nonce.hex()}.{at:08d}.items", each))
            for name, each in blobs:
                kept.append(self._write(f"{nonce.hex()}.{name}.blob", each))
            path = self._write(f"{nonce.hex()}.zjob", frame)
        except BadSetting:
            for written in kept:
                with suppress(OSError):
                    written.unlink()
            raise
        with suppress(OSError):
            sync(self._folder)
        return path

    def items_at(self, entry: Path, here: int) -> Path | None:
        """The file with that command of a submission, counted from 0, and with those that follow it."""
        files = sorted(self._folder.glob(f"{entry.stem}.*.items"))
        return next((path for path in reversed(files) if int(path.name.split(".")[1]) <= here), None)

    def blob_at(self, entry: Path, name: str) -> Path | None:
        """The file with that piece of a blob of a submission."""
        path = self._folder / f"{entry.stem}.{name}.blob"
        return path if path.exists() else None

    def remove(self, entry: Path) -> None:
        """Forget a submission that was delivered. Raises OSError."""
        for pattern in _PARTS:
            for part in self._folder.glob(f"{entry.stem}.{pattern}"):
                part.unlink(missing_ok=True)
        entry.unlink(missing_ok=True)

    def begin(self, digest: str, nonce: Nonce) -> "Begun":
        """Mark that a long list is being brought. Its nonce is that of whoever was killed at it lately, or this.

        Raises BadSetting when that cannot be.
        """
        take_spool(self._spool)
        try:
            for path in make_private_folder(self._folder).glob(f"{digest}.*.begun"):
                lock = take_if_free(path, os.O_RDONLY | os.O_NOFOLLOW)
                if lock is not None:
                    left = Begun(path, Nonce(bytes.fromhex(path.name.split(".")[1])), lock)
                    if time.time() - _age_ns(path) / 1e9 < RETRY_WITHIN_S:
                        return left
                    left.end()
            return _begun(self._folder / f"{digest}.{nonce.hex()}.begun", nonce)
        except OSError as error:
            raise BadSetting(f"cannot write in {self._folder}: {error.strerror}") from error

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
        for pattern in _PARTS:
            for part in self._folder.glob(pattern):
                if not part.with_name(f"{part.name.split('.')[0]}.zjob").exists():
                    remove_leftovers(self._folder, part.name)
        try:
            write_private(path, data)
        except OSError as error:
            raise BadSetting(f"cannot write in {self._folder}: {error.strerror}") from error
        return path


class Begun:
    """The mark of a list that is being brought."""

    def __init__(self, path: Path, nonce: Nonce, lock: int) -> None:
        self.nonce = nonce
        self._path = path
        self._lock = lock

    def end(self) -> None:
        """It was brought, or the try is remembered otherwise."""
        with suppress(OSError):
            self._path.unlink()
        os.close(self._lock)


def _begun(path: Path, nonce: Nonce) -> Begun:
    """Make a mark that has its name only once it is locked."""
    aside = path.with_suffix(".new")
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    begun = Begun(aside, nonce, os.open(aside, flags, 0o600))
    try:
        try_lock(begun._lock)
        aside.replace(path)
    except OSError:
        begun.end()
        raise
    return Begun(path, nonce, begun._lock)


def _age_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0  # somebody else has delivered it
