"""The next command, for people who do not know it yet: at most one line, and on a terminal only. Pure.

Whether hints are wanted at all (GOQ_HINTS) the caller knows.
"""

from collections.abc import Iterable
from typing import NamedTuple

from goq.core.values.text import show_command
from goq.views.lines import Ink, Span, line, line_cells, rendered
from goq.views.paper import Paper

_ARGV_BYTES = 4096


class Hint(NamedTuple):
    """Why, in a few words, and the command that helps: its words, `goq` first."""

    said: str
    argv: tuple[str, ...]

    @property
    def text(self) -> str:
        """`7,041 older:  goq list --since 7d`; the command works as it stands in a shell."""
        command = "\0".join(self.argv).encode("utf-8", "surrogateescape")
        return "  ".join(filter(None, [self.said, show_command(command, _ARGV_BYTES)]))


def hint(hints: Iterable[Hint], paper: Paper) -> str | None:
    """The first that fits, as a line; None in a pipe. A command is never cut: half of one is another."""
    if paper.is_terminal:
        for each in hints:
            shown = line(Span(each.text, Ink.DIM))
            if line_cells(shown) <= paper.width:
                return rendered(shown, paper)
    return None
