"""How many cells text takes on a terminal, and text cut to so many. Pure.

Text here is printable already (core/values/text): what has no width is a mark on the character before it.
"""

import unicodedata
from collections.abc import Iterable

from goq.views.marks import CUT

_JAMO = range(0x1160, 0x1200)  # the later letters of a Korean syllable: they join the first


def cells(text: str) -> int:
    """How many cells the text takes: two for wide characters, none for what joins the one before."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if ord(character) in _JAMO or unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def cut(text: str, width: int) -> str:
    """The text, in at most so many cells; one that is too long ends in `…`."""
    if cells(text) <= width:
        return text
    return beginning(text, width - 1) + CUT if width > 0 else ""


def cut_in_the_middle(command: str, width: int) -> str:
    """A command in at most so many cells, with its program and its end.

    Of a program that takes more than half of them the folders go first.
    """
    if cells(command) <= width:
        return command
    program, _, words = command.partition(" ")
    program, most = (program, width // 2) if words else (command, width)
    if cells(program) > most:
        program = cut(CUT + program[program.rindex("/") :] if "/" in program else program, most)
    if not words:
        return program
    room = width - cells(program) - 1
    if cells(words) <= room:
        return f"{program} {words}"
    return f"{program} {CUT}{end(words, room - 1)}" if room > 1 else cut(command, width)


def beginning(text: str, width: int) -> str:
    """As many of the first characters as fit into so many cells."""
    return text[: _fitting(text, width)]


def end(text: str, width: int) -> str:
    """As many of the last characters as fit into so many cells; it begins with no mark on one that is gone."""
    last = text[len(text) - _fitting(reversed(text), width) :]
    while last and not _cells(last[0]):
        last = last[1:]
    return last


def _fitting(characters: Iterable[str], width: int) -> int:
    count = 0
    for character in characters:
        width -= _cells(character)
        if width < 0:
            break
        count += 1
    return count
