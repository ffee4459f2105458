"""`goq history` of an array: how it is with all of it, and a row a task."""

from collections.abc import Iterator
from typing import Protocol

from goq.core.values.failures import Failures, FailuresOf, Medians, MediansOf
from goq.core.values.ids import JobId
from goq.core.values.pages import Page, Rows
from goq.core.values.selectors import Number, Selector
from goq.core.values.shown import SubmissionRow
from goq.views.clocks import clock
from goq.views.lives import set_lines
from goq.views.numbers import count
from goq.views.paper import Paper
from goq.views.rows import rows_table

TASKS_SHOWN = 100


class Looks(Protocol):
    """Who knows the journal: the journal that is here, or a server."""

    def rows(self, query: Rows, /) -> Page:
        """A page of submissions, or of jobs."""

    def failures(self, query: FailuresOf, /) -> Failures:
        """What failed of some jobs."""

    def medians(self, query: MediansOf, /) -> Medians:
        """What those of some jobs took that ended well."""


def array_of(looks: Looks, number: JobId) -> SubmissionRow | None:
    """The array that begins with this number, unless it has one task only."""
    rows = looks.rows(Rows(Selector((Number(number),)), limit=1)).rows
    return next((row for row in rows if row.array and row.id == number and row.count > 1), None)


def array_lines(looks: Looks, row: SubmissionRow, paper: Paper, owner: str) -> Iterator[str]:
    """All that is told of it."""
    ranges = ((row.id, row.id + row.count),)
    yield from set_lines(row, looks.failures(FailuresOf(ranges)), looks.medians(MediansOf(ranges)), paper)
    yield ""
    yield f"submitted {clock(row.submitted_at, paper)} by {row.owner}"
    yield ""
    page = looks.rows(Rows(Selector((Number(JobId(row.id)),)), by_job=True, limit=TASKS_SHOWN))
    yield from rows_table(page.jobs, paper, owner)
    yield ""
    first = page.jobs[0].shown if page.jobs else f"{row.id}.1"
    if more := row.count - len(page.jobs):
        yield f"{count(more)} tasks more:  goq list --tasks -n {row.count} {row.id}"
    yield f"What happened to one of them:  goq history {first}"
