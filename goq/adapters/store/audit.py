"""Reads a journal without touching it: proves it, tells a job's life from it, and copies it.

Its own connection, read-only, so that it works beside a running server and without one. The
proof is one question a law, each answered with all who break it; the laws do not rely on the
code that writes the journal.
"""

import contextlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec import Struct

from goq.adapters.files.durable import sync
from goq.adapters.reasons import reason_of
from goq.adapters.store import laws_behind, laws_grants
from goq.adapters.store.file import snapshot
from goq.adapters.store.laws import COUNTS, HIDE_SWEPT, LAWS, OUTPUTS, STEPS, SWEPT
from goq.adapters.store.submissions import SubmissionReader
from goq.adapters.store.tables import BACKUP
from goq.core.values.ids import Argv, JobId
from goq.core.values.items import EachLine, Numbers
from goq.core.values.terms import DEFAULT_TERMS, Terms, read_terms
from goq.errors import JobUnknown, JournalError

_SUBMISSION = (
    "SELECT folder, submitter, at_ns, nonce, json AS terms"
    " FROM submission LEFT JOIN terms ON terms.id = terms WHERE first <= ? ORDER BY first DESC LIMIT 1"
)
_EVENTS = (
    "SELECT kind, attempt, worker, host, pid, at_ns, by, reason FROM event WHERE job = :job"
    " OR job < :job AND next > :job AND next > job + 1 ORDER BY seq"
)
_STRAYS = (
    "SELECT job, epoch, attempt, host, pid, exit_code, signal, output_length, at_ns FROM stray"
    " ORDER BY job, epoch, attempt"
)
_FILES = "SELECT attempt, stream, path, length, sha256 FROM output WHERE job = ? AND path <> x'' ORDER BY attempt, stream"
_RESULT = (
    "SELECT ending, attempt, exit_code, signal, problem, host, pid, started_ns, ended_ns, cpu_s, peak_kib,"
    " output_length, output_sha256, cause, output IS NOT NULL FROM result WHERE job = :job AND ending IS NOT NULL"
    " UNION ALL SELECT ending, 0, exit_code, signal, reason, '', 0, 0, 0, 0, 0, 0, x'', '', 0 FROM ended"
    " WHERE first = (SELECT max(first) FROM ended WHERE first <= :job) AND next > :job"
)
_STATE = "SELECT CASE WHEN worker = '' THEN 'waiting' WHEN signal THEN 'being cancelled' ELSE 'running' END"


class Violation(Struct, frozen=True, gc=False):
    """A law that does not hold for a job."""

    law: str
    job: int
    how: str


class ExpectedOutput(Struct, frozen=True, gc=False):
    """What the journal says of a finished job's output file."""

    job: JobId
    start: int
    length: int
    sha256: bytes
    path: bytes = b""  # below the folder for outputs; b"": by the rule


class Stray(Struct, frozen=True, gc=False):
    """An attempt that ended, and was given after the copy was made with which the queue goes on."""

    job: int
    epoch: int
    attempt: int
    host: str
    pid: int
    exit_code: int
    signal: int
    output_length: int
    at_ns: int


class Return(Struct, frozen=True, gc=False):
    """A server went on with a copy: `why` is what showed that it was one; "" when somebody said so.

    The numbers first .. next - 1 were left out. Those a little below may have been given twice, if nobody said so.
    """

    epoch: int
    first: int
    next: int
    why: str


class Proof(Struct, frozen=True, gc=False):
    """What a look at one moment of the journal found."""

    counts: dict[str, int]
    violations: list[Violation]
    outputs: list[ExpectedOutput]
    strays: list[Stray]
    returns: list[Return]


class Event(Struct, frozen=True, gc=False):
    """One thing that happened to a job after its submission."""

    kind: str
    attempt: int
    worker: str
    host: str
    pid: int
    at_ns: int
    by: str
    reason: str


class Life(Struct, frozen=True, gc=False):
    """All that the journal knows of one job; `result` is None while it lives.

    `submission` is None of a number that was given after the copy was made with which the queue goes on.
    """

    argv: Argv
    submission: dict[str, Any] | None
    terms: Terms
    state: str
    events: list[Event]
    result: dict[str, Any] | None
    strays: list[Stray]
    files: list[dict[str, Any]] = []  # of its attempts, that have names of their own


