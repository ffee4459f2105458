"""Submissions and jobs as rows of a table: the same for lists on terminals, in pipes and in `goq top`. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from goq.core.values.reasons import Reason
from goq.core.values.shown import JobRow, ReasonRow, Row, SubmissionRow
from goq.core.values.states import JobState
from goq.views.fields import moment_field, sign_field, strip_field
from goq.views.lines import Line, line
from goq.views.numbers import about, ago, count, duration, rate, size, size_of
from goq.views.paper import Paper
from goq.views.reasons import reason_row
from goq.views.sentences import Named
from goq.views.signs import NEVER, Sign, sign_of, sign_of_failure
from goq.views.strips import tally
from goq.views.tables import Cell, Column, table

NOWHERE = "nowhere"
COLUMNS = (
    Column("ID", is_right=True),
    Column("NAME"),
    Column("USER", yields=1),
    Column("STATE", yields=3, shrinks=True),
    Column("FOR", is_right=True, yields=2),
    Column("WHERE, OR WHY NOT"),
)
_NAME_CELLS = 20
_NS = 10**9


def rows_table(rows: Iterable[Row], paper: Paper, owner: str) -> Iterator[str]:
    """The rows under their header; what runs and is the `owner`'s is bold."""
    return table(COLUMNS, [row_cells(row, paper, owner) for row in rows], paper)


def row_cells(row: Row, paper: Paper, owner: str) -> Sequence[Cell | Line | str]:
    """The fields of one row."""
    job = row if isinstance(row, JobRow) else row.job
    if job:
        state, where = _job_state(job, row.reason, owner), where_of(job, row.reason, paper)
    elif isinstance(row, SubmissionRow):
        state, where = _strip(row, paper), _progress(row, paper)
    return (shown_id(row), called(row), row.owner, state, _for(row, paper), where)


def shown_id(row: Row) -> str:
    """What people call it by."""
    return row.shown if isinstance(row, JobRow) else str(row.id)


def called(row: Row) -> Cell:
    """Its name, or its program's."""
    name = row.name or (program_of(row.argv) if isinstance(row, SubmissionRow) else "")
    return Cell(line(name if len(name) <= _NAME_CELLS else f"{name[: _NAME_CELLS - 1]}…"), name)


def program_of(argv: Sequence[str]) -> str:
    """The program of a command, without its folders."""
    return argv[0].rstrip("/").rpartition("/")[2] if argv else ""


def reason_of_row(reason: Reason, row: Row, paper: Paper) -> ReasonRow:
    """The reason of a row, in words, for people and programs."""
    many = row.counts.waiting if isinstance(row, SubmissionRow) and row.count > 1 else 0
    return reason_row(reason, Named(shown_id(row), row.name or "", row.owner, many), paper)


def sign_of_row(job: JobRow, reason: ReasonRow | None, owner: str) -> Sign:
    """How it is with a job: how it failed is its state."""
    if job.state is JobState.FAILED:
        exit_code = 0 if job.signal else (job.status or 0)
        return sign_of_failure(exit_code, job.signal or 0, job.cause or "")
    if job.state is JobState.WAITING and reason and reason.code == NOWHERE:
        return NEVER
    return sign_of(job.state, is_yours=job.owner == owner)


def _job_state(job: JobRow, reason: ReasonRow | None, owner: str) -> Cell:
    return sign_field(sign_of_row(job, reason, owner))


def _strip(row: SubmissionRow, paper: Paper) -> Cell:
    cell = strip_field(row.counts.by_state, paper)
    return cell._replace(raw=row.state.value)


def _for(row: Row, paper: Paper) -> Cell:
    past_s = (paper.now_ns - row.since_at) / _NS
    return moment_field(duration(past_s) if row.state.is_live else ago(past_s), row.since_at)


def where_of(job: JobRow, reason: ReasonRow | None, paper: Paper) -> Cell:
    """Where a job runs or ran, or why it does not."""
    if job.state in {JobState.RUNNING, JobState.PAUSED}:
        return Cell(line(_running(job)))
    if job.state in {JobState.WAITING, JobState.HELD}:
        tried = f", {_try(job)}" if job.attempt else ""
        if reason is None:
            return Cell(line(tried.removeprefix(", ")), "")
        told = (
            _without_name(reason.text, job)
            if paper.is_wide
            else f"{reason.short}{tried if 'try' not in reason.short else ''}"
        )
        return Cell(line(told), reason.text, line(reason.short))
    return Cell(line(_ended(job)))


def _without_name(text: str, row: Row) -> str:
    """The rest of a sentence about the row, which stands there already."""
    rest = text.removeprefix(f"{shown_id(row)}").removeprefix(f" {row.name}" if row.name else "")
    return rest.lstrip(": ").removesuffix(".")


def _running(job: JobRow) -> str:
    where = _running_where(job)
    return f"{where}: {job.problem}" if job.problem else where


def _running_where(job: JobRow) -> str:
    gpus = f"gpu {','.join(job.gpus)}" if job.gpus else ""
    if job.attempt and job.attempt > 1:
        return ", ".join(filter(None, [_try(job), f"{job.host or ''} {gpus}".strip()]))
    cpus = f"{count(job.needs.cpus)} cpus" if job.needs.cpus > 1 else ""
    memory = size(job.needs.mem_bytes) if job.needs.mem_bytes else ""
    return ", ".join(filter(None, [job.host or "", cpus, memory, gpus]))


def _try(job: JobRow) -> str:
    of = f" of {job.retries + 1}" if job.retries else ""
    number = (job.attempt or 0) + (not job.state.is_live or job.state in {JobState.WAITING, JobState.HELD})
    return f"try {number}{of}"


def _ended(job: JobRow) -> str:
    ran = duration(job.elapsed_s) if job.elapsed_s is not None else ""
    at = f" on {job.host}" if job.host else ""
    if job.state is JobState.DONE:
        return f"{ran}{at}"
    if job.cause == "memory" and job.used and job.used.mem_peak_bytes and job.needs.mem_bytes:
        return f"{size_of(job.used.mem_peak_bytes, job.needs.mem_bytes)}, ran {ran}"
    if job.cause == "time" and job.needs.time_s:
        return f"time limit of {duration(job.needs.time_s)}{at}"
    return job.problem or (f"ran {ran}{at}" if ran else "")


def _progress(row: SubmissionRow, paper: Paper) -> Cell:
    """Of many jobs: what is not well, what runs and what waits, and when it will be over."""
    counts = row.counts
    raw = " ".join(f"{state.value}={number}" for state, number in counts.by_state.items() if number)
    told: list[str | Line] = [tally(counts.by_state)]
    if not counts.live:
        return Cell(line(*told, _of_all(row, paper, bool(told[0]))), raw)
    if paper.is_wide:
        told.append(f" of {count(row.count)}" + (f"  {rate(row.rate_per_s)}" if row.rate_per_s else ""))
    if row.left_s is not None:
        told.append(f"  {about(duration(row.left_s))}")
    if row.reason and not counts.running + counts.paused:
        told.append(f"  {_without_name(row.reason.text, row) if paper.is_wide else row.reason.short}")
        raw = f"{raw} {row.reason.text}"
    return Cell(line(*told), raw)


def _of_all(row: SubmissionRow, paper: Paper, is_told: bool) -> str:
    """How long it took, once all have ended."""
    ended = row.ended_at or paper.now_ns
    took = duration((ended - (row.started_at or row.submitted_at)) / _NS)
    return (
        f"{' ' if is_told else ''}{count(row.count)} jobs in {took}"
        if is_told
        else f"{count(row.count)} in {took}"
    )
