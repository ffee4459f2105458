"""What users wrote, as one line that no terminal minds, and that a shell takes back. Pure."""

import re

_SHOWN_BYTES = 200
_PLAIN = re.compile(rb"[\w@%+:,./-]+(?:\0[\w@%+=:,./-]+)*").fullmatch  # nothing that a shell would touch
_PLAIN_WORD = re.compile(r"[\w@%+=:,./-]+", re.ASCII).fullmatch
_BEGINS_A_VARIABLE = re.compile(r"\w+=", re.ASCII).match
_NAMED = {"\n": r"\n", "\t": r"\t", "\r": r"\r", "\\": r"\\", "'": r"\'"}


def printable(text: str) -> str:
    """The text with control characters, line ends among them, spelled out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def show_text(data: bytes, limit: int = _SHOWN_BYTES) -> str:
    """A name on one line: no control characters, not too long."""
    shown = printable(data[: limit + 1].decode("utf-8", "backslashreplace"))
    return shown if len(data) <= limit else shown[:limit] + "..."


def show_queue(queue: bytes) -> str:
    """The id of a queue, short enough to be compared by eye."""
    return queue.hex()[:8]


def show_folder(folder: bytes) -> str:
    """A path on one line, safe for any terminal."""
    return show_text(folder)


def shown_in_quotes(command: str) -> str:
    """A shown command as part of a sentence; one that has quotes of its own needs no more."""
    return command if "'" in command else f"'{command}'"


def show_command(argv: bytes, limit: int = _SHOWN_BYTES) -> str:
    """A command, its words separated by NUL, as it can be typed into a shell; not too long.

    A word that needs it is in quotes; one with control characters, or that is not text, as bash
    has them: $'\\x1b'. Of a long command the beginning, with "..." behind it.
    """
    beginning = argv[:limit]
    if _PLAIN(beginning):
        shown = beginning.replace(b"\0", b" ").decode("ascii")
    else:
        first, *words = beginning.decode("utf-8", "surrogateescape").split("\0")
        program = f"'{first}'" if _BEGINS_A_VARIABLE(first) and _PLAIN_WORD(first) else _quoted(first)
        shown = " ".join([program, *map(_quoted, words)])
    return shown if len(argv) <= limit else shown + "..."


def _quoted(word: str) -> str:
    if _PLAIN_WORD(word):
        return word
    if word.isprintable():
        return "'" + word.replace("'", r"'\''") + "'"
    return "$'" + "".join(map(_escaped, word)) + "'"


def _escaped(character: str) -> str:
    """A character between $' and '."""
    if character in _NAMED:
        return _NAMED[character]
    if character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))
