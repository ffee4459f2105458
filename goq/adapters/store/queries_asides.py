"""Who held jobs, how their last attempts ended, and how many jobs ended since some moment: as one moment of a journal has it."""

import sqlite3

from goq.adapters.store.rows import HELD_EVENT
from goq.core.values.asides import Aside
from goq.core.values.ids import JobId
from goq.core.values.job import owner_of
from goq.core.values.reasons import HeldBy
from goq.core.values.result import Ending

_HELD = (
    "SELECT by, at_ns, reason FROM event WHERE (job = ?1 OR job < ?1 AND next > ?1 AND next > job + 1)"
    f" AND kind = '{HELD_EVENT}' ORDER BY seq DESC LIMIT 1"
)
_SUBMITTED = "SELECT submitter, at_ns FROM submission WHERE first <= ? ORDER BY first DESC LIMIT 1"
_STATUS = (
    "SELECT CASE WHEN signal THEN 128 + signal ELSE exit_code END FROM result"
    " WHERE job = ? ORDER BY attempt DESC LIMIT 1"
)
_AT = "SELECT seq, at_ns FROM event WHERE seq >= ? ORDER BY seq LIMIT 1"
_LAST = "SELECT coalesce(max(seq), 0) FROM event"
_RAN = (
    "SELECT ending, exit_code <> 0 OR signal <> 0, count(*) FROM result"
    " WHERE seq >= ? AND ending IS NOT NULL GROUP BY 1, 2"
)
_NEVER_RAN = "SELECT ending, 1, sum(next - first) FROM ended WHERE seq >= ? GROUP BY 1"
_FAILED = "failed"


def aside(db: sqlite3.Connection, job: JobId) -> Aside:
    """Of one job that waits."""
    status = db.execute(_STATUS, (job,)).fetchone()
    hold = db.execute(_HELD, (job,)).fetchone()
    if hold is None and db.execute("SELECT 1 FROM held WHERE first <= ?1 AND next > ?1", (job,)).fetchone():
        submitted = db.execute(_SUBMITTED, (job,)).fetchone()
        hold = submitted and (owner_of(submitted[0]), submitted[1], "")
    return Aside(HeldBy(*hold) if hold else None, status[0] if status else None)


def ended_since(db: sqlite3.Connection, since_ns: int) -> dict[str, int]:
    """How many jobs ended in which way; `finished` are those that ended well, `failed` the others that came to an end."""
    first = _first_since(db, since_ns)
    found = dict.fromkeys([_FAILED, *(ending.value for ending in Ending)], 0)
    for ending, is_bad, count in (*db.execute(_RAN, (first,)), *db.execute(_NEVER_RAN, (first,))):
        found[_FAILED if ending == Ending.FINISHED.value and is_bad else ending] += count
    return found


def _first_since(db: sqlite3.Connection, since_ns: int) -> int:
    """The number of the first event since then. Clocks may be set, so it is about that."""
    (last,) = db.execute(_LAST).fetchone()
    low, high = 0, last + 1
    while low < high:
        middle = (low + high) // 2
        found = db.execute(_AT, (middle,)).fetchone()
        if found is None or found[1] >= since_ns:
            high = middle
        else:
            low = found[0] + 1
    return low
