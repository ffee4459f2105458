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
from goq.adapters.store.file import snapshot
from goq.adapters.store.tables import BACKUP
from goq.core.values.ids import JobId
from goq.errors import JobUnknown, JournalError

# What moves a job, each with what went before it for the same job.
_STEPS = """
CREATE TEMP VIEW given AS
SELECT first, first + count AS next FROM submission UNION ALL SELECT first, next FROM cleared
UNION ALL SELECT first, next FROM skipped;
CREATE TEMP TABLE step AS
SELECT seq, job, kind, attempt, lag(kind) OVER life AS before, lag(attempt) OVER life AS attempt_before,
       count(*) FILTER (WHERE kind = 'delegated') OVER life AS delegations
FROM event WHERE kind IN ('delegated', 'requeued', 'finished', 'cancelled', 'lost')
WINDOW life AS (PARTITION BY job ORDER BY seq);
CREATE TEMP TABLE last AS
SELECT job AS id, kind, delegations FROM step
WHERE seq IN (SELECT max(seq) FROM step GROUP BY job);
CREATE INDEX temp.last_id ON last (id);
"""

# Jobs that are forgotten, but whose rows are still being removed, are as gone as they will be.
_SWEPT = ("job", "id"), ("event", "job"), ("result", "job")
_HIDE_SWEPT = (
    "CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE NOT EXISTS"
    " (SELECT 1 FROM sweeping WHERE {table}.{column} >= first AND {table}.{column} < next)"
)

