"""What failed of many jobs, grouped by how, with last words and the command that tries again. Pure."""

from collections.abc import Iterator

from goq.core.values.failures import FailureGroup, Failures, Medians
from goq.core.values.ranges import span
from goq.core.values.result import MEMORY
from goq.core.values.room import MIB
from goq.core.values.states import JobState
from goq.views.lines import Ink, Span, line, rendered
from goq.views.numbers import count, size, size_of
from goq.views.paper import Paper
from goq.views.signs import Sign, sign_of, sign_of_failure
from goq.views.tables import Cell, Column, table

GROUPS_SHOWN = 12
_WHICH_SHOWN = 4
_HOSTS_SHOWN = 2
_MORE = 1.5  # times what it asked for, or had, if that was more
_COLUMNS = (
    Column("HOW MANY", is_right=True),
    Column("HOW"),
    Column("WHICH"),
    Column("WHERE", yields=1),
    Column("LAST WORDS"),
)


def failure_lines(
    failures: Failures, medians: Medians | None, called: str, meant: str, asked_bytes: int, paper: Paper
) -> Iterator[str]:
    """The sentence, the groups, what the others used, and the command.

    All these jobs are `called` so in the sentence, and `meant` by these words in a command. `asked_bytes` of memory, 0
    for no bound.
    """
    ways = len(failures.groups)
    how = f"in {ways} ways" if ways > 1 else "all alike"
    yield (
        f"{called}: {count(failures.failed)} of {count(failures.ended)} that ended"
        f" {'has' if failures.failed == 1 else 'have'} failed{f', {how}' if failures.failed > 1 else ''}."
    )
    yield ""
    rows = [_row(group, asked_bytes) for group in failures.groups[:GROUPS_SHOWN]]
    yield from table(_COLUMNS, rows, paper)
    if ways > GROUPS_SHOWN:
        yield f"{count(ways - GROUPS_SHOWN)} more ways:  goq list --failed --tasks {meant}"
    yield ""
    yield from _others(failures, medians)
    again = again_words(failures, asked_bytes, meant)
    if again and paper.is_terminal:
        yield rendered(line(Span("again   ", Ink.DIM), again), paper)
    elif again:
        yield f"again\t{again}"


def again_words(failures: Failures, asked_bytes: int, name: str) -> str:
    """The command that tries those again that failed, with more memory where that was why."""
    if not failures.failed:
        return ""
    memory = [group.mem_peak_bytes or 0 for group in failures.groups if group.cause == MEMORY]
    more = f" --mem {_more(max([asked_bytes, *memory]))}" if memory and asked_bytes else ""
    return f"goq retry {name} --failed{more}"


def _more(had_bytes: int) -> str:
    """Half as much again, as people write it."""
    mib = -(-int(had_bytes * _MORE) // MIB)
    return f"{-(-mib // 1024)}G" if mib >= 2048 else f"{mib}M"


def _others(failures: Failures, medians: Medians | None) -> Iterator[str]:
    parts = []
    if medians and medians.jobs and medians.mem_bytes:
        used = medians.mem_bytes
        parts.append(
            f"The {count(medians.jobs)} done used {size(int(used.median))} in the median, {size(int(used.most))} at most."
        )
    if failures.live:
        parts.append(f"{count(failures.live)} {'is' if failures.live == 1 else 'are'} still to end.")
    if parts:
        yield " ".join(parts)


def _row(group: FailureGroup, asked_bytes: int) -> tuple[Cell | str, ...]:
    sign = how_failed(group)
    return (
        count(group.count),
        Cell(sign.line, sign.word),
        _which(group),
        " ".join(group.hosts[:_HOSTS_SHOWN]) + (" ..." if len(group.hosts) > _HOSTS_SHOWN else ""),
        last_words(group, asked_bytes),
    )


def how_failed(group: FailureGroup) -> Sign:
    """The sign of all of the group."""
    if group.state is JobState.LOST:
        return sign_of(JobState.LOST)
    return sign_of_failure(group.status, group.signal or 0, group.cause or "")


def last_words(group: FailureGroup, asked_bytes: int) -> str:
    """What the jobs said last, or goq of them."""
    if group.cause == MEMORY and group.mem_peak_bytes and asked_bytes:
        return f"used {size_of(group.mem_peak_bytes, asked_bytes)} asked"
    if group.state is JobState.LOST or not group.last_words:
        return group.problem or ""
    return group.last_words


def _which(group: FailureGroup) -> Cell:
    """In brackets where they are numbers of tasks."""
    parts = [span(*each) for each in group.items or group.ids]
    few = ",".join(parts[:_WHICH_SHOWN]) + (",..." if len(parts) > _WHICH_SHOWN else "")
    whole = ",".join(parts)
    if group.items:
        few, whole = f"[{few}]", f"[{whole}]"
    return Cell(line(few), whole)