def prove(folder: Path) -> Proof:
    """Hold the journal against every law. Raises JournalError when it cannot be read."""
    with snapshot(folder) as db:
        if db.execute("SELECT 1 FROM sweeping").fetchone():
            for table, column in SWEPT:
                db.execute(HIDE_SWEPT.format(table=table, column=column))
        for statement in (STEPS + laws_behind.STEPS + laws_grants.STEPS).strip().split(";")[:-1]:
            db.execute(statement)
        laws = (*LAWS, *laws_behind.LAWS, *laws_grants.LAWS)
        violations = [Violation(law, job, how) for law, sql in laws for job, how in db.execute(sql)]
        counts = {name: int(db.execute(sql).fetchone()[0]) for name, sql in COUNTS}
        outputs = [ExpectedOutput(JobId(row[0]), *row[1:5]) for row in db.execute(OUTPUTS)]
        returns = [
            Return(*row) for row in db.execute("SELECT epoch, first, next, why FROM skipped ORDER BY epoch")
        ]
        return Proof(counts, violations, outputs, _strays(db), returns)


def life_of(folder: Path, job: JobId) -> Life:
    """The job's life. Raises JobUnknown, and JournalError when the journal cannot be read."""
    with snapshot(folder) as db:
        known = SubmissionReader(db).job(job)
        submission = _as_dict(db.execute(_SUBMISSION, (job,)))
        strays = [stray for stray in _strays(db) if stray.job == job]
        if known is None or submission is None:
            if not strays:
                raise JobUnknown(job, f"in the journal in {folder}")
            return Life(Argv(b""), None, DEFAULT_TERMS, "unknown", [], None, strays)
        terms = read_terms((submission["terms"] or "").encode())
        live = db.execute(f"{_STATE} FROM live WHERE job = ?", (job,)).fetchone()
        events = [Event(*row) for row in db.execute(_EVENTS, {"job": job})]
        result = _as_dict(db.execute(_RESULT, {"job": job}))
        state = live[0] if live else "ended" if result else "waiting"
        files = _as_dicts(db.execute(_FILES, (job,)))
        return Life(known.argv, submission, terms, state, events, result, strays, files)


def number_of(folder: Path, array: JobId, item: int) -> JobId:
    """The job that people know as that task of the array. Raises JobUnknown, and JournalError as `life_of`."""
    with snapshot(folder) as db:
        known = SubmissionReader(db).of_number(array)
        index = known.items.index(item) if known and isinstance(known.items, Numbers | EachLine) else None
        if known is None or index is None or known.first != array or index >= known.count:
            raise JobUnknown(array, f"with a task {item} in the journal in {folder}")
        return JobId(array + index)


def _strays(db: sqlite3.Connection) -> list[Stray]:
    return [Stray(*row) for row in db.execute(_STRAYS)]


def back_up(folder: Path, target: Path) -> int:
    """Copy the journal as it is at one moment into a new file of mode 0600; its size in bytes.

    Raises JournalError when the target exists, or cannot be written.
    """
    aside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with snapshot(folder) as source:
            os.close(os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            _copy(source, aside)
        os.link(aside, target)  # a rename would replace what is there
        sync(target.parent)
        return target.stat().st_size
    except FileExistsError as error:
        raise JournalError(f"{target} exists; name a file that does not, or move it away") from error
    except OSError as error:
        raise JournalError(f"cannot write {target}: {error.strerror}") from error
    except sqlite3.Error as error:
        raise JournalError(f"cannot write {target}: {reason_of(error)}") from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def _copy(source: sqlite3.Connection, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        copy.execute("INSERT OR REPLACE INTO meta VALUES (?, 1)", (BACKUP,))
        (complaint,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    if complaint != "ok":
        raise JournalError(f"the copy of the journal is damaged ({complaint}); nothing was kept")
    sync(path)


def _as_dict(cursor: sqlite3.Cursor) -> dict[str, Any] | None:
    return next(iter(_as_dicts(cursor)), None)


def _as_dicts(cursor: sqlite3.Cursor) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