# (what is broken, who breaks it and how). Each question gives rows of (job, sentence).
_LAWS = (
    (
        "missing job",
        (
            "WITH RECURSIVE short AS (SELECT first, first + count - 1 AS final FROM submission LEFT JOIN"
            " (SELECT submission, count(*) AS jobs FROM job GROUP BY submission) ON submission = first"
            " WHERE coalesce(jobs, 0) <> count),"
            " wanted (id, final) AS (SELECT first, final FROM short"
            " UNION ALL SELECT id + 1, final FROM wanted WHERE id < final)"
            " SELECT id, 'was submitted and is not there' FROM wanted"
            " WHERE id NOT IN (SELECT id FROM job) LIMIT 1000"
        ),
    ),
    (
        "stray job",
        (
            "SELECT id, 'belongs to no submission' FROM job LEFT JOIN submission ON first = submission"
            " WHERE first IS NULL OR id NOT BETWEEN first AND first + count - 1"
        ),
    ),
    (
        "job of two submissions",
        (
            "SELECT first, 'belongs to two submissions' FROM (SELECT first,"
            " lag(next) OVER (ORDER BY first, next) AS free FROM given) WHERE first < free"
        ),
    ),
    (
        "missing submission",
        (
            "SELECT free, 'was given a number, as were all up to ' || (first - 1) || ', and its submission is not there'"
            " FROM (SELECT first, lag(next, 1, 1) OVER (ORDER BY first, next) AS free FROM given) WHERE first > free"
        ),
    ),
    (
        "no final state",
        (
            "SELECT id, 'has ended, and has no result' FROM job LEFT JOIN result ON job = id"
            " WHERE live = 0 AND job IS NULL"
        ),
    ),
    (
        "live job with a result",
        "SELECT id, 'is live, and has a result' FROM job JOIN result ON job = id WHERE live <> 0",
    ),
    (
        "result of no job",
        "SELECT job, 'has a result, and was never submitted' FROM result WHERE job NOT IN (SELECT id FROM job)",
    ),
    (
        "event of no job",
        (
            "SELECT DISTINCT job, 'has events, and was never submitted' FROM event"
            " WHERE job NOT IN (SELECT id FROM job)"
        ),
    ),
    (
        "attempt number",
        (
            "SELECT job, 'has as attempt number ' || delegations || ' the number ' || attempt FROM step"
            " WHERE kind = 'delegated' AND attempt <> delegations"
            " UNION ALL SELECT job.id, 'counts ' || attempts || ' attempts, and had ' || coalesce(delegations, 0)"
            " FROM job LEFT JOIN last ON last.id = job.id WHERE attempts <> coalesce(delegations, 0)"
        ),
    ),
    (
        "overlapping attempts",
        (
            "SELECT job, 'began attempt ' || attempt || ' before attempt ' || attempt_before || ' was over'"
            " FROM step WHERE kind = 'delegated' AND before = 'delegated'"
        ),
    ),
    (
        "double start",
        (
            "SELECT job, 'was given ' || count(*) || ' times as attempt ' || attempt FROM event"
            " WHERE kind = 'delegated' GROUP BY job, attempt HAVING count(*) > 1"
        ),
    ),
    (
        "epoch that goes back",
        (
            "SELECT job, 'began attempt ' || attempt || ' in epoch ' || epoch || ', after epoch ' || latest FROM"
            " (SELECT job, attempt, epoch, max(epoch) OVER (ORDER BY seq) AS latest"
            " FROM event WHERE kind = 'delegated') WHERE epoch < latest"
        ),
    ),
    (
        "attempt of nobody",
        (
            "SELECT job, 'was run as attempt ' || attempt || ' of epoch ' || epoch || ' by ' || worker"
            " || ', which this journal has not given' FROM event AS told WHERE kind = 'result refused'"
            " AND NOT EXISTS (SELECT 1 FROM event WHERE job = told.job AND kind = 'delegated'"
            " AND epoch = told.epoch AND attempt = told.attempt AND worker = told.worker)"
        ),
    ),
    (
        "event after the end",
        (
            "SELECT job, kind || ' (attempt ' || attempt || ') after it was ' || before FROM step"
            " WHERE before IN ('finished', 'cancelled', 'lost')"
            " UNION ALL SELECT event.job, event.kind || ' after the end' FROM event JOIN result"
            " ON result.job = event.job WHERE event.kind = 'cancel requested' AND event.seq > result.seq"
        ),
    ),
    (
        "requeued without an attempt",
        (
            "SELECT job, 'requeued from attempt ' || attempt || ', which it was not in' FROM step"
            " WHERE kind = 'requeued' AND (before IS NOT 'delegated' OR attempt <> attempt_before)"
        ),
    ),
    (
        "result of a wrong attempt",
        (
            "SELECT job, kind || ' by attempt ' || attempt || ', which it was not in' FROM step"
            " WHERE kind IN ('finished', 'cancelled', 'lost') AND NOT CASE WHEN attempt > 0"
            " THEN before IS 'delegated' AND attempt = attempt_before"
            " ELSE before IS NOT 'delegated' AND (kind = 'cancelled'"
            " OR kind <> 'cancelled' AND (SELECT reason <> '' FROM event WHERE event.seq = step.seq)) END"
            " UNION ALL SELECT result.job, 'has a result that no event tells of' FROM result LEFT JOIN step"
            " ON step.seq = result.seq AND step.job = result.job AND step.kind = ending"
            " AND step.attempt = result.attempt WHERE step.seq IS NULL"
        ),
    ),
    (
        "state against events",
        (
            "SELECT job.id, 'is ' || CASE live WHEN 0 THEN 'ended' WHEN 1 THEN 'waiting' WHEN 2 THEN 'running'"
            " WHEN 3 THEN 'being cancelled' ELSE 'in state ' || live END"
            " || ', and its last event is ' || coalesce(kind, 'its submission')"
            " FROM job LEFT JOIN last ON last.id = job.id WHERE NOT CASE live"
            " WHEN 0 THEN coalesce(kind, '') IN ('finished', 'cancelled', 'lost')"
            " WHEN 1 THEN coalesce(kind, 'requeued') = 'requeued'"
            " WHEN 2 THEN coalesce(kind, '') = 'delegated' WHEN 3 THEN coalesce(kind, '') = 'delegated' ELSE 0 END"
        ),
    ),
)
_COUNTS = (
    ("submissions", "SELECT count(*) FROM submission"),
    ("jobs", "SELECT count(*) FROM job"),
    ("waiting", "SELECT count(*) FROM job WHERE live = 1"),
    ("running", "SELECT count(*) FROM job WHERE live > 1"),
    ("finished", "SELECT count(*) FROM result WHERE ending = 'finished'"),
    ("cancelled", "SELECT count(*) FROM result WHERE ending = 'cancelled'"),
    ("lost", "SELECT count(*) FROM result WHERE ending = 'lost'"),
    ("attempts", "SELECT count(*) FROM event WHERE kind = 'delegated'"),
    ("requeued", "SELECT count(*) FROM event WHERE kind = 'requeued'"),
    ("refused results", "SELECT count(*) FROM event WHERE kind = 'result refused'"),
    ("strays", "SELECT count(*) FROM stray"),
    ("skipped numbers", "SELECT coalesce(sum(next - first), 0) FROM skipped"),
    ("forgotten", "SELECT coalesce(sum(next - first), 0) FROM cleared"),
    ("pending outputs", "SELECT count(*) FROM result WHERE output IS NOT NULL"),
)
_OUTPUTS = (
    "SELECT result.job, coalesce(start, 0), output_length, output_sha256 FROM result"
    " LEFT JOIN output_start ON output_start.job = result.job"
    " WHERE output IS NULL AND length(output_sha256) > 0 ORDER BY result.job"
)
_SUBMISSION = (
    "SELECT job.id, argv, folder, submitter, at_ns, nonce, requeue, unique_key, live"
    " FROM job JOIN submission ON first = submission WHERE job.id = ?"
)
_EVENTS = "SELECT kind, attempt, worker, host, pid, at_ns, reason FROM event WHERE job = ? ORDER BY seq"
_STRAYS = (
    "SELECT job, epoch, attempt, host, pid, exit_code, signal, output_length, at_ns FROM stray"
    " ORDER BY job, epoch, attempt"
)
_RESULT = (
    "SELECT ending, attempt, exit_code, signal, problem, host, pid, started_ns, ended_ns, cpu_s, peak_kib,"
    " output_length, output_sha256, output IS NOT NULL FROM result WHERE job = ?"
)


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


