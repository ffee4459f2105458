"""Jobs as a program has them: one by its number, or several by what they were submitted or are named as."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Unpack, overload

from goq.api.desk import Desk
from goq.api.naming import bundles
from goq.api.options import SetOptions, TermOptions
from goq.api.results import Result
from goq.api.spoken import Duration
from goq.api.talks import HOUR_S, Changed
from goq.core.messages import RetriedRow
from goq.core.values.ids import JobId
from goq.core.values.ranges import Ranges, runs, size
from goq.core.values.reasons import Explained
from goq.core.values.result import ERR, OUT
from goq.core.values.selectors import PARTS_LIMIT, Selector
from goq.core.values.selectors import Jobs as NumbersOf
from goq.errors import JobUnknown

if TYPE_CHECKING:
    from goq.core.values.reasons import Explained
    from goq.core.values.shown import JobRow


class _Steered:
    """What may be done with jobs, be they one or many."""

    _desk: Desk

    @property
    def selectors(self) -> tuple[Selector, ...]:
        """Which they are, as the server is told; of no use to programs."""
        raise NotImplementedError

    def kill(self, signal: int | str = "TERM") -> Changed:
        """As `Client.kill`."""
        return self._desk.kill(self, signal=signal)

    def hold(self) -> Changed:
        """As `Client.hold`."""
        return self._desk.hold(self)

    def release(self) -> Changed:
        """As `Client.release`."""
        return self._desk.release(self)

    def pause(self) -> Changed:
        """As `Client.pause`."""
        return self._desk.pause(self)

    def resume(self) -> Changed:
        """As `Client.resume`."""
        return self._desk.resume(self)

    def alter(self, **options: Unpack[TermOptions]) -> Changed:
        """As `Client.alter`."""
        return self._desk.alter(self, **options)

    def retry(self, *, failed: bool = False, alone: bool = False, **options: Unpack[SetOptions]) -> "Jobs":
        """As `Client.retry`."""
        rows = self._desk.again([self], (), "", options, failed=failed, alone=alone, since=HOUR_S)
        return jobs_again(self._desk, rows)

    @property
    def why(self) -> "Explained":
        """Why it waits, or most of them do; else how it is with it."""
        return self._desk.why(self)


class Job(_Steered):
    """One job. `id` is its number. `existed`: a job with the same unique key was there, and this is that one."""

    def __init__(self, desk: Desk, job: int, *, existed: bool = False) -> None:
        self._desk = desk
        self.id = job
        self.existed = existed

    def __repr__(self) -> str:
        return f"<goq.Job {self.id}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and (self._desk, self.id) == (other._desk, other.id)

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def selectors(self) -> tuple[Selector, ...]:
        """Which it is, as the server is told; of no use to programs."""
        return selectors_of_ranges(((JobId(self.id), JobId(self.id + 1)),))

    @property
    def row(self) -> "JobRow":
        """How it is with the job now: its state, where it runs, since when, what it used. Raises JobUnknown."""
        for row in self._desk.job_rows(self):
            return row
        raise JobUnknown(self.id, f"at {self._desk.address}")

    @property
    def state(self) -> str:
        """waiting, held, running, paused, done, failed, cancelled, lost or skipped. Raises JobUnknown."""
        return self.row.state.value

    @property
    def status(self) -> int | None:
        """What `goq wait` exits with; None while it has not ended. Raises JobUnknown."""
        return self.row.status

    def wait(self, timeout: Duration | None = None) -> Result:
        """How it ended, when it has. Waits through restarts of the server, for `timeout` at most.

        Raises TimeUp when that is over, JobUnknown when there is no such job, ServerUnreachable when there is no
        server at first.
        """
        (result,) = self._desk.results(self, timeout=timeout)
        return result

    def logs(
        self,
        *,
        follow: bool = False,
        lines: int | None = None,
        attempt: int | None = None,
        err: bool = False,
    ) -> Iterator[bytes]:
        """What it has written, a line at a time, with its end: that of the latest attempt, or of `attempt`.

        `lines`: only so many at the end. With `follow` it goes on until the job has ended, over attempts, lost workers
        and restarts of the server. `err`: what went into the file of its errors. Raises JobUnknown, and RequestRefused
        when that is not to be had: it is in a file of the job's host, or that file has gone.
        """
        from goq.api.logs import lines_of  # noqa: PLC0415 - who submits reads nothing

        ask, stream, begin, only = self._desk.ask_late, ERR if err else OUT, attempt or 0, attempt is not None
        return lines_of(ask, JobId(self.id), stream, follow=follow, back=lines, begin=begin, only=only)


class Jobs(_Steered, Sequence[Job]):
    """Several jobs, in the order of their numbers: `jobs[0]` is the first, `len(jobs)` how many they are.

    What was submitted is known here. Jobs by words are looked up when they are gone through, each time anew.
    """

    def __init__(
        self,
        desk: Desk,
        selectors: tuple[Selector, ...],
        ranges: Ranges | None = None,
        since: Duration = HOUR_S,
    ) -> None:
        self._desk = desk
        self._selectors = selectors
        self._ranges = ranges
        self._since = since

    def __repr__(self) -> str:
        if self._ranges is None:
            return "<goq.Jobs by words>"
        return f"<goq.Jobs {','.join(f'{first}-{end - 1}' for first, end in self._ranges[:10])}>"

    @property
    def selectors(self) -> tuple[Selector, ...]:
        """Which they are, as the server is told; of no use to programs."""
        return self._selectors

    @property
    def ranges(self) -> Ranges:
        """Their numbers: ranges in order, each its first and the one behind its last."""
        return self._desk.numbers(self, since=self._since) if self._ranges is None else self._ranges

    @property
    def ids(self) -> list[int]:
        """Their numbers, in order."""
        return [job for first, end in self.ranges for job in range(first, end)]

    def __len__(self) -> int:
        return size(self.ranges)

    def __iter__(self) -> Iterator[Job]:
        return (Job(self._desk, job) for job in self.ids)

    @overload
    def __getitem__(self, at: int) -> Job: ...
    @overload
    def __getitem__(self, at: slice) -> "Jobs": ...
    def __getitem__(self, at: int | slice) -> "Job | Jobs":
        """The job at that place, from 0; or some of them."""
        found = self.ids[at]
        if isinstance(found, int):
            return Job(self._desk, found)
        return jobs_of_ranges(self._desk, tuple(runs(sorted(map(JobId, found)))))

    @property
    def rows(self) -> "Iterator[JobRow]":
        """How it is with each of them now, as `Job.row`, in the order of their numbers."""
        return self._desk.job_rows(self, since=self._since)

    @property
    def states(self) -> dict[str, int]:
        """How many are in which state."""
        return Counter(row.state.value for row in self.rows)

    def task(self, number: int) -> Job:
        """Of an array, the task with that number, which people know as ARRAY.NUMBER. Raises RequestRefused when there is none."""
        return Job(self._desk, self._desk.task(self.ids[0], number))

    def results(self, timeout: Duration | None = None) -> Iterator[Result]:
        """How each of them ended, as they do. Raises as `Job.wait`."""
        return self._desk.results(self, since=self._since, timeout=timeout)

    def wait(self, timeout: Duration | None = None) -> list[Result]:
        """How each of them ended, in the order of their numbers, when all have. Raises as `Job.wait`."""
        return sorted(self.results(timeout), key=lambda result: result.job)


def jobs_of_ranges(desk: Desk, ranges: Ranges) -> Jobs:
    """The jobs with these numbers, which are in order and apart."""
    return Jobs(desk, selectors_of_ranges(ranges), ranges)


def jobs_again(desk: Desk, rows: tuple[RetriedRow, ...]) -> Jobs:
    """The jobs that something was submitted again as."""
    return jobs_of_ranges(desk, tuple((row.first, JobId(row.first + row.count)) for row in rows))


def selectors_of_ranges(ranges: Ranges) -> tuple[Selector, ...]:
    """What names jobs by these numbers, so many as a message takes in each."""
    parts = [NumbersOf(first, end) for first, end in ranges]
    return tuple(Selector(tuple(some)) for some in bundles(parts, PARTS_LIMIT))
