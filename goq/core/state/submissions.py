"""The submissions that have jobs which have not ended, and whose number is whose. Pure."""

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterator
from enum import Enum, auto

from msgspec import Struct
from msgspec.structs import replace

from goq.core.state.labels import Labels
from goq.core.state.lines import Lines
from goq.core.values.blobs import Blob
from goq.core.values.ids import JobId
from goq.core.values.job import Job, Origin, Submission
from goq.core.values.ranges import Ranges, merged, size
from goq.core.values.spans import Spans
from goq.core.values.terms import Terms


class CountsAs(Enum):
    """What an attempt that is followed by another adds to the past of its job."""

    NOTHING = auto()
    CRASH = auto()
    FAILURE = auto()
    RERUN = auto()
    OUTLIVED = auto()  # for nothing, but that its worker's life was over before it had ended


class Past(Struct, frozen=True, gc=False):
    """What a job that waits has behind it: attempts, and how many of their workers were lost.

    `failures` and `reruns` count those attempts that were tried again for how they ended. It is not
    tried again before `not_before_ns` of the wall clock, 0 for at once; it waits since `since_ns`. It `outlived`
    so many workers, whose lifetimes were over.
    """

    attempts: int = 0
    crashes: int = 0
    failures: int = 0
    reruns: int = 0
    not_before_ns: int = 0
    since_ns: int = 0
    outlived: int = 0

    def and_one_more(self, counts_as: CountsAs, not_before_ns: int, since_ns: int) -> "Past":
        """The same when the latest attempt is over and counts as that."""
        return Past(
            self.attempts,
            self.crashes + (counts_as is CountsAs.CRASH),
            self.failures + (counts_as is CountsAs.FAILURE),
            self.reruns + (counts_as is CountsAs.RERUN),
            not_before_ns,
            since_ns,
            self.outlived + (counts_as is CountsAs.OUTLIVED),
        )


NO_PAST = Past()


class Live(Struct, eq=False):
    """A submission and what has become of its jobs: so many are `left`, and `bad` ended, but not well,
    of which so many `failed`: they were not cancelled. `retried` were submitted again.

    `lines` are those that have come, where each job has one; it `lacks` these blobs.
    """

    submission: Submission
    left: int
    lines: Lines | None = None
    bad: Spans | None = None
    failed: int = 0
    retried: Ranges = ()
    lacks: tuple[Blob, ...] = ()

    @property
    def first(self) -> JobId:
        """The number of its first job."""
        return self.submission.first

    @property
    def count(self) -> int:
        """How many jobs it has."""
        return self.submission.count

    @property
    def end(self) -> JobId:
        """The number behind its last job."""
        return self.submission.end

    @property
    def origin(self) -> Origin:
        """What its jobs share."""
        return self.submission.origin

    @property
    def terms(self) -> Terms:
        """What was asked for."""
        return self.submission.terms

    @property
    def here(self) -> int:
        """How many of its jobs have all that they need: those are its first."""
        return self.submission.count if self.lines is None else len(self.lines)

    @property
    def to_come(self) -> int:
        """How many lines are missing."""
        return self.submission.count - self.here

    @property
    def is_whole(self) -> bool:
        """All that its jobs need is here."""
        return not self.lacks and not self.to_come

    def behind(self, job: JobId) -> JobId:
        """The number where somebody who looks goes on after this job: of an array one stands for all."""
        return self.end if self.submission.is_array else JobId(job + 1)

    def __contains__(self, job: object) -> bool:
        return job in self.submission

    def job(self, job: JobId, past: Past = NO_PAST) -> Job:
        """One of its jobs that are here, as it waits."""
        line = b"" if self.lines is None else self.lines[job - self.submission.first]
        known = self.submission.job(job, line, past.attempts, past.crashes)
        return replace(known, outlived=past.outlived) if past.outlived else known

    def ended(self, ranges: Ranges, *, well: bool, failed: bool = False) -> None:
        """These of its jobs have ended; in order and apart."""
        self.left -= size(ranges)
        self.failed += size(ranges) * failed
        if not well:
            if self.bad is None:
                self.bad = Spans()
            self.bad.extend(ranges)


class Submissions:
    """All that are live, by the numbers of their jobs."""

    def __init__(self) -> None:
        self.labels = Labels()
        self._by_first: dict[JobId, Live] = {}
        self._long: list[JobId] = []  # the first jobs of those that have several, in order
        self.left_of: Counter[str] = Counter()  # by owner, how many jobs have not ended
        self._latest: Live | None = None  # that was asked for: mostly the next one is the same

    def __iter__(self) -> Iterator[Live]:
        return iter(self._by_first.values())

    def __len__(self) -> int:
        return len(self._by_first)

    def add(self, live: Live) -> None:
        """One more."""
        self._by_first[live.first] = live
        self.labels.add(live.submission)
        self.left_of[live.origin.owner] += live.left
        if live.count > 1:
            insort(self._long, live.first)

    def ended(self, live: Live, ranges: Ranges, *, well: bool, failed: bool = False) -> None:
        """These of its jobs have ended; in order and apart."""
        live.ended(ranges, well=well, failed=failed)
        owner = live.origin.owner
        self.left_of[owner] -= size(ranges)
        if not self.left_of[owner]:
            del self.left_of[owner]

    def remove(self, live: Live) -> None:
        """All its jobs have ended."""
        del self._by_first[live.first]
        self.labels.drop(live.submission)
        self._latest = None
        if live.count > 1:
            del self._long[bisect_right(self._long, live.first) - 1]

    def get(self, job: JobId) -> Live | None:
        """The one that the job is of."""
        latest = self._latest
        if latest is not None and latest.submission.first <= job < latest.submission.end:
            return latest
        live = self._by_first.get(job)
        if live is None:
            at = bisect_right(self._long, job) - 1
            live = self._by_first[self._long[at]] if at >= 0 else None
            if live is None or job not in live.submission:
                return None
        self._latest = live
        return live

    def several(self, most: int) -> Iterator[Live]:
        """Those that have several jobs, the latest ones first; not more than `most`."""
        return (self._by_first[first] for first in self._long[: -most - 1 : -1])

    def __getitem__(self, job: JobId) -> Live:
        live = self.get(job)
        if live is None:
            raise KeyError(job)
        return live

    def retried(self, ranges: Ranges) -> None:
        """These of their jobs, as far as they are live, were submitted again."""
        for first, end in ranges:
            for live in self.between(first, end):
                live.retried = merged([*live.retried, (max(first, live.first), min(end, live.end))])

    def between(self, first: JobId, end: JobId) -> Iterator[Live]:
        """Those that have jobs from first up to, and without, end, in order."""
        job = first
        while job < end:
            live = self.get(job)
            if live is not None:
                yield live
            job = live.end if live else JobId(job + 1)
