"""What users wrote, as one line that no terminal minds. Pure, and imports nothing."""

_SHOWN_BYTES = 200


def printable(text: str) -> str:
    """The text with control characters, line ends among them, spelled out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def show_command(argv: bytes, limit: int = _SHOWN_BYTES) -> str:
    """A command, its words separated by NUL, on one line: no control characters, not too long."""
    text = argv[: limit + 1].replace(b"\0", b" ").decode("utf-8", "backslashreplace")
    shown = printable(text)
    return shown if len(argv) <= limit else shown[:limit] + "..."


def show_queue(queue: bytes) -> str:
    """The id of a queue, short enough to be compared by eye."""
    return queue.hex()[:8]


def show_folder(folder: bytes) -> str:
    """A path on one line, safe for any terminal."""
    return show_command(folder.replace(b"\0", b"?"))
