"""A journal to look into, beside the server that writes it: any number, read-only.

Each look sees one moment of it, and is bounded in time, so that the write-ahead log stays short.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from goq.adapters.store.file import read_only
from goq.adapters.store.statements import LAST_EVENT
from goq.core.values.ids import JobId
from goq.core.values.queries import Latest
from goq.errors import TooSlow

LOOK_S = 1.0
_LOOK_AT_CLOCK_EVERY = 10_000  # steps of SQLite's


class Archive:
    """The journal in a folder, for one who looks. Raises JournalError when it is not there, or no journal."""

    def __init__(self, folder: Path) -> None:
        self._db = read_only(folder)
        self._until_s = 0.0
        self._db.set_progress_handler(self._is_late, _LOOK_AT_CLOCK_EVERY)

    def close(self) -> None:
        """Look no more."""
        self._db.close()

    def latest(self) -> Latest:
        """How far it has come."""
        with self._moment() as db:
            (seq,) = db.execute(f"SELECT {LAST_EVENT}").fetchone()
            first, last = db.execute(
                "SELECT coalesce((SELECT first FROM submission ORDER BY first LIMIT 1), 0),"
                " coalesce((SELECT first + count - 1 FROM submission ORDER BY first DESC LIMIT 1), 0)"
            ).fetchone()
            return Latest(seq, JobId(first), JobId(last))

    @contextmanager
    def _moment(self) -> Iterator[sqlite3.Connection]:
        """The journal as it is at one moment. Raises TooSlow when the look takes longer than LOOK_S."""
        self._until_s = time.monotonic() + LOOK_S
        self._db.execute("BEGIN")
        try:
            yield self._db
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise TooSlow(f"that look takes longer than {LOOK_S:g} s; ask for less") from error
            raise
        finally:
            self._until_s = float("inf")
            self._db.execute("ROLLBACK")

    def _is_late(self) -> bool:
        return time.monotonic() > self._until_s
