"""Lines on a terminal, by textual: in the eight colours that every terminal has, and no background."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from goq.views.lines import Ink, Line
from goq.views.marks import ASCII

_PLAIN = Style()


class Canvas(Widget, inherit_bindings=False):
    """The screen, line by line. Only lines that are new are drawn."""

    can_focus = False

    def __init__(self, *, has_color: bool, is_ascii: bool) -> None:
        super().__init__()
        self._lines: Sequence[Line] = ()
        self._is_ascii = is_ascii
        self._styles = {ink: _style(ink, has_color=has_color) for ink in Ink}

    @property
    def text(self) -> list[str]:
        """What is shown, without colours; for tests."""
        return [self._text("".join(span.text for span in each)) for each in self._lines]

    def show(self, lines: Sequence[Line]) -> None:
        """Show these from now on."""
        before, self._lines = self._lines, lines
        changed = [y for y in range(max(len(before), len(lines))) if before[y : y + 1] != lines[y : y + 1]]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """One line."""
        shown = self._lines[y] if y < len(self._lines) else ()
        segments = [Segment(self._text(span.text), self._styles[span.ink]) for span in shown]
        return Strip(segments).adjust_cell_length(self.size.width, _PLAIN)

    def _text(self, text: str) -> str:
        return text.translate(ASCII) if self._is_ascii else text


def _style(ink: Ink, *, has_color: bool) -> Style:
    words = ink.value.split()
    color = next((word for word in words if word not in ("bold", "dim")), None)
    return Style(bold="bold" in words or None, dim="dim" in words or None, color=color if has_color else None)
