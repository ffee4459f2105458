"""One row looked at more closely: an array with what failed of it, a job with its life and last words. Pure."""

from collections.abc import Iterator

from msgspec import structs

from goq.core.values.failures import FailureGroup, Failures
from goq.core.values.lives import Life
from goq.core.values.ranges import span
from goq.core.values.reasons import Reason
from goq.core.values.shown import JobRow, Row, SubmissionRow
from goq.core.values.states import JobState
from goq.core.values.text import printable
from goq.top.seen import BAD, Seen
from goq.top.sheets import line_of
from goq.views import marks
from goq.views.clocks import clock
from goq.views.failures import how_failed, last_words
from goq.views.lines import Ink, Line, Span, cut_line, line, line_cells, padded
from goq.views.lives import job_lines
from goq.views.needs import needs_words
from goq.views.numbers import about, count, percent, rate
from goq.views.paper import Paper
from goq.views.rows import sign_of_row
from goq.views.sentences import Named, words_of
from goq.views.strips import Counts, ended, failed, how_many, strip
from goq.views.text import cut_in_the_middle
from goq.views.why import wrapped

NS = 10**9
_GROUPS, _WHICH = 8, 4
_HEAD = 3  # lines of a job that say what it is


def detail_lines(seen: Seen, row: Row, paper: Paper, height: int, *, may_act: bool) -> list[Line]:
    """What there is to say of a row, in so many lines."""
    if isinstance(row, SubmissionRow) and row.job is None:
        lines = list(_of_many(seen, row, paper, may_act=may_act))
    else:
        job = row.job if isinstance(row, SubmissionRow) and row.job else row
        if not isinstance(job, JobRow):
            raise TypeError("a submission of one job has it")
        life = seen.life if seen.life and seen.life.row.id == job.id else None
        lines = list(_of_one(row, job, life, seen.reasons.get(row.id), paper, height))
    return [cut_line(each, paper.width) for each in lines]


# --- many ----------------------------------------------------------------------------------------


def _of_many(seen: Seen, row: SubmissionRow, paper: Paper, *, may_act: bool) -> Iterator[Line]:
    counts = row.counts.by_state
    yield line(
        Span(_called(str(row.id), row.name), Ink.BOLD), f"  {row.owner}  {percent(ended(counts), row.count)}"
    )
    yield _command(row.argv, paper)
    yield line(Span(f"in {printable(row.folder)}; each {needs_words(row.needs)}", Ink.DIM))
    yield strip(counts, paper.width)
    yield line(_counted(counts), *_forecast(row, paper))
    reason = seen.reasons.get(row.id)
    if reason is not None:
        yield ()
        yield from _reason(reason, Named(str(row.id), row.name or "", row.owner, row.counts.waiting), paper)
    if seen.failures and seen.scope.detail == row.id and seen.failures.failed:
        yield ()
        yield from _groups(seen.failures, row, paper)
    yield ()
    bad = failed(counts)
    again = f"R retry {count(bad)} failed   " if bad and may_act else ""
    yield line(Span(f"{again}t tasks   w why   l log", Ink.DIM))


def _counted(counts: Counts) -> Line:
    """`✓6,412  ✗37  ▸72  ·3,479`."""
    parts: list[Line] = []
    for states, mark, ink in (
        ((JobState.DONE,), marks.DONE, Ink.GREEN),
        (BAD, marks.FAILED, Ink.FAILED),
        ((JobState.RUNNING,), marks.RUNNING, Ink.PLAIN),
        ((JobState.WAITING,), marks.WAITING, Ink.PLAIN),
        ((JobState.PAUSED, JobState.HELD), marks.STOPPED, Ink.MAGENTA),
        ((JobState.CANCELLED,), marks.CANCELLED, Ink.PLAIN),
        ((JobState.SKIPPED,), marks.SKIPPED, Ink.PLAIN),
    ):
        if number := how_many(counts, *states):
            parts.append(line("  " if parts else "", Span(mark, ink), count(number)))
    return line(*parts)


def _forecast(row: SubmissionRow, paper: Paper) -> Iterator[str]:
    if row.counts.live and row.rate_per_s:
        yield f"   {rate(row.rate_per_s)}"
    if row.counts.live and row.left_s is not None:
        yield f"  till {about(clock(paper.now_ns + round(row.left_s * NS), paper))}"


def _groups(failures: Failures, row: SubmissionRow, paper: Paper) -> Iterator[Line]:
    shown = failures.groups[:_GROUPS]
    digits = len(count(shown[0].count))  # the largest group comes first
    heads = [line(f"{count(group.count):>{digits}} ", how_failed(group).line) for group in shown]
    whiches = [_which(group) for group in shown]
    head_cells, which_cells = max(map(line_cells, heads)), max(map(len, whiches))
    for group, head, which in zip(shown, heads, whiches, strict=True):
        words = last_words(group, row.needs.mem_bytes or 0)
        yield cut_line(line(padded(head, head_cells), f"  {which:<{which_cells}}  {words}"), paper.width)
    if len(failures.groups) > _GROUPS:
        yield line(Span(f"{len(failures.groups) - _GROUPS} more ways   w why", Ink.DIM))


def _which(group: FailureGroup) -> str:
    parts = [span(*each) for each in group.items or group.ids]
    few = ",".join(parts[:_WHICH]) + (",..." if len(parts) > _WHICH else "")
    return f"[{few}]" if group.items else few


# --- one -----------------------------------------------------------------------------------------


def _of_one(
    row: Row, job: JobRow, life: Life | None, reason: Reason | None, paper: Paper, height: int
) -> Iterator[Line]:
    waits = [(), *_reason(reason, Named(job.shown, job.name or "", job.owner), paper)] if reason else []
    if life is None:
        yield line(
            Span(_called(job.shown, row.name), Ink.BOLD), f"  {job.owner}  ", sign_of_row(job, None, "").line
        )
        yield from waits
        return
    without_words = structs.replace(life, last_lines=(), trouble=None)
    lines = [line_of(each) for each in job_lines(without_words, paper, job.owner)]
    lines[_HEAD:_HEAD] = waits
    yield from lines
    if life.last_lines:
        room = max(1, height - len(lines) - 2)
        yield ()
        yield line(Span("last words   l log", Ink.DIM))
        yield from (line(printable(each.expandtabs())) for each in life.last_lines[-room:])
    elif life.trouble:
        yield ()
        yield line(Span(life.trouble, Ink.DIM))


# --- both ----------------------------------------------------------------------------------------


def _called(shown: str, name: str | None) -> str:
    return f"{shown} {name}" if name else shown


def _command(argv: tuple[str, ...], paper: Paper) -> Line:
    return line(cut_in_the_middle(printable(" ".join(argv)), paper.width))


def _reason(reason: Reason, named: Named, paper: Paper) -> Iterator[Line]:
    words = words_of(reason, named, paper)
    sentence = words.long.removeprefix(": ")
    yield from (line(each) for each in wrapped(printable(sentence), paper.width))
    if words.command:
        yield line(Span(words.command, Ink.DIM))
