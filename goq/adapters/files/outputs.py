"""The output files of jobs, `out.%05d` in the output folder. Bytes in, exactly those bytes on disk.

Every write is at a place that is fixed before, so that it may be done again after a crash. A
long output grows in its file while the job runs; its digest is kept meanwhile, and a stream
whose digest was lost in a restart begins again.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, field

from goq.adapters.files.durable import sync
from goq.core.values.ids import JobId
from goq.core.values.result import Result, output_name

_SYNC_EVERY_BYTES = 8 * 1024 * 1024


class _Stream(Struct):
    """A long output on its way: how much is here, and of which attempt."""

    attempt: int
    offset: int = 0
    synced: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)


class Outputs:
    """Writes outputs. `starts` holds where they begin in files that were there before the job.

    Every method that writes raises OSError when the disk does not take it; the same call may
    then be tried again.
    """

    def __init__(self, folder: Path, starts: dict[JobId, int]) -> None:
        self._folder = folder
        self._prefix = os.path.join(folder, "")
        self._starts = starts
        self._streams: dict[JobId, _Stream] = {}
        self._unsynced: dict[JobId, bool] = {}  # written outputs, the oldest first: has it any bytes?

    def path(self, job: JobId) -> Path:
        """The file of the job's output."""
        return Path(self.name(job))

    def name(self, job: JobId) -> str:
        """The same for where speed matters."""
        return self._prefix + output_name(job)

    def reserve(self, job: JobId) -> int:
        """Where the output of a new job will start: behind what its file holds already."""
        try:
            start = os.stat(self.name(job)).st_size
        except OSError:
            return 0
        if start:
            self._starts[job] = start
        return start

    def write(self, job: JobId, output: bytes) -> None:
        """Put a whole output in its place; `sync_some` makes it durable."""
        self._streams.pop(job, None)
        start = self._starts.get(job, 0)
        if start or output:
            fileno = self._open(job)
            try:
                self._write_at(fileno, start, output)
            finally:
                os.close(fileno)
        else:
            os.close(self._open(job, os.O_TRUNC))
        self._unsynced[job] = bool(output)

    @property
    def unsynced_count(self) -> int:
        """So many outputs are written and not durable."""
        return len(self._unsynced)

    def sync_some(self, limit: int) -> list[JobId]:
        """Make the oldest outputs durable, and the names of their files; which ones.

        At most `limit` that have bytes: of an empty one there is only the name, and all names
        are synced with the folder. A file that is gone was taken away.
        """
        jobs: list[JobId] = []
        paths: list[str] = []
        for job, has_bytes in self._unsynced.items():
            if has_bytes and len(paths) == limit:
                break
            jobs.append(job)
            if has_bytes:
                paths.append(self.name(job))
        for path in paths:
            _start_writing(path)
        for path in paths:
            _sync_if_there(path)
        _sync_if_there(self._folder)
        for job in jobs:
            del self._unsynced[job]
            self._starts.pop(job, None)
        return jobs

    def append(self, job: JobId, attempt: int, offset: int, data: bytes) -> int:
        """Write a chunk of a long output if it is the next one; the offset that is wanted now."""
        stream = self._streams.get(job)
        if stream is None or stream.attempt != attempt:
            stream = self._streams[job] = _Stream(attempt)
        if offset != stream.offset:
            return stream.offset
        fileno = self._open(job)
        try:
            self._write_at(fileno, self._starts.get(job, 0) + offset, data)
            stream.offset += len(data)
            stream.digest.update(data)
            if stream.offset - stream.synced >= _SYNC_EVERY_BYTES:
                os.fdatasync(fileno)
                stream.synced = stream.offset
        finally:
            os.close(fileno)
        return stream.offset

    def seal(self, job: JobId, attempt: int, result: Result) -> int | None:
        """Make a long output durable when all of it is here.

        None when it is; else the offset at which the worker is to go on.
        """
        stream = self._streams.get(job)
        if stream is None or stream.attempt != attempt:
            return 0
        if stream.offset < result.output_length:
            return stream.offset
        if stream.offset > result.output_length or stream.digest.digest() != result.output_sha256:
            del self._streams[job]
            return 0
        _sync_if_there(self.name(job))
        _sync_if_there(self._folder)
        del self._streams[job]  # but not its start: what is refused now comes again
        return None

    def _open(self, job: JobId, more_flags: int = 0) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | more_flags
        try:
            return os.open(self.name(job), flags, 0o666)
        except FileNotFoundError:
            self._folder.mkdir(parents=True, exist_ok=True)
            return os.open(self.name(job), flags, 0o666)

    @staticmethod
    def _write_at(fileno: int, start: int, data: bytes) -> None:
        """The file holds `data` from `start` on, and nothing behind it."""
        view = memoryview(data)
        at = start
        while view:
            written = os.pwrite(fileno, view, at)
            at += written
            view = view[written:]
        if os.fstat(fileno).st_size != at:
            os.ftruncate(fileno, at)


def _start_writing(path: str) -> None:
    """Have the disk begin: many files that are begun together are synced several times faster."""
    with suppress(FileNotFoundError):
        fileno = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.posix_fadvise(fileno, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(fileno)


def _sync_if_there(path: Path | str) -> None:
    with suppress(FileNotFoundError):
        sync(path)
