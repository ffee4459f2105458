"""What is written of submissions, of the lines of long lists, and of blobs, as they come. Pure."""

import hashlib
from collections.abc import Iterator
from functools import lru_cache

from msgspec import msgpack

from goq.adapters.store.batch import Batch, Row
from goq.core.state.records import BlobAdded, BlobsDropped, ItemsAdded, JobsSubmitted
from goq.core.values.ids import JobId
from goq.core.values.items import items_text
from goq.core.values.terms import terms_text

PIECE_LINES = 1000  # lines in a row of `item`
ENVIRONMENT = "INSERT INTO environment (sha256, data) VALUES (?, ?) ON CONFLICT DO NOTHING"
_BLOB = "INSERT INTO blob VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET here = here + excluded.here"
_BLOB_PIECE = "INSERT INTO piece (blob, start, data) VALUES (?, ?, ?)"
_CAME = "UPDATE submission SET lacking = lacking - 1 WHERE first = ?"
# A script that is here as a whole stays with its submissions, though these have ended.
_DROP_BLOB = (
    "DELETE FROM blob WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM submission WHERE script = ?1 AND lacking = 0)"
    " AND NOT EXISTS (SELECT 1 FROM submission WHERE stdin = ?1 AND open > 0)"
)
DROP_BLOB = (
    _DROP_BLOB,
    "DELETE FROM piece WHERE blob = ?1 AND NOT EXISTS (SELECT 1 FROM blob WHERE name = ?1)",
)
_TERMS = "INSERT INTO terms (json) VALUES (?) ON CONFLICT DO NOTHING"
_SUBMISSION = (
    "INSERT INTO submission (first, count, open, here, nonce, at_ns, folder, physical, environment, submitter, terms, script, stdin, lacking, argv, items, listed)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT id FROM environment WHERE sha256 = ?), ?,"
    " (SELECT id FROM terms WHERE json = ?), ?, ?, ?, ?, ?, ?)"
)
_ITEM = "INSERT INTO item VALUES (?, ?, ?)"
_HERE = "UPDATE submission SET here = here + ? WHERE nonce = ?"
HELD = "INSERT INTO held VALUES (?, ?)"
ORDER = (ENVIRONMENT, _TERMS, _BLOB, _SUBMISSION, _ITEM, _HERE, _BLOB_PIECE, _CAME)


def add_submission(record: JobsSubmitted, batch: Batch) -> None:
    """A submission, with the first of its lines."""
    what = record.submission
    origin = what.origin
    digest = _digest(origin.environment)
    if digest not in batch.environments:
        _intern(ENVIRONMENT, (digest, origin.environment), batch)
    terms = terms_text(what.terms).decode() or None
    if terms is not None:
        _intern(_TERMS, (terms,), batch)
    for blob in record.lacks:
        batch.writes[_BLOB].append((blob, 0))
    blobs = (origin.script or None, origin.stdin or None, len(record.lacks))
    here = what.count - record.to_come
    which = (what.first, what.count, what.count, here, what.nonce, what.at_ns, origin.folder, origin.physical)
    command = (what.argv or None, items_text(what.items) or None, what.has_lines)
    batch.writes[_SUBMISSION].append((*which, digest, origin.submitter, terms, *blobs, *command))
    if what.terms.held:
        batch.holds.append((HELD, [(what.first, what.end)]))
    if record.lines:
        batch.writes[_ITEM] += _pieces(what.first, record.lines)


@lru_cache(maxsize=4)
def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _intern(statement: str, row: Row, batch: Batch) -> None:
    """Write what is kept once, whoever has it, once."""
    if (statement, row[0]) not in batch.interned:
        batch.interned.add((statement, row[0]))
        batch.writes[statement].append(row)


def _pieces(first: JobId, lines: tuple[bytes, ...]) -> Iterator[Row]:
    for at in range(0, len(lines), PIECE_LINES):
        piece = lines[at : at + PIECE_LINES]
        yield first + at, len(piece), msgpack.encode(piece)


def add_items(record: ItemsAdded, batch: Batch) -> None:
    """More lines of a list."""
    batch.writes[_ITEM] += _pieces(record.first, record.lines)
    batch.writes[_HERE].append((len(record.lines), record.submission))


def add_blob(record: BlobAdded | BlobsDropped, batch: Batch) -> None:
    """A piece of a blob, or that some are needed no more."""
    if isinstance(record, BlobsDropped):
        for statement in DROP_BLOB:
            batch.writes[statement] += ((blob,) for blob in record.blobs)
        return
    batch.writes[_BLOB].append((record.blob, len(record.data)))
    batch.writes[_BLOB_PIECE].append((record.blob, record.offset, record.data))
    batch.writes[_CAME] += ((first,) for first in record.whole_for)
