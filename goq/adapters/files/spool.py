"""Where a worker keeps outputs and results until the server has them.

Each worker process has a folder of its own, locked while it lives (`spoolroom` says where). In it
each slot has a scratch file for the output of its job. An output that is long, or that could not
be delivered at once, gets a file of its own, and with its attempt's result beside it outlives
the worker: the next worker inherits what is in it.

Tidying up is never worth an error: an NFS client or FUSE keeps a hidden name for a file that is
still open, and a folder with one cannot go. What is left so goes with the next worker's start.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from errno import EMLINK, ENOENT, ENOSPC, EOPNOTSUPP, EPERM, EXDEV
from pathlib import Path
from weakref import WeakSet

from goq.adapters.files.durable import sync, write_private
from goq.adapters.files.locks import NoLocks, take_if_free
from goq.adapters.files.pieces import Pieces
from goq.adapters.files.secretfile import make_private_folder
from goq.adapters.files.temporary import make_temporary, remove_temporary
from goq.core.values.blobs import Blob, file_name_of
from goq.core.values.job import Claim
from goq.errors import BadSetting

ROOM_BYTES = 64 * 1024  # without so much nothing is started
LOOK_EVERY_S = 0.5
_PROOF_BYTES = 4096
OUT, ERR = ".out", ".err"
_READ_ONLY = 0o400
_NO_LINKS = {EMLINK, EOPNOTSUPP, EPERM, EXDEV}
_TEMPORARY = "tmp"
_RESULT_NAME = re.compile(r"(\d+\.\d+)\.result")


class SpoolFolder:
    """One worker's folder, locked until `close` or the end of the process, where there are locks."""

    def __init__(
        self,
        path: Path,
        lock: int | None = None,
        *,
        is_new: bool = True,
        before_renewal: Callable[[], object] = lambda: None,
    ) -> None:
        """A new folder; or with its lock, one that is there. Raises BadSetting when it cannot be made.

        `before_renewal` is called before it is made again, and raises BadSetting to forbid that.
        """
        self.path = path
        self._before_renewal = before_renewal
        self._lock = _make_locked(path) if is_new else lock
        self._spools: WeakSet[Spool] = WeakSet()
        self._look_at_s = 0.0
        self._has_room = True
        self._shared: Path | None = None  # where users have what is for them

    @property
    def is_shared(self) -> bool:
        """Its temporary files are those of all users."""
        return self._shared is not None

    @property
    def is_locked(self) -> bool:
        """Who starts beside us can see that we live."""
        return self._lock is not None

    def prove(self) -> None:
        """Write something. Raises BadSetting when that cannot be done: no room, or no right."""
        proof = self.path / "proof"
        try:
            write_private(proof, bytes(_PROOF_BYTES))
            proof.unlink()
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def make_temporary(self, *, is_shared: bool = False) -> Path:
        """A folder for temporary files of jobs, which goes when this one does. Raises OSError, or BadSetting.

        When it `is_shared` the jobs of all users have theirs there, and what is made for a job to read.
        """
        path = make_temporary(self.path / _TEMPORARY, is_shared=is_shared)
        self._shared = path if is_shared else None
        return path

    def scratch(self, name: str, suffix: str = OUT) -> "Spool":
        """A new, empty file for one output after the other. Raises BadSetting when there is no place."""
        try:
            return self._new(name, suffix)
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def put_script(self, claim: Claim, blob: Path) -> Path:
        """Give the attempt's script a name of its own until that is over, which calls `unlink`. Raises OSError."""
        if self._shared:
            return self.copy_for(claim, blob, "script")
        path = self.path / f"{claim.job}.{claim.attempt}.script"
        path.unlink(missing_ok=True)
        try:
            os.link(blob, path)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            shutil.copyfile(blob, path)
            path.chmod(_READ_ONLY)
        return path

    def copy_for(self, claim: Claim, blob: Path, what: str) -> Path:
        """A copy of a blob that can be given to the owner of the attempt, whose own it will be. Raises OSError.

        It lies where all users pass through, and is nobody's but ours until it is given away.
        """
        path = (self._shared or self.path) / f"{claim.job}.{claim.attempt}.{what}"
        path.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with blob.open("rb") as source, open(os.open(path, flags, _READ_ONLY), "wb") as copy:
            shutil.copyfileobj(source, copy)
        return path

    def blob_path(self, blob: Blob) -> Path:
        """Where a blob is kept."""
        return self.path / f"{file_name_of(blob)}.blob"

    def add_to_blob(self, path: Path, offset: int, data: bytes | memoryview, *, is_last: bool) -> None:
        """Write the next piece of a blob; nobody finds the file at its path before the last. Raises OSError."""
        part = path.with_suffix(".part")
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | (0 if offset else os.O_EXCL)
        with open(os.open(part, flags, 0o600), "r+b", buffering=0) as file:
            file.truncate(offset)
            file.seek(offset)
            if file.write(data) != len(data):
                raise OSError(ENOSPC, os.strerror(ENOSPC))
            if is_last:
                os.fchmod(file.fileno(), _READ_ONLY)
        if is_last:
            part.replace(path)

    def drop_blob(self, path: Path) -> None:
        """Nobody reads it any more."""
        _unlink(path)
        _unlink(path.with_suffix(".part"))

    def check_room(self, now_s: float) -> None:
        """Raise OSError when there is hardly room for a short output. Looks twice a second at most, by `now_s`."""
        if now_s >= self._look_at_s:
            self._look_at_s = now_s + LOOK_EVERY_S
            with suppress(FileNotFoundError):  # it will be made again
                there = os.statvfs(self.path)
                self._has_room = there.f_bavail * there.f_frsize >= ROOM_BYTES
        if not self._has_room:
            raise OSError(ENOSPC, f"the spool {self.path} is full")

    def keep(self, claim: Claim, output: bytes, result: bytes) -> "Spool":
        """Put an output and the result of its attempt on the disk. Raises OSError when it is full."""
        try:
            spool = self._new(f"{claim.job}.{claim.attempt}")
        except BadSetting as refusal:
            raise OSError(ENOENT, str(refusal)) from refusal
        try:
            spool.fill(output)
            spool.keep(result)
        except OSError:
            spool.remove()
            raise
        return spool

    def kept(self) -> Iterator[tuple["Spool", bytes]]:
        """The attempts whose result was kept here, and those results. Raises OSError."""
        return map(self.open_kept, self.kept_names())

    def kept_names(self) -> list[str]:
        """What to open them by. Raises OSError."""
        found = [_RESULT_NAME.fullmatch(name) for name in sorted(os.listdir(self.path))]
        return [each[1] for each in found if each and os.path.lexists(self.path / f"{each[1]}.out")]

    def open_kept(self, name: str) -> tuple["Spool", bytes]:
        """One of them. Raises OSError."""
        stem = self.path / name
        result = stem.with_name(f"{name}.result").read_bytes()
        return self._opened(Spool(stem, exists=True)), result

    def open_errors(self, name: str) -> "Spool | None":
        """The errors that were kept beside it, if they were apart and long. Raises OSError."""
        try:
            return self._opened(Spool(self.path / name, exists=True, suffix=ERR))
        except FileNotFoundError:
            return None

    def tidy(self) -> bool:
        """Remove all but kept results, and the folder where there is none; whether there are any."""
        try:
            names = self.kept_names()
            kept = {f"{name}{suffix}" for name in names for suffix in (OUT, ERR, ".result")}
            for name in os.listdir(self.path):
                if name not in kept:
                    _remove(self.path / name)
            if not names:
                self.path.rmdir()
        except OSError:
            names = []
        if not names:
            self._unlock()
        return bool(names)

    def close(self) -> None:
        """Unlock the folder, and remove it unless a result is still in it."""
        for spool in self._spools:
            spool.close()
        if self.tidy():
            self._unlock()

    def _new(self, name: str, suffix: str = OUT) -> "Spool":
        """A new file. Where the folder was taken away, as what clears old files does, it is made again."""
        try:
            return self._opened(Spool(self.path / name, suffix=suffix))
        except FileNotFoundError:
            self._before_renewal()
            self._unlock()
            self._lock = _make_locked(self.path)
            return self._opened(Spool(self.path / name, suffix=suffix))

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _opened(self, spool: "Spool") -> "Spool":
        self._spools.add(spool)
        return spool


