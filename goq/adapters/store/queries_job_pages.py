"""Pages of jobs, in the order of their numbers, from one moment of a journal."""

import heapq
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from goq.adapters.store.queries_jobs import JobRows, item_of
from goq.adapters.store.queries_meant import Known, Meant
from goq.adapters.store.queries_pages import PATIENCE_S, latest_event
from goq.core.values.ids import JobId
from goq.core.values.pages import BEGUN, Cursor, Page, Rows
from goq.core.values.ranges import Range, Ranges, holds, merged, without
from goq.core.values.shown import JobRow
from goq.core.values.states import JobState
from goq.core.values.terms import Terms

LOOKED_AT = 1000  # jobs for a page at least
_COLUMNS = "first, count, submitter, terms, items, at_ns"
_FROM = (
    f"SELECT {_COLUMNS} FROM submission WHERE first >= coalesce((SELECT max(first) FROM submission"
    " WHERE first <= ?1), 0) AND first + count > ?1 AND first < ?2 ORDER BY first"
)
_LAST = "SELECT first + count FROM submission ORDER BY first DESC LIMIT 1"
_END_OF = "SELECT first + count FROM submission WHERE first <= ? ORDER BY first DESC LIMIT 1"
_OF = f"SELECT {_COLUMNS} FROM submission WHERE first <= ? ORDER BY first DESC LIMIT 1"
# Where to find jobs that are in one of few states, without a look at all others.
_ON = "SELECT job FROM live WHERE job >= ?1 AND job < ?2 AND worker <> '' ORDER BY job"
_BAD = (
    "SELECT job FROM result WHERE job >= ?1 AND job < ?2 AND (ending <> 'finished' OR exit_code <> 0 OR signal <> 0)"
    " ORDER BY job"
)
_ENDED = (
    "SELECT max(first, ?1), min(next, ?2) FROM ended WHERE first < ?2 AND next > ?1"
    " AND first >= coalesce((SELECT max(first) FROM ended WHERE first <= ?1), 0) ORDER BY first"
)
_HELD = _ENDED.replace("ended", "held")
_AGAIN = _ON.replace("<> ''", "= ''")
_DONE = (
    "SELECT job FROM result WHERE job >= ?1 AND job < ?2 AND ending = 'finished' AND exit_code = 0 AND signal = 0"
    " ORDER BY job"
)
_HOW_MANY_RAN = "SELECT count(DISTINCT job) FROM result WHERE job >= ? AND job < ?"
_RAN = "SELECT DISTINCT job FROM result WHERE job >= ? AND job < ?"
_BADLY = {JobState.FAILED, JobState.LOST, JobState.CANCELLED, JobState.SKIPPED}
PIECE = 10_000  # jobs
_LARGEST = 2**63 - 1


class _Its(Struct, frozen=True):
    """A submission, and those of its jobs that are asked for."""

    what: Known
    at_ns: int
    meant: Ranges
    by_number: Ranges
    terms: tuple[tuple[JobId, JobId, Terms], ...]


