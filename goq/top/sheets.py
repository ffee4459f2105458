"""Pages that fill the screen: keys, why, one job, and what a job writes. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from goq.top.keys import sheet_footer
from goq.views.lines import Ink, Line, Span, cut_line, line, spread
from goq.views.numbers import count
from goq.views.paper import Paper

LINES_LIMIT = 5000  # of a log that are kept
LINE_LIMIT = 10_000  # characters of one of them
_OWN = "── "  # what a line of goq's own begins with
_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_INKS = {ink.sgr: ink for ink in Ink}
_HEAD, _FOOT = 2, 1


def line_of(text: str) -> Line:
    """What `rendered` made, as a line again."""
    parts = _SGR.split(text)
    inks = [Ink.PLAIN, *(_INKS.get(sgr, Ink.PLAIN) for sgr in parts[1::2])]
    return line(*(Span(part, ink) for part, ink in zip(parts[::2], inks, strict=True)))


@dataclass
class Sheet:
    """A title, lines, and how far they are scrolled. `lines` are made for a paper and a height."""

    title: str
    lines: Callable[[Paper, int], Sequence[Line]]
    is_live: bool = False  # it shows the row under the cursor
    top: int = 0
    height: int = 1
    length: int = 0

    def scroll(self, by: int) -> None:
        """So many lines further."""
        self.top = max(0, min(self.top + by, self.length - self.height))

    def end(self) -> None:
        """To the last lines."""
        self.scroll(self.length)

    def page(self, width: int, height: int, note: str, paper: Paper) -> list[Line]:
        """The whole screen."""
        paper = paper._replace(width=width, is_terminal=True)
        self.height = max(1, height - _HEAD - _FOOT)
        shown = [cut_line(each, width) for each in self._shown(paper)]
        is_all = self.length <= self.height
        where = "" if is_all else f"{self.top + 1}-{self.top + len(shown)} of {count(self.length)}"
        head = spread(line(Span(self.title, Ink.BOLD)), line(Span(where, Ink.DIM)), width)
        foot = cut_line(line(f" {note}"), width) if note else self._foot(paper)
        return [head, (), *shown, *[()] * (self.height - len(shown)), foot]

    def _shown(self, paper: Paper) -> Sequence[Line]:
        lines = self.lines(paper, self.height)
        self.length = len(lines)
        self.scroll(0)
        return lines[self.top : self.top + self.height]

    def _foot(self, paper: Paper) -> Line:
        return sheet_footer(paper)


class Log(Sheet):
    """What a job writes. It shows the end, and follows it, until somebody scrolls."""

    def __init__(self, title: str) -> None:
        super().__init__(title, lambda _paper, _height: ())
        self.is_following = True
        self.text: list[str] = []
        self.left_out = 0  # lines that were written before those that are kept
        self.sought = ""
        self._found = -1  # where the word was found last
        self._is_open = False  # the last line has no end yet

    def add(self, text: str) -> None:
        """More was written: lines, the last of which may go on."""
        if not text:
            return
        first, *others = text.split("\n")
        if self._is_open:
            self.text[-1] += first
        else:
            self.text.append(first)
        self.text += others
        self._is_open = bool(self.text[-1])
        if not self._is_open:
            self.text.pop()
        self.text[-1:] = [each[:LINE_LIMIT] for each in self.text[-1:]]
        self._forget(len(self.text) - LINES_LIMIT)

    def say(self, text: str) -> None:
        """A line of goq's own."""
        self._is_open = False
        self.text.append(f"{_OWN}{text} ──")

    def _forget(self, many: int) -> None:
        """The first so many lines, where there are too many."""
        if many > 0:
            del self.text[:many]
            self.left_out += many
            self.top = max(0, self.top - many)
            self._found -= many

    def scroll(self, by: int) -> None:
        """So many lines further; at the end it is followed again."""
        super().scroll(by)
        if by:
            self.is_following = by > 0 and self.top >= self.length - self.height

    def search(self, word: str) -> bool:
        """To the next line with that word, from the first again behind the last; whether there is one."""
        begin = self._found if word == self.sought else self.top - 1
        self.sought, wanted, many = word, word.lower(), len(self.text)
        for step in range(1, many + 1):
            at = (begin + step) % many
            if wanted and wanted in self.text[at].lower():
                self.is_following = False
                self._found = self.top = at
                return True
        return False

    def _shown(self, paper: Paper) -> Sequence[Line]:
        self.length = len(self.text)
        if self.is_following:
            self.top = self.length
        super().scroll(0)
        return [self._drawn(each, paper.width) for each in self.text[self.top : self.top + self.height]]

    def _drawn(self, text: str, width: int) -> Line:
        shown = text[: 2 * LINE_LIMIT].expandtabs()
        if text.startswith(_OWN):
            return line(Span(shown, Ink.DIM))
        at = shown.lower().find(self.sought.lower()) if self.sought else -1
        if at < 0:
            return line(shown)
        end = at + len(self.sought)
        begin = 0 if end < width else at - width // 2  # so the word is seen that was sought
        return line(shown[begin:at], Span(shown[at:end], Ink.LOOK), shown[end:])

    def _foot(self, paper: Paper) -> Line:
        return sheet_footer(paper, is_log=True)
