"""Rows of jobs, as one moment of a journal has them."""

import sqlite3
from typing import Any

from goq.core.values.ids import JobId
from goq.core.values.items import EachLine, Items, Numbers
from goq.core.values.result import OUT, Ended, Ending, Result, output_name, unstarted
from goq.core.values.room import read_grant
from goq.core.values.shown import JobRow, Needs, OutputFile, Used
from goq.core.values.states import JobState
from goq.core.values.terms import Terms

KIB = 1024
_LIVE = "SELECT attempt, worker, host, at_ns, paused, granted FROM live WHERE job = ?"
_RESULT = (
    "SELECT seq, attempt, ending, exit_code, signal, problem, host, pid, started_ns, ended_ns, cpu_s, peak_kib, cause,"
    " output_length, output_sha256 FROM result WHERE job = ? ORDER BY attempt DESC LIMIT 1"
)
_ENDED = (
    "SELECT next, seq + ?1 - first, ending, reason FROM ended WHERE first <= ?1 ORDER BY first DESC LIMIT 1"
)
_HELD = "SELECT next FROM held WHERE first <= ? ORDER BY first DESC LIMIT 1"
_HELD_SINCE = "SELECT max(at_ns) FROM event WHERE kind = 'held' AND (job = ?1 OR job < ?1 AND next > ?1 AND next > job + 1)"
_PAUSED_SINCE = "SELECT max(at_ns) FROM event WHERE kind = 'paused' AND job = ?"
_GIVEN = (
    "SELECT worker, (SELECT what FROM granted WHERE granted.job = event.job AND granted.attempt = event.attempt)"
    " FROM event WHERE job = ? AND kind = 'delegated' AND attempt = ?"
)
_PATH = "SELECT path FROM output WHERE job = ? AND attempt = ? AND stream = 1 AND path <> x''"
_AT = "SELECT at_ns FROM event WHERE seq <= ? ORDER BY seq DESC LIMIT 1"


def text_of(data: bytes) -> str:
    """What somebody wrote, with odd bytes spelled out."""
    return data.decode("utf-8", "backslashreplace")


def needs_of(terms: Terms) -> Needs:
    """What they ask for."""
    return Needs(
        terms.cpus,
        terms.memory or None,
        terms.gpus or None,
        terms.time_limit_s or None,
        dict(terms.resources) or None,
        dict(terms.licenses) or None,
    )


def item_of(first: JobId, items: Items | None, job: JobId) -> tuple[int | None, int | None]:
    """The array that the job is a task of, and its number in that."""
    if isinstance(items, Numbers | EachLine):
        return first, items.number(job - first)
    return None, None


def ended_of(row: tuple[Any, ...], job: JobId) -> Ended:
    """The final state in a row of results."""
    (
        _,
        attempt,
        ending,
        exit_code,
        signal,
        problem,
        host,
        pid,
        started_ns,
        ended_ns,
        cpu_s,
        peak_kib,
        cause,
        *_,
    ) = row
    how = Result(exit_code, signal, problem, host, pid, started_ns, ended_ns, cpu_s, peak_kib, cause=cause)
    return Ended(job, attempt, Ending(ending), how)


class JobRows:
    """Makes rows of jobs, through one connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def row(
        self, job: JobId, array: tuple[int | None, int | None], owner: str, terms: Terms, at_ns: int
    ) -> JobRow:
        """The job, whose terms are known, and when it was submitted."""
        known: dict[str, Any] = {
            "id": job,
            "owner": owner,
            "submitted_at": at_ns,
            "needs": needs_of(terms),
            "array": array[0],
            "item": array[1],
            "name": terms.name or None,
            "retries": terms.retries or None,
        }
        live = self._db.execute(_LIVE, (job,)).fetchone()
        if live and live[1]:
            return JobRow(**known, **self._running(job, live))
        if not live:
            result = self._db.execute(_RESULT, (job,)).fetchone()
            if result and result[2] is not None:
                return JobRow(**known, **self._ran(job, result))
            ended = self._db.execute(_ENDED, (job,)).fetchone()
            if ended and ended[0] > job:
                return JobRow(**known, **self._never_ran(job, ended))
        return JobRow(**known, **self._waiting(job, live, at_ns))

    def _running(self, job: JobId, live: tuple[Any, ...]) -> dict[str, Any]:
        attempt, worker, host, at_ns, paused, granted = live
        paused_ns = self._db.execute(_PAUSED_SINCE, (job,)).fetchone()[0] if paused else None
        return {
            "state": JobState.PAUSED if paused else JobState.RUNNING,
            "since_at": paused_ns or at_ns,
            "started_at": at_ns,
            "attempt": attempt,
            "worker": worker,
            "host": host,
            "gpus": read_grant(granted.encode()).gpus or None,
            "output": OutputFile(self._path(job, attempt)),
        }

    def _waiting(self, job: JobId, live: tuple[Any, ...] | None, at_ns: int) -> dict[str, Any]:
        attempt, since_ns = (live[0], live[3]) if live else (None, at_ns)
        held = self._db.execute(_HELD, (job,)).fetchone()
        if not (held and held[0] > job):
            return {"state": JobState.WAITING, "since_at": since_ns, "attempt": attempt}
        (held_ns,) = self._db.execute(_HELD_SINCE, (job,)).fetchone()
        return {"state": JobState.HELD, "since_at": held_ns or since_ns, "attempt": attempt}

    def _ran(self, job: JobId, row: tuple[Any, ...]) -> dict[str, Any]:
        ended = ended_of(row, job)
        result, length, sha256 = ended.result, *row[-2:]
        worker, granted = self._db.execute(_GIVEN, (job, ended.attempt)).fetchone() or (None, None)
        path = self._path(job, ended.attempt)
        is_kept = bool(sha256) or path.startswith("/")
        (told_ns,) = self._db.execute(_AT, row[:1]).fetchone() or (0,)
        ended_ns = result.ended_ns or told_ns
        return {
            **_how(ended),
            "since_at": ended_ns,
            "started_at": result.started_ns or None,
            "ended_at": ended_ns,
            "elapsed_s": ended.elapsed_s if result.started_ns else None,
            "attempt": ended.attempt or None,
            "worker": worker or None,
            "host": result.host or None,
            "gpus": (granted and read_grant(granted.encode()).gpus) or None,
            "used": used_of(result.cpu_s, result.peak_kib) if result.started_ns else None,
            "output": OutputFile(path, length, sha256.hex() or None) if is_kept else None,
        }

    def _never_ran(self, job: JobId, row: tuple[Any, ...]) -> dict[str, Any]:
        _, seq, ending, reason = row
        (at_ns,) = self._db.execute(_AT, (seq,)).fetchone()
        ended = Ended(job, 0, Ending(ending), unstarted(Ending(ending), reason, at_ns))
        return {**_how(ended), "since_at": at_ns, "ended_at": at_ns}

    def _path(self, job: JobId, attempt: int) -> str:
        row = self._db.execute(_PATH, (job, attempt)).fetchone()
        return text_of(row[0]) if row else output_name(job, OUT)


def used_of(cpu_s: float, peak_kib: int) -> Used:
    """What an attempt used that was started."""
    return Used(cpu_s, peak_kib * KIB or None)


def _how(ended: Ended) -> dict[str, Any]:
    result = ended.result
    return {
        "state": ended.state,
        "cause": result.cause or None,
        "status": ended.status,
        "signal": result.signal or None,
        "problem": result.problem or None,
    }
