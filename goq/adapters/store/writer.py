"""Puts records into the journal's tables, a whole batch with one statement a table.

Runs inside a transaction that the journal begins and ends. Nothing is read here but ids.
"""

import hashlib
import sqlite3
from collections import Counter
from typing import Any, assert_never

from msgspec import Struct, field

from goq.adapters.store.tables import BACKUP
from goq.core.state.records import (
    CancelRequested,
    Checkpoint,
    CountersReset,
    EpochBegun,
    JobDelegated,
    JobFinished,
    JobRequeued,
    JobRestored,
    JobsFailed,
    JobsSubmitted,
    OutputReserved,
    OutputSaved,
    QueueRestored,
    Record,
    ResultRefused,
    StrayEnded,
)
from goq.core.values.ids import NO_EPOCH, Environment, JobId, WorkerId
from goq.core.values.job import Claim
from goq.core.values.result import Ended

ENDED, WAITING, RUNNING, CANCELLING = 0, 1, 2, 3
CANCEL_EVENT = "cancel requested"
RESULT_COLUMNS = (
    "job, epoch, attempt, ending, exit_code, signal, problem, host, pid, started_ns, ended_ns,"
    " cpu_s, peak_kib, output_length, output_sha256"
)
_SUBMISSION_COLUMNS = (
    "first, count, nonce, at_ns, folder, environment, submitter, requeue, unique_key, physical, umask"
)
_NOBODY = WorkerId("")
_Row = tuple[Any, ...]


class _Move(Struct):
    """What becomes of a job's row: its last place, its newest attempt, and so many crashes more."""

    live: int = WAITING
    attempts: int = 0
    crashes: int = 0


class _Batch(Struct):
    """The rows of one transaction, by what is done with them, in the order of the records."""

    epochs: list[_Row] = []
    skipped: list[_Row] = []
    strays: list[_Row] = []
    submissions: list[_Row] = []
    jobs: list[_Row] = []
    moves: dict[JobId, _Move] = {}
    events: list[_Row] = []
    results: list[_Row] = []
    starts: list[_Row] = []
    saved: list[_Row] = []
    endings: Counter[str] = field(default_factory=Counter)
    reset_seq: int | None = None


