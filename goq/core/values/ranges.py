"""Sets of job ids as values: ranges of them, in order and apart unless it is said. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from operator import itemgetter

from goq.core.values.ids import JobId

Range = tuple[JobId, JobId]  # its first, and the one behind its last
Ranges = tuple[Range, ...]


def runs(jobs: Iterable[JobId]) -> Iterator[tuple[JobId, JobId]]:
    """Job numbers as ranges, each its first and the one behind its last, in the order they come in."""
    first: JobId | None = None
    end = JobId(0)
    for job in jobs:
        if first is not None and job != end:
            yield first, end
        if first is None or job != end:
            first = job
        end = JobId(job + 1)
    if first is not None:
        yield first, end


def merged(ranges: Iterable[Range]) -> Ranges:
    """The same jobs in order and apart: ranges that overlap or touch are one."""
    found: list[Range] = []
    low, high = JobId(-1), JobId(-1)
    for first, end in sorted(ranges):
        if first > high:
            found.append((low, high))
            low = first
            high = end
        elif end > high:
            high = end
    found.append((low, high))
    return tuple(found[1:])


def common(some: Ranges, others: Ranges) -> Ranges:
    """The jobs that are in both; each is in order and apart."""
    found: list[Range] = []
    at = 0
    for first, end in some:
        while at < len(others) and others[at][1] <= first:
            at += 1
        behind = at
        while behind < len(others) and others[behind][0] < end:
            found.append((max(first, others[behind][0]), min(end, others[behind][1])))
            behind += 1
    return tuple(found)


def without(some: Ranges, others: Ranges) -> Ranges:
    """The jobs that are in `some` only; each is in order and apart."""
    found: list[Range] = []
    at = 0
    for start, end in some:
        first = start
        while at < len(others) and others[at][1] <= first:
            at += 1
        behind = at
        while behind < len(others) and others[behind][0] < end:
            if first < others[behind][0]:
                found.append((first, others[behind][0]))
            first = others[behind][1]
            behind += 1
        if first < end:
            found.append((first, end))
    return tuple(found)


def holds(ranges: Ranges, job: JobId) -> bool:
    """The job is in one of the ranges, which are in order and apart."""
    at = bisect_right(ranges, job, key=itemgetter(0)) - 1
    return at >= 0 and job < ranges[at][1]


def meeting(ranges: Ranges, start: JobId, stop: JobId) -> Ranges:
    """Those of the ranges, in order, that have a job from start up to, and without, stop."""
    low = bisect_right(ranges, start, key=itemgetter(1))
    return ranges[low : bisect_left(ranges, stop, low, key=itemgetter(0))]


def span(first: int, last: int) -> str:
    """Numbers from the first to the last, as people read them."""
    return f"{first}" if first == last else f"{first}-{last}"


def size(ranges: Iterable[Range]) -> int:
    """How many jobs they are."""
    return sum(end - first for first, end in ranges)