class Proof(Struct, frozen=True, gc=False):
    """What a look at one moment of the journal found."""

    counts: dict[str, int]
    violations: list[Violation]
    outputs: list[ExpectedOutput]
    strays: list[Stray]


class Event(Struct, frozen=True, gc=False):
    """One thing that happened to a job after its submission."""

    kind: str
    attempt: int
    worker: str
    host: str
    pid: int
    at_ns: int
    reason: str


class Life(Struct, frozen=True, gc=False):
    """All that the journal knows of one job; `result` is None while it lives.

    `submission` is None of a number that was given after the copy was made with which the queue goes on.
    """

    submission: dict[str, Any] | None
    events: list[Event]
    result: dict[str, Any] | None
    strays: list[Stray]


def prove(folder: Path) -> Proof:
    """Hold the journal against every law. Raises JournalError when it cannot be read."""
    with snapshot(folder) as db:
        if db.execute("SELECT 1 FROM sweeping").fetchone():
            for table, column in _SWEPT:
                db.execute(_HIDE_SWEPT.format(table=table, column=column))
        for statement in _STEPS.strip().split(";")[:-1]:
            db.execute(statement)
        violations = [Violation(law, job, how) for law, sql in _LAWS for job, how in db.execute(sql)]
        counts = {name: int(db.execute(sql).fetchone()[0]) for name, sql in _COUNTS}
        outputs = [ExpectedOutput(JobId(row[0]), *row[1:]) for row in db.execute(_OUTPUTS)]
        return Proof(counts, violations, outputs, _strays(db))


def life_of(folder: Path, job: JobId) -> Life:
    """The job's life. Raises JobUnknown, and JournalError when the journal cannot be read."""
    with snapshot(folder) as db:
        submission = _as_dict(db.execute(_SUBMISSION, (job,)))
        strays = [stray for stray in _strays(db) if stray.job == job]
        if submission is None and not strays:
            raise JobUnknown(job, f"in the journal in {folder}")
        events = [Event(*row) for row in db.execute(_EVENTS, (job,))]
        return Life(submission, events, _as_dict(db.execute(_RESULT, (job,))), strays)


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
        raise JournalError(f"cannot write {target}: {error}") from error
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
    row = cursor.fetchone()
    return (
        None
        if row is None
        else {column[0]: value for column, value in zip(cursor.description, row, strict=True)}
    )
