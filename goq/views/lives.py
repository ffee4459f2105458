"""One job, or one array, whole: the sentence, attempts, what was asked for and used, and the last words. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from goq.core.values.failures import FailureGroup, Failures, Medians
from goq.core.values.lives import Life
from goq.core.values.ranges import span
from goq.core.values.shown import Attempt, Event, JobRow, SubmissionRow
from goq.core.values.states import JobState
from goq.core.values.text import show_command
from goq.views.clocks import clock
from goq.views.lines import Ink, Line, Span, line, rendered
from goq.views.needs import needs_words
from goq.views.numbers import about, ago, count, duration, percent, size
from goq.views.paper import Paper
from goq.views.rows import program_of, sign_of_row
from goq.views.signs import Sign, sign_of, sign_of_failure
from goq.views.strips import strip, tally_words
from goq.views.tables import Cell, Column, Row, table
from goq.views.text import cut_in_the_middle
from goq.views.use import use_lines

ATTEMPTS = 10
_WIDE_STRIP = 60
_NS = 10**9
_REQUEUED = "requeued"
_WAITS = (JobState.WAITING, JobState.HELD)
_SHOWN_ELSEWHERE = {"name", "cpus", "memory", "gpus", "time_limit_s", "not_before_ns", "pin", "held"}
_COMMAND_BYTES = 100_000


def job_lines(life: Life, paper: Paper, owner: str) -> Iterator[str]:
    """All that `goq show` says of a job."""
    return _drawn(_job_parts(life, paper, owner), paper)


def _drawn(parts: Iterable[str | Line], paper: Paper) -> Iterator[str]:
    """Rows of tables are drawn already; all else is anybody's text."""
    return (part if isinstance(part, str) else rendered(part, paper) for part in parts)


def _job_parts(life: Life, paper: Paper, owner: str) -> Iterator[str | Line]:
    row = life.row
    yield line(f"{row.shown} {row.name or program_of(life.argv)}  {row.owner}  ", *_how(row, paper, owner))
    yield line(f"  {_cut(_command(life.argv), paper)}")
    if life.folder:  # else it is another's, and not for these eyes
        yield line(f"  in {life.folder}{_output(life)}")
    yield from _blocks(life, paper)
    if life.last_lines:
        yield ""
        yield line(Span(f"last words  (goq logs {row.shown})", Ink.DIM))
        yield from (line(f"  {_short(text, paper)}") for text in life.last_lines)
    elif life.trouble:
        yield ""
        yield line(life.trouble)


def _blocks(life: Life, paper: Paper) -> Iterator[str | Line]:
    blocks: tuple[Iterable[str | Line], ...] = (
        attempt_lines(life, paper),
        use_lines(life.row, paper),
        _terms(life),
        _variables(life),
        event_lines(life.events or (), paper),
    )
    for block in blocks:
        lines = list(block)
        if lines:
            yield ""
            yield from lines


def _how(row: JobRow, paper: Paper, owner: str) -> list[str | Line]:
    sign = sign_of_row(row, None, owner)
    past_s = (paper.now_ns - row.since_at) / _NS
    at = f" on {row.host}" if row.host else ""
    gpus = f", gpu {','.join(row.gpus)}" if row.gpus else ""
    if row.state.is_live:
        return [_signed(sign, paper), f" for {duration(past_s)}{at}{gpus}"]
    ran = f" after {duration(row.elapsed_s)}" if row.elapsed_s is not None else ""
    return [_signed(sign, paper), f"{ran}{at}{gpus}, {ago(past_s)}"]


def _signed(sign: Sign, paper: Paper) -> Line:
    """With its mark for people, the word alone in a pipe."""
    return sign.line if paper.is_terminal else line(Span(sign.word, sign.ink))


def _command(argv: Sequence[str]) -> str:
    return show_command("\0".join(argv).encode(), _COMMAND_BYTES)


def _cut(command: str, paper: Paper) -> str:
    return cut_in_the_middle(command, paper.width - 2) if paper.is_terminal else command


