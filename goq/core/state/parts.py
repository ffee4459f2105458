"""Terms of jobs that were altered, in place of their submission's: a value for each of some ranges. Pure."""

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from goq.core.values.ids import JobId
from goq.core.values.ranges import Ranges, meeting, without
from goq.core.values.terms import Terms

_CROWD = 4  # so many ranges to look at, for one that is to change, are too many
Part = tuple[JobId, JobId, Terms]  # a range, and the terms of its jobs


class Parts:
    """Ranges of jobs in order, none in another, those that touch with other terms each."""

    __slots__ = ("_ends", "_starts", "_terms")

    def __init__(self) -> None:
        self._starts: list[JobId] = []
        self._ends: list[JobId] = []
        self._terms: list[Terms] = []

    def __bool__(self) -> bool:
        return bool(self._starts)

    def __iter__(self) -> "zip[Part]":
        return zip(self._starts, self._ends, self._terms, strict=True)

    def get(self, job: JobId) -> Terms | None:
        """The job's terms, if they were altered."""
        at = bisect_right(self._starts, job) - 1
        return self._terms[at] if at >= 0 and job < self._ends[at] else None

    def over(self, first: JobId, end: JobId, otherwise: Terms) -> list[Part]:
        """All jobs from first up to, and without, end as ranges of the same terms; `otherwise` of the others."""
        found: list[Part] = []
        at = bisect_right(self._ends, first)
        while first < end:
            if at == len(self._starts) or self._starts[at] >= end:
                found.append((first, end, otherwise))
                break
            if first < self._starts[at]:
                found.append((first, self._starts[at], otherwise))
            stop = min(end, self._ends[at])
            found.append((max(first, self._starts[at]), stop, self._terms[at]))
            first = stop
            at += 1
        return found

    def put(self, ranges: Ranges, terms: Terms) -> None:
        """The jobs of these ranges, in order and apart, have these terms now."""
        self._replace(ranges, [(*each, terms) for each in ranges])

    def drop(self, ranges: Ranges) -> None:
        """The jobs of these ranges, in order and apart, have ended."""
        if self._starts:
            self._replace(ranges, [])

    def _replace(self, ranges: Ranges, new: list[Part]) -> None:
        low = bisect_left(self._ends, ranges[0][0])  # with what touches
        high = bisect_right(self._starts, ranges[-1][1])
        if len(ranges) > 1 and high - low > _CROWD * len(ranges):
            for at, each in enumerate(ranges):
                self._replace((each,), new[at : at + 1])
            return
        found: list[Part] = []
        for start, stop, terms in heapq.merge(self._outside(low, high, ranges), new):
            if found and found[-1][1] == start and found[-1][2] == terms:
                found[-1] = (found[-1][0], stop, terms)
            else:
                found.append((start, stop, terms))
        self._starts[low:high] = [start for start, _, _ in found]
        self._ends[low:high] = [stop for _, stop, _ in found]
        self._terms[low:high] = [terms for _, _, terms in found]

    def _outside(self, low: int, high: int, ranges: Ranges) -> Iterator[Part]:
        """Of the ranges number `low` to `high`, without that, what is in none of these."""
        some = zip(self._starts[low:high], self._ends[low:high], self._terms[low:high], strict=True)
        for start, stop, terms in some:
            for first, end in without(((start, stop),), meeting(ranges, start, stop)):
                yield first, end, terms
