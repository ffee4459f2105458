"""Looks up submissions that have ended, for whoever is to wait for them."""

import sqlite3
from collections.abc import Callable

from goq.adapters.store.submissions import SubmissionReader
from goq.core.dispatch.decision import Bygone, Gone
from goq.core.values.ids import JobId
from goq.core.values.job import Submission
from goq.core.values.ranges import Range, Ranges, merged
from goq.core.values.result import Ended

GONE_LIMIT = 1000

_BAD = (
    "SELECT job, job + 1 FROM result WHERE job >= ?1 AND job < ?2 AND ending IS NOT NULL"
    " AND (ending <> 'finished' OR exit_code <> 0 OR signal <> 0)"
    " UNION ALL SELECT max(first, ?1), min(next, ?2) FROM ended WHERE first < ?2 AND next > ?1"
    " AND first >= coalesce((SELECT max(first) FROM ended WHERE first <= ?1), 0)"
)


def find_gone(db: sqlite3.Connection, ranges: Ranges, ended: Callable[[JobId], Ended | None]) -> Bygone:
    """The submissions of these numbers that have ended, and how; `ended` knows of one job."""
    reader = SubmissionReader(db)
    found: dict[JobId, Submission] = {}
    for part in ranges:
        for submission in reader.ended_ones(*part, GONE_LIMIT + 1 - len(found)):
            found[submission.first] = submission
        if len(found) > GONE_LIMIT:
            return Bygone(is_all=False)
    return Bygone(tuple(_gone(db, submission, ended) for submission in found.values()))


def _gone(db: sqlite3.Connection, what: Submission, ended: Callable[[JobId], Ended | None]) -> Gone:
    rows: list[Range] = db.execute(_BAD, (what.first, what.end)).fetchall()
    bad = merged(rows)
    return Gone(what, bad, ended(bad[0][0]) if bad else None)
