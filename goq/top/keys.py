"""The keys: what each does, in the words of the page that shows them. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from goq.views.lines import Ink, Line, Span, cut_line, line, line_cells
from goq.views.paper import Paper
from goq.views.why import wrapped

_MARGIN, _LEAST = 12, 20  # cells


class Key(NamedTuple):
    """What may be pressed, and what it is for; `ascii` names it where its sign cannot be shown."""

    shown: str
    does: str
    ascii: str = ""

    def line(self, paper: Paper) -> Line:
        """Both, as they stand in a row of such."""
        return line(
            Span(self.ascii if paper.is_ascii and self.ascii else self.shown, Ink.BOLD), f" {self.does}"
        )


_LOOKING = (
    Key("↑↓ j k", "move; page up, page down, home and end too", "up down j k"),
    Key("⏎ →", "open: a job's life, an array's failures, the jobs of a machine or a person", "enter right"),
    Key("esc ←", "back; one thing less that narrows the list", "esc left"),
    Key("tab", "to the jobs, the machines, the people"),
    Key("l", "what the job writes, as it does; / searches, n goes on, G goes to the end"),
    Key("w", "why it waits, or how it failed"),
    Key("t", "the tasks of an array, one by one"),
    Key("/", "only jobs that a selector means: 12, 12-20, 12.3-7, a name, tag:T or user:U"),
    Key("o", "my jobs only, or everybody's"),
    Key("f", "what failed only"),
    Key("s", "another order: by turn, longest, name, user, id"),
    Key("space", "mark; what is done then is done to all that are marked"),
    Key("z", "freeze what is shown; again to go on"),
    Key("q", "leave; from a page that fills the screen, as this one, back"),
)
_ACTING = (
    Key("X", "kill"),
    Key("H", "hold, or release what is held"),
    Key("P", "pause, or let go on what is paused"),
    Key("R", "submit again what failed"),
    Key("U", "another priority"),
    Key("D", "drain a machine, or give it jobs again"),
)
_SHORT = (
    Key("↑↓", "move", "j k"),
    Key("⏎", "open", "enter"),
    Key("l", "log"),
    Key("w", "why"),
    Key("/", "filter"),
    Key("f", "failed"),
)
_SHEET = (Key("↑↓", "move", "j k"), Key("esc q", "back"))
_LOG = (
    Key("↑↓", "move", "j k"),
    Key("/", "search"),
    Key("n", "next"),
    Key("G", "end, and follow"),
    Key("esc q", "back"),
)
NEXT = {"jobs": "machines", "machines": "people", "people": "jobs"}


def footer(focus: str, paper: Paper) -> Line:
    """The keys that are used most, as many as there is room for."""
    keys = (*_SHORT, Key("tab", NEXT[focus]), Key("?", "keys"), Key("q", "quit"))
    return _row(keys, paper)


def sheet_footer(paper: Paper, *, is_log: bool = False) -> Line:
    """The keys of a page that fills the screen."""
    return _row(_LOG if is_log else _SHEET, paper)


def _row(keys: tuple[Key, ...], paper: Paper) -> Line:
    shown: Line = line(" ")
    for key in keys:
        longer = line(shown, "" if len(shown) == 1 else "  ", key.line(paper))
        if line_cells(longer) > paper.width:
            break
        shown = longer
    return shown


def help_lines(paper: Paper, *, may_act: bool) -> list[Line]:
    """All keys."""
    lines = [each for key in _LOOKING for each in _explained(key, paper)]
    if not may_act:
        return [*lines, (), line("Nothing can be changed here: this is goq top --view.")]
    asks = line("What changes something is a capital, and asks first; all but y is no.")
    return [*lines, (), asks, *(each for key in _ACTING for each in _explained(key, paper))]


def _explained(key: Key, paper: Paper) -> Iterator[Line]:
    shown = key.ascii if paper.is_ascii and key.ascii else key.shown
    for at, part in enumerate(wrapped(key.does, max(_LEAST, paper.width - _MARGIN))):
        yield cut_line(line(Span(f"{'' if at else shown:<{_MARGIN}}", Ink.BOLD), part), paper.width)
