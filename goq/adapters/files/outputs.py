"""The output files of jobs, `out.%05d` in the output folder. Bytes in, exactly those bytes on disk.

Every write is at a place that is fixed before, so that it may be done again after a crash. A
long output grows in its file while the job runs; its digest is kept meanwhile. The bytes of a
chunk are written once they have led from that digest to the one that their worker has signed. A
stream whose digest was lost in a restart begins again, and so does one whose file has become
shorter than what was written, so often.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, field

from goq.adapters.files.durable import sync
from goq.core.messages import OutputChunk
from goq.core.values.ids import JobId
from goq.core.values.result import Result, Starts, output_name
from goq.errors import BadMessage

REWRITES = 3

Attempt = tuple[JobId, int]  # at a job, by its number
_BEGIN_EVERY_BYTES = 8 * 1024 * 1024
_SYNC_EVERY_BYTES = 32 * 1024 * 1024  # by when most of it has arrived


class OutputLost(Exception):
    """The file of a long output loses what is written to it, again and again."""


class _Stream(Struct):
    """A long output on its way: how much is here, and of which attempt."""

    attempt: int
    rewrites: int = 0
    offset: int = 0
    begun: int = 0  # so much of it is on its way to the disk
    synced: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)


class Outputs:
    """Writes outputs. `starts` holds where they begin in files that were there before the job or the attempt.

    Every method that writes raises OSError when the disk does not take it; the same call may
    then be tried again.
    """

    def __init__(self, folder: Path, starts: Starts) -> None:
        self._folder = folder
        self._prefix = os.path.join(folder, "")
        self._starts = starts
        self._streams: dict[JobId, _Stream] = {}
        self._retried: dict[
            JobId, int
        ] = {}  # attempts whose outputs are not durable, and that another follows
        self._unsynced: dict[Attempt, bool] = {}  # written outputs, the oldest first: has it any bytes?

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
            self._starts[job] = {1: start}
        return start

    def reserve_next(self, job: JobId, attempt: int, length: int) -> int:
        """Where the output of the next attempt will start: behind so many bytes of this one."""
        start = self._start(job, attempt) + length
        self._starts.setdefault(job, {})[attempt + 1] = start
        self._retried[job] = self._retried.get(job, 0) + 1
        return start

    def _start(self, job: JobId, attempt: int) -> int:
        starts = self._starts.get(job)
        if starts is None:
            return 0
        return max((start for begun, start in starts.items() if begun <= attempt), default=0)

    def write(self, job: JobId, output: bytes, attempt: int = 1) -> None:
        """Put a whole output in its place; `sync_some` makes it durable.

        Where another attempt follows, it is the end of the output, up to where the next one starts.
        """
        self._streams.pop(job, None)
        start = self._start(job, attempt)
        if next_start := self._starts.get(job, {}).get(attempt + 1):
            fileno = self._open(job)
            try:
                _write_all(fileno, next_start - len(output), output)
            finally:
                os.close(fileno)
        elif start or output:
            fileno = self._open(job)
            try:
                self._write_at(fileno, start, output)
            finally:
                os.close(fileno)
        else:
            os.close(self._open(job, os.O_TRUNC))
        self._unsynced[job, attempt] = bool(output)

    @property
    def unsynced_count(self) -> int:
        """So many outputs are written and not durable."""
        return len(self._unsynced)

    def sync_some(self, limit: int) -> list[Attempt]:
        """Make the oldest outputs durable, and the names of their files; which ones.

        At most `limit` that have bytes: of an empty one there is only the name, and all names
        are synced with the folder. A file that is gone was taken away.
        """
        outputs: list[Attempt] = []
        paths: list[str] = []
        for output, has_bytes in self._unsynced.items():
            if has_bytes and len(paths) == limit:
                break
            outputs.append(output)
            if has_bytes:
                paths.append(self.name(output[0]))
        for path in paths:
            _start_writing_if_there(path)
        for path in paths:
            _sync_if_there(path)
        _sync_if_there(self._folder)
        for output in outputs:
            del self._unsynced[output]
            if output[0] in self._starts:
                self._durable(*output)
        return outputs

    def _durable(self, job: JobId, attempt: int) -> None:
        """Forget where the outputs of a job start when the last one is durable, and so are those before."""
        starts = self._starts[job]
        if attempt + 1 in starts:
            self._retried[job] = self._retried.get(job, 0) - 1
        elif max(starts) == 1 or self._retried.get(job) == 0:
            del self._starts[job]
            self._retried.pop(job, None)

    def append(self, chunk: OutputChunk) -> int:
        """Write a chunk of a long output if it is the next one; the offset that is wanted now.

        Raises BadMessage when its bytes are not those that were signed, and OutputLost.
        """
        job, attempt = chunk.claim.job, chunk.claim.attempt
        stream = self._streams.get(job)
        if stream is None or stream.attempt != attempt:
            stream = self._streams[job] = _Stream(attempt)
        if chunk.offset != stream.offset:
            return stream.offset
        if chunk.before != stream.digest.digest():
            return self._begin_again(job, stream)
        digest = stream.digest.copy()
        digest.update(chunk.data)
        if digest.digest() != chunk.after:
            raise BadMessage("a piece of output that is not what was signed")
        fileno = self._open(job)
        try:
            start = self._start(job, attempt) + chunk.offset
            if chunk.offset and os.fstat(fileno).st_size < start:
                return self._begin_again(job, stream)
            self._write_at(fileno, start, chunk.data)
            stream.offset += len(chunk.data)
            stream.digest = digest
            self._write_back(fileno, stream, start - chunk.offset)
        finally:
            os.close(fileno)
        return stream.offset

    def seal(self, job: JobId, attempt: int, result: Result) -> int | None:
        """Make a long output durable when all of it is here.

        None when it is; else the offset at which the worker is to go on. Raises OutputLost.
        """
        stream = self._streams.get(job)
        if stream is None or stream.attempt != attempt:
            return 0
        if stream.offset < result.output_length:
            return stream.offset
        if stream.offset > result.output_length or stream.digest.digest() != result.output_sha256:
            return self._begin_again(job, stream)
        fileno = self._open(job)
        try:
            if os.fstat(fileno).st_size < self._start(job, attempt) + stream.offset:
                return self._begin_again(job, stream)
            os.fsync(fileno)
        finally:
            os.close(fileno)
        sync(self._folder)
        del self._streams[job]  # but not its start: what is refused now comes again
        return None

    def _begin_again(self, job: JobId, stream: _Stream) -> int:
        """What is here is not what the worker has sent; it has all of it still."""
        if stream.rewrites == REWRITES:
            raise OutputLost
        self._streams[job] = _Stream(stream.attempt, stream.rewrites + 1)
        return 0

    @staticmethod
    def _write_back(fileno: int, stream: _Stream, start: int) -> None:
        """Have the disk begin early, and so that nobody waits long in the end, nor for long meanwhile."""
        fresh = stream.offset - stream.begun
        if fresh >= _BEGIN_EVERY_BYTES:
            _start_writing(fileno, start + stream.begun, fresh)
            stream.begun = stream.offset
        if stream.offset - stream.synced >= _SYNC_EVERY_BYTES:
            os.fdatasync(fileno)
            stream.synced = stream.offset

    def _open(self, job: JobId, more_flags: int = 0) -> int:
        # Not to be held up by a fifo that somebody has put in its place.
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK | more_flags
        try:
            return os.open(self.name(job), flags, 0o666)
        except FileNotFoundError:
            self._folder.mkdir(parents=True, exist_ok=True)
            return os.open(self.name(job), flags, 0o666)

    @staticmethod
    def _write_at(fileno: int, start: int, data: bytes | memoryview) -> None:
        """The file holds `data` from `start` on, and nothing behind it."""
        at = _write_all(fileno, start, data)
        if os.fstat(fileno).st_size != at:
            os.ftruncate(fileno, at)


def _write_all(fileno: int, start: int, data: bytes | memoryview) -> int:
    """The file holds `data` from `start` on; where that ends."""
    view = memoryview(data)
    at = start
    while view:
        written = os.pwrite(fileno, view, at)
        at += written
        view = view[written:]
    return at


def _start_writing_if_there(path: str) -> None:
    """Have the disk begin: many files that are begun together are synced several times faster."""
    with suppress(FileNotFoundError):
        fileno = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _start_writing(fileno, 0, 0)
        finally:
            os.close(fileno)


def _start_writing(fileno: int, start: int, length: int) -> None:
    """Have the disk begin with that part of the file, and do not wait for it."""
    os.posix_fadvise(fileno, start, length, os.POSIX_FADV_DONTNEED)


def _sync_if_there(path: Path | str) -> None:
    with suppress(FileNotFoundError):
        sync(path)
