"""Pages of jobs, in the order of their numbers, from one moment of a journal."""

import heapq
import sqlite3
from collections.abc import Iterator
from typing import Any

from goq.adapters.store.queries_jobs import JobRows, item_of
from goq.adapters.store.queries_meant import Known, Meant
from goq.adapters.store.queries_pages import latest_event
from goq.core.values.ids import JobId
from goq.core.values.pages import BEGUN, Cursor, Page, Rows
from goq.core.values.ranges import Range, common, merged
from goq.core.values.shown import JobRow
from goq.core.values.states import JobState
from goq.core.values.terms import Terms

LOOKED_AT = 5_000  # jobs for a page
_COLUMNS = "first, count, submitter, terms, items, at_ns"
_FROM = (
    f"SELECT {_COLUMNS} FROM submission WHERE first >= coalesce((SELECT max(first) FROM submission"
    " WHERE first <= ?1), 0) AND first + count > ?1 AND first < ?2 ORDER BY first"
)
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
_MANY = {JobState.WAITING, JobState.DONE}
_LARGEST = 2**63 - 1


class JobPager:
    """Looks a page up. It is `now_ns`."""

    def __init__(self, db: sqlite3.Connection, query: Rows, now_ns: int) -> None:
        self._db = db
        self._query = query
        self._since_ns = now_ns - int(query.since_s * 1e9)
        self._meant = Meant(db, query.selector, query.owner)
        self._jobs = JobRows(db)

    def page(self) -> Page:
        """The jobs that are asked for."""
        seq, query = latest_event(self._db), self._query
        start = query.after or Cursor(seq)
        found: list[JobRow] = []
        last = start.first
        for looked_at, (job, row) in enumerate(self._candidates(JobId(start.first + 1))):
            if looked_at == LOOKED_AT:
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
        low, end = self._meant.hull() or (JobId(1), JobId(_LARGEST))
        for *row, at_ns in self._db.execute(_FROM, (max(start, low), end)):
            what = self._meant.known(*row)
            if self._query.user not in {"", what.owner}:
                continue
            by_number = self._meant.by_number(what)
            wanted = merged([*by_number, *self._meant.by_word(what)])
            for first, stop, terms in self._meant.altered(what):
                for part in common(wanted, ((max(first, start), stop),)) if start < stop else ():
                    for job in self._some(part):
                        yield (
                            job,
                            self._row(
                                what, job, terms, at_ns, is_named=bool(common(by_number, (_one(job),)))
                            ),
                        )

    def _row(self, what: Known, job: JobId, terms: Terms, at_ns: int, *, is_named: bool) -> JobRow | None:
        query = self._query
        row = self._jobs.row(job, item_of(what.first, what.items, job), what.owner, terms, at_ns)
        is_late = row.ended_at is not None and row.ended_at < self._since_ns
        if (query.states and row.state not in query.states) or (is_late and not is_named):
            return None
        return row if query.host in {"", row.host} else None

    def _some(self, part: Range) -> Iterator[JobId]:
        """The jobs of a range that may be in one of the states."""
        states = set(self._query.states)
        if not states or states & _MANY:
            return map(JobId, range(*part))
        found: list[Iterator[Any]] = []
        if states & {JobState.RUNNING, JobState.PAUSED}:
            found.append(job for (job,) in self._db.execute(_ON, part))
        if JobState.HELD in states:
            found.append(self._expanded(_HELD, part))
        if any(not state.is_live for state in states):
            found += [(job for (job,) in self._db.execute(_BAD, part)), self._expanded(_ENDED, part)]
        return _each_once(heapq.merge(*found))

    def _expanded(self, statement: str, part: Range) -> Iterator[int]:
        return (job for run in self._db.execute(statement, part) for job in range(*run))


def _one(job: JobId) -> Range:
    return job, JobId(job + 1)


def _each_once(jobs: Iterator[int]) -> Iterator[JobId]:
    last = 0
    for job in jobs:
        if job != last:
            yield JobId(job)
        last = job