def _make_locked(path: Path) -> int | None:
    """The lock of a new folder; None where there are no locks."""
    # Locked before it bears its name, so that nobody takes it for a dead worker's.
    unborn = path.with_name(f".{path.name}")
    try:
        make_private_folder(path.parent)
        unborn.mkdir(mode=0o700)
        try:
            lock = take_if_free(unborn, os.O_RDONLY | os.O_DIRECTORY)
        except NoLocks:
            lock = None
        unborn.rename(path)
    except OSError as error:
        raise _unwritable(path.parent, error) from error
    return lock


def _unwritable(folder: Path, error: OSError) -> BadSetting:
    return BadSetting(
        f"cannot write in {folder}: {error.strerror}; a worker needs that, so make room, or set GOQ_SPOOL"
    )


def _remove(path: Path) -> None:
    """A file; of temporary files all that there is, and the link to them."""
    if path.name == _TEMPORARY:
        remove_temporary(path)
    else:
        _unlink(path)


def _unlink(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


class Spool:
    """The output of one attempt, or with the suffix ERR its errors, growing while the job runs."""

    def __init__(self, stem: Path, *, exists: bool = False, suffix: str = OUT) -> None:
        self._suffix = suffix
        self.path = stem.with_name(f"{stem.name}{suffix}")
        self.result_path = stem.with_name(f"{stem.name}.result")
        if not exists:
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        self._file = self.path.open("r+b", buffering=0)

    def own(self, claim: Claim) -> None:
        """From now on this is the file of that attempt's output alone."""
        stem = self.path.with_name(f"{claim.job}.{claim.attempt}")
        with suppress(FileNotFoundError):  # it was taken away, and can be delivered all the same
            self.path = self.path.rename(f"{stem}{self._suffix}")
        self.result_path = Path(f"{stem}.result")

    def take(self, limit: int) -> bytes | None:
        """The whole output when it is not longer than the limit: the file is empty then.

        None when it is longer, or cannot be had: then `pieces` say what is wrong.
        """
        size = self.size()
        if size > limit:
            return None
        if not size:
            return b""
        try:
            output = os.pread(self._file.fileno(), size, 0)
            os.ftruncate(self._file.fileno(), 0)
        except OSError:
            return None
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
        return os.lseek(self._file.fileno(), 0, os.SEEK_END)

    def pieces(self) -> Pieces:
        """The file from its start, as it goes to the server."""
        return Pieces(self._file.fileno())

    def add_line(self, line: str) -> bool:
        """Write a line of our own at the end, on a line of its own; False on a disk that takes none."""
        size = self.size()
        try:
            with self.path.open("ab") as file:
                newline = b"" if not size or os.pread(self._file.fileno(), 1, size - 1) == b"\n" else b"\n"
                file.write(newline + os.fsencode(line) + b"\n")
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._file.fileno(), size)  # not half a line
            return False
        return True

    def settle(self) -> None:
        """Have all of it on the disk. Raises OSError."""
        os.fsync(self._file.fileno())

    def keep(self, result: bytes) -> None:
        """Put the result beside the output, both on the disk: they outlive this process."""
        os.fsync(self._file.fileno())
        write_private(self.result_path, result)
        sync(self.path.parent)

    def close(self) -> None:
        """Leave it where it is."""
        with suppress(OSError):  # a file system may say only now that its disk is full
            self._file.close()

    def remove(self) -> None:
        """The server has it. What cannot be removed is refused as late if it is ever delivered again."""
        self.close()
        if self._suffix == OUT:
            _unlink(self.result_path)  # first: without its output it says nothing
        _unlink(self.path)
