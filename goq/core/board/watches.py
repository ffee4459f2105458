"""Who waits until other jobs have ended: sets of jobs that are watched, and pairs of jobs.

Pure, and built anew from the state after a restart: what does not live any more is waited for no more. Which
end was a good one, and for whom, is decided here in the turn of that end; what comes of it the caller takes
out of `decided`.
"""

from collections import deque
from collections.abc import Iterator
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from goq.core.state.state import State
from goq.core.state.submissions import Live
from goq.core.values.ids import JobId
from goq.core.values.ranges import Range, Ranges
from goq.core.values.result import Ended
from goq.core.values.spans import Spans
from goq.core.values.terms import After, When


class Watch(Struct, eq=False):
    """A set of jobs of which so many are `left`, and the jobs that are behind it: of the submissions `firsts`."""

    after: After
    left: int
    behind: Spans
    firsts: dict[JobId, None]
    has_bad: bool = False
    is_over: bool = False


class Pairs(Struct, eq=False):
    """The jobs of a submission, `behind` each that one which is so much lower, `ahead` of it."""

    first: JobId
    ahead: int
    jobs: Ranges
    when: When
    behind: Spans
    is_over: bool = False


class Decided(Struct, frozen=True):
    """These jobs are to be behind `over` no more; with a `reason` they can never run as was wished."""

    ranges: Ranges
    reason: str = ""
    over: Watch | Pairs | None = None


class Met(Struct, frozen=True):
    """A job is behind these, of which so many have still to end."""

    jobs: Ranges
    left: int
    when: When


def unmet(how: Ended, when: When) -> str:
    """Why jobs can never run that wait for one that ended so."""
    if when == "fail":
        return f"job {how.job}, which it waits for, did not fail, and neither did any other that it waits for"
    return f"job {how.job}, which it waits for, {how.words}"


def overlap(ranges: Ranges, first: JobId, end: JobId) -> int:
    """How many of the jobs in the ranges are from first up to, and without, end."""
    return sum(max(0, min(stop, end) - max(start, first)) for start, stop in ranges)


