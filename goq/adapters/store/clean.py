"""Forgets jobs that ended long ago, a small piece at a time.

A submission is forgotten as a whole: its job numbers are noted as cleared, so that an audit can
tell them from lost ones, and its nonce is kept, so that it makes no new jobs when it is sent
again. The rows of its jobs go afterwards, piece by piece, so that no transaction is long. SQLite
uses their room again; the file does not shrink.
"""

import sqlite3
from pathlib import Path

from goq.adapters.store.file import snapshot
from goq.adapters.store.port import Cleaning
from goq.adapters.store.rows_apart import DROP_BLOB
from goq.adapters.store.statements import LAST_EVENT

# A step takes 2 or 3 ms: somebody may be waiting for an answer.
STEP_JOBS = 500
STEP_SUBMISSIONS = 125

# Whatever of a submission still lives, ended too lately, or is not in its file yet keeps all of it.
_OLD = (
    "SELECT first, count, script, environment, terms FROM submission AS s WHERE at_ns < :before AND open = 0"
    " AND first >= :start AND first < :stop"
    " AND NOT EXISTS (SELECT 1 FROM result JOIN event ON event.seq = result.seq"
    " WHERE result.job >= s.first AND result.job < s.first + s.count"
    " AND (event.at_ns >= :before OR output IS NOT NULL))"
    " AND NOT EXISTS (SELECT 1 FROM output WHERE job >= s.first AND job < s.first + s.count AND data IS NOT NULL)"
    " AND NOT EXISTS (SELECT 1 FROM ended JOIN event ON event.seq = ended.seq"
    " WHERE ended.first < s.first + s.count AND ended.next > s.first AND event.at_ns >= :before"
    " AND ended.first >= coalesce((SELECT max(e.first) FROM ended AS e WHERE e.first <= s.first), 0))"
    " ORDER BY first"
)
_ALL_NUMBERS = {"start": 0, "stop": 2**63 - 1}
_ROWS_OF_JOBS = (
    ("result", "job"),
    ("event", "job"),
    ("ended", "first"),
    ("output", "job"),
    ("item", "first"),
    ("part", "first"),
    ("granted", "job"),
    ("retried", "first"),
)
_INTERNED = ("environment", "terms")
_CUT_PARTS = (
    "INSERT INTO part SELECT :at, next, terms FROM part WHERE first < :at AND next > :at",
    "UPDATE part SET next = :at WHERE first < :at AND next > :at",
)
# A range that goes across a number becomes two; each of its jobs keeps its number of an event.
_CUTS = (
    "INSERT INTO ended SELECT :at, next, seq + :at - first, ending, exit_code, signal, reason FROM ended WHERE seq = :seq",
    "UPDATE ended SET next = :at WHERE seq = :seq",
    (
        "INSERT INTO event SELECT seq + :at - job, :at, next, kind, epoch, attempt, worker, host, pid,"
        " at_ns, by, reason FROM event WHERE seq = :seq"
    ),
    "UPDATE event SET next = :at WHERE seq = :seq",
)


def step(db: sqlite3.Connection, cleaning: Cleaning) -> bool:
    """Do the next piece, in the caller's transaction. False when there was nothing left to do.

    What is forgotten, environments say, is overwritten: it is in no free page of a copy. That would cost too much
    where rows come and go with each job.
    """
    db.execute("PRAGMA secure_delete = ON")
    try:
        return _sweep(db) or _look(db, cleaning) or _drop_nonces(db, cleaning)
    finally:
        db.execute("PRAGMA secure_delete = OFF")


def _sweep(db: sqlite3.Connection) -> bool:
    row = db.execute("SELECT first, next FROM sweeping ORDER BY first LIMIT 1").fetchone()
    if row is None:
        return False
    first, stop = row
    middle = min(stop, first + STEP_JOBS)
    for table, column in _ROWS_OF_JOBS:
        db.execute(f"DELETE FROM {table} WHERE {column} >= ? AND {column} < ?", (first, middle))
    # The numbers of events that were the last ones are given again.
    db.execute(f"UPDATE meta SET value = min(value, {LAST_EVENT}) WHERE key = 'reset_seq'")
    db.execute("DELETE FROM sweeping WHERE first = ?", (first,))
    if middle < stop:
        db.execute("INSERT INTO sweeping VALUES (?, ?)", (middle, stop))
    return True


def _look(db: sqlite3.Connection, cleaning: Cleaning) -> bool:
    """Forget the old ones among the next submissions."""
    start, cleaning.start = cleaning.start, _end_of_step(db, cleaning.start)
    if start == cleaning.start:
        return False
    numbers = {"before": cleaning.before_ns, "start": start, "stop": cleaning.start}
    for first, count, script, *interned in db.execute(_OLD, numbers).fetchall():
        _forget(db, first, count)
        for table, number in zip(_INTERNED, interned, strict=True):
            _drop_unused(db, table, number)
        for statement in DROP_BLOB if script else ():
            db.execute(statement, (script,))
        cleaning.jobs += count
    return True


def _end_of_step(db: sqlite3.Connection, start: int) -> int:
    """Where to stop looking for now: the submissions before it have few jobs, or are only one."""
    end = start
    left = STEP_JOBS
    rows = db.execute(
        "SELECT first, count FROM submission WHERE first >= ? ORDER BY first LIMIT ?",
        (start, STEP_SUBMISSIONS),
    )
    for first, count in rows:
        left -= count
        if left < 0 and end > start:
            break
        end = first + count
    return end


def _forget(db: sqlite3.Connection, first: int, count: int) -> None:
    db.execute(
        "INSERT INTO forgotten SELECT first, count, nonce, at_ns FROM submission WHERE first = ?",
        (first,),
    )
    db.execute("DELETE FROM submission WHERE first = ?", (first,))
    for at in (first, first + count):
        _cut(db, at)
    for table in ("cleared", "sweeping"):
        _add_range(db, table, first, first + count)


def _cut(db: sqlite3.Connection, at: int) -> None:
    """Let no range of jobs go across this number: a sweep takes what is on one side of it."""
    for statement in _CUT_PARTS:
        db.execute(statement, {"at": at})
    row = db.execute(
        "SELECT seq FROM ended WHERE first = (SELECT max(first) FROM ended WHERE first < :at) AND next > :at",
        {"at": at},
    ).fetchone()
    if row:
        for statement in _CUTS:
            db.execute(statement, {"at": at, "seq": row[0]})


def _drop_unused(db: sqlite3.Connection, table: str, number: int | None) -> None:
    if number is None:
        return
    db.execute(
        f"DELETE FROM {table} WHERE id = :id AND NOT EXISTS (SELECT 1 FROM submission WHERE {table} = :id)",
        {"id": number},
    )


def _drop_nonces(db: sqlite3.Connection, cleaning: Cleaning) -> bool:
    dropped = db.execute(
        "DELETE FROM forgotten WHERE at_ns < ?"
        " AND first IN (SELECT first FROM forgotten ORDER BY first LIMIT ?)",
        (cleaning.nonces_before_ns, STEP_JOBS),
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
        return sum(row[1] for row in rows)


def count_cleared(folder: Path) -> int:
    """How many jobs have been forgotten. Raises JournalError when the journal cannot be read."""
    with snapshot(folder) as db:
        (count,) = db.execute("SELECT coalesce(sum(next - first), 0) FROM cleared").fetchone()
        return int(count)
