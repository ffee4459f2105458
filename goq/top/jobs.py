"""Submissions and jobs as rows: where each is, or why it does not run. Pure."""

from collections.abc import Callable, Mapping, Sequence

from goq.core.values.cluster import UserRow
from goq.core.values.limit_names import ARRAY
from goq.core.values.reasons import Reason
from goq.core.values.result import MEMORY, TIME
from goq.core.values.shown import JobRow, Needs, Row, SubmissionRow
from goq.core.values.states import JobState
from goq.views import signs
from goq.views.fields import sign_field, strip_field
from goq.views.lines import Line, Span, line
from goq.views.numbers import about, ago, count, duration, rate, size, size_of
from goq.views.paper import Paper
from goq.views.sentences import Named, amount, words_of
from goq.views.signs import Sign
from goq.views.strips import tally
from goq.views.tables import Cell, Column
from goq.views.tables import Row as Fields

NS = 10**9
_FOR_CELLS = 7  # so that columns stay where they are while time goes by
COLUMNS = (
    Column("ID", is_right=True),
    Column("NAME"),
    Column("USER", yields=1),
    Column("STATE", yields=3, shrinks=True),
    Column("FOR", is_right=True, yields=2),
    Column("WHERE, OR WHY NOT"),
)
USER_COLUMNS = (
    Column("USER"),
    Column("CPUS", is_right=True),
    Column("GPUS", is_right=True, yields=1),
    Column("RUNNING", is_right=True),
    Column("WAITING", is_right=True),
    Column("MOST WAIT FOR"),
)
Sort = Callable[[Row], tuple[object, ...]]
# By what rows are put in order; of equal ones the server's order counts.
SORTS: Mapping[str, Sort | None] = {
    "turn": None,
    "longest": lambda row: (row.since_at,),
    "name": lambda row: (row.name or "", row.id),
    "user": lambda row: (row.owner, row.id),
    "id": lambda row: (row.id,),
}


def in_order(rows: Sequence[Row], sort: str) -> list[Row]:
    """The rows by that."""
    key = SORTS[sort]
    return list(rows) if key is None else sorted(rows, key=key)


def fields_of(row: Row, reason: Reason | None, me: str, paper: Paper) -> Fields:
    """One row."""
    if isinstance(row, SubmissionRow) and row.job is None:
        return _of_many(row, reason, paper)
    job = row.job if isinstance(row, SubmissionRow) and row.job else row
    if not isinstance(job, JobRow):
        raise TypeError("a submission of one job has it")
    since_s = (paper.now_ns - job.since_at) / NS
    length = f"{duration(since_s) if job.state.is_live else ago(since_s):>{_FOR_CELLS}}"
    sign = sign_of_job(job, reason, is_yours=job.owner == me)
    return (job.shown, job.name or "", job.owner, sign_field(sign), length, where_of(job, reason, paper))


def sign_of_job(job: JobRow, reason: Reason | None = None, *, is_yours: bool = False) -> Sign:
    """How a job is, or how it failed."""
    if reason is not None and reason.code == "nowhere":
        return signs.NEVER
    if job.state is JobState.FAILED:
        return signs.sign_of_failure(job.status or 0, job.signal or 0, job.cause or "")
    return signs.sign_of(job.state, is_yours=is_yours)


def _of_many(row: SubmissionRow, reason: Reason | None, paper: Paper) -> Fields:
    live = row.counts.live > 0
    since_ns = (row.started_at or row.submitted_at) if live else row.since_at
    since_s = (paper.now_ns - since_ns) / NS
    length = f"{duration(since_s) if live else ago(since_s):>{_FOR_CELLS}}"
    return (
        str(row.id),
        row.name or "",
        row.owner,
        strip_field(row.counts.by_state, paper),
        length,
        _how_far(row, reason, paper),
    )


