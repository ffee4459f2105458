"""Where a worker keeps the output of a job until the server has it: one file an attempt."""

import hashlib
import os
from pathlib import Path

CHUNK_BYTES = 512 * 1024


class Spool:
    """The output of one attempt, growing while the job runs. Its digest is made as it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._digest = hashlib.sha256()
        self._digested = 0
        with path.open("xb"):
            self._file = path.open("rb", buffering=0)

    def size(self) -> int:
        """Bytes so far."""
        return os.fstat(self._file.fileno()).st_size

    def read(self, offset: int, limit: int = CHUNK_BYTES) -> bytes:
        """Up to `limit` bytes from there; what is new in them goes into the digest."""
        data = os.pread(self._file.fileno(), limit, offset)
        if offset <= self._digested < offset + len(data):
            self._digest.update(data[self._digested - offset :])
            self._digested = offset + len(data)
        return data

    def sha256(self) -> bytes:
        """The digest of the whole file as it is now."""
        while self.read(self._digested):
            continue
        return self._digest.digest()

    def add_line(self, line: str) -> None:
        """Write a line of our own at the end, on a line of its own."""
        size = self.size()
        newline = b"" if not size or os.pread(self._file.fileno(), 1, size - 1) == b"\n" else b"\n"
        with self.path.open("ab") as file:
            file.write(newline + os.fsencode(line) + b"\n")

    def remove(self) -> None:
        """The server has it."""
        self._file.close()
        self.path.unlink(missing_ok=True)
