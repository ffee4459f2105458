"""What somebody wants to see, and what was seen of it at one moment. Pure."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from goq.core.values.asides import Today
from goq.core.values.cluster import Cluster, WorkerRow
from goq.core.values.failures import Failures
from goq.core.values.ids import JobId
from goq.core.values.lives import Life
from goq.core.values.pages import Page, Rows
from goq.core.values.ranges import Range
from goq.core.values.reasons import Reason
from goq.core.values.selectors import Jobs, Selector, Tasks
from goq.core.values.shown import Row, SubmissionRow
from goq.core.values.states import JobState

BAD = (JobState.FAILED, JobState.LOST)
_LIVE = tuple(state for state in JobState if state.is_live)
PAGE = 100  # rows at first, and more of them when somebody goes on to their end
WAITS = (JobState.WAITING, JobState.HELD)
DAY_S = 86400.0


class Scope(Struct, frozen=True):
    """Which jobs are shown, to whom: those that `words` name, or one by one those of the submission `tasks_of`.

    These are tasks of an array; of a list, the jobs from there up to `tasks_end`. `user` and `host`: of that person, on that machine. `detail` is the row that is looked at more closely.
    """

    owner: str
    words: str = ""
    selector: Selector = Selector()
    user: str = ""
    host: str = ""
    tasks_of: int = 0
    tasks_end: int = 0
    is_failed: bool = False
    detail: int = 0
    limit: int = PAGE

    @property
    def query(self) -> Rows:
        """The same as a question. Without other words, jobs are shown that live or failed."""
        if self.tasks_of:
            first, end = JobId(self.tasks_of), JobId(self.tasks_end)
            selector = Selector((Jobs(first, end) if end else Tasks(first),))
            return Rows(
                selector, self.owner, states=BAD if self.is_failed else (), by_job=True, limit=self.limit
            )
        states = () if self.words or self.host else (*_LIVE, *BAD)
        return Rows(
            self.selector,
            self.owner,
            self.user,
            BAD if self.is_failed else states,
            self.host,
            limit=self.limit,
        )

    @property
    def title(self) -> str:
        """The same in words."""
        if self.tasks_of:
            return f"{'jobs' if self.tasks_end else 'tasks'} of {self.tasks_of}{', failed' if self.is_failed else ''}"
        which = f" {self.words}" if self.words else ""
        whose = self.user or "all users"
        on = f", on {self.host}" if self.host else ""
        return f"jobs{which}: {whose}{on}, {self._how}"

    @property
    def _how(self) -> str:
        if self.is_failed:
            return "failed within the hour"
        return "alive or of the last hour" if self.words or self.host else "alive or failed"

    @property
    def is_narrow(self) -> bool:
        """There may be jobs that are not shown."""
        return bool(self.words or self.user or self.host or self.tasks_of or self.is_failed)


class Seen(Struct, frozen=True):
    """All that is on the screen, as of `at_ns`; `reasons` are by the number of the row. `today` is what ended since midnight."""

    at_ns: int
    scope: Scope
    cluster: Cluster
    workers: tuple[WorkerRow, ...]
    page: Page
    reasons: Mapping[int, Reason]
    today: Today | None = None
    life: Life | None = None
    failures: Failures | None = None

    @property
    def rows(self) -> tuple[Row, ...]:
        """Submissions, or jobs."""
        return self.page.jobs or self.page.rows


class Told(Struct, frozen=True):
    """How the server answers: the last answer was heard at `heard_ns`; `asked_ns` is since when one is missing, 0 for none.

    `is_gone`: nobody is there to answer. `trouble` is what was said instead of an answer.
    """

    heard_ns: int = 0
    asked_ns: int = 0
    is_gone: bool = False
    trouble: str = ""


SILENCE_NS = 3 * 10**9


def is_away(told: Told, now_ns: int) -> bool:
    """Nobody has answered for so long that people should know."""
    return told.is_gone or (bool(told.asked_ns) and now_ns - told.asked_ns > SILENCE_NS)


def ranges_of(row: Row) -> Range:
    """The numbers of its jobs."""
    many = row.count if isinstance(row, SubmissionRow) else 1
    return JobId(row.id), JobId(row.id + many)


def waits(row: Row) -> bool:
    """Something of it does, and nothing of it runs."""
    if isinstance(row, SubmissionRow):
        return bool(row.counts.waiting + row.counts.held) and not row.counts.running
    return row.state in WAITS


def kept_in_place(before: Sequence[int], rows: Sequence[Row]) -> list[Row]:
    """The rows, those that were there `before` in the places that they had, new ones behind them."""
    by_id = {row.id: row for row in rows}
    known = set(before)
    return [by_id[number] for number in before if number in by_id] + [
        row for row in rows if row.id not in known
    ]
