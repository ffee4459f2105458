"""Reads submissions, and the lines of their jobs from the pieces in which these are kept."""

import sqlite3
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from msgspec import msgpack

from goq.core.values.blobs import Blob
from goq.core.values.ids import Argv, Environment, JobId, Nonce
from goq.core.values.items import read_items
from goq.core.values.job import Job, Origin, Submission
from goq.core.values.ranges import Ranges
from goq.core.values.terms import read_terms

LINES_BYTES = 64 * 1024 * 1024
_KEPT_PIECES = 4  # whoever asks for one job of a piece asks for the next one too
_KEPT_INTERNED = 64  # environments and terms
_DECODE = msgpack.Decoder(tuple[bytes, ...]).decode
_COLUMNS = (
    "first, count, nonce, argv, folder, environment, submitter, physical, script, stdin, terms, at_ns, items,"
    " lacking, here"
)


class SubmissionReader:
    """Looks submissions up through one connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._piece = lru_cache(_KEPT_PIECES)(self._read_piece)
        self._interned = lru_cache(_KEPT_INTERNED)(self._read_interned)

    def job(self, job: JobId) -> Job | None:
        """The job as it was submitted, if it is known and its line has come.

        Raises TypeError or ValueError when that is lost.
        """
        found = f"SELECT {_COLUMNS} FROM submission WHERE first <= ? ORDER BY first DESC LIMIT 1"
        row = self._db.execute(found, (job,)).fetchone()
        if row is None or job >= row[0] + row[-1]:
            return None
        submission = self._submission(row)
        line = b""
        if submission.has_lines:
            (first,) = self._db.execute("SELECT max(first) FROM item WHERE first <= ?", (job,)).fetchone()
            line = self._piece(first)[job - first]
        return submission.job(job, line)

    def open_ones(self) -> Iterator[tuple[Submission, int, int]]:
        """Those that have jobs which have not ended, in order: of each how many blobs are lacking, and jobs here."""
        found = f"SELECT {_COLUMNS} FROM submission WHERE open > 0 ORDER BY first"
        return ((self._submission(row), row[-2], row[-1]) for row in self._db.execute(found))

    def ended_ones(self, first: JobId, end: JobId, most: int) -> Iterator[Submission]:
        """Those all of which have ended, with a number from first up to, and without, end; the first `most`."""
        found = (
            f"SELECT {_COLUMNS} FROM submission WHERE open = 0 AND first < ?2 AND first + count > ?1"
            " AND first >= coalesce((SELECT max(first) FROM submission WHERE first <= ?1), 0) ORDER BY first LIMIT ?3"
        )
        return (self._submission(row) for row in self._db.execute(found, (first, end, most)))

    def of_number(self, job: JobId) -> Submission | None:
        """The one that the job is of, if it is known."""
        found = f"SELECT {_COLUMNS} FROM submission WHERE first <= ? ORDER BY first DESC LIMIT 1"
        row = self._db.execute(found, (job,)).fetchone()
        return self._submission(row) if row and job < row[0] + row[1] else None

    def lines(self, ranges: Ranges) -> dict[JobId, bytes]:
        """The lines of these jobs, as far as they are there; not more than LINES_BYTES."""
        found: dict[JobId, bytes] = {}
        left = LINES_BYTES
        pieces = (
            "SELECT first, count, lines FROM item WHERE first < ?2 AND first + count > ?1"
            " AND first >= coalesce((SELECT max(first) FROM item WHERE first <= ?1), 0) ORDER BY first"
        )
        for start, end in ranges:
            for first, count, packed in self._db.execute(pieces, (start, end)):
                lines = _DECODE(packed)
                low, high = max(start, first), min(end, first + count)
                some = lines[low - first : high - first]
                left -= sum(map(len, some))
                if left < 0:
                    return found
                found.update(zip(map(JobId, range(low, high)), some, strict=True))
        return found

    def pieces(self, submission: Submission, here: int) -> tuple[tuple[bytes, ...], ...]:
        """The lines of its first jobs, so many as are here. Raises ValueError when some are not there."""
        if not submission.has_lines:
            return ()
        found = "SELECT lines FROM item WHERE first >= ? AND first < ? ORDER BY first"
        rows = self._db.execute(found, (submission.first, submission.first + here))
        pieces = tuple(_DECODE(lines) for (lines,) in rows)
        missing = here - sum(map(len, pieces))
        if missing:
            raise ValueError(f"the commands of {missing} jobs are missing")
        return pieces

    def _submission(self, row: tuple[Any, ...]) -> Submission:
        (
            first,
            count,
            nonce,
            argv,
            folder,
            environment,
            submitter,
            physical,
            script,
            stdin,
            terms,
            at_ns,
            items,
            *_,
        ) = row
        variables = Environment(self._interned("environment", "data", environment))
        origin = Origin(folder, variables, submitter, physical, Blob(script or b""), Blob(stdin or b""))
        asked = read_terms(self._interned("terms", "json", terms).encode() if terms else b"")
        which = (JobId(first), count, Nonce(nonce), Argv(argv or b""), origin, asked, at_ns)
        return Submission(*which, read_items(items or b""))

    def _read_interned(self, table: str, column: str, number: int) -> Any:
        return self._db.execute(f"SELECT {column} FROM {table} WHERE id = ?", (number,)).fetchone()[0]

    def _read_piece(self, first: int) -> tuple[bytes, ...]:
        (lines,) = self._db.execute("SELECT lines FROM item WHERE first = ?", (first,)).fetchone()
        return _DECODE(lines)
