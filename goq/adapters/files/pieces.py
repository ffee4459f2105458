"""An output as pieces for the server, each with the SHA-256 of all before it and up to its end.

A byte is hashed once, when it is read; to go back, the state of the hash at the places is kept
where the server may still want to go on. A file that does not hold any more what was read from it,
or cannot be read, is Damaged: it may not become shorter, what is read a second time must lead to
the same digest, and what is read next must follow the same bytes.
"""

import hashlib
import os

from msgspec import Struct

CHUNK_BYTES = 1024 * 1024
SEAM_BYTES = 1024


_CHANGED = "the worker's copy was changed after it had been read"


class Damaged(Exception):
    """The output cannot be delivered as it was written. Says why, for people."""


class Piece(Struct, frozen=True, gc=False):
    """Some of the output, and the SHA-256 of all of it `before` and `after`, up to its end."""

    offset: int
    data: bytes
    before: bytes
    after: bytes


class Pieces:
    """Reads one file from its start, as far as it has grown."""

    def __init__(self, fileno: int) -> None:
        self._fileno = fileno
        self.at = 0  # where the next piece begins
        self._states = {0: hashlib.sha256()}  # of the hash, by place, in order; the last is at `at`
        self._wanted = 0
        self._seen, self._seen_sha256 = 0, b""  # so far the file was read, ever
        self._seam = b""  # what stands before the end of that
        self._last_words: tuple[int, bytes] | None = None

    @property
    def sha256(self) -> bytes:
        """The digest of all before the next piece."""
        return self._states[self.at].digest()

    @property
    def is_behind(self) -> bool:
        """What was skipped by `go_to` must be hashed before there can be another piece."""
        return self.at < self._wanted

    def size(self) -> int:
        """Bytes in the file, or in what takes its place."""
        if self._last_words:
            start, words = self._last_words
            return start + len(words)
        try:
            return os.fstat(self._fileno).st_size
        except OSError as error:
            raise Damaged(f"the worker's copy cannot be read: {error.strerror}") from error

    def next(self, limit: int = CHUNK_BYTES) -> Piece | None:
        """The next piece; None when there is none yet."""
        data = self._read(min(limit, self._wanted - self.at) if self.is_behind else limit)
        if not data:
            return None
        offset, state = self.at, self._states[self.at].copy()
        before = state.digest()
        state.update(data)
        if self.is_behind:
            self._states.clear()  # the server is further on
        self.at += len(data)
        self._states[self.at] = state
        piece = Piece(offset, data, before, state.digest())
        if not self._last_words:
            self._compare(piece)
        return piece

    def go_to(self, offset: int) -> None:
        """Have the next piece begin there; while it `is_behind` what comes first need not be sent."""
        if offset > self.size():
            raise Damaged(f"the server has {offset} bytes of it, and the worker {self.size()}")
        self._states = {place: state for place, state in self._states.items() if place <= offset}
        self._states.setdefault(0, hashlib.sha256())
        self.at, self._wanted = max(self._states), offset

    def settle(self, offset: int) -> None:
        """The server has all before that place, where a piece ended."""
        for place in [place for place in self._states if place < offset]:
            del self._states[place]

    def end_with(self, offset: int, words: bytes) -> None:
        """From that place on there are these words, whatever the file holds."""
        if offset not in self._states:
            if offset:
                raise Damaged("nobody knows what the server has of it")
            self._states[0] = hashlib.sha256()
        self._states = {offset: self._states[offset]}
        self.at = self._wanted = offset
        self._last_words = (offset, words)

    def _read(self, limit: int) -> bytes:
        if self._last_words:
            start, words = self._last_words
            return words[self.at - start :][:limit]
        size = self.size()
        if size < self._seen:
            raise Damaged(f"the worker's copy shrank from {self._seen} to {size} bytes")
        if self.at < self._seen:
            limit = min(limit, self._seen - self.at)  # to compare with what was read before
        elif self._pread(len(self._seam), self.at - len(self._seam)) != self._seam:
            raise Damaged(_CHANGED)
        return self._pread(limit, self.at)

    def _pread(self, limit: int, at: int) -> bytes:
        try:
            return os.pread(self._fileno, limit, at)
        except OSError as error:
            raise Damaged(f"the worker's copy cannot be read: {error.strerror}") from error

    def _compare(self, piece: Piece) -> None:
        if self.at == self._seen and piece.after != self._seen_sha256:
            raise Damaged(_CHANGED)
        if self.at > self._seen:
            self._seen, self._seen_sha256, self._seam = self.at, piece.after, piece.data[-SEAM_BYTES:]
