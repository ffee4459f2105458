"""What is taken along with a submission beside its message: the text of a script, a piped standard input.

Pure. A blob is named by its SHA-256 and its size, and that name is all that submissions, jobs and
messages hold. Its bytes travel in pieces of fixed places, each behind a message that names the SHA-256 of the
piece: what does not lead there is dropped, and the whole must lead to the name.
"""

import hashlib
from typing import NewType, Self

Blob = NewType("Blob", bytes)

NO_BLOB = Blob(b"")
SHA256_BYTES = 32
NAME_BYTES = SHA256_BYTES + 8  # the size stands behind the digest, its highest byte first
BLOB_LIMIT = 16 * 1024 * 1024
PIECE_BYTES = 1024 * 1024  # of what goes to the server; each but the last is as long
FETCH_BYTES = 256 * 1024  # of what comes from there: many may ask at once


def blob_of(data: bytes) -> Blob:
    """The name of these bytes; NO_BLOB for none."""
    return Blob(sha256_of(data) + len(data).to_bytes(NAME_BYTES - SHA256_BYTES)) if data else NO_BLOB


def sha256_of(data: bytes | memoryview) -> bytes:
    """The digest."""
    return hashlib.sha256(data).digest()


def read_blob(name: bytes) -> Blob:
    """The name of a blob, or NO_BLOB. Raises ValueError for what is neither."""
    blob = Blob(name)
    if name and (len(name) != NAME_BYTES or not 0 < size_of(blob) <= BLOB_LIMIT):
        raise ValueError("not the name of a blob")
    return blob


def join_blobs(*blobs: Blob) -> bytes:
    """Their names as one value; b"" when there is none."""
    return b"".join(blob or bytes(NAME_BYTES) for blob in blobs) if any(blobs) else b""


def split_blobs(names: bytes) -> tuple[Blob, Blob]:
    """Two of them again. Raises ValueError for what is no such value."""
    if len(names) not in (0, 2 * NAME_BYTES):
        raise ValueError("not the names of two blobs")
    found = (names[:NAME_BYTES], names[NAME_BYTES:])
    first, second = (read_blob(name if any(name) else b"") for name in found)
    return first, second


def size_of(blob: Blob) -> int:
    """How many bytes it has."""
    return int.from_bytes(blob[SHA256_BYTES:])


def file_name_of(blob: Blob) -> str:
    """What to call a file with it."""
    return blob[:SHA256_BYTES].hex()


def piece_of(data: bytes, offset: int) -> bytes:
    """The piece at that place of a whole blob."""
    return data[offset : offset + PIECE_BYTES]


def is_piece(blob: Blob, offset: int, length: int, most: int = PIECE_BYTES) -> bool:
    """There is a piece of that length at that place, where pieces have so many bytes at `most`."""
    size = size_of(blob)
    return 0 <= offset < size and offset % most == 0 and length == min(most, size - offset)


class Arriving:
    """A blob that is not all here: so many bytes from its start are, and their digest."""

    __slots__ = ("_blob", "_digest", "here")

    def __init__(self, blob: Blob) -> None:
        self.here = 0
        self._blob = blob
        self._digest = hashlib.sha256()

    def add(self, data: bytes | memoryview) -> None:
        """The next piece is here."""
        self._digest.update(data)
        self.here += len(data)

    def leads_on(self, data: bytes | memoryview) -> bool:
        """What is here and this piece may be the blob; that is known with the last one."""
        if self.here + len(data) < size_of(self._blob):
            return True
        digest = self._digest.copy()
        digest.update(data)
        return digest.digest() == self._blob[:SHA256_BYTES]

    def __deepcopy__(self, _memo: object) -> Self:
        twin = type(self)(self._blob)
        twin.here, twin._digest = self.here, self._digest.copy()
        return twin

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Arriving):
            return NotImplemented
        return (self.here, self._digest.digest()) == (other.here, other._digest.digest())

    __hash__ = None  # type: ignore[assignment]  # it changes
