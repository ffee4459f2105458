"""What happened, and what has ended, as one moment of a journal has it: behind a number, in order."""

import heapq
import sqlite3
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from goq.adapters.store.queries_jobs import ended_of
from goq.adapters.store.queries_pages import latest_event
from goq.core.values.happenings import (
    LIMIT_SET,
    PAGE_BYTES,
    SUBMITTED,
    EndedRow,
    Happening,
    Happenings,
    HappeningsSince,
)
from goq.core.values.ids import JobId
from goq.core.values.job import owner_of
from goq.core.values.result import Ended, Ending, Result
from goq.core.values.terms import read_terms

_EVENTS = (
    "SELECT e.seq, e.job, e.next, e.kind, e.attempt, e.worker, e.host, e.pid, e.at_ns, e.by, e.reason,"
    " coalesce(r.ending, n.ending), coalesce(r.exit_code, n.exit_code), coalesce(r.signal, n.signal), r.cause"
    " FROM event AS e LEFT JOIN result AS r ON r.seq = e.seq LEFT JOIN ended AS n ON n.seq = e.seq"
    " WHERE e.seq > ? ORDER BY e.seq LIMIT ?"
)
_SUBMISSIONS = (
    "SELECT seq, first, count, at_ns, submitter, json FROM submission LEFT JOIN terms ON terms.id = submission.terms"
    " WHERE first >= ? ORDER BY first LIMIT ?"
)
_SEQ_AT = "SELECT first, seq FROM submission WHERE first >= ? ORDER BY first LIMIT 1"
_LIMITS = "SELECT seq, name, amount, by, host, pid, why, at_ns FROM limits WHERE seq > ? ORDER BY seq LIMIT ?"
_OVER = (
    "SELECT ended_seq, first, count, submitter, json, ended_ns, done, failed, cancelled, lost, skipped"
    " FROM submission LEFT JOIN terms ON terms.id = submission.terms"
    " WHERE ended_seq >= ?1 AND (ended_seq > ?1 OR first > ?2) ORDER BY ended_seq, first LIMIT ?3"
)
_BAD_RESULT = (
    "SELECT seq, attempt, ending, exit_code, signal, problem, host, pid, started_ns, ended_ns, cpu_s, peak_kib, cause, job"
    " FROM result WHERE job >= ? AND job < ? AND (ending <> 'finished' OR exit_code OR signal) AND ending IS NOT NULL"
    " ORDER BY job LIMIT 1"
)
_BAD_RANGE = (
    "SELECT max(first, ?1), ending, exit_code, signal FROM ended WHERE next > ?1 AND first < ?2"
    " AND first >= coalesce((SELECT max(first) FROM ended WHERE first <= ?1), 0) ORDER BY first LIMIT 1"
)


def happenings(db: sqlite3.Connection, query: HappeningsSince) -> Happenings:
    """What happened behind the number of the query: so much as is asked for, and as fits into an answer."""
    kinds = (_events(db, query), _submissions(db, query), _limits(db, query))
    rows: list[Happening] = []
    size = 0
    for row in heapq.merge(*kinds, key=attrgetter("seq")):
        size += sum(len(text) for text in (row.name, row.owner, row.by, row.text) if text)
        if len(rows) == query.limit or (rows and size > PAGE_BYTES):
            return Happenings(rows[-1].seq, tuple(rows), is_all=False)
        rows.append(row)
    return Happenings(latest_event(db), tuple(rows))


def _events(db: sqlite3.Connection, query: HappeningsSince) -> Iterator[Happening]:
    for row in db.execute(_EVENTS, (query.since, query.limit + 1)):
        seq, job, end, kind, attempt, worker, host, pid, at_ns, by, reason, ending, code, signal, cause = row
        over = Ended(JobId(job), attempt, Ending(ending), Result(code, signal)) if ending else None
        yield Happening(
            seq + end - job - 1,
            kind,
            at_ns,
            job,
            end - 1,
            attempt=attempt or None,
            worker=worker or None,
            host=host or None,
            pid=pid or None,
            by=by or None,
            state=over.state.value if over else None,
            status=over.status if over else None,
            cause=cause or None,
            text=reason or None,
        )


def _submissions(db: sqlite3.Connection, query: HappeningsSince) -> Iterator[Happening]:
    for seq, first, count, at_ns, submitter, terms in db.execute(
        _SUBMISSIONS, (_first_behind(db, query.since), query.limit + 1)
    ):
        name, owner = read_terms((terms or "").encode()).name, owner_of(submitter)
        last = first + count - 1
        yield Happening(seq, SUBMITTED, at_ns, first, last, name or None, owner, by=owner)


def _first_behind(db: sqlite3.Connection, since: int) -> int:
    """The first submission with a number above: both rise together, so it is found by halves."""
    low, high = 0, int(db.execute("SELECT coalesce(max(first) + 1, 0) FROM submission").fetchone()[0])
    while low < high:
        middle = (low + high) // 2
        first, seq = db.execute(_SEQ_AT, (middle,)).fetchone()
        if seq > since:
            high = middle
        else:
            low = first + 1
    return low


def _limits(db: sqlite3.Connection, query: HappeningsSince) -> Iterator[Happening]:
    for seq, name, amount, by, host, pid, why, at_ns in db.execute(_LIMITS, (query.since, query.limit + 1)):
        where = {"host": host or None, "pid": pid or None, "by": by or None}
        yield Happening(seq, LIMIT_SET, at_ns, name=name, amount=amount, text=why or None, **where)


def ended_behind(db: sqlite3.Connection, mark: tuple[int, int], limit: int) -> list[EndedRow]:
    """The submissions that ended behind the mark, an event and a submission, in order."""
    return [_over(db, row) for row in db.execute(_OVER, (*mark, limit)).fetchall()]


def _over(db: sqlite3.Connection, row: tuple[Any, ...]) -> EndedRow:
    seq, first, count, submitter, terms, ended_ns, done, failed, cancelled, lost, skipped = row
    name = read_terms((terms or "").encode()).name
    status = 0 if done == count else _status(db, first, first + count)
    what = (seq, first, count, owner_of(submitter), name, ended_ns)
    return EndedRow(*what, done, failed, cancelled, lost, skipped, status)


def _status(db: sqlite3.Connection, first: int, end: int) -> int:
    """That of the lowest number that did not end well."""
    ran = [ended_of(row, row[-1]) for row in db.execute(_BAD_RESULT, (first, end))]
    never = [
        Ended(JobId(job), 0, Ending(ending), Result(code, signal))
        for job, ending, code, signal in db.execute(_BAD_RANGE, (first, end))
    ]
    return min(ran + never, key=lambda each: each.job).status
