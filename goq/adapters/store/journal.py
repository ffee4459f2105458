"""The journal: every record, durable before anybody is told. The only user of sqlite3.

A folder of mode 0700 with one SQLite database in WAL mode, synchronous=FULL, and a lock that
one server holds. One transaction a batch; a failed one leaves the journal as it was.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any

from goq.adapters.files.secretfile import make_private_folder
from goq.adapters.store import blobs, clean, outputs
from goq.adapters.store.file import damage, lock_journal, open_journal
from goq.adapters.store.gone import find_gone, retried_among
from goq.adapters.store.port import Cleaning, asked_about, submission_asked_about
from goq.adapters.store.rows import ENVIRONMENT, rows
from goq.adapters.store.rules import rules
from goq.adapters.store.statements import LAST_EVENT, RESULT_COLUMNS
from goq.adapters.store.submissions import SubmissionReader
from goq.adapters.store.tables import STOPPED
from goq.core.dispatch.decision import Asked, Bygone, Past
from goq.core.messages import AckSubmit, FinishedRow, Request
from goq.core.state.records import (
    CancelRequested,
    Checkpoint,
    HeldRestored,
    JobDelegated,
    PartRestored,
    PastRestored,
    Paused,
    Record,
    SubmissionRestored,
)
from goq.core.state.state import RECENT_FINISHED
from goq.core.state.submissions import Past as PastOfJob
from goq.core.values.blobs import Blob
from goq.core.values.ids import NO_EPOCH, Epoch, JobId, Nonce, QueueId, WorkerId
from goq.core.values.job import Claim, Submission, Worker
from goq.core.values.ranges import Ranges, merged
from goq.core.values.result import OUT, Ended, Ending, OutputKey, Reserved, Result, Starts
from goq.core.values.room import read_grant
from goq.core.values.terms import read_terms
from goq.errors import JournalError, JournalFull

_DISK_TROUBLE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY}

_LIVE = (
    "SELECT job, epoch, attempt, crashes, failures, reruns, outlived, not_before_ns, worker, host, pid, signal, at_ns, paused, granted"
    " FROM live"
)
# The jobs of a range that have results, and ended badly or at all, as ranges.
_RAN = (
    "SELECT min(job), max(job) + 1 FROM (SELECT job, job - row_number() OVER (ORDER BY job) AS island FROM result"
    " WHERE job >= ? AND job < ? AND ending IS NOT NULL {more}) GROUP BY island ORDER BY 1"
)
_LOOKED_AT = 10_000  # jobs, one by one
_BADLY = "AND (ending <> 'finished' OR exit_code <> 0 OR signal <> 0)"
_FAILED = (
    f"SELECT (SELECT count(*) FROM result WHERE job >= ?1 AND job < ?2 AND ending <> 'cancelled' {_BADLY})"
    " + (SELECT coalesce(sum(min(next, ?2) - max(first, ?1)), 0) FROM ended WHERE first < ?2 AND next > ?1"
    " AND coalesce((SELECT max(first) FROM ended WHERE first <= ?1), 0) <= first AND ending NOT IN ('cancelled', 'skipped'))"
)
# Of a range of jobs that ended, the one behind the last whose command had come.
_CAME_BELOW = (
    "SELECT coalesce((SELECT CASE WHEN here < count THEN first + here END FROM submission"
    " WHERE first <= ?1 ORDER BY first DESC LIMIT 1), ?2)"
)
_UNSTARTED = (
    "SELECT first, ended.next, ended.seq, ending, exit_code, signal, ended.reason, at_ns"
    " FROM ended JOIN event ON event.seq = ended.seq"
)


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
                (self._last_event,) = self._db.execute(f"SELECT {LAST_EVENT}").fetchone()
                self._environments: set[bytes] = set()  # digests of those that are there
                self._queue = self._last_epoch().queue
                self._draws: dict[int, int] = dict(self._db.execute("SELECT number, draw FROM epoch"))
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

    def rest(self) -> None:
        """Keep that this server ends in order: a copy that says so was not made while one wrote."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, 1)", (STOPPED,))

    @property
    def last_epoch(self) -> Epoch:
        """That of the latest server, and whose queue this is."""
        return self._last_epoch()

    @property
    def last_event(self) -> int:
        """The number of the latest event; it never becomes lower."""
        return int(self._last_event)

    def _last_epoch(self) -> Epoch:
        """That of the latest server; number 0 when there was none."""
        (queue,) = self._db.execute("SELECT id FROM queue").fetchone()
        latest = self._db.execute("SELECT number, draw FROM epoch ORDER BY number DESC LIMIT 1").fetchone()
        return Epoch(QueueId(queue), *(latest or (0, 0)))

    # --- writing -----------------------------------------------------------------------

    def commit(self, records: Sequence[Record]) -> None:
        """Make the records durable, all or none.

        Returns only after SQLite has synced; the caller may then acknowledge. Raises
        JournalFull when the disk has no room; the journal is then unchanged.
        """
        if not records:
            return
        writes, last_event = rows(records, self._last_event, self._environments)
        with self._transaction():
            for statement, values in writes:
                self._db.executemany(statement, values)
        self._last_event = last_event
        if writes and writes[0][0] is ENVIRONMENT:
            self._environments.update(digest for digest, _ in writes[0][1])

    def clean(self, cleaning: Cleaning) -> bool:
        """Forget a little more of what is old; False when there was nothing left to do.

        Raises JournalFull when the disk has no room; the journal is then unchanged.
        """
        with self._transaction():
            more = clean.step(self._db, cleaning)
        self._environments.clear()
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
        self._submissions = SubmissionReader(self._db)
        try:
            yield self._checkpoint()
            yield from self._live_jobs()
        except (sqlite3.Error, ValueError, TypeError, LookupError) as error:
            raise JournalError(damage(self.path, error)) from error

    def _checkpoint(self) -> Checkpoint:
        meta: dict[str, int] = dict(self._db.execute("SELECT key, value FROM meta"))
        (next_job,) = self._db.execute(
            "SELECT max(coalesce((SELECT first + count FROM submission ORDER BY first DESC LIMIT 1), 1),"
            " coalesce((SELECT next FROM cleared ORDER BY first DESC LIMIT 1), 1),"
            " coalesce((SELECT max(next) FROM skipped), 1))"
        ).fetchone()
        (restored,) = self._db.execute("SELECT coalesce(max(epoch), 0) FROM skipped").fetchone()
        self._draws = dict(self._db.execute("SELECT number, draw FROM epoch"))
        recent = filter(None, map(self._finished_row, self._latest_ends(meta["reset_seq"])))
        done, never = (meta["finished_count"], meta["failed_count"]), meta["skipped_count"]
        counts = (*done, meta["cancelled_count"], meta["lost_count"], never)
        return Checkpoint(
            JobId(next_job), *counts, tuple(recent), self._last_epoch(), restored, tuple(self._draws.items())
        )

    def _latest_ends(self, after: int) -> list[Ended]:
        """The final states that came last, in order: of those that ran, and of those that never did."""
        limits = (after, RECENT_FINISHED)
        latest = [
            (row[-1], self._ended(row))
            for row in self._db.execute(
                f"SELECT {RESULT_COLUMNS}, seq FROM result WHERE seq > ? AND ending IS NOT NULL"
                " ORDER BY seq DESC LIMIT ?",
                limits,
            )
        ]
        for row in self._db.execute(
            f"{_UNSTARTED} WHERE ended.seq > ? ORDER BY ended.seq DESC LIMIT ?", limits
        ):
            stop = min(row[1], self._db.execute(_CAME_BELOW, (row[0], row[1])).fetchone()[0])
            jobs = range(max(row[0], stop - RECENT_FINISHED), stop)
            latest += [(row[2] + job - row[0], _unstarted(JobId(job), row)) for job in jobs]
        latest.sort(key=itemgetter(0))
        return [ended for _, ended in latest[-RECENT_FINISHED:]]

    def _finished_row(self, ended: Ended) -> FinishedRow | None:
        """The job as it is shown; none of one that is forgotten, and still being swept."""
        known = self._submissions.job(ended.job)
        return FinishedRow(known.argv, known.origin.folder, ended, known.origin.owner) if known else None

    def _live_jobs(self) -> Iterator[Record]:
        missing: dict[Blob, None] = {}
        for submission, lacking, here in self._submissions.open_ones():
            lacks: tuple[Blob, ...] = ()
            if lacking:
                whole = blobs.whole_ones(self._db, submission.origin.blobs)
                lacks = tuple(blob for blob in submission.origin.blobs if blob not in whole)
                missing |= dict.fromkeys(lacks)
            pieces = self._submissions.pieces(submission, here)
            ran, bad, unstarted = [], [], []
            if submission.count > 1:
                where = (submission.first, submission.end)
                ran = list(merged(self._ran_jobs(*where)))
                bad = self._db.execute(_RAN.format(more=_BADLY), where).fetchall()
                unstarted = self._unstarted_jobs(*where)
            ended = tuple(sorted(ran + unstarted))
            failed = self._failed_jobs(submission) if bad or unstarted else 0
            retried = retried_among(self._db, submission) if ended else ()
            how = (ended, merged(bad + unstarted), failed, retried, lacks)
            yield SubmissionRestored(submission, pieces, *how)
        for blob in missing:
            yield from blobs.pieces(self._db, blob)
        held = self._db.execute("SELECT first, next FROM held ORDER BY first").fetchall()
        if held:
            yield HeldRestored(tuple(held))
        yield from rules(self._db)
        for first, end, terms in self._db.execute("SELECT first, next, terms FROM part ORDER BY first"):
            yield PartRestored(first, end, read_terms(terms.encode()))
        for row in self._db.execute(f"{_LIVE} ORDER BY job"):
            yield from self._story_of(row)

    def _ran_jobs(self, first: int, end: int) -> Iterator[tuple[JobId, JobId]]:
        """Those of these jobs that have results, as ranges; mostly they ended in a row, which counting shows."""
        counted = "SELECT count(*), min(job), max(job) FROM result WHERE job >= ? AND job < ? AND ending IS NOT NULL"
        count, lowest, highest = self._db.execute(counted, (first, end)).fetchone()
        if count and highest - lowest + 1 == count:
            yield lowest, JobId(highest + 1)
        elif count and end - first <= _LOOKED_AT:
            yield from self._db.execute(_RAN.format(more=""), (first, end))
        elif count:
            middle = (first + end) // 2
            yield from self._ran_jobs(first, middle)
            yield from self._ran_jobs(middle, end)

    def _unstarted_jobs(self, first: int, end: int) -> list[tuple[JobId, JobId]]:
        """Those of these jobs that ended while they waited, as ranges."""
        ranges = self._db.execute(
            "SELECT max(first, ?1), min(next, ?2) FROM ended WHERE first < ?2"
            " AND first >= coalesce((SELECT max(first) FROM ended WHERE first <= ?1), 0)",
            (first, end),
        )
        return [(start, stop) for start, stop in ranges if start < stop]

    def _failed_jobs(self, submission: Submission) -> int:
        """How many of its jobs ended badly, and were not cancelled."""
        (count,) = self._db.execute(_FAILED, (submission.first, submission.end)).fetchone()
        return int(count)

    def _story_of(self, past: tuple[Any, ...]) -> Iterator[Record]:
        """What was behind a job, and how it came to run, if it does."""
        job, epoch, attempt, crashes, failures, reruns, outlived, not_before_ns, *delegation = past
        worker, host, pid, signal, at_ns, paused, granted = delegation
        counts, since_ns = (attempt, crashes, failures, reruns), 0 if worker else at_ns
        so_far = PastOfJob(*counts, not_before_ns, since_ns, outlived)
        yield PastRestored(JobId(job), so_far)
        if worker:
            claim = Claim(self._epoch(epoch), JobId(job), attempt, WorkerId(worker))
            grant = read_grant(granted.encode())
            files = outputs.files_of(self._db, JobId(job), attempt)
            yield JobDelegated(claim, Worker(WorkerId(worker), host, pid), at_ns, grant, files)
        if signal:
            yield CancelRequested(JobId(job), signal, at_ns)
        if paused:
            yield Paused(JobId(job), on=True, at_ns=at_ns)

    def recall(self, request: Request) -> Past:
        """What the journal knows of the jobs or the submission that a request is about."""
        submission = submission_asked_about(request)
        if submission is not None:
            return self._accepted(submission)
        return tuple(ended for job in asked_about(request) if (ended := self.ended(job)))

    def _accepted(self, nonce: Nonce) -> Past:
        row = self._db.execute(
            "SELECT first, count, count - here, lacking, open = 0 FROM submission WHERE nonce = :nonce"
            " UNION ALL SELECT first, count, 0, 0, 0 FROM forgotten WHERE nonce = :nonce",
            {"nonce": nonce},
        ).fetchone()
        if row is None:
            return ()
        first, count, to_come, lacking, ended = row
        cancelled = bool((to_come or lacking) and ended)
        return AckSubmit(JobId(first), JobId(first + count - 1), to_come=to_come, cancelled=cancelled)

    def blob_part(self, blob: Blob, offset: int) -> bytes:
        """FETCH_BYTES of a blob from there on, or what there is to its end; b"" when that is not here."""
        return blobs.part_of(self._db, blob, offset)

    def gone(self, asked: Asked) -> Bygone:
        """What is asked of submissions that have ended, and of what has ended of others."""
        return find_gone(self._db, asked, self.ended)

    def lines(self, ranges: Ranges) -> dict[JobId, bytes]:
        """The lines of these jobs, as far as they are there, and not too much at a time."""
        return SubmissionReader(self._db).lines(ranges)

    def ended(self, job: JobId) -> Ended | None:
        """The final state of a job, if it has one."""
        row = self._db.execute(
            f"SELECT {RESULT_COLUMNS} FROM result WHERE job = ? AND ending IS NOT NULL", (job,)
        ).fetchone()
        if row:
            return self._ended(row)
        row = self._db.execute(
            f"{_UNSTARTED} WHERE first <= ? ORDER BY first DESC LIMIT 1", (job,)
        ).fetchone()
        return _unstarted(job, row) if row and job < row[1] else None

    def _ended(self, row: tuple[Any, ...]) -> Ended:
        job, epoch, attempt, ending = row[:4]
        result = outputs.with_files(self._db, job, attempt, outputs.result_of(row[4:]))
        return Ended(JobId(job), attempt, Ending(ending), result, self._epoch(epoch))

    def _epoch(self, number: int) -> Epoch:
        if number not in self._draws:
            self._draws = dict(self._db.execute("SELECT number, draw FROM epoch"))
        return Epoch(self._queue, number, self._draws.get(number, 0)) if number else NO_EPOCH

    def submission_of(self, job: JobId) -> Submission | None:
        """The submission that the job is of, if it is known."""
        return self._submissions.of_number(job)

    def unsaved_outputs(self) -> list[OutputKey]:
        """The short outputs, in order, that may not be in their files yet."""
        return outputs.unsaved(self._db)

    def output(self, job: JobId, attempt: int = 1, stream: int = OUT) -> bytes:
        """A short output that is not in its file yet."""
        return outputs.bytes_of(self._db, job, attempt, stream)

    def output_starts(self) -> Starts:
        """Where outputs begin that were appended to a file, from which attempt on."""
        return outputs.starts(self._db)

    def named_outputs(self) -> list[Reserved]:
        """The outputs in files with names of their own that are not all there yet, in the order in which they lie."""
        return outputs.named(self._db)


def _unstarted(job: JobId, row: tuple[Any, ...]) -> Ended:
    """One of a range of jobs that ended while they waited."""
    ending, exit_code, signal, problem, at_ns = row[3:]
    return Ended(job, 0, Ending(ending), Result(exit_code, signal, problem, ended_ns=at_ns))