def _short(text: str, paper: Paper) -> str:
    width = paper.width - 2
    return text if not paper.is_terminal or len(text) <= width else f"{text[: width - 1]}…"


def _output(life: Life) -> str:
    output = life.row.output
    if output is None:
        return ""
    length = output.bytes if output.bytes is not None else life.output_length
    told = (
        f" ({size(length)}{', grows' if life.row.state is JobState.RUNNING else ''})"
        if length is not None
        else ""
    )
    return f", {output.path}{told}"


# --- attempts, terms -------------------------------------------------------------------------

_ATTEMPTS = (
    Column("ATTEMPT"),
    Column("FROM"),
    Column("TO"),
    Column("RAN"),
    Column("WHERE"),
    Column("HOW IT ENDED"),
)


def attempt_lines(life: Life, paper: Paper) -> Iterator[str]:
    """A line an attempt, the latest ones."""
    if life.attempts:
        shown = life.attempts[-ATTEMPTS:] if paper.is_terminal else life.attempts
        yield from table(_ATTEMPTS, [_attempt(each, life, paper) for each in shown], paper)
        if hidden := len(life.attempts) - len(shown):
            yield f"{count(hidden)} attempts before these:  goq show {life.row.shown} --history"


def _attempt(each: Attempt, life: Life, paper: Paper) -> Row:
    begun = clock(each.started_at, paper)
    ended = clock(each.ended_at, paper) if each.ended_at else ""
    ran = duration(((each.ended_at or paper.now_ns) - each.started_at) / _NS)
    where = " ".join(filter(None, [each.host, f"gpu {','.join(each.gpus)}" if each.gpus else ""]))
    sign, rest = _sign(each), _rest(each, life)
    how = Cell(line(sign.line, rest), f"{sign.word}{rest}")
    return (str(each.attempt), begun, ended, ran, where, how)


def _sign(each: Attempt) -> Sign:
    if each.ending is None:
        return sign_of(JobState.RUNNING)
    if each.ending == _REQUEUED:
        if each.status is None:
            return Sign("?", "given up", Ink.LOOK)
        return sign_of_failure(0 if each.signal else each.status, each.signal or 0, each.cause or "")
    state = JobState(each.ending)
    if state is JobState.FAILED:
        return sign_of_failure(0 if each.signal else (each.status or 0), each.signal or 0, each.cause or "")
    return sign_of(state)


def _rest(each: Attempt, life: Life) -> str:
    retries = life.row.retries
    if each.ending is None and retries:
        # Those that were lost or handed back have no status, and do not count.
        failed = sum(before.status is not None for before in life.attempts if before.attempt < each.attempt)
        left = max(0, retries - failed)
        return f"; {left} of {retries} retries are left"
    words = each.last_words or each.text
    return f": {words}" if words else ""


def term_of(name: str, value: object) -> tuple[str, str]:
    """A term as people say it: `retries` 2, `backoff` 2s, `keep` yes."""
    if isinstance(value, bool):
        return name.replace("_", " "), "yes" if value else "no"
    if name.endswith("_s") and isinstance(value, int | float):
        return name.removesuffix("_s").replace("_", " "), duration(value)
    return name.replace("_", " "), str(value)


def _terms(life: Life) -> Iterator[Line]:
    told = [
        " ".join(term_of(name, value))
        for name, value in life.terms.items()
        if isinstance(value, int | float | str) and name not in _SHOWN_ELSEWHERE
    ]
    if life.row.attempt is None and life.row.state in _WAITS:  # of what has run there is a table
        yield line(f"needs   {needs_words(life.row.needs)}")
    if told:
        yield line(f"asked   {', '.join(told)}")
    if life.waiters:
        yield line(f"behind it wait  {', '.join(map(str, life.waiters))}")


def _variables(life: Life) -> Iterator[Line]:
    yield from (line(f"{name}={value}") for name, value in (life.environment or {}).items())