def _how_far(row: SubmissionRow, reason: Reason | None, paper: Paper) -> Cell:
    """`✗37 ▸72 ·3,479  ≈ 1h 27m`; on wide paper how many all are, and how fast."""
    counted = tally(row.counts.by_state)
    if row.counts.live and reason is not None:
        words = words_of(reason, Named(str(row.id), row.name or "", row.owner, row.counts.waiting), paper)
        long = f"  {words.long.removeprefix(': ')}" if not words.long.startswith(": ") else f"  {words.short}"
        return Cell(line(counted, long), short=line(counted, f"  {words.short}"))
    if not row.counts.live:
        return Cell(
            line(counted, "  " if counted else "", f"{count(row.counts.done)} of {count(row.count)} done")
        )
    left = f"  {about(duration(row.left_s))}" if row.left_s is not None else ""
    speed = f"  {rate(row.rate_per_s)}" if row.rate_per_s else ""
    short = line(counted, left)
    return (
        Cell(line(counted, f" of {count(row.count)}", speed, left), short=short)
        if paper.is_wide
        else Cell(short)
    )


def where_of(job: JobRow, reason: Reason | None, paper: Paper) -> Cell:
    """Where a job runs, why it does not, or how it ended."""
    match job.state:
        case JobState.RUNNING | JobState.PAUSED:
            return Cell(line(_where_it_runs(job)))
        case JobState.WAITING | JobState.HELD:
            return _why_it_waits(job, reason, paper)
        case JobState.FAILED | JobState.LOST:
            return Cell(line(how_it_failed(job)))
        case _:
            ran = duration(job.elapsed_s) if job.elapsed_s is not None else ""
            at = f"on {job.host}" if job.host else ""
            return Cell(line(" ".join(filter(None, (ran, at, job.problem or "")))))


def _where_it_runs(job: JobRow) -> str:
    again = f"try {job.attempt} of {job.retries + 1}, " if job.retries and (job.attempt or 1) > 1 else ""
    gpus = f" gpu {','.join(job.gpus)}" if job.gpus else ""
    return f"{again}{job.host or ''}{gpus}, {needs_words(job.needs)}"


def _why_it_waits(job: JobRow, reason: Reason | None, paper: Paper) -> Cell:
    if reason is None:
        return Cell(())
    words = words_of(reason, Named(job.shown, job.name or "", job.owner), paper)
    short = line(words.short)
    if not paper.is_wide or words.long.startswith(":"):
        return Cell(short)
    return Cell(line(words.long), short=short)


def how_it_failed(job: JobRow) -> str:
    """`8.0 of 8 GiB after 3m 12s on n12`, `time limit of 1h on n11`, `12s on n12: no such file`."""
    ran = f" after {duration(job.elapsed_s)}" if job.elapsed_s is not None else ""
    at = f" on {job.host}" if job.host else ""
    used = job.used.mem_peak_bytes if job.used else None
    if job.cause == MEMORY and used and job.needs.mem_bytes:
        return f"{size_of(used, job.needs.mem_bytes)}{ran}{at}"
    if job.cause == TIME and job.needs.time_s:
        return f"time limit of {duration(job.needs.time_s)}{at}"
    problem = f": {job.problem}" if job.problem else ""
    return f"{ran.removeprefix(' after ')}{at}{problem}".strip()


def needs_words(needs: Needs) -> str:
    """`4 cpus, 16 GiB`."""
    more = {**(needs.resources or {}), **(needs.licenses or {})}
    parts = [
        amount("cpus", needs.cpus),
        *([size(needs.mem_bytes)] if needs.mem_bytes else []),
        *([amount("gpus", needs.gpus)] if needs.gpus else []),
        *(f"{count(much)} {name}" for name, much in more.items()),
        *([f"{duration(needs.time_s)} at most"] if needs.time_s else []),
    ]
    return ", ".join(parts)


def user_fields(row: UserRow, me: str, paper: Paper) -> Fields:
    """Who has how much, and what most of their jobs wait for."""
    waits: Line = ()
    if row.reason:
        words = words_of(row.reason, Named(str(row.reason_of), row.name, row.owner), paper).short
        is_own = row.reason.limit and row.reason.limit.name.startswith(ARRAY)
        waits = line(f"their own limit: {row.name or row.reason_of} {words}" if is_own else words)
    whose = (
        line(Span(row.owner, signs.sign_of(JobState.RUNNING, is_yours=True).ink))
        if row.owner == me
        else row.owner
    )
    gpus = count(row.gpus) if row.gpus else "-"
    return (whose, count(row.cpus), gpus, count(row.running), count(row.waiting), waits)
