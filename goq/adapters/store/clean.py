"""Forgets jobs that ended long ago, a small piece at a time.

A submission is forgotten as a whole: its job numbers are noted as cleared, so that an audit can
tell them from lost ones, and its nonce is kept, so that it makes no new jobs when it is sent
again. The rows of its jobs go afterwards, piece by piece, so that no transaction is long. SQLite
uses their room again; the file does not shrink.
"""

import sqlite3
from pathlib import Path

from goq.adapters.store.file import snapshot

# A step takes 2 or 3 ms: somebody may be waiting for an answer.
STEP_JOBS = 500
STEP_SUBMISSIONS = 125
NONCE_DAYS = 365  # a spooled submission may sleep for long in a machine that is off
DAY_NS = 86_400 * 10**9

# Whatever of a submission still lives, ended too lately, or is not in its file yet keeps all of it.
_OLD = (
    "SELECT first, count, environment FROM submission WHERE at_ns < :before"
    " AND first >= :start AND first < :stop"
    " AND NOT EXISTS (SELECT 1 FROM job WHERE id >= first AND id < first + count AND live > 0)"
    " AND NOT EXISTS (SELECT 1 FROM result JOIN event ON event.seq = result.seq"
    " WHERE result.job >= first AND result.job < first + count"
    " AND (event.at_ns >= :before OR output IS NOT NULL))"
    " ORDER BY first"
)
_ALL_NUMBERS = {"start": 0, "stop": 2**63 - 1}
_ROWS_OF_JOBS = (("result", "job"), ("event", "job"), ("output_start", "job"), ("job", "id"))


class Cleaning:
    """One look through a journal: what had ended before `before_ns` is forgotten."""

    def __init__(self, before_ns: int, now_ns: int) -> None:
        self.before_ns = before_ns
        self.jobs = 0
        self._nonces_before_ns = now_ns - NONCE_DAYS * DAY_NS
        self._start = 0  # submissions below this number have been looked at

    def step(self, db: sqlite3.Connection) -> bool:
        """Do the next piece, in the caller's transaction. False when there was nothing left to do."""
        return self._sweep(db) or self._look(db) or self._drop_nonces(db)

    def _sweep(self, db: sqlite3.Connection) -> bool:
        row = db.execute("SELECT first, next FROM sweeping ORDER BY first LIMIT 1").fetchone()
        if row is None:
            return False
        first, stop = row
        middle = min(stop, first + STEP_JOBS)
        for table, column in _ROWS_OF_JOBS:
            db.execute(f"DELETE FROM {table} WHERE {column} >= ? AND {column} < ?", (first, middle))
        # The numbers of events that were the last ones are given again.
        db.execute(
            "UPDATE meta SET value = min(value, (SELECT coalesce(max(seq), 0) FROM event))"
            " WHERE key = 'reset_seq'"
        )
        db.execute("DELETE FROM sweeping WHERE first = ?", (first,))
        if middle < stop:
            db.execute("INSERT INTO sweeping VALUES (?, ?)", (middle, stop))
        return True

    def _look(self, db: sqlite3.Connection) -> bool:
        """Forget the old ones among the next submissions."""
        start, self._start = self._start, self._end_of_step(db)
        if start == self._start:
            return False
        numbers = {"before": self.before_ns, "start": start, "stop": self._start}
        for first, count, environment in db.execute(_OLD, numbers).fetchall():
            self._forget(db, first, count, environment)
        return True

    def _end_of_step(self, db: sqlite3.Connection) -> int:
        """Where to stop looking for now: the submissions before it have few jobs, or are only one."""
        end = self._start
        left = STEP_JOBS
        rows = db.execute(
            "SELECT first, count FROM submission WHERE first >= ? ORDER BY first LIMIT ?",
            (self._start, STEP_SUBMISSIONS),
        )
        for first, count in rows:
            left -= count
            if left < 0 and end > self._start:
                break
            end = first + count
        return end

    def _forget(self, db: sqlite3.Connection, first: int, count: int, environment: int) -> None:
        db.execute(
            "INSERT INTO forgotten SELECT first, count, nonce, at_ns FROM submission WHERE first = ?",
            (first,),
        )
        db.execute("DELETE FROM submission WHERE first = ?", (first,))
        db.execute(
            "DELETE FROM environment WHERE id = :id"
            " AND NOT EXISTS (SELECT 1 FROM submission WHERE environment = :id)",
            {"id": environment},
        )
        for table in ("cleared", "sweeping"):
            _add_range(db, table, first, first + count)
        self.jobs += count

    def _drop_nonces(self, db: sqlite3.Connection) -> bool:
        dropped = db.execute(
            "DELETE FROM forgotten WHERE at_ns < ?"
            " AND first IN (SELECT first FROM forgotten ORDER BY first LIMIT ?)",
            (self._nonces_before_ns, STEP_JOBS),
        )
        return dropped.rowcount > 0


def _add_range(db: sqlite3.Connection, table: str, first: int, stop: int) -> None:
    """Add numbers to a table of ranges; those that touch become one."""
    before = db.execute(
        f"SELECT first, next FROM {table} WHERE first < ? ORDER BY first DESC LIMIT 1", (first,)
    ).fetchone()
    after = db.execute(f"SELECT first, next FROM {table} WHERE first = ?", (stop,)).fetchone()
    if after:
        db.execute(f"DELETE FROM {table} WHERE first = ?", (stop,))
        stop = after[1]
    if before and before[1] == first:
        first = before[0]
    db.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (first, stop))


def count_old(folder: Path, before_ns: int) -> int:
    """How many jobs would be forgotten. Raises JournalError when the journal cannot be read."""
    with snapshot(folder) as db:
        rows = db.execute(_OLD, {"before": before_ns, **_ALL_NUMBERS})
        return sum(count for _, count, _ in rows)


def count_cleared(folder: Path) -> int:
    """How many jobs have been forgotten. Raises JournalError when the journal cannot be read."""
    with snapshot(folder) as db:
        (count,) = db.execute("SELECT coalesce(sum(next - first), 0) FROM cleared").fetchone()
        return int(count)
