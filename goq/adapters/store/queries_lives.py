"""The life of one job, as one moment of a journal has it."""

import sqlite3
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from goq.adapters.store.queries_jobs import JobRows, ended_of, item_of, text_of, used_of
from goq.adapters.store.queries_pages import latest_event
from goq.adapters.store.submissions import SubmissionReader
from goq.core.values.ids import JobId, split_argv, split_environment
from goq.core.values.items import EachLine, Numbers
from goq.core.values.job import Submission
from goq.core.values.lives import BEHIND_LIMIT, EVENTS_LIMIT, Life, LifeOf
from goq.core.values.room import read_grant
from goq.core.values.shown import Attempt, Event
from goq.core.values.terms import Terms, read_terms
from goq.errors import JobUnknown

REQUEUED = "requeued"
_EVENTS = (
    "SELECT seq + ?1 - job, kind, at_ns, attempt, worker, host, pid, by, reason FROM event WHERE job = ?1"
    " OR job < ?1 AND next > ?1 AND next > job + 1 ORDER BY 1 LIMIT ?2"
)
_BEGUN = (
    "SELECT e.attempt, e.at_ns, e.worker, e.host, g.what, l.reason, l.at_ns FROM event AS e"
    " LEFT JOIN granted AS g ON g.job = e.job AND g.attempt = e.attempt"
    " LEFT JOIN event AS l ON l.job = e.job AND l.attempt = e.attempt AND l.kind = 'requeued'"
    " WHERE e.job = ? AND e.kind = 'delegated' ORDER BY e.seq LIMIT ?"
)
_RESULTS = (
    "SELECT seq, attempt, ending, exit_code, signal, problem, host, pid, started_ns, ended_ns, cpu_s, peak_kib, cause"
    " FROM result WHERE job = ?"
)
_PART = "SELECT next, terms FROM part WHERE first <= ? ORDER BY first DESC LIMIT 1"
_WAIT = (
    "SELECT submission.first, json FROM terms CROSS JOIN submission ON submission.terms = terms.id"
    " WHERE json LIKE '%\"after\":%' AND open > 0 ORDER BY submission.first"
)


class LifeBook:
    """Tells lives, through one connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._reader = SubmissionReader(db)

    def life(self, query: LifeOf) -> Life:
        """The job's life, but for its last lines. Raises JobUnknown."""
        what = self._reader.of_number(JobId(query.job))
        job = _job_of(what, query) if what else None
        known = self._reader.job(job) if job else None
        if what is None or job is None or known is None:
            task = "" if query.item is None else f"with a task {query.item} "
            raise JobUnknown(JobId(query.job), f"{task}in the journal")
        terms = self._terms(job, what.terms)
        row = JobRows(self._db).row(
            job, item_of(what.first, what.items, job), what.origin.owner, terms, what.at_ns
        )
        variables = None
        if query.environment:
            pairs = split_environment(what.origin.environment).items()
            variables = {text_of(name): text_of(value) for name, value in pairs}
        return Life(
            latest_event(self._db),
            row,
            tuple(map(text_of, split_argv(known.argv))),
            text_of(what.origin.folder),
            what.origin.submitter,
            _asked(terms),
            self._attempts(job),
            waiters=self._waiters(job) or None,
            environment=variables,
            events=self._events(job) if query.events else None,
            submitted_at=what.at_ns,
        )

    def _terms(self, job: JobId, submitted: Terms) -> Terms:
        row = self._db.execute(_PART, (job,)).fetchone()
        return read_terms(row[1].encode()) if row and row[0] > job else submitted

    def _attempts(self, job: JobId) -> tuple[Attempt, ...]:
        results = {row[1]: row for row in self._db.execute(_RESULTS, (job,))}
        begun = self._db.execute(_BEGUN, (job, EVENTS_LIMIT)).fetchall()
        found: dict[int, Attempt] = {}
        for number, at_ns, worker, host, granted, reason, given_up_ns in begun:
            gpus = read_grant((granted or "").encode()).gpus or None
            attempt = Attempt(number, at_ns, worker or None, host or None, gpus)
            if number in results:
                attempt = _over(attempt, job, results[number], reason)
            elif given_up_ns:
                attempt = replace(attempt, ended_at=given_up_ns, ending=REQUEUED, text=reason or None)
            found[number] = attempt
        return tuple(found.values())

    def _waiters(self, job: JobId) -> tuple[int, ...]:
        """The submissions that wait behind the job."""
        found = []
        for first, json in self._db.execute(_WAIT):
            behind = read_terms(json.encode()).after
            if any(start <= job < end for after in behind for start, end in after.jobs):
                found.append(first)
                if len(found) == BEHIND_LIMIT:
                    break
        return tuple(found)

    def _events(self, job: JobId) -> tuple[Event, ...]:
        rows = self._db.execute(_EVENTS, (job, EVENTS_LIMIT))
        return tuple(
            Event(
                seq,
                kind,
                at_ns,
                attempt or None,
                worker or None,
                host or None,
                pid or None,
                by or None,
                text or None,
            )
            for seq, kind, at_ns, attempt, worker, host, pid, by, text in rows
        )


def _job_of(what: Submission, query: LifeOf) -> JobId | None:
    if query.item is None:
        return JobId(query.job)
    index = what.items.index(query.item) if isinstance(what.items, Numbers | EachLine) else None
    is_there = what.first == query.job and index is not None and index < what.count
    return JobId(what.first + (index or 0)) if is_there else None


def _over(attempt: Attempt, job: JobId, row: tuple[Any, ...], reason: str | None) -> Attempt:
    ending = row[2]
    ended = ended_of((*row[:2], ending or "finished", *row[3:]), job)
    result = ended.result
    return replace(
        attempt,
        started_at=result.started_ns or attempt.started_at,
        ended_at=result.ended_ns or None,
        ending=ended.state.value if ending else REQUEUED,
        cause=result.cause or None,
        status=ended.status if ending else result.status,
        signal=result.signal or None,
        text=result.problem or reason or None,
        used=used_of(result.cpu_s, result.peak_kib) if result.started_ns else None,
    )


def _asked(terms: Terms) -> dict[str, Any]:
    """What was asked for; that it came with a user's key nobody has asked for."""
    asked: dict[str, Any] = to_builtins(terms)
    asked.pop("keyed", None)
    return asked
