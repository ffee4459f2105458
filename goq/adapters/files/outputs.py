"""The output files of jobs: by a rule, or where their submitters want them, in the output folder.

Bytes in, exactly those bytes on disk. Every write is at a place that is fixed before, so that it may
be done again after a crash. What is long comes in pieces: see `streams`.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from goq.adapters.files.below import OURS, Whose, is_gone, link_on_the_way, open_below, sync_names
from goq.adapters.files.durable import sync
from goq.adapters.files.named import Named
from goq.adapters.files.rights import writing
from goq.adapters.files.streams import Streams, start_writing, write_all, write_at
from goq.core.messages import OutputChunk
from goq.core.values.ids import JobId
from goq.core.values.ranges import Ranges, holds
from goq.core.values.result import OUT, OutputKey, Reserved, Result, Starts, output_name


class Outputs:
    """Writes outputs. `starts` holds where they begin in files that were there before the job or the attempt.

    `named` are those whose files have names of their own, below the folder; `whose` says of a job whose file its
    output is to be, and in the `inner` folder lies what nobody named. Every method that writes raises OSError when the disk does not take it; the same call may then be
    tried again. What could not be made durable is in `failed`, until it is taken out, and is to be written again.
    """

    def __init__(
        self,
        folder: Path,
        starts: Starts,
        named: Iterable[Reserved] = (),
        whose: Callable[[JobId], Whose] = lambda _: OURS,
        inner: str = "",
    ) -> None:
        self._folder = folder
        self._inner = f"{inner}/" if inner else ""
        self._prefix = os.path.join(folder, "")
        self._starts = starts
        self._named = Named(named)
        self._streams = Streams(self.start, self._open_output, self._sync_name)
        self._retried: dict[
            JobId, int
        ] = {}  # attempts whose outputs are not durable, and that another follows
        self._unsynced: dict[OutputKey, bool] = {}  # written outputs, the oldest first: has it any bytes?
        self._whose = whose
        self.failed: dict[OutputKey, OSError] = {}

    def path(self, job: JobId, stream: int = OUT) -> Path:
        """The file of the job's output, if nobody named it."""
        return Path(self._prefix + self._rule(job, stream))

    def name(self, job: JobId, attempt: int = 1, stream: int = OUT) -> str:
        """The file of an attempt's output; where speed matters, so it is no path."""
        return self._prefix + self._path((job, attempt, stream))

    def room(self, job: JobId, attempt: int, stream: int) -> str:
        """The first folder on the way to an attempt's output, "" where it lies in that of outputs itself."""
        part = self._named.get((job, attempt, stream)) if self._named else None
        return part.path.partition("/")[0] if part and "/" in part.path else ""

    def link_on_the_way(self, path: str) -> str:
        """What there is of a path below the folder that is a symbolic link; "" for nothing."""
        return link_on_the_way(self._prefix, path)

    def reserve(self, job: JobId) -> int:
        """Where the output of a new job will start: behind what its file holds already."""
        try:
            start = os.stat(self._prefix + output_name(job), follow_symlinks=False).st_size
        except OSError:
            return 0
        if start:
            self._starts[job] = {1: start}
        return start

    def reserve_next(self, job: JobId, attempt: int, length: int) -> int:
        """Where the output of the next attempt will start: behind so many bytes of this one."""
        start = self.start(job, attempt) + length
        self._starts.setdefault(job, {})[attempt + 1] = start
        self._retried[job] = self._retried.get(job, 0) + 1
        return start

    def reserve_named(self, key: OutputKey, path: str) -> int:
        """Where an output will start in the file of that name: behind what that holds already."""
        try:
            os.lstat(self._prefix + path)  # nearly always there is nothing, which this says faster
            fileno = open_below(self._prefix, path, os.O_RDONLY)
        except OSError:
            return self._named.reserve(key, path, 0)
        try:
            return self._named.reserve(key, path, os.fstat(fileno).st_size)
        finally:
            os.close(fileno)

    def end_named(self, key: OutputKey, length: int) -> None:
        """The attempt has ended, and leaves so many bytes in its file, if that has a name of its own."""
        self._named.end(key, length)

    def drop_named(self, key: OutputKey) -> None:
        """Nothing more of that output will come, and what came is on the disk."""
        if self._named:
            self._named.drop(key)

    def drop_ended(self, ranges: Ranges) -> None:
        """These jobs have ended, and had no attempt on."""
        if self._named:
            self._named.drop_all(job for job in self._named.jobs() if holds(ranges, job))

    def start(self, job: JobId, attempt: int, stream: int = OUT) -> int:
        """Where an attempt's output begins in its file."""
        part = self._named.get((job, attempt, stream)) if self._named else None
        if part:
            return part.start
        starts = self._starts.get(job) if stream == OUT else None
        if starts is None:
            return 0
        return max((start for begun, start in starts.items() if begun <= attempt), default=0)

    def write(self, job: JobId, output: bytes, attempt: int = 1, stream: int = OUT) -> None:
        """Put a whole output in its place; `sync_some` makes it durable.

        Where another attempt follows, it is the end of the output, up to where the next one starts.
        """
        self._streams.forget(job, stream)
        part = self._named.get((job, attempt, stream)) if self._named else None
        if part:
            self._write_named(part, output)
        else:
            self._write_unnamed(job, output, attempt, stream)
        self._unsynced[job, attempt, stream] = bool(output)

    def _write_unnamed(self, job: JobId, output: bytes, attempt: int, stream: int) -> None:
        start = self.start(job, attempt, stream)
        next_start = self._starts.get(job, {}).get(attempt + 1) if stream == OUT else None
        is_new = not (next_start or start or output)
        fileno = self._open(job, self._rule(job, stream), os.O_TRUNC if is_new else 0)
        try:
            with writing(fileno):
                if next_start:
                    write_all(fileno, next_start - len(output), output)
                elif not is_new:
                    write_at(fileno, start, output)
        finally:
            os.close(fileno)

    def _write_named(self, part: Reserved, output: bytes) -> None:
        """Up to its end, which is known by now: what went ahead in chunks lies before."""
        at = (part.start + len(output) if part.end is None else part.end) - len(output)
        fileno = self._open(part.key[0], part.path)
        try:
            with writing(fileno):
                if self._named.is_last(part):
                    write_at(fileno, at, output)
                else:
                    write_all(fileno, at, output)
        finally:
            os.close(fileno)

    @property
    def unsynced_count(self) -> int:
        """So many outputs are written and not durable."""
        return len(self._unsynced)

    def sync_some(self, limit: int) -> list[OutputKey]:
        """Make the oldest outputs durable, and the names of their files; which ones.

        At most `limit` that have bytes: of an empty one there is only the name, and all names
        are synced with the folder. A file that is gone was taken away. Trouble with one is no other's.
        """
        outputs: list[OutputKey] = []
        full: list[OutputKey] = []  # those that have bytes
        for output, has_bytes in self._unsynced.items():
            if has_bytes and len(full) == limit:
                break
            outputs.append(output)
            if has_bytes:
                full.append(output)
        with suppress(FileNotFoundError):
            sync(self._folder)
        bad = self._sync_files(full)
        bad |= self._sync_folders([output for output in outputs if output not in bad])
        for output in outputs:
            del self._unsynced[output]
        self.failed |= bad
        outputs = [output for output in outputs if output not in bad]
        for output in outputs:
            self.drop_named(output)
            if output[0] in self._starts and output[2] == OUT:
                self._durable(output[0], output[1])
        return outputs

    def _sync_files(self, outputs: list[OutputKey]) -> dict[OutputKey, OSError]:
        """Make their bytes durable; those that it could not be done with, and why."""
        bad: dict[OutputKey, OSError] = {}
        # The disk begins with all of them: many files that are begun together are synced several times faster.
        for does in (lambda fileno: start_writing(fileno, 0, 0), os.fsync):
            for output in outputs:
                try:
                    fileno = self._opened(output)
                    if fileno >= 0:
                        try:
                            does(fileno)
                        finally:
                            os.close(fileno)
                except OSError as error:
                    bad[output] = error
        return bad

    def _sync_folders(self, outputs: list[OutputKey]) -> dict[OutputKey, OSError]:
        """The same of their names, in folders below ours."""
        folders: dict[str, list[OutputKey]] = {}
        for output in outputs:
            folder = self._path(output).rpartition("/")[0]
            if folder:
                folders.setdefault(folder, []).append(output)
        bad: dict[OutputKey, OSError] = {}
        for folder, its in folders.items():
            try:
                _sync_names(self._prefix, folder)
            except OSError as error:
                bad |= dict.fromkeys(its, error)
        return bad

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
        return self._streams.append(chunk)

    def come(self, job: JobId, attempt: int, stream: int) -> int:
        """So much of a long output has come from that attempt."""
        return self._streams.come(job, attempt, stream)

    def seal(self, job: JobId, attempt: int, result: Result, stream: int = OUT) -> int | None:
        """Make a long output durable when all of it is here.

        None when it is; else the offset at which the worker is to go on. Raises OutputLost.
        """
        missing = self.missing(job, attempt, result, stream)
        if missing is None:
            self.forget(job, stream)
        return missing

    def missing(self, job: JobId, attempt: int, result: Result, stream: int) -> int | None:
        """The same, and remember what is here until `forget`: of another stream something may be missing."""
        length, sha256 = result.output_length, result.output_sha256
        if stream != OUT and result.err:
            length, sha256 = result.err.length, result.err.sha256
        return self._streams.seal((job, attempt, stream), length, sha256)

    def forget(self, job: JobId, stream: int) -> None:
        """How far a long output is; but not its start: what is refused now comes again."""
        self._streams.forget(job, stream)

    def _path(self, key: OutputKey) -> str:
        """Of an attempt's output, below the folder."""
        part = self._named.get(key) if self._named else None
        return part.path if part else self._rule(key[0], key[2])

    def _rule(self, job: JobId, stream: int = OUT) -> str:
        return self._inner + output_name(job, stream)

    def _sync_name(self, key: OutputKey) -> None:
        sync(self._folder)
        folder = self._path(key).rpartition("/")[0]
        if folder:
            _sync_names(self._prefix, folder)

    def _open_output(self, job: JobId, attempt: int, stream: int) -> int:
        """The file of an attempt's output, to write into."""
        return self._open(job, self._path((job, attempt, stream)))

    def _open(self, job: JobId, path: str, more_flags: int = 0) -> int:
        return open_below(self._prefix, path, os.O_WRONLY | os.O_CREAT | more_flags, self._whose(job))

    def _opened(self, key: OutputKey) -> int:
        """The file of an output that was written, to have it synced; below 0 when that was taken away."""
        try:
            return open_below(self._prefix, self._path(key), os.O_RDONLY)
        except OSError as error:
            if is_gone(error):
                return -1
            raise


def _sync_names(folder: str, inner: str) -> None:
    try:
        sync_names(folder, inner)
    except OSError as error:
        if not is_gone(error):
            raise