class Watches:
    """All of them. False when nobody waits for others."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.decided: deque[Decided] = deque()
        self._watches: dict[After, Watch] = {}
        self._on_job: dict[JobId, list[Watch]] = {}  # by the one job that is watched
        self._on: dict[JobId, list[Watch | Pairs]] = {}  # by the first of a submission that is
        self._sets: dict[JobId, list[Watch]] = {}  # by the first of the submission that is behind them
        self._pairs: dict[JobId, list[Pairs]] = {}
        for live in state.submissions:
            if live.terms.after:
                self.add(live)

    def __bool__(self) -> bool:
        return bool(self._sets or self._pairs)

    def add(self, live: Live) -> None:
        """The jobs of a submission wait for what its terms say, as far as that lives."""
        for after in live.terms.after:
            if after.each:
                self._add_pairs(live, after)
            else:
                self._add_to_set(live, after)

    def _add_to_set(self, live: Live, after: After) -> None:
        watch = self._watches.get(after) or self._watch(after)
        if watch.left:
            watch.behind.append(live.first, live.end)
            watch.firsts[live.first] = None
            self._sets.setdefault(live.first, []).append(watch)

    def _watch(self, after: After) -> Watch:
        left = sum(end - first for part in after.jobs for first, end in self._alive(*part))
        watch = Watch(after, left, Spans(), {})
        if not left:
            return watch
        self._watches[after] = watch
        (first, end), *others = after.jobs
        if end - first == 1 and not others:
            self._on_job.setdefault(first, []).append(watch)
        else:
            for live in self._lives(after.jobs):
                self._on.setdefault(live.first, []).append(watch)
                bad = live.bad
                watch.has_bad |= bad is not None and any(bad.between(*part) for part in after.jobs)
        return watch

    def _add_pairs(self, live: Live, after: After) -> None:
        at = live.first
        for first, end in after.jobs:
            self._pair(live.first, first, end, at - first, after.when)
            at = JobId(at + end - first)

    def _pair(self, its: JobId, first: JobId, end: JobId, ahead: int, when: When) -> None:
        """Jobs of the submission that begins with `its` are behind those of a range."""
        pairs = Pairs(its, ahead, ((first, end),), when, Spans())
        for start, stop in self._alive(first, end):
            pairs.behind.append(JobId(start + ahead), JobId(stop + ahead))
        if pairs.behind:
            self._pairs.setdefault(its, []).append(pairs)
            for each in self._lives(pairs.jobs):
                self._on.setdefault(each.first, []).append(pairs)

    def _alive(self, first: JobId, end: JobId) -> list[Range]:
        """Those that wait or run, in order."""
        state = self._state
        waiting, running = state.waiting.between(first, end), state.running
        if end - first == 1:
            return waiting or ([(first, end)] if first in running else [])
        return sorted([*waiting, *((job, JobId(job + 1)) for job in running if first <= job < end)])

    def _lives(self, ranges: Ranges) -> Iterator[Live]:
        submissions = self._state.submissions
        if sum(end - first for first, end in ranges) <= len(submissions):
            found = {live.first: live for part in ranges for live in submissions.between(*part)}
            return iter(found.values())
        return (live for live in submissions if overlap(ranges, live.first, live.end))

    # --- who is behind something ---------------------------------------------------------------

    def outside(self, live: Live, parts: list[Range]) -> list[Range]:
        """Those jobs of the submission that are behind nothing."""
        if live.first in self._sets:
            return []
        for pairs in self._pairs.get(live.first, ()):
            parts = [part for start, stop in parts for part in pairs.behind.outside(start, stop)]
        return parts

    def meets(self, live: Live, job: JobId) -> Iterator[Met]:
        """What a job of the submission is behind."""
        for watch in self._sets.get(live.first, ()):
            yield Met(watch.after.jobs, watch.left, watch.after.when)
        for pairs in self._pairs.get(live.first, ()):
            if job in pairs.behind:
                ahead = JobId(job - pairs.ahead)
                yield Met(((ahead, JobId(ahead + 1)),), 1, pairs.when)

    def behind(self) -> Iterator[Spans]:
        """All that are behind something, as sets that may overlap."""
        yield from (watch.behind for watch in self._watches.values())
        yield from (pairs.behind for each in self._pairs.values() for pairs in each)

    # --- ends --------------------------------------------------------------------------------

    def parts(self, ranges: Ranges) -> list[tuple[Live, JobId, JobId]]:
        """The ranges, cut where another submission begins."""
        lives = [(live, *part) for part in ranges for live in self._state.submissions.between(*part)]
        return [(live, max(first, live.first), min(end, live.end)) for live, first, end in lives]

    def ended(self, live: Live, first: JobId, end: JobId, how: Ended) -> None:
        """Those jobs of the submission that are in the range have ended, the first of them so, all alike."""
        if not live.left:
            self._forget(live)
        if self._on_job:
            numbers = self._on_job.keys() if end - first > len(self._on_job) else range(first, end)
            for job in [JobId(job) for job in numbers if first <= job < end and job in self._on_job]:
                for watch in self._on_job.pop(job):
                    self._one_less(watch, 1, replace(how, job=job))
        if live.first in self._on:
            for each in self._on[live.first]:
                if isinstance(each, Pairs):
                    self._parted(each, first, end, how)
                elif count := overlap(each.after.jobs, first, end):
                    start = next(max(start, first) for start, stop in each.after.jobs if stop > first)
                    self._one_less(each, count, replace(how, job=start))
            left = [each for each in self._on[live.first] if not each.is_over]
            if left:
                self._on[live.first] = left
            else:
                del self._on[live.first]
        self._tidy()

    def _tidy(self) -> None:
        if not self:
            self._on.clear()
            self._on_job.clear()

    def _one_less(self, watch: Watch, count: int, how: Ended) -> None:
        if watch.is_over:
            return
        watch.left -= count
        watch.has_bad |= not how.is_good
        behind = tuple(watch.behind.ranges())
        is_open = not watch.left
        match watch.after.when:
            case "any":
                is_met = True
            case "ok":
                is_met = how.is_good
            case "fail":
                is_met = not is_open or watch.has_bad
            case _:
                assert_never(watch.after.when)
        if is_open:
            watch.is_over = True
            del self._watches[watch.after]
        if is_open or not is_met:
            over = watch if is_open else None
            self.decided.append(Decided(behind, "" if is_met else unmet(how, watch.after.when), over))

    def open(self, decided: Decided) -> None:
        """What was decided is done now: what else they are behind still counts."""
        if isinstance(decided.over, Watch):
            self._open_set(decided.over)
        elif decided.over:
            pairs = decided.over
            for part in decided.ranges:
                pairs.behind.discard(*part)
            if not pairs.behind:
                pairs.is_over = True
                self._drop(pairs)
        self._tidy()

    def _open_set(self, watch: Watch) -> None:
        for first in watch.firsts:
            sets = self._sets[first]
            if len(sets) == 1:
                del self._sets[first]
            else:
                sets.remove(watch)

    def _parted(self, pairs: Pairs, first: JobId, end: JobId, how: Ended) -> None:
        ((low, high),) = pairs.jobs
        start, stop = JobId(max(first, low) + pairs.ahead), JobId(min(end, high) + pairs.ahead)
        ranges = tuple(pairs.behind.between(start, stop)) if start < stop else ()
        if not ranges:
            return
        is_met = pairs.when == "any" or how.is_good == (pairs.when == "ok")
        if is_met:
            self.decided.append(Decided(ranges, over=pairs))
            return
        for job in (JobId(job) for part in ranges for job in range(*part)):
            its = replace(how, job=JobId(job - pairs.ahead))
            self.decided.append(Decided(((job, JobId(job + 1)),), unmet(its, pairs.when), pairs))

    def _drop(self, pairs: Pairs) -> None:
        others = self._pairs.get(pairs.first, [])
        if pairs in others:
            others.remove(pairs)
            if not others:
                del self._pairs[pairs.first]

    def _forget(self, live: Live) -> None:
        """All jobs of the submission have ended: it waits for nothing any more."""
        for watch in self._sets.pop(live.first, ()):
            watch.behind.discard(live.first, live.end)
            del watch.firsts[live.first]
            if not watch.behind and not watch.is_over:
                watch.is_over = True
                del self._watches[watch.after]
        for pairs in self._pairs.pop(live.first, ()):
            pairs.is_over = True
