"""What is asked for when a row is opened: why it waits or how it failed, and whose log is meant."""

import time
from collections.abc import Callable, Sequence
from threading import Thread

from goq.api.client import Client
from goq.api.estimated import estimate_of
from goq.core.values.failures import Failures, FailuresOf, Medians, MediansOf
from goq.core.values.pages import Rows
from goq.core.values.selectors import Jobs, Selector
from goq.core.values.shown import JobRow, Row, SubmissionRow
from goq.core.values.states import JobState
from goq.errors import RequestRefused
from goq.top.deeds import word_of
from goq.top.following import Follower
from goq.top.seen import BAD, DAY_S, ranges_of
from goq.top.sheets import line_of
from goq.views.failures import failure_lines
from goq.views.lines import Line
from goq.views.paper import Paper
from goq.views.why import why_lines

Lines = Callable[[Paper, int], Sequence[Line]]
YEAR_S = 365 * DAY_S
# Whose log of an array is shown: the first job that is in one of these states, in this order.
_FIRST = ((JobState.RUNNING, JobState.PAUSED), BAD, (JobState.DONE, JobState.CANCELLED))


def why_of(client: Client, row: Row) -> Lines:
    """Why the jobs of a row wait, and what failed of many. Raises GoqError."""
    job = client.why(word_of(row), since=YEAR_S)
    estimate = estimate_of(client, job, time.time_ns())
    is_many = isinstance(row, SubmissionRow) and row.count > 1
    failures, medians = _failed(client, row) if is_many else (None, None)
    named = f"{word_of(row)} {row.name or ''}".rstrip()

    def lines(paper: Paper, _height: int) -> Sequence[Line]:
        shown: list[str] = []
        if not (failures and job.where):
            shown += why_lines(job, paper, estimate)
        if failures:
            shown += [
                "",
                *failure_lines(failures, medians, named, word_of(row), row.needs.mem_bytes or 0, paper),
            ]
        return [line_of(each) for each in shown]

    return lines


def _failed(client: Client, row: Row) -> tuple[Failures | None, Medians | None]:
    failures = client.failures(FailuresOf((ranges_of(row),)))
    if not failures.failed:
        return None, None
    return failures, client.medians(MediansOf((ranges_of(row),)))


def log_job(client: Client, row: Row) -> tuple[int, str]:
    """Whose log is shown of a row, and what to call it. Raises GoqError."""
    if not isinstance(row, SubmissionRow) or row.job is not None:
        job = row.job if isinstance(row, SubmissionRow) else row
        return row.id, f"log of {_called(job)}"
    for states in _FIRST:
        found = _first_of(client, row, states)
        if found is not None:
            return found.id, f"log of {_called(found)}, {found.state.value}; t shows all tasks of {row.id}"
    raise RequestRefused(f"no task of {row.id} has begun")


def _first_of(client: Client, row: SubmissionRow, states: tuple[JobState, ...]) -> JobRow | None:
    first, end = ranges_of(row)
    query = Rows(
        Selector((Jobs(first, end),)), row.owner, states=states, since_s=YEAR_S, by_job=True, limit=1
    )
    jobs = client.rows(query).jobs
    return jobs[0] if jobs else None


def _called(job: JobRow | None) -> str:
    return f"{job.shown} {job.name or ''}".rstrip() if job is not None else ""


def follow(
    client: Client, job: int, write: Callable[[str], None], say: Callable[[str], None]
) -> Callable[[], None]:
    """Follow its log in a thread; what ends that."""
    follower = Follower(client, job, write, say)
    Thread(target=follower.run, name="log", daemon=True).start()
    return follower.end
