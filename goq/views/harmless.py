"""What a job wrote, for a terminal: nothing in it moves a cursor, rings, or asks the terminal anything. Pure.

Colours are left out, a carriage return begins a new line, and all other control characters are spelled out.
"""

import codecs
import re

_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
_BEGUN = re.compile(r"\x1b(?:\[[0-9;:]{0,40})?\Z")  # what may become a colour
_PLAIN = {"\n", "\t"}


class Harmless:
    """Takes the bytes as they come; a character or a colour may be in two pieces."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._held = ""  # what may be the beginning of something

    def feed(self, data: bytes, *, is_last: bool = False) -> str:
        """What is to be shown of it now."""
        text = _COLOUR.sub("", self._held + self._decoder.decode(data, is_last))
        begun = None if is_last else _BEGUN.search(text)
        self._held = text[begun.start() :] if begun else ""
        text = text[: begun.start()] if begun else text
        if text.endswith("\r") and not is_last:
            self._held, text = "\r" + self._held, text[:-1]
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if text.isprintable():
            return text
        return "".join(c if c.isprintable() or c in _PLAIN else ascii(c)[1:-1] for c in text)