class JobPager:
    """Looks a page up. It is `now_ns`."""

    def __init__(self, db: sqlite3.Connection, query: Rows, now_ns: int) -> None:
        self._db = db
        self._query = query
        self._since_ns = now_ns - int(query.since_s * 1e9)
        self._meant = Meant(db, query.selector, query.owner)
        self._jobs = JobRows(db)
        self._latest: _Its | None = None

    def page(self) -> Page:
        """The jobs that are asked for."""
        seq, query = latest_event(self._db), self._query
        start = query.after or Cursor(seq)
        found: list[JobRow] = []
        last, until_s = start.first, time.monotonic() + PATIENCE_S
        for looked_at, (job, row) in enumerate(self._candidates(JobId(start.first + 1))):
            if looked_at >= LOOKED_AT and time.monotonic() > until_s:
                break
            if row is not None and len(found) == query.limit:
                return Page(seq, (), tuple(found), Cursor(start.seq, BEGUN, 0, last), more=1)
            if row is not None:
                found.append(row)
            last = job
        else:
            return Page(seq, (), tuple(found))
        return Page(seq, (), tuple(found), Cursor(start.seq, BEGUN, 0, last))

    def _candidates(self, start: JobId) -> Iterator[tuple[JobId, JobRow | None]]:
        """Jobs from there on that may be asked for, each with its row if it is."""
        (last,) = self._db.execute(_LAST).fetchone() or (1,)
        low, end = self._meant.hull() or (JobId(1), JobId(last))
        (end,) = self._db.execute(_END_OF, (end - 1,)).fetchone() or (
            end,
        )  # a number may mean all of an array
        whole = (max(start, low), min(JobId(last), JobId(end)))
        if self._query.states:
            yield from ((job, self._looked_up(job)) for job in self._some(whole))
            return
        for row in self._db.execute(_FROM, whole):
            its = self._its(row)
            for first, stop in its.meant:
                for job in map(JobId, range(max(first, start), stop)):
                    yield job, self._row(its, job)
            yield JobId(its.what.end - 1), None

    def _looked_up(self, job: JobId) -> JobRow | None:
        if self._latest is None or not self._latest.what.first <= job < self._latest.what.end:
            row = self._db.execute(_OF, (job,)).fetchone()
            self._latest = self._its(row) if row and job < row[0] + row[1] else None
        return self._row(self._latest, job) if self._latest and holds(self._latest.meant, job) else None

    def _its(self, row: tuple[Any, ...]) -> _Its:
        """A submission, and its jobs that are asked for."""
        what = self._meant.known(*row[:5])
        if self._query.user not in {"", what.owner}:
            return _Its(what, row[5], (), (), ())
        by_number = self._meant.by_number(what)
        meant = merged([*by_number, *self._meant.by_word(what)])
        return _Its(what, row[5], meant, by_number, tuple(self._meant.altered(what)))

    def _row(self, its: _Its, job: JobId) -> JobRow | None:
        query, what = self._query, its.what
        terms = next(terms for first, end, terms in its.terms if first <= job < end)
        row = self._jobs.row(job, item_of(what.first, what.items, job), what.owner, terms, its.at_ns)
        is_late = row.ended_at is not None and row.ended_at < self._since_ns
        if (query.states and row.state not in query.states) or (is_late and not holds(its.by_number, job)):
            return None
        return row if query.host in {"", row.host} else None

    def _some(self, part: Range) -> Iterator[JobId]:
        """The jobs of a range that may be in one of the states."""
        states = set(self._query.states)
        if not states:
            return map(JobId, range(*part))
        found: list[Iterator[int]] = []
        if JobState.WAITING in states:
            found += [self._not_run(part), self._listed(_AGAIN, part)]
        if JobState.HELD in states:
            found.append(self._expanded(_HELD, part))
        if states & {JobState.RUNNING, JobState.PAUSED}:
            found.append(self._listed(_ON, part))
        if JobState.DONE in states:
            found.append(self._listed(_DONE, part))
        if states & _BADLY:
            found += [self._listed(_BAD, part), self._expanded(_ENDED, part)]
        return _each_once(heapq.merge(*found))

    def _listed(self, statement: str, part: Range) -> Iterator[int]:
        return (job for (job,) in self._db.execute(statement, part))

    def _not_run(self, part: Range) -> Iterator[int]:
        """Those that no attempt has ended of, and that have not ended otherwise."""
        ended = merged((JobId(first), JobId(stop)) for first, stop in self._db.execute(_ENDED, part))
        for first, stop in without((part,), ended):
            for start in range(first, stop, PIECE):
                end = min(stop, start + PIECE)
                (count,) = self._db.execute(_HOW_MANY_RAN, (start, end)).fetchone()
                if count < end - start:
                    ran = set(self._listed(_RAN, (JobId(start), JobId(end)))) if count else ()
                    yield from (job for job in range(start, end) if job not in ran)

    def _expanded(self, statement: str, part: Range) -> Iterator[int]:
        return (job for run in self._db.execute(statement, part) for job in range(*run))


def _each_once(jobs: Iterator[int]) -> Iterator[JobId]:
    last = 0
    for job in jobs:
        if job != last:
            yield JobId(job)
        last = job
