"""Outputs in files whose names their submitters chose: which file each has, and where in it.

Several may lie in one file, one behind the other: the attempts of a job, and jobs of which one had ended
before the other began. What is written late must not touch what lies behind it.
"""

from collections.abc import Iterable
from typing import TypeVar

from msgspec.structs import replace

from goq.core.values.ids import JobId
from goq.core.values.result import OutputKey, Reserved

_Name = TypeVar("_Name")


class Named:
    """Those outputs that are not durable yet, in the order in which they lie in their files."""

    def __init__(self, reserved: Iterable[Reserved] = ()) -> None:
        self._parts: dict[OutputKey, Reserved] = {}
        self._files: dict[str, list[OutputKey]] = {}
        self._of_job: dict[JobId, list[OutputKey]] = {}
        self._done: set[OutputKey] = set()
        for each in reserved:
            self._drop_abandoned(each.key)
            self._put(each)

    def __bool__(self) -> bool:
        return bool(self._parts)

    def get(self, key: OutputKey) -> Reserved | None:
        """Where that output is, if its file has a name of its own."""
        return self._parts.get(key)

    def is_last(self, part: Reserved) -> bool:
        """Nothing of others lies behind it."""
        return self._files[part.path][-1] == part.key

    def reserve(self, key: OutputKey, path: str, size: int) -> int:
        """Where an output begins in a file of that size: over what an attempt left that was lost, behind all else."""
        abandoned = self._drop_abandoned(key)
        for other in list(self._files.get(path, ())):
            if self._parts[other].end is None:  # of another job, which is not on: what it left stays
                self.drop(other)
        behind = self._files.get(path)
        if behind:
            start = max(size, *(self._parts[each].end or 0 for each in behind))
        elif abandoned is not None and abandoned.path == path:
            start = abandoned.start
        else:
            start = size
        self._put(Reserved(key, path, start))
        return start

    def end(self, key: OutputKey, length: int) -> None:
        """The attempt has ended, and leaves so many bytes there."""
        part = self._parts.get(key)
        if part is not None:
            self._parts[key] = replace(part, end=part.start + length)

    def drop(self, key: OutputKey) -> None:
        """All of it is there, and on the disk; or nothing more will come.

        What lies before it and is still to be written must know of it until then.
        """
        part = self._parts.get(key)
        if part is None:
            return
        if part.end is None:
            self._remove(part)
            return
        self._done.add(key)
        while (keys := self._files.get(part.path)) and keys[0] in self._done:
            self._done.discard(keys[0])
            self._remove(self._parts[keys[0]])

    def _remove(self, part: Reserved) -> None:
        del self._parts[part.key]
        _remove(self._files, part.path, part.key)
        _remove(self._of_job, part.key[0], part.key)

    def drop_all(self, jobs: Iterable[JobId]) -> None:
        """These jobs have ended without another attempt."""
        for job in jobs:
            for key in list(self._of_job.get(job, ())):
                if self._parts[key].end is None:
                    self.drop(key)

    def jobs(self) -> list[JobId]:
        """Whose outputs they are."""
        return list(self._of_job)

    def _put(self, part: Reserved) -> None:
        self._parts[part.key] = part
        self._files.setdefault(part.path, []).append(part.key)
        self._of_job.setdefault(part.key[0], []).append(part.key)

    def _drop_abandoned(self, key: OutputKey) -> Reserved | None:
        """The attempt before this one, if nobody knows how that ended."""
        job, attempt, stream = key
        for other in list(self._of_job.get(job, ())):
            part = self._parts[other]
            if other[2] == stream and other[1] < attempt and part.end is None:
                self.drop(other)
                return part
        return None


def _remove(index: dict[_Name, list[OutputKey]], name: _Name, key: OutputKey) -> None:
    index[name].remove(key)
    if not index[name]:
        del index[name]
