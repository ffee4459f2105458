"""A set of job ids, kept as ranges: a million jobs in a row take no more room than one.

Pure. Taking the first, and adding behind the last, cost the same however many there are; any
other change costs a search and, at worst, moving the ranges behind it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from goq.core.values.ids import JobId
from goq.core.values.ranges import Range, Ranges, common, meeting, merged, size, without

_HOLE = 32  # ranges that were taken from the front and still lie there
_CROWD = 4  # so many ranges to look at, for one that is to change, are too many
_NONE = JobId(0)


class Spans:
    """Job ids in order; `first` is the lowest, 0 when there is none.

    Range number i is `_starts[i]` up to, and without, `_nexts[i]`; those before `_head` are gone.
    """

    __slots__ = ("_count", "_head", "_nexts", "_starts", "first")

    def __init__(self, jobs: Iterable[JobId] = ()) -> None:
        self.first = _NONE
        self._starts: list[int] = []
        self._nexts: list[int] = []
        self._head = 0
        self._count = 0
        for job in jobs:
            self.add(job)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[JobId]:
        for start, end in self.ranges():
            yield from map(JobId, range(start, end))

    def __contains__(self, job: JobId) -> bool:
        at = bisect_right(self._starts, job, self._head) - 1
        return at >= self._head and job < self._nexts[at]

    def at_or_after(self, job: JobId) -> JobId:
        """The lowest that is not below the job; 0 when there is none."""
        at = bisect_right(self._starts, job, self._head) - 1
        if at >= self._head and job < self._nexts[at]:
            return job
        return JobId(self._starts[at + 1]) if at + 1 < len(self._starts) else _NONE

    def ranges(self) -> list[tuple[JobId, JobId]]:
        """Each range, as its first and the one behind its last."""
        pairs = zip(self._starts[self._head :], self._nexts[self._head :], strict=True)
        return [(JobId(start), JobId(end)) for start, end in pairs]

    def between(self, first: JobId, end: JobId) -> list[tuple[JobId, JobId]]:
        """The ranges of those from first up to, and without, end."""
        low, high = self._bounds(first, end)
        if low == high:
            return []
        found = self._pairs(low, high)
        found[0] = max(found[0][0], first), found[0][1]
        found[-1] = found[-1][0], min(found[-1][1], end)
        return found

    def among(self, ranges: Ranges) -> Ranges:
        """Those of these, in order and apart, that are here."""
        if not ranges or not self._count:
            return ()
        low, high = self._bounds(ranges[0][0], ranges[-1][1])
        if high - low <= _CROWD * len(ranges):
            return common(tuple(self._pairs(low, high)), ranges)
        return tuple(part for each in ranges for part in self.between(*each))

    def count(self, ranges: Ranges) -> int:
        """How many of these, in order and apart, are here."""
        if not ranges or not self._count:
            return 0
        low, high = self._bounds(ranges[0][0], ranges[-1][1])
        if len(ranges) > 1 and high - low <= _CROWD * len(ranges):
            return size(common(tuple(self._pairs(low, high)), ranges))
        found = 0
        for first, end in ranges:
            low, high = self._bounds(first, end)
            if low < high:
                found += sum(self._nexts[low:high]) - sum(self._starts[low:high])
                found -= max(0, first - self._starts[low]) + max(0, self._nexts[high - 1] - end)
        return found

    def pieces(self, first: JobId, end: JobId) -> int:
        """In how many ranges those are from first up to, and without, end."""
        low, high = self._bounds(first, end)
        return high - low

    def behind(self, first: JobId, end: JobId, most: int) -> JobId:
        """Where to stop, from first on, to meet not more ranges than that; at `end` at the latest."""
        low, high = self._bounds(first, end)
        return JobId(self._starts[low + most]) if high - low > most else end

    def head(self, most: int) -> list[Range]:
        """The first ranges, not more than that."""
        return self._pairs(self._head, min(self._head + most, len(self._starts)))

    def ahead(self, first: JobId, end: JobId, most: int) -> JobId:
        """Where to begin, up to `end`, to meet not more ranges than that; at `first` at the earliest."""
        low, high = self._bounds(first, end)
        return JobId(max(first, self._starts[high - most])) if high - low > most else first

    def tail(self, most: int) -> list[Range]:
        """The last ranges, not more than that."""
        return self._pairs(max(self._head, len(self._starts) - most), len(self._starts))

    def _bounds(self, first: JobId, end: JobId) -> tuple[int, int]:
        """Which ranges have any from first up to, and without, end: the number of the first, and behind the last."""
        low = bisect_right(self._nexts, first, self._head)
        return low, bisect_left(self._starts, end, low)

    def outside(self, first: JobId, end: JobId) -> list[tuple[JobId, JobId]]:
        """The ranges of those that are not here, from first up to, and without, end."""
        found = []
        for start, stop in self.between(first, end):
            if first < start:
                found.append((first, start))
            first = stop
        return [*found, (first, end)] if first < end else found

    def append(self, first: JobId, end: JobId) -> None:
        """Put in those from first up to, and without, end; none of them must be there. Best behind all others."""
        self._count += end - first
        starts, nexts = self._starts, self._nexts
        at = bisect_right(starts, first, self._head) if starts and starts[-1] > first else len(starts)
        follows = at > self._head and nexts[at - 1] == first
        leads = at < len(starts) and starts[at] == end
        if follows:
            nexts[at - 1] = nexts[at] if leads else end
            if leads:
                self._drop(at)
        elif leads:
            starts[at] = first
            self.first = JobId(starts[self._head])
        else:
            self._insert(at, first, end)

    def add(self, job: JobId) -> None:
        """Put one in; it must not be there."""
        self._count += 1
        starts, nexts, head = self._starts, self._nexts, self._head
        at = bisect_right(starts, job, head)
        follows = at > head and nexts[at - 1] == job
        leads = at < len(starts) and starts[at] == job + 1
        if follows and leads:
            nexts[at - 1] = nexts[at]
            self._drop(at)
        elif follows:
            nexts[at - 1] += 1
        elif leads:
            starts[at] = job
            self.first = JobId(starts[self._head])
        else:
            self._insert(at, job, job + 1)

    def remove(self, job: JobId) -> None:
        """Take one out; it must be there."""
        self._count -= 1
        starts, nexts = self._starts, self._nexts
        at = self._head if job == self.first else bisect_right(starts, job, self._head) - 1
        end = nexts[at]
        behind: JobId = job + 1  # type: ignore[assignment]  # to call JobId for each job takes too long
        if starts[at] != job:
            nexts[at] = job
            if end != behind:
                self._insert(at + 1, behind, end)
        elif end == behind:
            self._drop(at)
        else:
            starts[at] = behind
            if job == self.first:
                self.first = behind

    def discard(self, first: JobId, end: JobId) -> int:
        """Take out those from first up to, and without, end that are there; how many they were."""
        starts, nexts = self._starts, self._nexts
        low, high = self._bounds(first, end)
        if low == high:
            return 0
        before = [(starts[low], first)] if starts[low] < first else []
        behind = [(end, nexts[high - 1])] if nexts[high - 1] > end else []
        size = sum(nexts[low:high]) - sum(starts[low:high])
        rest = before + behind
        self._splice(low, high, rest)
        return size - sum(stop - start for start, stop in rest)

    def extend(self, ranges: Ranges) -> None:
        """Put all these in, in order and apart; none of them must be there."""
        if not ranges:
            return
        low = bisect_left(self._nexts, ranges[0][0], self._head)
        high = bisect_right(self._starts, ranges[-1][1], low)
        if high - low > _CROWD * len(ranges):
            for first, end in ranges:
                self.append(first, end)
        else:
            self._splice(low, high, merged([*self._pairs(low, high), *ranges]) if low < high else ranges)

    def discard_all(self, ranges: Ranges) -> int:
        """Take out those of all these that are there, in order and apart; how many they were."""
        if not ranges:
            return 0
        low, high = self._bounds(ranges[0][0], ranges[-1][1])
        if high - low > _CROWD * len(ranges):
            return sum(self.discard(first, end) for first, end in ranges)
        before, here = self._count, tuple(self._pairs(low, high))
        if len(ranges) > _CROWD * len(here):
            ranges = tuple(dict.fromkeys(each for part in here for each in meeting(ranges, *part)))
        self._splice(low, high, without(here, ranges))
        return before - self._count

    def _pairs(self, low: int, high: int) -> list[Range]:
        pairs = zip(self._starts[low:high], self._nexts[low:high], strict=True)
        return [*pairs]  # type: ignore[list-item]  # to call JobId for each of many takes too long

    def _splice(self, low: int, high: int, ranges: Sequence[tuple[int, int]]) -> None:
        """Put these in the place of the ranges from number `low` up to, and without, `high`."""
        starts, nexts = self._starts, self._nexts
        self._count -= sum(nexts[low:high]) - sum(starts[low:high])
        self._count += sum(end - first for first, end in ranges)
        if low == self._head and len(ranges) <= high - low:  # so what lies behind need not move
            self._head = low = high - len(ranges)
        starts[low:high] = [start for start, _ in ranges]
        nexts[low:high] = [stop for _, stop in ranges]
        self._shrink()

    def take_below(self, limit: JobId) -> list[JobId]:
        """Take out all that are below the limit, in order."""
        taken = [job for start, end in self.ranges() for job in map(JobId, range(start, min(end, limit)))]
        kept = [(max(start, limit), end) for start, end in self.ranges() if end > limit]
        self._starts, self._nexts = [start for start, _ in kept], [end for _, end in kept]
        self._head = 0
        self._count -= len(taken)
        self.first = JobId(self._starts[0]) if kept else _NONE
        return taken

    def _insert(self, at: int, start: int, end: int) -> None:
        if at == self._head and at:  # into the hole, where nothing has to move
            self._head = at - 1
            self._starts[at - 1], self._nexts[at - 1] = start, end
        else:
            self._starts.insert(at, start)
            self._nexts.insert(at, end)
        self.first = JobId(self._starts[self._head])

    def _drop(self, at: int) -> None:
        if at != self._head:
            del self._starts[at], self._nexts[at]
            return
        self._head += 1
        self._shrink()

    def _shrink(self) -> None:
        """Leave no hole in front that is larger than what is there: what lies in it must not be taken for the last."""
        if self._head == len(self._starts) or (self._head > _HOLE and 2 * self._head > len(self._starts)):
            del self._starts[: self._head], self._nexts[: self._head]
            self._head = 0
        self.first = JobId(self._starts[self._head]) if self._starts else _NONE
