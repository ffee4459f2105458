"""Several jobs in one stream: whole lines, each behind the word for its job. Pure."""

LINE_BYTES = 1024 * 1024  # a longer line is shown as several


class Prefixed:
    """The lines of one job; one that has not ended is held until it has."""

    def __init__(self, label: str) -> None:
        self._prefix = f"[{label}] ".encode()
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> bytes:
        """The lines that end in these bytes."""
        *whole, rest = data.split(b"\n")
        lines = []
        for line in whole:
            lines.append(b"%b%b%b\n" % (self._prefix, b"".join(self._held), line))
            self._held, self._size = [], 0
        if rest:
            self._held.append(rest)
            self._size += len(rest)
        if self._size >= LINE_BYTES:
            lines.append(self.end())
        return b"".join(lines)

    def end(self) -> bytes:
        """The last line, if it has no end."""
        held, self._held, self._size = b"".join(self._held), [], 0
        return b"%b%b\n" % (self._prefix, held) if held else b""
