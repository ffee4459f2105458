"""What `goq why` asks, and what it prints: of jobs that wait why, of those that failed how."""

import click
from msgspec import Struct
from msgspec.structs import replace

from goq.api.client import Client
from goq.commands.paper import standard_output
from goq.commands.since import seconds_since
from goq.core.values.asides import AsidesOf
from goq.core.values.documents import document
from goq.core.values.failures import RANGES_LIMIT, Failures, FailuresOf, Medians, MediansOf
from goq.core.values.ids import JobId
from goq.core.values.lives import LifeOf
from goq.core.values.pages import Rows
from goq.core.values.ranges import Ranges, size
from goq.core.values.reasons import Explained, Reason
from goq.core.values.selectors import Jobs, Selector
from goq.core.values.shown import ReasonRow
from goq.core.values.states import JobState
from goq.core.values.text import printable
from goq.views.failures import failure_lines
from goq.views.paper import Paper
from goq.views.reasons import reason_row
from goq.views.strips import tally_words
from goq.views.why import called, why_lines

_BAD = (JobState.FAILED, JobState.LOST)


class WhyRow(Struct, frozen=True):
    """One of the jobs, which stands for `waiting` of them: why it waits, or where it is, and what failed of all."""

    id: int
    shown: str
    waiting: int
    owner: str | None = None
    name: str | None = None
    reasons: tuple[ReasonRow, ...] | None = None
    state: JobState | None = None
    failures: Failures | None = None


class Found(Struct, frozen=True):
    """All that was asked for."""

    job: Explained
    ranges: Ranges
    failures: Failures | None = None
    medians: Medians | None = None
    asked_bytes: int = 0
    tally: str = ""  # how they ended, where none waits and none failed


def tell(client: Client, word: str, user: str, since: str | None, *, as_json: bool) -> None:
    """All of it."""
    found = _ask(client, word, user, since)
    paper = standard_output()
    if as_json:
        seq = client.latest().seq
        click.echo(document("why", paper.now_ns, seq, [_row(found, paper)]), nl=False)
        return
    is_array = size(found.ranges) > 1
    if is_array and found.tally and not found.failures:
        click.echo(printable(f"{found.ranges[0][0]} {found.job.name}".rstrip() + f": {found.tally}."))
    elif not (is_array and found.failures and found.job.where):
        for line in why_lines(found.job, paper):
            click.echo(line)
    if found.failures and is_array:
        if not found.job.where:
            click.echo()
        name = str(found.job.array or found.ranges[0][0])
        named = f"{name} {found.job.name}".rstrip()
        for line in failure_lines(found.failures, found.medians, named, found.asked_bytes, paper):
            click.echo(line)


def _ask(client: Client, word: str, user: str, since: str | None) -> Found:
    since_s = seconds_since(since)
    job = _with_asides(client, client.why(word, user=user, since=since_s))
    if not job.array and job.waiting == 1:
        return Found(job, ((job.job, job.job),))
    ranges = client.numbers(word, user=user, since=since_s)
    if size(ranges) == 1 and not (job.where and job.where.state in _BAD):
        return Found(job, ranges)
    failures = client.failures(FailuresOf(ranges[:RANGES_LIMIT]))
    if not failures.failed:
        return Found(job, ranges, tally="" if failures.live or not job.where else _tally(client, ranges))
    medians = client.medians(MediansOf(ranges[:RANGES_LIMIT]))
    first = client.life(LifeOf(failures.groups[0].ids[0][0], lines=0)).row
    job = replace(job, name=job.name or first.name or "")
    return Found(job, ranges, failures, medians, first.needs.mem_bytes or 0)


def _tally(client: Client, ranges: Ranges) -> str:
    """How many of the submission ended how."""
    first = JobId(ranges[0][0])
    rows = client.rows(Rows(Selector((Jobs(first, JobId(first + 1)),)), client.here.by.owner, limit=1)).rows
    return tally_words(rows[0].counts.by_state) if rows else ""


def _with_asides(client: Client, job: Explained) -> Explained:
    """With who held it, and how its last attempt ended: the journal knows."""
    if not any(reason.code in ("held", "retry") for reason in job.reasons):
        return job
    (aside,) = client.asides(AsidesOf((job.job,))).rows

    def more(reason: Reason) -> Reason:
        if reason.code == "held":
            return replace(reason, hold=aside.hold)
        return replace(reason, again=replace(reason.again, status=aside.status)) if reason.again else reason

    return replace(job, reasons=tuple(map(more, job.reasons)))


def _row(found: Found, paper: Paper) -> WhyRow:
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
    )
