"""A line that somebody types, below the page. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from goq.views.lines import Ink, Line, Span, line

LIMIT = 1000  # characters


@dataclass
class Entry:
    """What is asked, what was typed so far, and where the next character goes; `then` gets the line when it is whole."""

    asked: str
    then: Callable[[str], None]
    text: str = ""
    at: int = 0

    def type(self, text: str) -> None:
        """Put that in."""
        text = "".join(each for each in text if each.isprintable())[: LIMIT - len(self.text)]
        self.text = self.text[: self.at] + text + self.text[self.at :]
        self.at += len(text)

    def press(self, key: str) -> bool:
        """What a key does to the line; False when nothing."""
        match key:
            case "left" | "right":
                self.at = min(max(0, self.at + (1 if key == "right" else -1)), len(self.text))
            case "home" | "ctrl+a":
                self.at = 0
            case "end" | "ctrl+e":
                self.at = len(self.text)
            case "backspace" if self.at:
                self.text = self.text[: self.at - 1] + self.text[self.at :]
                self.at -= 1
            case "delete" | "ctrl+d":
                self.text = self.text[: self.at] + self.text[self.at + 1 :]
            case "ctrl+u":
                self.text, self.at = self.text[self.at :], 0
            case _ if len(key) == 1:
                self.type(key)
            case _:
                return False
        return True

    def line(self, width: int) -> Line:
        """As it is shown: of a long one the part around the cursor."""
        room = max(1, width - len(self.asked) - 2)
        begin = max(0, self.at - room + 1)
        before, here = self.text[begin : self.at], self.text[self.at : self.at + 1] or "_"
        after = self.text[self.at + 1 : begin + room]
        return line(" ", Span(self.asked, Ink.LOOK), before, Span(here, Ink.LOOK), after)
