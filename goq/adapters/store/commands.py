"""Reads the commands of jobs: a single job's from its submission, those of many from their pieces."""

import sqlite3
from collections.abc import Iterator
from functools import lru_cache

from msgspec import msgpack

from goq.core.values.ids import Argv, JobId

_KEPT_PIECES = 4  # whoever asks for one job of a piece asks for the next one too
_DECODE = msgpack.Decoder(list[bytes]).decode


class CommandReader:
    """Looks commands up through one connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._piece = lru_cache(_KEPT_PIECES)(self._read_piece)

    def of(self, job: JobId) -> tuple[Argv, bytes] | None:
        """The job's command and folder, if it is known. Raises TypeError or ValueError when they are lost."""
        row = self._db.execute(
            "SELECT first + here, argv, folder FROM submission WHERE first <= ? ORDER BY first DESC LIMIT 1",
            (job,),
        ).fetchone()
        if row is None or job >= row[0]:
            return None
        _, argv, folder = row
        if argv is None:
            (first,) = self._db.execute("SELECT max(first) FROM item WHERE first <= ?", (job,)).fetchone()
            argv = self._piece(first)[job - first]
        return Argv(argv), folder

    def all_of(self, first: int, here: int) -> Iterator[tuple[JobId, Argv]]:
        """The jobs of a submission with their commands, in order, as far as they have come.

        Raises ValueError when some are not there.
        """
        (argv,) = self._db.execute("SELECT argv FROM submission WHERE first = ?", (first,)).fetchone()
        if argv is not None:
            yield JobId(first), Argv(argv)
            return
        job = first
        pieces = "SELECT lines FROM item WHERE first >= ? AND first < ? ORDER BY first"
        for (lines,) in self._db.execute(pieces, (first, first + here)):
            for line in _DECODE(lines):
                yield JobId(job), Argv(line)
                job += 1
        if job != first + here:
            raise ValueError(f"the commands of {first + here - job} jobs are missing")

    def _read_piece(self, first: int) -> list[bytes]:
        (lines,) = self._db.execute("SELECT lines FROM item WHERE first = ?", (first,)).fetchone()
        return _DECODE(lines)
