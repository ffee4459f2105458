"""What a journal says of outputs: where they are and begin, and which are not in their files yet."""

import sqlite3
from typing import Any

from msgspec.structs import replace

from goq.core.values.ids import JobId
from goq.core.values.result import ERR, OUT, Apart, Files, OutputKey, Reserved, Result, Starts

# Below the server's folder, of attempts whose outputs are still to be written or are to be saved; and whatever else
# is in the same files.
_NAMED = (
    "WITH open AS (SELECT path FROM output WHERE data IS NOT NULL"
    " UNION SELECT path FROM result CROSS JOIN output AS o ON o.job = result.job AND o.attempt = result.attempt"
    " AND stream = 1 WHERE result.output IS NOT NULL"
    " UNION SELECT path FROM live CROSS JOIN output AS o ON o.job = live.job WHERE length IS NULL)"
    " SELECT job, attempt, stream, path, start, start + length FROM output"
    " WHERE path <> x'' AND substr(path, 1, 1) <> x'2f' AND path IN (SELECT path FROM open)"
    " ORDER BY path, start, job, attempt"
)
_FILES = "SELECT stream, path, length, sha256 FROM output WHERE job = ? AND attempt = ? AND path <> x'' ORDER BY stream"
_UNSAVED = (
    "SELECT job, attempt, 1 FROM result WHERE output IS NOT NULL"
    " UNION ALL SELECT job, attempt, stream FROM output WHERE data IS NOT NULL ORDER BY 1, 2, 3"
)
_BYTES = {
    OUT: "SELECT output FROM result WHERE job = ? AND attempt = ? AND output IS NOT NULL",
    ERR: "SELECT data FROM output WHERE job = ? AND attempt = ? AND stream = 2 AND data IS NOT NULL",
}


def unsaved(db: sqlite3.Connection) -> list[OutputKey]:
    """The outputs, in order, that may not be in their files."""
    return [(JobId(job), attempt, stream) for job, attempt, stream in db.execute(_UNSAVED)]


def bytes_of(db: sqlite3.Connection, job: JobId, attempt: int, stream: int) -> bytes:
    """One of them."""
    (output,) = db.execute(_BYTES[stream], (job, attempt)).fetchone()
    return bytes(output)


def starts(db: sqlite3.Connection) -> Starts:
    """Where outputs begin that have no name of their own, if not where their files do."""
    found: Starts = {}
    where = "SELECT job, attempt, start FROM output WHERE stream = 1 AND path = x'' ORDER BY attempt"
    for job, attempt, start in db.execute(where):
        found.setdefault(JobId(job), {})[attempt] = start
    return found


def named(db: sqlite3.Connection) -> list[Reserved]:
    """Those in files with names of their own that something may still happen to, in the order in which they lie."""
    return [
        Reserved((JobId(job), attempt, stream), path.decode(), start, end)
        for job, attempt, stream, path, start, end in db.execute(_NAMED)
    ]


def files_of(db: sqlite3.Connection, job: JobId, attempt: int) -> Files:
    """The files of an attempt that have names of their own."""
    return tuple((stream, path.decode()) for stream, path, _, _ in db.execute(_FILES, (job, attempt)))


def result_of(row: tuple[Any, ...]) -> Result:
    """How an attempt ended, by the columns of `result` from its exit code on."""
    exit_code, signal, problem, host, pid, started_ns, ended_ns, cpu_s, peak_kib, *of_output = row[:12]
    how = (exit_code, signal, problem, host, pid, started_ns, ended_ns, cpu_s, peak_kib)
    length, sha256, cause = of_output
    return Result(*how, b"", length, sha256, cause)


def with_files(db: sqlite3.Connection, job: JobId, attempt: int, result: Result) -> Result:
    """The result of an attempt with what is said of its files beside it."""
    rows = db.execute(_FILES, (job, attempt)).fetchall()
    if not rows:
        return result
    result = replace(result, files=tuple((stream, path.decode()) for stream, path, _, _ in rows))
    for stream, _, length, sha256 in rows:
        if stream == ERR and length is not None:
            result = replace(result, err=Apart(b"", length, sha256))
    return result
