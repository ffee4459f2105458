"""Submissions and jobs as rows of the page, in an order; and people. Pure."""

from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from goq.core.values.cluster import UserRow
from goq.core.values.limit_names import ARRAY
from goq.core.values.reasons import Reason
from goq.core.values.shown import Row
from goq.views.lines import Ink, Line, Span, line, padded
from goq.views.numbers import count
from goq.views.paper import Paper
from goq.views.rows import reason_of_row, row_cells
from goq.views.sentences import Named, words_of
from goq.views.tables import Cell, Column
from goq.views.tables import Row as Fields

_FOR, _FOR_CELLS = 4, 7  # the column of durations stays as wide while time goes by
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
    """One row, with why it waits if it does."""
    told = replace(row, reason=reason_of_row(reason, row, paper)) if reason is not None else row
    fields = list(row_cells(told, paper, me))
    length = fields[_FOR]
    shown = length.shown if isinstance(length, Cell) else line(length) if isinstance(length, str) else length
    fields[_FOR] = padded(shown, _FOR_CELLS, is_right=True)
    return fields


def user_fields(row: UserRow, me: str, paper: Paper) -> Fields:
    """Who has how much, and what most of their jobs wait for."""
    waits: Line = ()
    if row.reason:
        words = words_of(row.reason, Named(str(row.reason_of), row.name, row.owner), paper).short
        is_own = row.reason.limit and row.reason.limit.name.startswith(ARRAY)
        waits = line(f"their own limit: {row.name or row.reason_of} {words}" if is_own else words)
    whose = line(Span(row.owner, Ink.BOLD)) if row.owner == me else row.owner
    gpus = count(row.gpus) if row.gpus else "-"
    return (whose, count(row.cpus), gpus, count(row.running), count(row.waiting), waits)
