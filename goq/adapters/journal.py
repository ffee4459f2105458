"""The journal: every record, durable before anybody is told. The only user of sqlite3.

A folder of mode 0700 with one SQLite database in WAL mode, synchronous=FULL, and a lock that
one server holds. One transaction a batch; a failed one leaves the journal as it was.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, assert_never

from goq.adapters.journal_file import damage, lock_journal, open_journal
from goq.adapters.secretfile import make_private_folder
from goq.core.messages import AckSubmit, Cancel, FinishedRow, FinishedWork, Observe, Request, Submit
from goq.core.model import (
    SIGTERM,
    Argv,
    Claim,
    Ended,
    Ending,
    Environment,
    Job,
    JobId,
    Origin,
    Result,
    Worker,
    WorkerId,
    shared_terms,
)
from goq.core.records import (
    CancelRequested,
    Checkpoint,
    CountersReset,
    JobDelegated,
    JobFinished,
    JobRequeued,
    JobRestored,
    JobsSubmitted,
    OutputReserved,
    OutputSaved,
    Record,
    ResultRefused,
)
from goq.core.state import RECENT_FINISHED
from goq.errors import JournalError, JournalFull

WAITING, RUNNING, CANCELLING = 1, 2, 3
CANCEL_EVENT = "cancel requested"
_RESULT_COLUMNS = (
    "job, attempt, ending, exit_code, signal, problem, host, pid, started_ns, ended_ns,"
    " cpu_s, peak_kib, output_length, output_sha256"
)
_DISK_TROUBLE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY}


class Journal:
    """The open journal of one server.

    Raises JournalError when another server has it, when it is damaged, or when it was written
    by a newer goq.
    """

    def __init__(self, folder: Path) -> None:
        self.path = make_private_folder(folder) / "journal.sqlite"
        self._environments: dict[bytes, int] = {}
        with ExitStack() as undo:
            try:
                self._lock = lock_journal(folder / "lock")
                undo.callback(os.close, self._lock)
                self._db = open_journal(self.path)
            except OSError as error:
                raise JournalError(f"cannot use the journal in {folder}: {error.strerror}") from error
            except sqlite3.Error as error:
                raise JournalError(damage(self.path, error)) from error
            undo.pop_all()
        self._inode = os.stat(self.path).st_ino

    def close(self) -> None:
        """Close the database and let another server have it."""
        self._db.close()
        os.close(self._lock)

    # --- writing -----------------------------------------------------------------------

    def commit(self, records: list[Record]) -> None:
        """Make the records durable, all or none.

        Returns only after SQLite has synced; the caller may then acknowledge. Raises
        JournalFull when the disk has no room; the journal is then unchanged.
        """
        if not records:
            return
        self._check_presence()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for record in records:
                    self._write(record)
                self._db.execute("COMMIT")
            except BaseException:
                self._environments.clear()
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in _DISK_TROUBLE:
                raise JournalFull(f"cannot write the journal {self.path}: {error}") from error
            raise

    def _check_presence(self) -> None:
        """What is written to a file that has lost its name is lost: then nothing may be promised."""
        try:
            present = os.stat(self.path).st_ino == self._inode
        except OSError:
            present = False
        if not present:
            raise JournalError(
                f"the journal {self.path} was taken away from its server; put it back and start again"
            )

    def _write(self, record: Record) -> None:
        match record:
            case JobsSubmitted():
                self._write_submission(record)
            case JobDelegated(claim, worker, at_ns):
                self._db.execute(
                    "UPDATE job SET live = ?, attempts = ? WHERE id = ?", (RUNNING, claim.attempt, claim.job)
                )
                self._event(claim, "delegated", at_ns, host=worker.host, pid=worker.pid)
            case JobRequeued(claim, reason, crashed, at_ns):
                self._db.execute(
                    "UPDATE job SET live = ?, crashes = crashes + ? WHERE id = ?",
                    (WAITING, crashed, claim.job),
                )
                self._event(claim, "requeued", at_ns, reason=reason)
            case CancelRequested(job, signal, at_ns):
                self._db.execute("UPDATE job SET live = ? WHERE id = ?", (CANCELLING, job))
                self._event(Claim(job, 0, WorkerId("")), CANCEL_EVENT, at_ns, reason=str(signal))
            case ResultRefused(claim, status, at_ns):
                self._event(claim, "result refused", at_ns, reason=f"exit status {status}")
            case JobFinished(ended, at_ns):
                self._write_ended(ended, at_ns)
            case CountersReset():
                self._db.execute("UPDATE meta SET value = 0 WHERE key LIKE '%_count'")
                self._db.execute(
                    "UPDATE meta SET value = (SELECT coalesce(max(seq), 0) FROM event) WHERE key = 'reset_seq'"
                )
            case OutputReserved(job, start):
                self._db.execute("INSERT OR REPLACE INTO output_start VALUES (?, ?)", (job, start))
            case OutputSaved(job):
                self._db.execute("UPDATE result SET output = NULL WHERE job = ?", (job,))
            case Checkpoint() | JobRestored():
                raise AssertionError("made when a journal is read, never written")
            case _:
                assert_never(record)

    def _write_submission(self, record: JobsSubmitted) -> None:
        origin = record.origin
        row = (
            record.first,
            len(record.commands),
            record.nonce,
            record.at_ns,
            origin.folder,
            self._environment_id(origin.environment),
            origin.submitter,
            record.terms.requeue,
            record.terms.unique,
        )
        self._db.execute("INSERT INTO submission VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        self._db.executemany(
            "INSERT INTO job VALUES (?, ?, ?, 1, 0, 0)",
            [(job, record.first, argv) for job, argv in enumerate(record.commands, start=record.first)],
        )

    def _environment_id(self, environment: Environment) -> int:
        digest = hashlib.sha256(environment).digest()
        known = self._environments.get(digest)
        if known is None:
            self._db.execute(
                "INSERT OR IGNORE INTO environment (sha256, data) VALUES (?, ?)", (digest, environment)
            )
            (known,) = self._db.execute("SELECT id FROM environment WHERE sha256 = ?", (digest,)).fetchone()
            self._environments[digest] = known
        return int(known)

    def _event(
        self, claim: Claim, kind: str, at_ns: int, *, host: str = "", pid: int = 0, reason: str = ""
    ) -> int:
        row = (claim.job, kind, claim.attempt, claim.worker, host, pid, at_ns, reason)
        cursor = self._db.execute("INSERT INTO event VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return int(cursor.lastrowid or 0)

    def _write_ended(self, ended: Ended, at_ns: int) -> None:
        result = ended.result
        kind = ended.ending.value
        claim = Claim(ended.job, ended.attempt, WorkerId(""))
        seq = self._event(claim, kind, at_ns, host=result.host, pid=result.pid, reason=result.problem)
        row = (
            ended.job,
            ended.attempt,
            kind,
            result.exit_code,
            result.signal,
            result.problem,
            result.host,
            result.pid,
            result.started_ns,
            result.ended_ns,
            result.cpu_s,
            result.peak_kib,
            result.output_length,
            result.output_sha256,
            seq,
            result.output if result.output_sha256 and not result.streamed else None,
        )
        self._db.execute(
            f"INSERT INTO result ({_RESULT_COLUMNS}, seq, output) VALUES ({', '.join('?' * len(row))})", row
        )
        self._db.execute("UPDATE job SET live = 0 WHERE id = ?", (ended.job,))
        self._db.execute("UPDATE meta SET value = value + 1 WHERE key = ?", (f"{kind}_count",))

    # --- reading -----------------------------------------------------------------------

    def replay(self) -> Iterator[Record]:
        """The records that rebuild the state: totals, then every job that has not ended.

        Raises JournalError when the journal is damaged.
        """
        try:
            yield self._checkpoint()
            yield from self._live_jobs()
        except (sqlite3.Error, ValueError, TypeError) as error:
            raise JournalError(damage(self.path, error)) from error

    def _checkpoint(self) -> Checkpoint:
        meta: dict[str, int] = dict(self._db.execute("SELECT key, value FROM meta"))
        newest = self._db.execute(
            "SELECT first + count FROM submission ORDER BY first DESC LIMIT 1"
        ).fetchone()
        recent = self._db.execute(
            f"SELECT {_RESULT_COLUMNS}, argv, folder FROM result JOIN job ON job.id = result.job"
            " JOIN submission ON submission.first = job.submission"
            " WHERE seq > ? ORDER BY seq DESC LIMIT ?",
            (meta["reset_seq"], RECENT_FINISHED),
        ).fetchall()
        rows = tuple(FinishedRow(Argv(row[-2]), row[-1], _ended(row)) for row in reversed(recent))
        next_job = JobId(newest[0] if newest else 1)
        return Checkpoint(next_job, meta["finished_count"], meta["cancelled_count"], meta["lost_count"], rows)

    def _live_jobs(self) -> Iterator[Record]:
        environments: dict[int, bytes] = dict(self._db.execute("SELECT id, data FROM environment"))
        live = self._db.execute(
            "SELECT job.id, argv, folder, environment, submitter, at_ns, live, attempts, crashes, requeue,"
            " unique_key"
            " FROM job JOIN submission ON submission.first = job.submission WHERE live > 0 ORDER BY job.id"
        )
        for (
            job_id,
            argv,
            folder,
            environment,
            submitter,
            at_ns,
            state,
            attempts,
            crashes,
            requeue,
            key,
        ) in live:
            origin = Origin(folder, Environment(environments[environment]), submitter)
            terms = shared_terms(requeue=bool(requeue), unique=key)
            yield JobRestored(Job(JobId(job_id), Argv(argv), origin, at_ns, attempts, crashes, terms))
            if state != WAITING:
                yield self._last_delegation(job_id)
            if state == CANCELLING:
                yield self._last_cancellation(job_id)

    def _last_delegation(self, job: int) -> JobDelegated:
        attempt, worker, host, pid, at_ns = self._db.execute(
            "SELECT attempt, worker, host, pid, at_ns FROM event"
            " WHERE job = ? AND kind = 'delegated' ORDER BY seq DESC LIMIT 1",
            (job,),
        ).fetchone()
        claim = Claim(JobId(job), attempt, WorkerId(worker))
        return JobDelegated(claim, Worker(WorkerId(worker), host, pid), at_ns)

    def _last_cancellation(self, job: int) -> CancelRequested:
        reason, at_ns = self._db.execute(
            "SELECT reason, at_ns FROM event WHERE job = ? AND kind = ? ORDER BY seq DESC LIMIT 1",
            (job, CANCEL_EVENT),
        ).fetchone()
        return CancelRequested(JobId(job), int(reason or SIGTERM), at_ns)

    def recall(self, request: Request) -> Ended | AckSubmit | None:
        """What the journal knows of the job or the submission that a request is about."""
        match request.question:
            case Submit():
                row = self._db.execute(
                    "SELECT first, count FROM submission WHERE nonce = ?", (request.nonce,)
                ).fetchone()
                return AckSubmit(JobId(row[0]), JobId(row[0] + row[1] - 1)) if row else None
            case Observe(job) | Cancel(job, _):
                return self.ended(job)
            case FinishedWork(claim):
                return self.ended(claim.job)
            case _:
                return None

    def ended(self, job: JobId) -> Ended | None:
        """The final state of a job, if it has one."""
        row = self._db.execute(f"SELECT {_RESULT_COLUMNS} FROM result WHERE job = ?", (job,)).fetchone()
        return _ended(row) if row else None

    def unsaved_outputs(self) -> list[JobId]:
        """The jobs whose short outputs may not be in their files yet."""
        rows = self._db.execute("SELECT job FROM result WHERE output IS NOT NULL ORDER BY job")
        return [JobId(job) for (job,) in rows]

    def output(self, job: JobId) -> bytes:
        """A short output that is not in its file yet."""
        (output,) = self._db.execute("SELECT output FROM result WHERE job = ?", (job,)).fetchone()
        return bytes(output)

    def output_starts(self) -> dict[JobId, int]:
        """Where outputs begin that were appended to a file."""
        return {JobId(job): start for job, start in self._db.execute("SELECT job, start FROM output_start")}


def _ended(row: tuple[Any, ...]) -> Ended:
    job, attempt, ending, exit_code, signal, problem, host, pid, started_ns, ended_ns = row[:10]
    cpu_s, peak_kib, output_length, output_sha256 = row[10:14]
    result = Result(
        exit_code,
        signal,
        problem,
        host,
        pid,
        started_ns,
        ended_ns,
        cpu_s,
        peak_kib,
        b"",
        output_length,
        output_sha256,
    )
    return Ended(JobId(job), attempt, Ending(ending), result)