_EVENTS = (Column("WHEN"), Column("WHAT"), Column("ATTEMPT"), Column("WHERE"), Column("BY"), Column(""))


def event_lines(events: Sequence[Event], paper: Paper) -> Iterator[str]:
    """A line an event."""
    if events:
        yield from table(_EVENTS, [_event(each, paper) for each in events], paper)


def _event(each: Event, paper: Paper) -> tuple[str, ...]:
    when = clock(each.at, paper, with_seconds=True)
    attempt = str(each.attempt) if each.attempt else ""
    return (when, each.kind, attempt, each.host or "", each.by or "", each.text or "")


# --- arrays ---------------------------------------------------------------------------------------

_GROUPS = (
    Column("HOW MANY", is_right=True),
    Column("HOW"),
    Column("WHICH"),
    Column("WHERE"),
    Column("LAST WORDS"),
)
_WHICH_SHOWN, _HOSTS_SHOWN = 4, 3


def set_lines(row: SubmissionRow, failures: Failures, medians: Medians, paper: Paper) -> Iterator[str]:
    """All that `goq show` says of an array, or of a list of commands."""
    return _drawn(_set_parts(row, failures, medians, paper), paper)


def _set_parts(
    row: SubmissionRow, failures: Failures, medians: Medians, paper: Paper
) -> Iterator[str | Line]:
    counts = row.counts
    name = row.name or program_of(row.argv)
    yield line(
        f"{row.id} {name}  {row.owner}  {count(row.count)} {'tasks' if row.array else 'jobs'}: {tally_words(counts.by_state)}"
    )
    ended = row.count - counts.live
    cells = min(_WIDE_STRIP, paper.width - 10) if paper.is_terminal else 0
    if cells:
        left = f"  {about(duration(row.left_s))}" if row.left_s else ""
        yield line(strip(counts.by_state, cells - len(left)), f" {percent(ended, row.count):>5}{left}")
    yield line(f"  {_cut(_command(row.argv), paper)}")
    if row.folder:
        yield line(f"  in {row.folder}")
    if failures.groups:
        yield ""
        yield from group_lines(failures, paper)
    told = list(_median_lines(row, medians))
    if told:
        yield ""
        yield from told


def group_lines(failures: Failures, paper: Paper) -> Iterator[str]:
    """What failed, by how."""
    yield from table(_GROUPS, [_group(group, paper) for group in failures.groups], paper)


def _group(group: FailureGroup, paper: Paper) -> Row:
    sign = sign_of(group.state)
    if group.state is JobState.FAILED:
        sign = sign_of_failure(0 if group.signal else group.status, group.signal or 0, group.cause or "")
    which = _numbers(group.items or group.ids, paper)
    hosts = " ".join(group.hosts[:_HOSTS_SHOWN]) + (" …" if len(group.hosts) > _HOSTS_SHOWN else "")
    words = group.last_words or group.problem or ""
    return (count(group.count), Cell(sign.line, sign.word), f"[{which}]", hosts, words)


def _numbers(ranges: Sequence[tuple[int, int]], paper: Paper) -> str:
    shown = ranges[:_WHICH_SHOWN] if paper.is_terminal else ranges
    told = ",".join(span(*each) for each in shown)
    return f"{told},…" if len(shown) < len(ranges) else told


def _median_lines(row: SubmissionRow, medians: Medians) -> Iterator[str]:
    if not medians.jobs:
        return
    those = "a sample of those that are done" if medians.is_sample else f"the {count(medians.jobs)} done"
    if medians.run_s:
        run = medians.run_s
        yield f"time    {duration(run.median)} in the median, {duration(run.most)} at most, of {those}"
    if medians.mem_bytes:
        used = medians.mem_bytes
        asked = f"; asked {size(row.needs.mem_bytes)}" if row.needs.mem_bytes else ""
        yield f"memory  {size(int(used.median))} in the median, {size(int(used.most))} at most{asked}"
    if medians.cpus:
        yield f"cpus    {medians.cpus.median:.1f} of {row.needs.cpus} in the median"
