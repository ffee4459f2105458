"""The lines of one submission, in the pieces in which they travel. Long lists lie in a file without a name."""

import hashlib
from collections.abc import Iterable
from typing import IO

from msgspec import msgpack

from goq.errors import BadCommand, BadSetting

PIECE_COUNT = 10_000
PIECE_BYTES = 1024 * 1024
PIECES_IN_MEMORY = 8
LIST_COUNT = 10_000_000
LIST_BYTES = 1024**3
_DECODE = msgpack.Decoder(list[bytes]).decode


class LineList:
    """Lines in their order; `count` and `size` say how many they are, and of how many bytes."""

    def __init__(self, lines: Iterable[bytes] = ()) -> None:
        self.count = 0
        self.size = 0
        self._digest = hashlib.sha256()
        self._piece: list[bytes] = []  # the last one, which may grow
        self._piece_bytes = 0
        self._starts = [0]  # the number of the first line of each piece
        self._kept: list[list[bytes]] = []  # the first pieces
        self._file: IO[bytes] | None = None  # the others, but for the last
        self._places: list[tuple[int, int]] = []
        for line in lines:
            self.append(line)

    def append(self, line: bytes) -> None:
        """One more. Raises BadCommand when they are too many, BadSetting when there is no room to keep them."""
        if self.count >= LIST_COUNT or self.size + len(line) > LIST_BYTES:
            raise BadCommand(
                f"a list holds {LIST_COUNT} lines and {LIST_BYTES} bytes at most, so submit it in parts;"
                " nothing was submitted"
            )
        if len(self._piece) >= PIECE_COUNT or (self._piece and self._piece_bytes + len(line) > PIECE_BYTES):
            self._begin_piece()
        self._piece.append(line)
        self._piece_bytes += len(line)
        self.count += 1
        self.size += len(line)
        self._digest.update(b"%d:%b" % (len(line), line))

    @property
    def digest(self) -> bytes:
        """Of all of them."""
        return self._digest.digest()

    @property
    def pieces(self) -> int:
        """How many messages it takes to bring them."""
        return len(self._starts)

    def piece(self, number: int) -> tuple[int, tuple[bytes, ...]]:
        """The lines of one piece, and the number of the first of them among all."""
        at = self._starts[number]
        if number == self.pieces - 1:
            return at, tuple(self._piece)
        if self._file is None or number < len(self._kept):
            return at, tuple(self._kept[number])
        position, length = self._places[number - len(self._kept)]
        self._file.seek(position)
        return at, tuple(_DECODE(self._file.read(length)))

    def piece_of(self, line: int) -> tuple[int, tuple[bytes, ...]]:
        """The piece that holds that line."""
        number = next(number for number in reversed(range(self.pieces)) if self._starts[number] <= line)
        return self.piece(number)

    def _begin_piece(self) -> None:
        if len(self._kept) < PIECES_IN_MEMORY:
            self._kept.append(self._piece)
        else:
            self._write_piece()
        self._piece, self._piece_bytes = [], 0
        self._starts.append(self.count)

    def _write_piece(self) -> None:
        from tempfile import TemporaryFile  # noqa: PLC0415 - a plain `goq sub` waits

        data = msgpack.encode(self._piece)
        try:
            if self._file is None:
                self._file = TemporaryFile()  # noqa: SIM115 - it is open as long as this list is there
            position = self._file.seek(0, 2)
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            raise BadSetting(
                f"no room for a long list in the folder for temporary files: {error.strerror}"
            ) from error
        self._places.append((position, len(data)))
