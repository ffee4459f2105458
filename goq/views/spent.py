"""What jobs took together, added up by name, tag, user, machine or day: for tables and the report. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from goq.core.values.moments import date_of
from goq.core.values.totals import Spent
from goq.views.lines import Ink, Line, Span, line
from goq.views.numbers import count, duration, percent, size, size_of
from goq.views.paper import Paper
from goq.views.tables import Cell, Column, table

BY = ("name", "tag", "user", "machine", "day")
_NONE = "-"
_HOUR_S, _MANY = 3600, 10


def labels_of(row: Spent, by: str) -> Sequence[str]:
    """What the row belongs to: of tags there may be several."""
    match by:
        case "name":
            return (row.name or _NONE,)
        case "tag":
            return row.tags or (_NONE,)
        case "user":
            return (row.owner,)
        case "machine":
            return (row.host or _NONE,)
        case _:
            year, month, day = date_of(row.day)
            return (f"{year:04}-{month:02}-{day:02}",)


def summed(rows: Iterable[Spent]) -> Spent:
    """All of them as one; owner and name are those of the first, if all have the same."""
    found = list(rows)
    first = found[0] if found else Spent("", "", 0)
    owner = first.owner if all(row.owner == first.owner for row in found) else ""
    name = first.name if all(row.name == first.name for row in found) else None
    return Spent(
        owner,
        "",
        0,
        name,
        None,
        sum(row.attempts for row in found),
        sum(row.jobs for row in found),
        sum(row.failed for row in found),
        sum(row.cancelled for row in found),
        sum(row.waited_s for row in found),
        sum(row.ran_s for row in found),
        sum(row.cpu_s for row in found),
        sum(row.used_cpu_s for row in found),
        max((row.mem_asked_bytes for row in found), default=0),
        max((row.mem_peak_bytes for row in found), default=0),
    )


def grouped(rows: Iterable[Spent], by: str) -> list[tuple[str, Spent]]:
    """The sums by their labels: days in order, else those first that took most."""
    found: dict[str, list[Spent]] = {}
    for row in rows:
        for label in labels_of(row, by):
            found.setdefault(label, []).append(row)
    sums = [(label, summed(some)) for label, some in found.items()]
    if by == "day":
        return sorted(sums, key=lambda pair: pair[0])
    return sorted(sums, key=lambda pair: (-pair[1].cpu_s, pair[0]))


def mean(total_s: float, number: int) -> str:
    """A duration for each; `-` of none."""
    return duration(total_s / number) if number else _NONE


def memory_of(row: Spent) -> str:
    """The most that was used, of the most that was asked for."""
    if not row.mem_peak_bytes:
        return _NONE
    return (
        size_of(row.mem_peak_bytes, row.mem_asked_bytes) if row.mem_asked_bytes else size(row.mem_peak_bytes)
    )


def cpu_hours(seconds: float) -> str:
    """In hours, with hundredths where they are few."""
    hours = seconds / _HOUR_S
    return f"{hours:,.0f}" if hours >= _MANY else f"{hours:.2f}"


def sentences(rows: Sequence[Spent], since: str) -> tuple[str, str]:
    """How many ended, and what they took."""
    whole, users = summed(rows), len({row.owner for row in rows})
    who = f" of {count(users)} users" if users > 1 else ""
    failed = f", {count(whole.failed)} of them badly" if whole.failed else ""
    took = f"{cpu_hours(whole.cpu_s)} cpu hours, {percent(whole.used_cpu_s, whole.cpu_s)} of them used"
    return f"{count(whole.jobs)} jobs{who} ended {since}{failed}.", f"They had {took}."


def spent_table(rows: Sequence[Spent], by: str, paper: Paper) -> Iterator[str]:
    """A row for each name, tag, user, machine or day."""
    columns = (
        Column(by.upper()),
        *(
            Column(head, is_right=True, yields=turn)
            for head, turn in (
                ("JOBS", 0),
                ("FAILED", 0),
                ("WAITED", 2),
                ("RAN", 3),
                ("CPU HOURS", 0),
                ("USED", 1),
            )
        ),
        Column("MOST MEMORY"),
    )
    return table(columns, [_row(label, row) for label, row in grouped(rows, by)], paper)


def _row(label: str, row: Spent) -> tuple[str | Line | Cell, ...]:
    failed = count(row.failed) if row.failed else _NONE
    ink = Ink.FAILED if row.failed else Ink.PLAIN
    return (
        label,
        Cell(line(count(row.jobs)), str(row.jobs)),
        Cell(line(Span(failed, ink)), str(row.failed)),
        Cell(line(mean(row.waited_s, row.jobs)), f"{row.waited_s / max(1, row.jobs):.3f}"),
        Cell(line(mean(row.ran_s, row.attempts)), f"{row.ran_s / max(1, row.attempts):.3f}"),
        Cell(line(cpu_hours(row.cpu_s)), f"{row.cpu_s / _HOUR_S:.6f}"),
        percent(row.used_cpu_s, row.cpu_s),
        Cell(line(memory_of(row)), str(row.mem_peak_bytes)),
    )
