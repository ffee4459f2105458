"""Where a worker keeps outputs and results until the server has them.

Each worker process has a folder of its own below GOQ_HOME/spool, locked while it lives. In it
each slot has a scratch file for the output of its job. An output that is long, or that could not
be delivered at once, gets a file of its own, and with its attempt's result beside it outlives
the worker. A folder whose lock is free was left by a worker that died; the next worker inherits
what is in it.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from goq.adapters.files.durable import sync, write_private
from goq.adapters.files.locks import take_if_free
from goq.adapters.files.secretfile import make_private_folder
from goq.core.values.job import Claim
from goq.errors import BadSetting

CHUNK_BYTES = 512 * 1024
_LOCK_NAME = "lock"
_RESULT_NAME = re.compile(r"(\d+\.\d+)\.result")


class SpoolFolder:
    """One worker's folder, locked until `close` or the end of the process."""

    def __init__(self, path: Path, lock: int | None = None) -> None:
        """A new folder; or with its lock, one that is there."""
        self.path = path
        self._lock = _make_locked(path) if lock is None else lock

    @classmethod
    def left_behind(cls, home: Path) -> Iterator["SpoolFolder"]:
        """Take over the folders of workers that died."""
        for path in sorted((home / "spool").glob("[!.]*")):
            lock = take_if_free(path / _LOCK_NAME, os.O_RDWR)
            if lock is not None:
                yield cls(path, lock)

    def scratch(self, name: str) -> "Spool":
        """A new, empty file for one output after the other. Raises BadSetting when there is no place."""
        try:
            return Spool(self.path / name)
        except OSError as error:
            raise BadSetting(f"cannot write in {self.path}: {error.strerror}; a worker needs that") from error

    def keep(self, claim: Claim, output: bytes, result: bytes) -> "Spool":
        """Put an output and the result of its attempt on the disk. Raises OSError when it is full."""
        spool = Spool(self.path / f"{claim.job}.{claim.attempt}")
        try:
            spool.fill(output)
            spool.keep(result)
        except OSError:
            spool.remove()
            raise
        return spool

    def kept(self) -> Iterator[tuple["Spool", bytes]]:
        """The attempts whose result was kept here, and those results."""
        for stem in self._results():
            spool = Spool(stem, exists=True)
            yield spool, spool.result_path.read_bytes()

    def close(self) -> None:
        """Unlock the folder, and remove it unless a result is still in it."""
        if self.path.is_dir() and not any(self._results()):
            for path in self.path.iterdir():
                path.unlink()
            self.path.rmdir()
        os.close(self._lock)

    def _results(self) -> Iterator[Path]:
        for path in sorted(self.path.iterdir()):
            named = _RESULT_NAME.fullmatch(path.name)
            if named and path.with_name(f"{named[1]}.out").exists():
                yield self.path / named[1]


def _make_locked(path: Path) -> int:
    # Locked before it bears its name, so that nobody takes it for a dead worker's.
    unborn = make_private_folder(make_private_folder(path.parent) / f".{path.name}")
    try:
        lock = os.open(unborn / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        unborn.rename(path)
    except OSError as error:
        raise BadSetting(f"cannot write in {path.parent}: {error.strerror}; a worker needs that") from error
    return lock


class Spool:
    """The output of one attempt, growing while the job runs. Its digest is made as it is read."""

    def __init__(self, stem: Path, *, exists: bool = False) -> None:
        self.path = stem.with_name(f"{stem.name}.out")
        self.result_path = stem.with_name(f"{stem.name}.result")
        self._digest = hashlib.sha256()
        self._digested = 0
        if not exists:
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        self._file = self.path.open("r+b", buffering=0)

    def own(self, claim: Claim) -> None:
        """From now on this is the file of that attempt's output alone."""
        stem = self.path.with_name(f"{claim.job}.{claim.attempt}")
        self.path = self.path.rename(f"{stem}.out")
        self.result_path = Path(f"{stem}.result")

    def take(self, limit: int) -> bytes | None:
        """The whole output when it is not longer than the limit: the file is empty then."""
        size = self.size()
        if size > limit:
            return None
        if not size:
            return b""
        output = os.pread(self._file.fileno(), size, 0)
        os.ftruncate(self._file.fileno(), 0)
        return output

    def clear(self) -> None:
        """Make the file empty."""
        if self.size():
            os.ftruncate(self._file.fileno(), 0)

    def fill(self, output: bytes) -> None:
        """Write the whole output."""
        self.path.write_bytes(output)

    @property
    def is_there(self) -> bool:
        """The file has its name still; what is written to a nameless one is lost."""
        return os.fstat(self._file.fileno()).st_nlink > 0

    def size(self) -> int:
        """Bytes so far."""
        return os.fstat(self._file.fileno()).st_size

    def read(self, offset: int, limit: int = CHUNK_BYTES) -> bytes:
        """Up to `limit` bytes from there; what is new in them goes into the digest."""
        data = os.pread(self._file.fileno(), limit, offset)
        if offset <= self._digested < offset + len(data):
            self._digest.update(data[self._digested - offset :])
            self._digested = offset + len(data)
        return data

    def sha256(self) -> bytes:
        """The digest of the whole file as it is now."""
        while self.read(self._digested):
            continue
        return self._digest.digest()

    def add_line(self, line: str) -> None:
        """Write a line of our own at the end, on a line of its own; on a full disk, do without."""
        size = self.size()
        newline = b"" if not size or os.pread(self._file.fileno(), 1, size - 1) == b"\n" else b"\n"
        with suppress(OSError), self.path.open("ab") as file:
            file.write(newline + os.fsencode(line) + b"\n")

    def keep(self, result: bytes) -> None:
        """Put the result beside the output, both on the disk: they outlive this process."""
        os.fsync(self._file.fileno())
        write_private(self.result_path, result)
        sync(self.path.parent)

    def close(self) -> None:
        """Leave it where it is."""
        self._file.close()

    def remove(self) -> None:
        """The server has it."""
        self.close()
        self.result_path.unlink(missing_ok=True)  # first: without its output it says nothing
        self.path.unlink(missing_ok=True)
