"""One row looked at more closely: an array with what failed of it, a job with its life and last words. Pure."""

from collections.abc import Iterator

from goq.core.values.failures import FailureGroup, Failures
from goq.core.values.lives import Life
from goq.core.values.reasons import Reason
from goq.core.values.shown import Attempt, JobRow, Row, SubmissionRow
from goq.core.values.states import JobState
from goq.core.values.text import printable
from goq.top.jobs import how_it_failed, needs_words, sign_of_job, where_of
from goq.top.seen import BAD, Seen
from goq.views import marks
from goq.views.clocks import clock
from goq.views.failures import how_failed, last_words
from goq.views.lines import Ink, Line, Span, cut_line, line, line_cells, padded
from goq.views.numbers import about, count, duration, percent, rate, size, size_of
from goq.views.paper import Paper
from goq.views.sentences import Named, words_of
from goq.views.signs import sign_of, sign_of_failure
from goq.views.strips import Counts, ended, failed, how_many, strip, use_bar
from goq.views.text import cut_in_the_middle
from goq.views.why import wrapped

NS = 10**9
_GROUPS, _WHICH, _ATTEMPTS = 8, 4, 10
_USE_BAR = 20


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
    parts = [str(first) if first == last else f"{first}-{last}" for first, last in group.items or group.ids]
    few = ",".join(parts[:_WHICH]) + (",..." if len(parts) > _WHICH else "")
    return f"[{few}]" if group.items else few


# --- one -----------------------------------------------------------------------------------------


def _of_one(
    row: Row, job: JobRow, life: Life | None, reason: Reason | None, paper: Paper, height: int
) -> Iterator[Line]:
    for_s = (paper.now_ns - job.since_at) / NS
    length = f" for {duration(for_s)}" if job.state.is_live else f" at {clock(job.since_at, paper)}"
    head = line(
        Span(_called(job.shown, job.name), Ink.BOLD), f"  {job.owner}  ", sign_of_job(job, reason).line
    )
    lines = [line(head, length)]
    argv = life.argv if life else row.argv if isinstance(row, SubmissionRow) else ()
    if argv:
        lines.append(_command(argv, paper))
    if life:
        lines.append(line(Span(f"in {printable(life.folder)}; {needs_words(job.needs)}", Ink.DIM)))
    lines += _how_it_is(job, reason, paper)
    if life:
        lines += _attempts(life, paper)
    lines += _use(job, paper)
    yield from lines
    if life and life.last_lines:
        room = max(1, height - len(lines) - 2)
        yield ()
        yield line(Span("last words   l log", Ink.DIM))
        yield from (line(printable(each.expandtabs())) for each in life.last_lines[-room:])
    elif life and life.trouble:
        yield ()
        yield line(Span(life.trouble, Ink.DIM))


def _how_it_is(job: JobRow, reason: Reason | None, paper: Paper) -> list[Line]:
    if reason is not None:
        return [(), *_reason(reason, Named(job.shown, job.name or "", job.owner), paper)]
    if job.state in BAD:
        return [line(how_it_failed(job))]
    if job.state.is_live:
        return [where_of(job, reason, paper).shown]
    return []


def _attempts(life: Life, paper: Paper) -> list[Line]:
    """One a line, where there is more than the last one to tell."""
    if len(life.attempts) < 2:
        return []
    shown = life.attempts[-_ATTEMPTS:]
    hidden = len(life.attempts) - len(shown)
    lines: list[Line] = [(), line(Span(f"attempts{f', {hidden} more before' if hidden else ''}", Ink.DIM))]
    return [*lines, *(_attempt(each, life, paper) for each in shown)]


def _attempt(each: Attempt, life: Life, paper: Paper) -> Line:
    end_ns = each.ended_at or paper.now_ns
    ran = duration((end_ns - each.started_at) / NS)
    gpus = f" gpu {','.join(each.gpus)}" if each.gpus else ""
    where = f"{each.host or '-'}{gpus}"
    text = f": {each.text}" if each.text else ""
    return line(
        f"{each.attempt:>3}  {clock(each.started_at, paper)}  {ran:>7}  {where}  ", _ending(each, life), text
    )


def _ending(each: Attempt, life: Life) -> Line:
    if each.ended_at is None:
        return sign_of(life.row.state if life.row.state.is_live else JobState.RUNNING).line
    if each.ending in ("lost", "given up"):
        return sign_of(JobState.LOST).line
    if each.ending == "cancelled":
        return sign_of(JobState.CANCELLED).line
    if each.status == 0 and not each.signal and not each.cause:
        return sign_of(JobState.DONE).line
    return sign_of_failure(each.status or 0, each.signal or 0, each.cause or "").line


def _use(job: JobRow, paper: Paper) -> list[Line]:
    """What it used of what it asked for, as far as that is known."""
    lines: list[Line] = []
    width = min(_USE_BAR, paper.width // 3)
    used = job.used
    if used and used.mem_peak_bytes:
        asked = job.needs.mem_bytes
        words = size_of(used.mem_peak_bytes, asked) if asked else f"{size(used.mem_peak_bytes)} at most"
        bar = use_bar(used.mem_peak_bytes, asked, width) if asked else ()
        lines.append(line(Span("memory  ", Ink.DIM), bar, "  " if bar else "", words))
    if used and used.cpu_s is not None and job.elapsed_s:
        cpus = used.cpu_s / job.elapsed_s
        bar = use_bar(cpus, job.needs.cpus, width)
        lines.append(line(Span("cpus    ", Ink.DIM), bar, f"  {cpus:.1f} of {job.needs.cpus}"))
    if job.needs.time_s and job.started_at and job.state.is_live:
        ran_s = (paper.now_ns - job.started_at) / NS
        left = duration(max(0.0, job.needs.time_s - ran_s))
        lines.append(
            line(Span("time    ", Ink.DIM), use_bar(ran_s, job.needs.time_s, width), f"  {left} left")
        )
    return [(), *lines] if lines else []


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