class JournalWriter:
    """Writes records through one connection. After a rollback it must `start_again`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.start_again()

    def start_again(self) -> None:
        """Forget what may have been rolled back."""
        self._environments: dict[bytes, int] = {}
        (self._seq,) = self._db.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()

    def write(self, records: list[Record]) -> None:
        """Put the records into the tables."""
        batch = _Batch()
        for record in records:
            self._add(record, batch)
        self._many("INSERT INTO epoch VALUES (?, ?)", batch.epochs)
        if batch.skipped:
            self._many("INSERT INTO skipped VALUES (?, ?, ?)", batch.skipped)
            self._db.execute("DELETE FROM meta WHERE key = ?", (BACKUP,))
        self._many(f"INSERT OR REPLACE INTO stray VALUES ({', '.join('?' * 11)})", batch.strays)
        self._many(
            f"INSERT INTO submission ({_SUBMISSION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            batch.submissions,
        )
        self._many("INSERT INTO job VALUES (?, ?, ?, 1, 0, 0)", batch.jobs)
        moves = [(move.live, move.attempts, move.crashes, job) for job, move in batch.moves.items()]
        self._many(
            "UPDATE job SET live = ?, attempts = max(attempts, ?), crashes = crashes + ? WHERE id = ?", moves
        )
        self._many(
            "INSERT INTO event (seq, job, kind, epoch, attempt, worker, host, pid, at_ns, reason)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            batch.events,
        )
        self._many(
            f"INSERT INTO result ({RESULT_COLUMNS}, seq, output)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            batch.results,
        )
        self._many("INSERT OR REPLACE INTO output_start VALUES (?, ?)", batch.starts)
        self._many("UPDATE result SET output = NULL WHERE job = ?", batch.saved)
        self._count(batch)

    def _many(self, statement: str, rows: list[_Row]) -> None:
        if rows:
            self._db.executemany(statement, rows)

    def _count(self, batch: _Batch) -> None:
        if batch.reset_seq is not None:
            self._db.execute("UPDATE meta SET value = 0 WHERE key LIKE '%_count'")
            self._db.execute("UPDATE meta SET value = ? WHERE key = 'reset_seq'", (batch.reset_seq,))
        counts = [(count, f"{kind}_count") for kind, count in batch.endings.items()]
        self._many("UPDATE meta SET value = value + ? WHERE key = ?", counts)

    def _add(self, record: Record, batch: _Batch) -> None:
        match record:
            case JobDelegated(claim, worker, at_ns):
                self._move(batch, claim.job, RUNNING, claim.attempt)
                self._event(batch, claim, "delegated", at_ns, host=worker.host, pid=worker.pid)
            case JobFinished(ended, at_ns):
                self._add_ended(ended, at_ns, batch)
            case JobsFailed(_, _, at_ns):
                for ended in record.ends():
                    self._add_ended(ended, at_ns, batch)
            case JobsSubmitted():
                self._add_submission(record, batch)
            case JobRequeued(claim, reason, crashed, at_ns):
                self._move(batch, claim.job, WAITING, claim.attempt, crashed=crashed)
                self._event(batch, claim, "requeued", at_ns, reason=reason)
            case CancelRequested(job, signal, at_ns):
                self._move(batch, job, CANCELLING)
                self._event(batch, Claim(NO_EPOCH, job, 0, _NOBODY), CANCEL_EVENT, at_ns, reason=str(signal))
            case ResultRefused(claim, status, at_ns) if self._knows(claim.job, batch):
                self._event(batch, claim, "result refused", at_ns, reason=f"exit status {status}")
            case ResultRefused():
                return  # of a job that is forgotten by now nothing is to be known
            case CountersReset():
                batch.endings.clear()
                batch.reset_seq = self._seq
            case EpochBegun(epoch, at_ns):
                batch.epochs.append((epoch.number, at_ns))
            case QueueRestored(epoch, first, next_job, at_ns):
                batch.epochs.append((epoch.number, at_ns))
                batch.skipped.append((first, next_job, epoch.number))
            case StrayEnded(claim, result, at_ns):
                which = (claim.job, claim.epoch.number, claim.attempt, claim.worker)
                how = (result.host, result.pid, result.exit_code, result.signal, result.problem)
                batch.strays.append((*which, *how, result.output_length, at_ns))
            case OutputReserved(job, start):
                batch.starts.append((job, start))
            case OutputSaved(job):
                batch.saved.append((job,))
            case Checkpoint() | JobRestored():
                raise AssertionError("made when a journal is read, never written")
            case _:
                assert_never(record)

    def _add_submission(self, record: JobsSubmitted, batch: _Batch) -> None:
        first, origin, terms = record.first, record.origin, record.terms
        environment = self._environment_id(origin.environment)
        row = (first, len(record.commands), record.nonce, record.at_ns, origin.folder, environment)
        asked = (terms.requeue, terms.unique, origin.physical, terms.umask)
        batch.submissions.append((*row, origin.submitter, *asked))
        batch.jobs += [(job, first, argv) for job, argv in enumerate(record.commands, start=first)]

    def _add_ended(self, ended: Ended, at_ns: int, batch: _Batch) -> None:
        job, result, kind = ended.job, ended.result, ended.ending.value
        claim = Claim(ended.epoch, job, ended.attempt, _NOBODY)
        self._event(batch, claim, kind, at_ns, host=result.host, pid=result.pid, reason=result.problem)
        how = (job, ended.epoch.number, ended.attempt, kind, result.exit_code, result.signal, result.problem)
        where = (result.host, result.pid, result.started_ns, result.ended_ns, result.cpu_s, result.peak_kib)
        unsaved = result.output if result.output_sha256 and not result.streamed else None
        output = (result.output_length, result.output_sha256, self._seq, unsaved)
        batch.results.append((*how, *where, *output))
        self._move(batch, job, ENDED)
        batch.endings[kind] += 1
        batch.endings["failed"] += ended.has_failed

    def _move(self, batch: _Batch, job: JobId, live: int, attempt: int = 0, *, crashed: bool = False) -> None:
        move = batch.moves.setdefault(job, _Move())
        move.live, move.attempts = live, max(move.attempts, attempt)
        move.crashes += crashed

    def _event(
        self,
        batch: _Batch,
        claim: Claim,
        kind: str,
        at_ns: int,
        *,
        host: str = "",
        pid: int = 0,
        reason: str = "",
    ) -> None:
        self._seq += 1
        what = (self._seq, claim.job, kind, claim.epoch.number, claim.attempt)
        batch.events.append((*what, claim.worker, host, pid, at_ns, reason))

    def _knows(self, job: JobId, batch: _Batch) -> bool:
        if job in batch.moves or any(row[0] == job for row in batch.jobs):
            return True
        return self._db.execute("SELECT 1 FROM job WHERE id = ?", (job,)).fetchone() is not None

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
