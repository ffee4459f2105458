"""Lines of coloured text as values, and what a terminal is sent for them. Pure.

Only names of colours that every terminal has, and never a background: so light and dark both work.
"""

from enum import Enum
from typing import NamedTuple, Self

from goq.core.values.text import printable
from goq.views.marks import ASCII, CUT
from goq.views.paper import Paper
from goq.views.text import beginning, cells

_SGR = {"bold": "1", "dim": "2", "red": "31", "green": "32", "magenta": "35"}


class Ink(Enum):
    """Colours by the words for them. What goes well has none."""

    PLAIN = ""
    BOLD = "bold"  # running, and yours
    DIM = "dim"  # headings, hints, and the ground of bars
    RED = "red"
    GREEN = "green"
    MAGENTA = "magenta"
    FAILED = "bold red"
    LOOK = "bold magenta"

    @property
    def sgr(self) -> str:
        """The parameters of the control sequence that begins it; "" for none."""
        return ";".join(_SGR[word] for word in self.value.split())


class _Span(NamedTuple):
    text: str
    ink: Ink


class Span(_Span):
    """Text in one ink. Whoever wrote it, no terminal minds it: control characters are spelled out."""

    __slots__ = ()

    def __new__(cls, text: str, ink: Ink = Ink.PLAIN) -> Self:
        return super().__new__(cls, printable(text), ink)


Line = tuple[Span, ...]


def line(*parts: "str | Span | Line") -> Line:
    """Texts, spans and lines, one behind the other."""
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, str):
            spans.append(Span(part))
        elif isinstance(part, Span):
            spans.append(part)
        else:
            spans.extend(part)
    return tuple(span for span in spans if span.text)


def line_cells(shown: Line) -> int:
    """How many cells it takes."""
    return sum(cells(span.text) for span in shown)


def cut_line(shown: Line, width: int) -> Line:
    """The line, in at most so many cells; one that is too long ends in `…`."""
    if line_cells(shown) <= width:
        return shown
    kept: list[Span] = []
    room = width - cells(CUT)
    for span in shown if room >= 0 else ():
        kept.append(Span(beginning(span.text, room), span.ink))
        room -= cells(span.text)
        if room < 0:
            kept.append(Span(CUT, span.ink))
            break
    return line(tuple(kept))


def padded(shown: Line, width: int, *, is_right: bool = False) -> Line:
    """The line with blanks up to so many cells, before it or behind it."""
    blanks = " " * (width - line_cells(shown))
    return line(blanks, shown) if is_right else line(shown, blanks)


def spread(left: Line, right: Line, width: int) -> Line:
    """One line to the left margin and one to the right, two blanks between them at least; the left gives way."""
    left = cut_line(left, width - line_cells(right) - 2)
    return cut_line(line(padded(left, width - line_cells(right)), right), width)


def rendered(shown: Line, paper: Paper) -> str:
    """The characters that show it, without the end of the line."""
    return "".join(_rendered(span, paper) for span in shown)


def _rendered(span: Span, paper: Paper) -> str:
    text = span.text.translate(ASCII) if paper.is_ascii else span.text
    return f"\x1b[{span.ink.sgr}m{text}\x1b[0m" if paper.has_color and span.ink.sgr else text
