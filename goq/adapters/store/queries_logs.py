"""What the journal says of the output of an attempt: how it ended, where its bytes are, and those not in a file yet."""

import sqlite3
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from goq.adapters.store.submissions import SubmissionReader
from goq.core.values.ids import JobId
from goq.core.values.job import Job
from goq.core.values.logs import GIVEN_UP, TRIED_AGAIN, Attempt
from goq.core.values.result import OUT, Ended, Ending, Result, output_name
from goq.errors import JobUnknown, RequestRefused

_LIVE = "SELECT attempt, worker <> '' FROM live WHERE job = ?"
_LATEST = "SELECT coalesce(max(attempt), 0) FROM event WHERE job = ?"
_BEGUN = "SELECT host, at_ns FROM event WHERE job = ? AND attempt = ? AND kind = 'delegated' ORDER BY seq DESC LIMIT 1"
_GIVEN_UP = "SELECT reason, at_ns FROM event WHERE job = ? AND attempt = ? AND kind = 'requeued'"
_RESULT = (
    "SELECT ending, exit_code, signal, problem, cause, started_ns, ended_ns, output_length, output_sha256 <> x'',"
    " output FROM result WHERE job = ? AND attempt = ?"
)
_ENDED = (
    "SELECT ending, exit_code, signal, reason FROM ended"
    " WHERE first = (SELECT max(first) FROM ended WHERE first <= ?1) AND next > ?1"
)
_NAMED = (
    "SELECT path, start, length, data FROM output"
    " WHERE job = ? AND attempt = ? AND stream = ? AND path <> x''"
)
_NEXT_IN_FILE = "SELECT min(start) FROM output WHERE path = ? AND start > ?"
_NEXT_START = "SELECT start FROM output WHERE job = ? AND attempt = ? AND stream = 1 AND path = x''"
_START = (
    "SELECT coalesce(max(start), 0) FROM output WHERE job = ? AND stream = 1 AND path = x'' AND attempt <= ?"
)


class Kept(Struct, frozen=True):
    """Where the bytes of a stream are: from `start` on in the file `path`, and the last of them `beside` it yet.

    When it `is_mixed`, there may still be what an attempt left that was lost. The job wrote `length` of them, None: nobody knows; what is of others begins at `limit`. With a line of ours behind
    them, they are `total`.
    """

    path: str
    start: int = 0
    length: int | None = None
    limit: int | None = None
    beside: bytes = b""
    total: int = 0
    is_mixed: bool = False


class LogBook:
    """Looks through one connection, at one moment of the journal."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def job(self, job: JobId) -> Job:
        """What was submitted. Raises JobUnknown."""
        known = SubmissionReader(self._db).job(job)
        if known is None:
            raise JobUnknown(job, "in the journal")
        return known

    def attempt(self, job: JobId, number: int) -> Attempt:
        """An attempt of the job, 0: the latest. Raises RequestRefused when it has had fewer."""
        live = self._one(_LIVE, job)
        (latest,) = live[:1] if live else self._one(_LATEST, job) or (0,)
        number = number or latest
        if number > latest:
            raise RequestRefused(f"job {job} has had {latest} attempts, and no attempt {number}")
        at = Attempt(latest, number, *(self._one(_BEGUN, job, number) or ()))
        if live and live[1] and number == latest:
            return at
        at = self._over(job, at)
        ended = None if live or number != latest else self._one(_ENDED, job)
        if ended is None:
            return at
        ending, exit_code, signal, reason = ended
        status = Ended(job, 0, Ending(ending), Result(exit_code, signal, reason)).status
        return replace(at, ending=ending, status=status, exit_code=exit_code, signal=signal, problem=reason)

    def _over(self, job: JobId, at: Attempt) -> Attempt:
        """The same of an attempt that does not run any more."""
        result = self._one(_RESULT, job, at.number)
        if result is None:
            reason, at_ns = self._one(_GIVEN_UP, job, at.number) or ("", 0)
            return replace(at, ending=GIVEN_UP if at.number else "", problem=reason, ended_ns=at_ns)
        ending, exit_code, signal, problem, cause, started_ns, ended_ns = result[:7]
        how = Result(exit_code, signal, problem, cause=cause)
        status = Ended(job, at.number, Ending(ending or Ending.FINISHED), how).status
        at = replace(at, begun_ns=started_ns or at.begun_ns, ended_ns=ended_ns, ending=ending or TRIED_AGAIN)
        return replace(at, status=status, exit_code=exit_code, signal=signal, cause=cause, problem=problem)

    def kept(self, job: JobId, attempt: int, stream: int) -> Kept | None:
        """Where that stream of the attempt is; None when it has no such stream."""
        result = self._one(_RESULT, job, attempt)
        known, output = (result[7] if result[8] else None, result[9] or b"") if result else (None, b"")
        is_mixed = attempt > 1 and not self._one(_RESULT, job, attempt - 1)
        named = self._one(_NAMED, job, attempt, stream)
        if named:
            path, start, length, data = named
            (behind,) = self._one(_NEXT_IN_FILE, path, start) or (None,)
            if stream != OUT:
                return Kept(path.decode(), start, length, behind, data or b"", length or 0, is_mixed)
            return Kept(path.decode(), start, known, behind, output, length or 0, is_mixed)
        if stream != OUT:
            return None
        (start,) = self._one(_START, job, attempt) or (0,)
        behind = self._one(_NEXT_START, job, attempt + 1)
        total = behind[0] - start if behind else known or 0
        limit = behind[0] if behind else None
        return Kept(output_name(job), start, known, limit, output, total, is_mixed)

    def _one(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._db.execute(statement, values).fetchone()
        return row
