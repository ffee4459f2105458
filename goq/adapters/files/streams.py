"""Long outputs on their way: each grows in its file while the job runs, and its digest is kept meanwhile.

The bytes of a chunk are written once they have led from that digest to the one that their worker has
signed. A stream whose digest was lost in a restart begins again, and so does one whose file has become
shorter than what was written, so often.
"""

import hashlib
import os
from collections.abc import Callable

from msgspec import Struct, field

from goq.adapters.files.rights import writing
from goq.core.messages import OutputChunk
from goq.core.values.ids import JobId
from goq.core.values.result import OutputKey
from goq.errors import BadMessage

REWRITES = 3

_BEGIN_EVERY_BYTES = 8 * 1024 * 1024
_SYNC_EVERY_BYTES = 32 * 1024 * 1024  # by when most of it has arrived


class OutputLost(Exception):
    """The file of a long output loses what is written to it, again and again."""


class _Flow(Struct):
    """A long output on its way: how much is here, and of which attempt."""

    attempt: int
    rewrites: int = 0
    offset: int = 0
    begun: int = 0  # so much of it is on its way to the disk
    synced: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)


class Streams:
    """Those that are on their way. Every method raises OSError when the disk does not take it.

    `start` says where in its file an output begins, `open_file` opens that to be written, and `sync_name` makes
    its name durable.
    """

    def __init__(
        self,
        start: Callable[[JobId, int, int], int],
        open_file: Callable[[JobId, int, int], int],
        sync_name: Callable[[OutputKey], None],
    ) -> None:
        self._start = start
        self._open = open_file
        self._sync_name = sync_name
        self._flows: dict[tuple[JobId, int], _Flow] = {}  # by job and stream

    def forget(self, job: JobId, stream: int) -> None:
        """What came of it counts no more: the output is short, or another attempt's."""
        self._flows.pop((job, stream), None)

    def come(self, job: JobId, attempt: int, stream: int) -> int:
        """So much of that attempt's is here."""
        flow = self._flows.get((job, stream))
        return flow.offset if flow and flow.attempt == attempt else 0

    def append(self, chunk: OutputChunk) -> int:
        """Write a chunk of a long output if it is the next one; the offset that is wanted now.

        Raises BadMessage when its bytes are not those that were signed, and OutputLost.
        """
        job, attempt, stream = chunk.claim.job, chunk.claim.attempt, chunk.stream
        flow = self._flows.get((job, stream))
        if flow is None or flow.attempt != attempt:
            flow = self._flows[job, stream] = _Flow(attempt)
        if chunk.offset != flow.offset:
            return flow.offset
        if chunk.before != flow.digest.digest():
            return self._begin_again(job, stream, flow)
        digest = flow.digest.copy()
        digest.update(chunk.data)
        if digest.digest() != chunk.after:
            raise BadMessage("a piece of output that is not what was signed")
        fileno = self._open(job, attempt, stream)
        try:
            start = self._start(job, attempt, stream) + chunk.offset
            if chunk.offset and os.fstat(fileno).st_size < start:
                return self._begin_again(job, stream, flow)
            with writing(fileno):
                write_at(fileno, start, chunk.data)
            flow.offset += len(chunk.data)
            flow.digest = digest
            self._write_back(fileno, flow, start - chunk.offset)
        finally:
            os.close(fileno)
        return flow.offset

    def seal(self, key: OutputKey, length: int, sha256: bytes) -> int | None:
        """Make a long output durable when all of it is here. It may be forgotten then.

        None when it is; else the offset at which the worker is to go on. Raises OutputLost.
        """
        job, attempt, stream = key
        flow = self._flows.get((job, stream))
        if flow is None or flow.attempt != attempt:
            return 0
        if flow.offset < length:
            return flow.offset
        if flow.offset > length or flow.digest.digest() != sha256:
            return self._begin_again(job, stream, flow)
        fileno = self._open(job, attempt, stream)
        try:
            if os.fstat(fileno).st_size < self._start(job, attempt, stream) + flow.offset:
                return self._begin_again(job, stream, flow)
            os.fsync(fileno)
        finally:
            os.close(fileno)
        self._sync_name(key)
        return None

    def _begin_again(self, job: JobId, stream: int, flow: _Flow) -> int:
        """What is here is not what the worker has sent; it has all of it still."""
        if flow.rewrites == REWRITES:
            raise OutputLost
        self._flows[job, stream] = _Flow(flow.attempt, flow.rewrites + 1)
        return 0

    @staticmethod
    def _write_back(fileno: int, flow: _Flow, start: int) -> None:
        """Have the disk begin early, and so that nobody waits long in the end, nor for long meanwhile."""
        fresh = flow.offset - flow.begun
        if fresh >= _BEGIN_EVERY_BYTES:
            start_writing(fileno, start + flow.begun, fresh)
            flow.begun = flow.offset
        if flow.offset - flow.synced >= _SYNC_EVERY_BYTES:
            os.fdatasync(fileno)
            flow.synced = flow.offset


def write_at(fileno: int, start: int, data: bytes | memoryview) -> None:
    """The file holds `data` from `start` on, and nothing behind it."""
    at = write_all(fileno, start, data)
    if os.fstat(fileno).st_size != at:
        os.ftruncate(fileno, at)


def write_all(fileno: int, start: int, data: bytes | memoryview) -> int:
    """The file holds `data` from `start` on; where that ends."""
    view = memoryview(data)
    at = start
    while view:
        written = os.pwrite(fileno, view, at)
        at += written
        view = view[written:]
    return at


def start_writing(fileno: int, start: int, length: int) -> None:
    """Have the disk begin with that part of the file, and do not wait for it."""
    os.posix_fadvise(fileno, start, length, os.POSIX_FADV_DONTNEED)
