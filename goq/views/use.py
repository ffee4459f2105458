"""What a job asked for beside what it has used, and what would have done. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from goq.core.values.shown import JobRow, Used
from goq.core.values.states import JobState
from goq.views.clocks import clock
from goq.views.numbers import count, duration, percent, size
from goq.views.paper import Paper
from goq.views.strips import use_bar
from goq.views.tables import Cell, Column, table

BAR = 20  # cells
_NS = 10**9
_GIB = 1 << 30
_ADVICE_BELOW = 0.5  # of what was asked for
_ROOMY = 1.25
_NO_BAR = Cell((), "")


class _Use(NamedTuple):
    what: str
    asked: str
    used: str
    bar: Cell
    more: str


def use_lines(row: JobRow, paper: Paper) -> Iterator[str]:
    """What was asked for beside what was used, and what would do."""
    rows = [each for each in (_cpus(row), _memory(row, paper), _gpus(row), _time(row, paper)) if each]
    if row.attempt is None or not rows:
        return
    columns = (
        Column(""),
        Column("ASKED", is_right=True),
        Column("USED", is_right=True),
        Column(""),
        Column(""),
    )
    yield from table(columns, rows, paper)
    yield from advice(row)


def cpus_used(row: JobRow) -> float | None:
    """How many cpus were busy, on average since the start; None where that is not known."""
    used = row.used
    if used is None or used.cpu_s is None:
        return None
    looked_s = (used.at - row.started_at) / _NS if used.at and row.started_at else 0.0
    ran_s = row.elapsed_s if row.elapsed_s is not None else looked_s
    return used.cpu_s / ran_s if ran_s > 0 else None


def most_words(used: Used, paper: Paper) -> str:
    """Of memory: whether that is the most so far, since when, and what it is now if that is less."""
    if used.mem_bytes is None:
        return "at most"
    if used.mem_peak_bytes is None or size(used.mem_bytes) == size(used.mem_peak_bytes):
        return "most so far"
    at = f", {clock(used.mem_peak_at, paper)}" if used.mem_peak_at else ""
    return f"most so far{at}; {size(used.mem_bytes)} now"


def _bar(used: float, asked: float) -> Cell:
    """For people: in a pipe there are the numbers."""
    return Cell(use_bar(used, asked, BAR), "")


def _cpus(row: JobRow) -> _Use | None:
    busy = cpus_used(row)
    if busy is None:
        return None
    now = f", {row.used.cpus:.1f} now" if row.used and row.used.cpus is not None else ""
    bar, share = _bar(busy, row.needs.cpus), percent(busy, row.needs.cpus)
    return _Use("cpus", count(row.needs.cpus), f"{busy:.1f}", bar, share + now)


def _memory(row: JobRow, paper: Paper) -> _Use | None:
    used, asked = row.used, row.needs.mem_bytes
    if used is None or used.mem_peak_bytes is None:
        return _Use("memory", size(asked), "-", _NO_BAR, "") if asked else None
    most, words = used.mem_peak_bytes, most_words(used, paper)
    if asked is None:
        return _Use("memory", "-", size(most), _NO_BAR, words)
    more = f"{percent(most, asked)} {words}" if used.mem_bytes is None else words
    return _Use("memory", size(asked), size(most), _bar(most, asked), more)


def _gpus(row: JobRow) -> _Use | None:
    return _Use("gpu", count(row.needs.gpus), "-", _NO_BAR, "") if row.needs.gpus else None


def _time(row: JobRow, paper: Paper) -> _Use | None:
    running_s = (paper.now_ns - row.started_at) / _NS if row.started_at and row.state.is_live else None
    ran_s, asked = row.elapsed_s if row.elapsed_s is not None else running_s, row.needs.time_s
    if ran_s is None:
        return None
    if asked is None:
        return _Use("time", "-", duration(ran_s), _NO_BAR, "")
    left = f"{duration(asked - ran_s)} left" if row.state.is_live else percent(ran_s, asked)
    return _Use("time", duration(asked), duration(ran_s), _bar(ran_s, asked), left)


def advice(row: JobRow) -> Iterator[str]:
    """What would have done, where a job that ended well used less than half of it."""
    used = row.used.mem_peak_bytes if row.used else None
    asked = row.needs.mem_bytes
    if row.state is JobState.DONE and used and asked and used < asked * _ADVICE_BELOW:
        yield f"memory: asked {size(asked)}, used {size(used)}; --mem {enough(used)} would do"
    busy = cpus_used(row)
    if row.state is JobState.DONE and busy and row.needs.cpus > 1 and busy < row.needs.cpus * _ADVICE_BELOW:
        yield f"cpus: asked {row.needs.cpus}, used {busy:.1f}; -c {max(1, round(busy + 0.5))} would do"


def enough(used: int) -> str:
    """So much memory that there is a quarter more than that, as people write it: `3G` `600M`."""
    wanted = used * _ROOMY
    return f"{-int(-wanted // _GIB)}G" if wanted > _GIB else f"{max(1, -int(-wanted // (1 << 20)))}M"
