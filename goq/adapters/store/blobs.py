"""The blobs of a journal, through one connection: which are here, and their pieces."""

import sqlite3
from collections.abc import Iterable

from goq.core.state.records import BlobAdded
from goq.core.values.blobs import FETCH_BYTES, PIECE_BYTES, Blob, size_of


def whole_ones(db: sqlite3.Connection, blobs: Iterable[Blob]) -> frozenset[Blob]:
    """Those that are all here."""
    found = "SELECT 1 FROM blob WHERE name = ? AND here = ?"
    return frozenset(blob for blob in blobs if db.execute(found, (blob, size_of(blob))).fetchone())


def pieces(db: sqlite3.Connection, blob: Blob) -> list[BlobAdded]:
    """How so much of it came as is here, in order."""
    found = db.execute("SELECT start, data FROM piece WHERE blob = ? ORDER BY start", (blob,))
    return [BlobAdded(blob, start, data) for start, data in found]


def part_of(db: sqlite3.Connection, blob: Blob, offset: int) -> bytes:
    """So much of it from there on as is fetched at a time; b"" when that is not here."""
    row = db.execute(
        "SELECT substr(data, ? - start + 1, ?) FROM piece WHERE blob = ? AND start = ?",
        (offset, FETCH_BYTES, blob, offset - offset % PIECE_BYTES),
    ).fetchone()
    return bytes(row[0]) if row else b""
