"""One stream of an attempt on its way to the server: what was sent of it, and what is there."""

from goq.adapters.files.pieces import CHUNK_BYTES, Damaged
from goq.adapters.files.spool import Spool
from goq.core.values.result import INLINE_OUTPUT_BYTES
from goq.roles.client.calls import Call

FIRST_BYTES, LEAST_BYTES = 256 * 1024, 64 * 1024  # of a chunk
QUICK_S, SLOW_S = 1.0, 4.0  # for an answer: the next chunks are longer, or shorter


class Flow:
    """How far it is. `length` and `sha256` are those of the whole, as far as they are known; 0 and b"" if not."""

    def __init__(self, stream: int, spool: Spool) -> None:
        self.stream = stream
        self.spool = spool
        self.pieces = spool.pieces()
        self.offset = 0  # so many bytes of it are with the server
        self.chunks: dict[int, Call] = {}  # on their way, in order, by where they end
        self.chunk_bytes = FIRST_BYTES
        self.damage = ""  # why it cannot be delivered as it was written
        self.is_ending = False  # with a line that says so
        self.length = 0
        self.sha256 = b""
        self.short = b""  # all of it, where it goes with the result

    def expect(self, length: int, sha256: bytes) -> None:
        """So it was when the job had ended."""
        self.length, self.sha256 = length, sha256

    def compare_length(self) -> str:
        """How the file is not as long as it was; "" when it is, or nobody knows. Raises Damaged."""
        size = self.pieces.size()
        if self.length not in (0, size):
            return f"the worker's copy has {size} bytes, and had {self.length}"
        if not self.length:
            self.expect(size, b"")
        return ""

    @property
    def known_sha256(self) -> bytes:
        """The digest of the whole, if all of it has been read; else what is expected."""
        return self.pieces.sha256 if not self.sha256 and self.pieces.at == self.length else self.sha256

    @property
    def is_short(self) -> bool:
        """It can go with the result: nothing was sent of it. Raises Damaged."""
        return not self.pieces.at and self.pieces.size() <= INLINE_OUTPUT_BYTES

    def take_short(self) -> None:
        """What goes with the result."""
        piece = self.pieces.next()
        self.short = piece.data if piece else b""

    def settle(self, end: int, took_s: float) -> list[Call]:
        """The server has all up to there, after so many seconds; the questions that are answered by that."""
        if took_s < QUICK_S:  # heartbeats go the same way, and must not wait long behind chunks on a slow one
            self.chunk_bytes = min(self.chunk_bytes * 2, CHUNK_BYTES)
        elif took_s > SLOW_S:
            self.chunk_bytes = max(self.chunk_bytes // 2, LEAST_BYTES)
        self.offset = end
        self.pieces.settle(end)
        return [self.chunks.pop(done) for done in [each for each in self.chunks if each <= end]]

    def end_with(self, words: bytes) -> None:
        """A last line behind what the server has, or, if that is not known, in place of it."""
        self.is_ending, self.short = True, b""
        self.expect(0, b"")
        try:
            self.pieces.end_with(self.offset, b"\n" + words if self.offset else words)
        except Damaged:
            self.pieces.end_with(0, words)

    def go_on(self) -> None:
        """From what the server has."""
        self.is_ending &= self.offset == self.pieces.at
        self.short = b""
        try:
            if not self.damage:
                self.pieces.go_to(self.offset)
        except Damaged as damage:
            self.damage = str(damage)
