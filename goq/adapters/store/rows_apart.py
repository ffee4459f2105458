"""Rows of records that are about no attempt that begins or ends: epochs, strays, pauses, blobs, the lines of lists. Pure."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, assert_never

from msgspec import Struct, msgpack

from goq.adapters.store.tables import BACKUP, STOPPED
from goq.core.state.records import (
    BlobAdded,
    BlobsDropped,
    EpochBegun,
    JobsSubmitted,
    QueueRestored,
    Record,
    StrayEnded,
)
from goq.core.state.submissions import NO_PAST, Past
from goq.core.values.blobs import Blob
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim, Worker

PIECE_LINES = 1000  # lines in a row of `item`
NO_WORKER = Worker(WorkerId(""), "", 0)

EPOCH = "INSERT INTO epoch VALUES (?, ?, ?, ?, ?, ?, ?)"
SKIPPED = "INSERT INTO skipped VALUES (?, ?, ?, ?)"
UNMARK = "DELETE FROM meta WHERE key = ?"
PAUSED = "UPDATE live SET paused = ? WHERE job = ?"
STRAY = "INSERT OR REPLACE INTO stray VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
BLOB = "INSERT INTO blob VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET here = here + excluded.here"
PIECE = "INSERT INTO piece (blob, start, data) VALUES (?, ?, ?)"
CAME = "UPDATE submission SET lacking = lacking - 1 WHERE first = ?"
# A script that is here as a whole stays with its submissions, though these have ended.
_UNUSED = (
    "DELETE FROM blob WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM submission WHERE script = ?1 AND lacking = 0)"
    " AND NOT EXISTS (SELECT 1 FROM submission WHERE stdin = ?1 AND open > 0)"
)
DROP_BLOB = (
    _UNUSED,
    "DELETE FROM piece WHERE blob = ?1 AND NOT EXISTS (SELECT 1 FROM blob WHERE name = ?1)",
)


class Place(Struct):
    """What becomes of a job's row in `live`: its newest attempt, and what it adds to its past."""

    claim: Claim
    worker: Worker = NO_WORKER
    at_ns: int = 0
    signal: int = 0
    more: Past = NO_PAST
    granted: str = ""


def parts(records: Iterable[Record]) -> Iterator[list[Record]]:
    """The records, cut where a blob is to come again that has gone: what is written at once is in no order."""
    part: list[Record] = []
    gone: set[Blob] = set()
    for record in records:
        if isinstance(record, BlobsDropped):
            gone.update(record.blobs)
        elif isinstance(record, JobsSubmitted) and not gone.isdisjoint(record.lacks):
            yield part
            part, gone = [], set()
        part.append(record)
    yield part


@lru_cache(maxsize=4)
def digest_of(data: bytes) -> bytes:
    """The name of what is kept once."""
    return hashlib.sha256(data).digest()


def epoch_row(record: EpochBegun | QueueRestored) -> tuple[Any, ...]:
    """The start of a server, and where it was."""
    epoch, place = record.epoch, record.place
    return (epoch.number, record.at_ns, epoch.draw, place.folder, place.file, place.mount, place.host)


def stray_row(record: StrayEnded) -> tuple[Any, ...]:
    """What is known of the attempt."""
    claim, result = record.claim, record.result
    which = (claim.job, claim.epoch.number, claim.attempt, claim.worker)
    how = (result.host, result.pid, result.exit_code, result.signal, result.problem)
    return (*which, *how, result.output_length, record.at_ns)


def rows_apart(
    record: BlobAdded | BlobsDropped | EpochBegun | QueueRestored,
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """What to write for the record, each row with its statement."""
    match record:
        case BlobsDropped(blobs):
            yield from ((statement, (blob,)) for statement in DROP_BLOB for blob in blobs)
        case EpochBegun():
            yield EPOCH, epoch_row(record)
            yield UNMARK, (STOPPED,)
        case QueueRestored(epoch, first, next_job, why=why):
            yield EPOCH, epoch_row(record)
            yield SKIPPED, (first, next_job, epoch.number, why)
            yield from ((UNMARK, (mark,)) for mark in (BACKUP, STOPPED))
        case BlobAdded():
            yield from blob_rows(record)
        case _:
            assert_never(record)


def blob_rows(record: BlobAdded) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """A piece of a blob, and who lacks it no more."""
    yield BLOB, (record.blob, len(record.data))
    yield PIECE, (record.blob, record.offset, record.data)
    yield from ((CAME, (first,)) for first in record.whole_for)


def item_rows(first: JobId, lines: tuple[bytes, ...]) -> Iterator[tuple[Any, ...]]:
    """The lines of the jobs from that one on."""
    for at in range(0, len(lines), PIECE_LINES):
        piece = lines[at : at + PIECE_LINES]
        yield first + at, len(piece), msgpack.encode(piece)


def place_row(place: Place) -> tuple[Any, ...]:
    """Its row in `live`."""
    claim, worker = place.claim, place.worker
    epoch = claim.epoch.number if worker.id else 0
    where = (worker.id, worker.host, worker.pid)
    more = place.more
    past = (more.crashes, more.failures, more.reruns, more.outlived, more.not_before_ns)
    return (claim.job, epoch, claim.attempt, *past, *where, place.signal, place.at_ns, 0, place.granted)
