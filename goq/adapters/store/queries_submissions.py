"""Rows of submissions, as one moment of a journal has them."""

import sqlite3
from typing import Any

from goq.adapters.store.queries_jobs import JobRows, item_of, needs_of, text_of
from goq.adapters.store.queries_meant import Known
from goq.adapters.store.submissions import SubmissionReader
from goq.core.values.ids import Argv, JobId, split_argv
from goq.core.values.shown import Behind, Counts, SubmissionRow
from goq.core.values.states import JobState
from goq.core.values.terms import Terms, read_terms

LATELY = 2000  # ends that rates are computed from
COLUMNS = (
    "first, count, submitter, terms, items, open, done, failed, cancelled, lost, skipped, at_ns, folder, argv,"
    " started_ns, ended_seq, ended_ns"
)
_ON = "SELECT count(*), coalesce(sum(paused), 0) FROM live WHERE job >= ? AND job < ? AND worker <> ''"
_HELD = (
    "SELECT coalesce(sum(min(next, ?2) - max(first, ?1)), 0) FROM held WHERE first < ?2 AND next > ?1"
    " AND first >= coalesce((SELECT max(first) FROM held WHERE first <= ?1), 0)"
)
_LATE_ENDS = "SELECT job, ended_ns FROM result WHERE ending IS NOT NULL ORDER BY seq DESC LIMIT ?"


class SubmissionRows:
    """Makes rows of submissions, through one connection; it is `now_ns`."""

    def __init__(self, db: sqlite3.Connection, now_ns: int) -> None:
        self._db = db
        self._now_ns = now_ns
        self._jobs = JobRows(db)
        self._reader = SubmissionReader(db)
        self._ends: list[tuple[int, int]] | None = None

    def counts(self, row: tuple[Any, ...]) -> Counts:
        """How many of its jobs are where; `row` has the COLUMNS."""
        first, count, _, _, _, still_open, *ended = row[:11]
        on = paused = held = 0
        if still_open:
            on, paused = self._db.execute(_ON, (first, first + count)).fetchone()
            (held,) = self._db.execute(_HELD, (first, first + count)).fetchone()
        return Counts(still_open - on - held, held, on - paused, paused, *ended)

    def row(self, what: Known, row: tuple[Any, ...]) -> SubmissionRow:
        """The submission; `row` has the COLUMNS."""
        at_ns, folder, argv, started_ns, _, ended_ns = row[11:]
        terms, counts = what.terms, self.counts(row)
        job = None
        if what.count == 1:
            item = item_of(what.first, what.items, what.first)
            job = self._jobs.row(what.first, item, what.owner, self._terms(what), at_ns)
        began_ns = (job.started_at if job else None) or started_ns
        rate_per_s = self._rate(what, began_ns or at_ns) if counts.live and not job else None
        return SubmissionRow(
            what.first,
            what.count,
            what.owner,
            job.state if job else counts.state,
            counts,
            at_ns,
            job.since_at if job else _since_ns(counts, at_ns, began_ns, ended_ns),
            tuple(map(text_of, split_argv(Argv(argv or self._command(what.first))))),
            text_of(folder),
            needs_of(terms),
            array=what.is_array,
            name=terms.name or None,
            tags=terms.tags or None,
            priority=terms.priority or None,
            started_at=began_ns,
            ended_at=job.ended_at if job else ended_ns,
            at_once=terms.at_once or None,
            after=_behind(terms),
            rate_per_s=rate_per_s,
            left_s=counts.live / rate_per_s if rate_per_s else None,
            output=terms.out or (job.output.path if job and job.output else None),
            again_of=terms.again_of or None,
            job=job,
        )

    def _command(self, first: JobId) -> bytes:
        """The first command of a list; b"" while it is not here."""
        known = self._reader.job(first)
        return known.argv if known else b""

    def _terms(self, what: Known) -> Terms:
        """Those that its first job has now."""
        found = "SELECT next, terms FROM part WHERE first <= ? ORDER BY first DESC LIMIT 1"
        row = self._db.execute(found, (what.first,)).fetchone()
        return read_terms(row[1].encode()) if row and row[0] > what.first else what.terms

    def _rate(self, what: Known, began_ns: int) -> float | None:
        """How many of its jobs end in a second, by the latest ends of all; None where too few have."""
        if self._ends is None:
            self._ends = self._db.execute(_LATE_ENDS, (LATELY,)).fetchall()
        own = [ended_ns for job, ended_ns in self._ends if what.first <= job < what.end]
        begin_ns = began_ns
        if len(self._ends) == LATELY:
            begin_ns = max(began_ns, min(ended_ns for _, ended_ns in self._ends))
        span_s = (self._now_ns - begin_ns) / 1e9
        return len(own) / span_s if len(own) > 1 and span_s > 0 else None


def _since_ns(counts: Counts, at_ns: int, began_ns: int | None, ended_ns: int | None) -> int:
    if not counts.live:
        return ended_ns or at_ns
    return (began_ns or at_ns) if counts.state in {JobState.RUNNING, JobState.PAUSED} else at_ns


def _behind(terms: Terms) -> tuple[Behind, ...] | None:
    return (
        tuple(
            Behind(tuple((first, end - 1) for first, end in after.jobs), after.when, after.each)
            for after in terms.after
        )
        or None
    )
