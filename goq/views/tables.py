"""Rows under a header: cut to the width of a terminal, or in a pipe whole, with TAB between fields. Pure.

A row is a line, never wrapped. When the paper is too narrow the columns that may give way do so, one after
the other; last of all the last column is cut.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from goq.views.lines import Ink, Line, Span, cut_line, line, line_cells, padded, rendered
from goq.views.paper import Paper

GAP = "  "
LAST_CELLS = 28  # in which a reason has its say: columns give way until the last has so many


class Column(NamedTuple):
    """`yields` is the turn in which it gives way, from 1 on; 0 is never. One that shrinks is not left out then,
    but shown in its cells' short forms.
    """

    head: str
    is_right: bool = False
    yields: int = 0
    shrinks: bool = False


class Cell(NamedTuple):
    """What stands in a row: for people, for a pipe, and for people who have little room (None: as for others).

    For a pipe there are no signs, no cut, and times are in ISO 8601: `raw`; None is the line's text.
    """

    shown: Line
    raw: str | None = None
    short: Line | None = None

    @property
    def piped(self) -> Line:
        """The field in a pipe, in the ink that its first word has elsewhere; control characters, TAB among them, are spelled out."""
        if self.raw is None:
            return self.shown
        words = ((span.text.strip(), span.ink) for span in self.shown)
        inks = (ink for word, ink in words if word and self.raw.startswith(word))
        return line(Span(self.raw, next(inks, Ink.PLAIN)))

    def fitted(self, width: int) -> Line:
        """The form that fits into so many cells; if none does, the shortest, cut."""
        if line_cells(self.shown) <= width or self.short is None:
            return cut_line(self.shown, width)
        return cut_line(self.short, width)


Row = Sequence[Cell | Line | str]


def table(columns: Sequence[Column], rows: Iterable[Row], paper: Paper) -> Iterator[str]:
    """The header and the rows, as lines without their ends."""
    if paper.is_terminal:
        yield from (rendered(shown, paper) for shown in laid_out(columns, rows, paper.width))
        return
    yield "\t".join(column.head for column in columns)
    yield from ("\t".join(rendered(_cell(field).piped, paper) for field in row) for row in rows)


def laid_out(columns: Sequence[Column], rows: Iterable[Row], width: int) -> list[Line]:
    """The header and the rows, as they fit into so many cells."""
    kept, cells = _with_room(columns, [[_cell(field) for field in row] for row in rows], width)
    heads = [Cell(line(Span(column.head, Ink.DIM))) for column in kept]
    widths = _widths(kept, cells)
    return [_laid_out(kept, row, widths, width) for row in (heads, *cells)]


def _cell(field: Cell | Line | str) -> Cell:
    return field if isinstance(field, Cell) else Cell(line(field))


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> list[int]:
    heads = [line_cells(line(column.head)) for column in columns]
    return [max([head, *(line_cells(row[index].shown) for row in rows)]) for index, head in enumerate(heads)]


def _with_room(
    columns: Sequence[Column], rows: list[list[Cell]], width: int
) -> tuple[list[Column], list[list[Cell]]]:
    """What is left of columns and rows when all have given way who had to."""
    kept = list(columns)
    for giving in sorted((column for column in columns if column.yields), key=lambda each: each.yields):
        if _fits(_widths(kept, rows), width):
            break
        index = kept.index(giving)
        if giving.shrinks:
            rows = [[*row[:index], _shrunk(row[index]), *row[index + 1 :]] for row in rows]
        else:
            kept = [*kept[:index], *kept[index + 1 :]]
            rows = [[*row[:index], *row[index + 1 :]] for row in rows]
    return kept, rows


def _shrunk(cell: Cell) -> Cell:
    return cell if cell.short is None else cell._replace(shown=cell.short)


def _fits(widths: Sequence[int], width: int) -> bool:
    *before, last = widths
    return sum(before) + len(GAP) * len(before) + min(last, LAST_CELLS) <= width


def _laid_out(columns: Sequence[Column], row: Sequence[Cell], widths: Sequence[int], width: int) -> Line:
    parts: list[Line] = []
    room = width
    for column, cell, cells in zip(columns[:-1], row[:-1], widths[:-1], strict=True):
        parts += [padded(cell.shown, cells, is_right=column.is_right), line(GAP)]
        room -= cells + len(GAP)
    last = row[-1].fitted(max(0, room))
    parts.append(padded(last, min(widths[-1], room), is_right=columns[-1].is_right))
    return _without_end(cut_line(line(*parts), width))


def _without_end(shown: Line) -> Line:
    """The line without blanks at its end."""
    kept = list(shown)
    while kept and not kept[-1].text.rstrip():
        kept.pop()
    return line(*kept[:-1], Span(kept[-1].text.rstrip(), kept[-1].ink)) if kept else ()
