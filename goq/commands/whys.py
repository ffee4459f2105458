"""What `goq why` asks, and what it prints: of jobs that wait why, of those that failed how."""

import shlex

import click
from msgspec import Struct
from msgspec.structs import replace

from goq.api.asided import TOLD, told
from goq.api.client import Client
from goq.api.estimated import estimate_of
from goq.commands.paper import standard_output
from goq.commands.since import seconds_since
from goq.core.values.asides import AsidesOf
from goq.core.values.documents import document
from goq.core.values.failures import RANGES_LIMIT, Failures, FailuresOf, Medians, MediansOf
from goq.core.values.ids import JobId
from goq.core.values.lives import LifeOf
from goq.core.values.pages import Rows
from goq.core.values.ranges import Ranges, size
from goq.core.values.reasons import Explained
from goq.core.values.selectors import Jobs, Named, Number, Selector, selector_of
from goq.core.values.shown import ReasonRow
from goq.core.values.states import JobState
from goq.core.values.text import printable
from goq.views.failures import failure_lines
from goq.views.numbers import count
from goq.views.paper import Paper
from goq.views.reasons import reason_row
from goq.views.strips import tally_words
from goq.views.why import called, why_lines

_BAD = (JobState.FAILED, JobState.LOST)


class WhyRow(Struct, frozen=True):
    """One of the jobs, which stands for `waiting` of them: why it waits, or where it is, and what failed of all.

    It may run in about `left_s`, where that follows from what was measured.
    """

    id: int
    shown: str
    waiting: int
    owner: str | None = None
    name: str | None = None
    reasons: tuple[ReasonRow, ...] | None = None
    state: JobState | None = None
    failures: Failures | None = None
    left_s: float | None = None


class Found(Struct, frozen=True):
    """All that was asked for."""

    job: Explained
    ranges: Ranges
    failures: Failures | None = None
    medians: Medians | None = None
    asked_bytes: int = 0
    tally: str = ""  # who ended how, where none waits and none failed


def tell(client: Client, word: str, user: str, since: str | None, *, as_json: bool) -> None:
    """All of it."""
    found = _ask(client, word, user, since)
    paper = standard_output()
    estimate = estimate_of(client, found.job, paper.now_ns)
    if as_json:
        seq, left_s = client.latest().seq, estimate.left_s if estimate else None
        click.echo(document("why", paper.now_ns, seq, [_row(found, paper, left_s)]), nl=False)
        return
    is_array = size(found.ranges) > 1
    if is_array and found.tally and not found.failures:
        click.echo(f"{printable(found.tally)}.")
    elif not (is_array and found.failures and found.job.where):
        for line in why_lines(found.job, paper, estimate):
            click.echo(line)
    if found.failures and is_array:
        if not found.job.where:
            click.echo()
        named = _called(word, found, found.failures)
        meant = _meant(word, user, since, found.failures)
        for line in failure_lines(found.failures, found.medians, named, meant, found.asked_bytes, paper):
            click.echo(line)


def _called(word: str, found: Found, failures: Failures) -> str:
    """How people know all of them: an array by its number and its name, others as they were named."""
    if failures.array is None or not _is_all_of(word):
        return printable(word)
    return f"{failures.array} {found.job.name}".rstrip()


def _meant(word: str, user: str, since: str | None, failures: Failures) -> str:
    """The words that mean all of them, for another command."""
    if failures.array is not None and _is_all_of(word):
        return str(failures.array)
    narrowed = [*(["--user", user] if user else []), *(["--since", since] if since else [])]
    return shlex.join([word, *narrowed])


def _is_all_of(word: str) -> bool:
    """All of an array is meant where some of it is: by its number, or its name."""
    return isinstance(selector_of([word]).parts[0], Number | Named)


def _ask(client: Client, word: str, user: str, since: str | None) -> Found:
    since_s = seconds_since(since)
    job = _with_asides(client, client.why(word, user=user, since=since_s))
    if word == str(job.job) and not job.array and job.waiting == 1:
        return Found(job, ((job.job, job.job),))
    ranges = client.numbers(word, user=user, since=since_s)
    if size(ranges) == 1 and not (job.where and job.where.state in _BAD):
        return Found(job, ranges)
    failures = client.failures(FailuresOf(ranges[:RANGES_LIMIT]))
    if not failures.failed:
        is_over = job.where and not failures.live
        return Found(job, ranges, tally=_tally(client, word, failures) if is_over else "")
    medians = client.medians(MediansOf(ranges[:RANGES_LIMIT]))
    first = client.life(LifeOf(failures.groups[0].ids[0][0], lines=0)).row
    job = replace(job, name=job.name or first.name or "")
    return Found(job, ranges, failures, medians, first.needs.mem_bytes or 0)


def _tally(client: Client, word: str, failures: Failures) -> str:
    """How all of them ended: of an array by their states."""
    if failures.array is None or not _is_all_of(word):
        return f"{word}: {count(failures.ended)} have ended, and none has failed"
    first = JobId(failures.array)
    page = client.rows(Rows(Selector((Jobs(first, JobId(first + 1)),)), client.here.by.owner, limit=1))
    return "".join(
        f"{first} {row.name or ''}".rstrip() + f": {tally_words(row.counts.by_state)}" for row in page.rows
    )


def _with_asides(client: Client, job: Explained) -> Explained:
    """With who held it, and how its last attempt ended: the journal knows."""
    if not any(reason.code in TOLD for reason in job.reasons):
        return job
    (aside,) = client.asides(AsidesOf((job.job,))).rows
    return replace(job, reasons=tuple(told(reason, aside) for reason in job.reasons))


def _row(found: Found, paper: Paper, left_s: float | None) -> WhyRow:
    job, named = found.job, called(found.job)
    reasons = tuple(
        reason_row(reason, named, paper, job.machines if reason.code in ("room", "nowhere", "node") else ())
        for reason in job.reasons
    )
    state = job.where.state if job.where else None
    return WhyRow(
        job.job,
        job.shown,
        job.waiting,
        job.owner or None,
        job.name or None,
        reasons or None,
        state,
        found.failures,
        left_s,
    )
