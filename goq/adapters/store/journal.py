"""The journal: every record, durable before anybody is told. The only user of sqlite3.

A folder of mode 0700 with one SQLite database in WAL mode, synchronous=FULL, and a lock that
one server holds. One transaction a batch; a failed one leaves the journal as it was.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from goq.adapters.files.secretfile import make_private_folder
from goq.adapters.store.clean import Cleaning
from goq.adapters.store.file import damage, lock_journal, open_journal
from goq.adapters.store.writer import CANCEL_EVENT, CANCELLING, RESULT_COLUMNS, WAITING, JournalWriter
from goq.core.dispatch.decision import Past
from goq.core.messages import (
    AckSubmit,
    Cancel,
    CancelEach,
    FinishedRow,
    FinishedWork,
    Observe,
    ObserveEach,
    Request,
    Submit,
)
from goq.core.state.records import (
    CancelRequested,
    Checkpoint,
    JobDelegated,
    JobRestored,
    Record,
)
from goq.core.state.state import RECENT_FINISHED
from goq.core.values.ids import NO_EPOCH, Argv, Environment, Epoch, JobId, QueueId, WorkerId
from goq.core.values.job import Claim, Job, Origin, Worker, shared_terms
from goq.core.values.result import SIGTERM, Ended, Ending, Result
from goq.errors import JournalError, JournalFull

_DISK_TROUBLE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY}


class Journal:
    """The open journal of one server.

    Raises JournalError when another server still has it after `patience_s`, when it is damaged,
    or when it was written by a newer goq.
    """

    def __init__(self, folder: Path, patience_s: float = 0.0) -> None:
        self.path = make_private_folder(folder) / "journal.sqlite"
        with ExitStack() as undo:
            try:
                self._lock = lock_journal(folder / "lock", patience_s)
                undo.callback(os.close, self._lock)
                self._db = open_journal(self.path)
                undo.callback(self._db.close)
                self._writer = JournalWriter(self._db)
                self._queue = self._last_epoch().queue
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

    @property
    def last_epoch(self) -> Epoch:
        """That of the latest server, and whose queue this is."""
        return self._last_epoch()

    def _last_epoch(self) -> Epoch:
        """That of the latest server; number 0 when there was none."""
        (queue,) = self._db.execute("SELECT id FROM queue").fetchone()
        (number,) = self._db.execute("SELECT coalesce(max(number), 0) FROM epoch").fetchone()
        return Epoch(QueueId(queue), number)

    # --- writing -----------------------------------------------------------------------

    def commit(self, records: list[Record]) -> None:
        """Make the records durable, all or none.

        Returns only after SQLite has synced; the caller may then acknowledge. Raises
        JournalFull when the disk has no room; the journal is then unchanged.
        """
        if not records:
            return
        with self._transaction():
            self._writer.write(records)

    def clean(self, cleaning: Cleaning) -> bool:
        """Forget a little more of what is old; False when there was nothing left to do.

        Raises JournalFull when the disk has no room; the journal is then unchanged.
        """
        with self._transaction():
            more = cleaning.step(self._db)
        self._writer.start_again()
        return more

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._check_presence()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                self._writer.start_again()
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
        (next_job,) = self._db.execute(
            "SELECT max(coalesce((SELECT first + count FROM submission ORDER BY first DESC LIMIT 1), 1),"
            " coalesce((SELECT next FROM cleared ORDER BY first DESC LIMIT 1), 1),"
            " coalesce((SELECT max(next) FROM skipped), 1))"
        ).fetchone()
        (restored,) = self._db.execute("SELECT coalesce(max(epoch), 0) FROM skipped").fetchone()
        recent = self._db.execute(
            f"SELECT {RESULT_COLUMNS}, argv, folder FROM result JOIN job ON job.id = result.job"
            " JOIN submission ON submission.first = job.submission"
            " WHERE seq > ? ORDER BY seq DESC LIMIT ?",
            (meta["reset_seq"], RECENT_FINISHED),
        ).fetchall()
        rows = tuple(FinishedRow(Argv(row[-2]), row[-1], self._ended(row)) for row in reversed(recent))
        counts = (meta["finished_count"], meta["failed_count"], meta["cancelled_count"], meta["lost_count"])
        return Checkpoint(JobId(next_job), *counts, rows, self._last_epoch(), restored)

    def _live_jobs(self) -> Iterator[Record]:
        environments: dict[int, bytes] = dict(self._db.execute("SELECT id, data FROM environment"))
        live = self._db.execute(
            "SELECT job.id, argv, folder, environment, submitter, at_ns, live, attempts, crashes, requeue,"
            " unique_key, physical, umask"
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
            physical,
            umask,
        ) in live:
            origin = Origin(folder, Environment(environments[environment]), submitter, physical)
            terms = shared_terms(requeue=bool(requeue), unique=key, umask=umask)
            yield JobRestored(Job(JobId(job_id), Argv(argv), origin, at_ns, attempts, crashes, terms))
            if state != WAITING:
                yield self._last_delegation(job_id)
            if state == CANCELLING:
                yield self._last_cancellation(job_id)

    def _last_delegation(self, job: int) -> JobDelegated:
        epoch, attempt, worker, host, pid, at_ns = self._db.execute(
            "SELECT epoch, attempt, worker, host, pid, at_ns FROM event"
            " WHERE job = ? AND kind = 'delegated' ORDER BY seq DESC LIMIT 1",
            (job,),
        ).fetchone()
        claim = Claim(self._epoch(epoch), JobId(job), attempt, WorkerId(worker))
        return JobDelegated(claim, Worker(WorkerId(worker), host, pid), at_ns)

    def _last_cancellation(self, job: int) -> CancelRequested:
        reason, at_ns = self._db.execute(
            "SELECT reason, at_ns FROM event WHERE job = ? AND kind = ? ORDER BY seq DESC LIMIT 1",
            (job, CANCEL_EVENT),
        ).fetchone()
        return CancelRequested(JobId(job), int(reason or SIGTERM), at_ns)

    def recall(self, request: Request) -> Past:
        """What the journal knows of the jobs or the submission that a request is about."""
        match request.question:
            case Submit():
                row = self._db.execute(
                    "SELECT first, count FROM submission WHERE nonce = :nonce"
                    " UNION ALL SELECT first, count FROM forgotten WHERE nonce = :nonce",
                    {"nonce": request.nonce},
                ).fetchone()
                return AckSubmit(JobId(row[0]), JobId(row[0] + row[1] - 1)) if row else ()
            case Observe(job) | Cancel(job, _):
                return self._known(job)
            case ObserveEach(jobs) | CancelEach(jobs, _):
                return self._known(*jobs)
            case FinishedWork(_, reports):
                return self._known(*(report.claim.job for report in reports))
            case _:
                return ()

    def _known(self, *jobs: JobId) -> tuple[Ended, ...]:
        return tuple(ended for job in jobs if (ended := self.ended(job)))

    def ended(self, job: JobId) -> Ended | None:
        """The final state of a job, if it has one."""
        row = self._db.execute(f"SELECT {RESULT_COLUMNS} FROM result WHERE job = ?", (job,)).fetchone()
        return self._ended(row) if row else None

    def _ended(self, row: tuple[Any, ...]) -> Ended:
        job, epoch, attempt, ending = row[:4]
        return Ended(JobId(job), attempt, Ending(ending), _result(row[4:]), self._epoch(epoch))

    def _epoch(self, number: int) -> Epoch:
        return Epoch(self._queue, number) if number else NO_EPOCH

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


def _result(row: tuple[Any, ...]) -> Result:
    exit_code, signal, problem, host, pid, started_ns, ended_ns, cpu_s, peak_kib, length, sha256 = row[:11]
    return Result(
        exit_code, signal, problem, host, pid, started_ns, ended_ns, cpu_s, peak_kib, b"", length, sha256
    )
