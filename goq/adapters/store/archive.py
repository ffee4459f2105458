"""A journal to look into, beside the server that writes it: any number, read-only.

Each look sees one moment of it, and is bounded in time, so that the write-ahead log stays short.
"""

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from goq.adapters.store.file import read_only
from goq.adapters.store.queries_asides import aside, ended_since
from goq.adapters.store.queries_events import ended_behind, happenings
from goq.adapters.store.queries_failures import FailureBook
from goq.adapters.store.queries_flows import flow_of
from goq.adapters.store.queries_job_pages import JobPager
from goq.adapters.store.queries_lives import LifeBook
from goq.adapters.store.queries_logs import LogBook
from goq.adapters.store.queries_pages import Pager
from goq.adapters.store.queries_squares import squares_of
from goq.adapters.store.queries_totals import Accounts, totals_of
from goq.adapters.store.statements import LAST_EVENT
from goq.core.values.asides import Asides, AsidesOf, AskToday, Today
from goq.core.values.failures import Asked, Failures, FailuresOf, Medians, MediansOf
from goq.core.values.flows import Flow, FlowSince
from goq.core.values.happenings import EndedRow, Happenings, HappeningsSince
from goq.core.values.ids import JobId, QueueId
from goq.core.values.job import owner_of
from goq.core.values.lives import Life, LifeOf
from goq.core.values.pages import Page, Rows
from goq.core.values.queries import Latest
from goq.core.values.ranges import Range, Ranges, merged
from goq.core.values.result import Ending
from goq.core.values.squares import Squares, SquaresOf
from goq.core.values.totals import SpentOf, Spents, Totals, TotalsOf
from goq.errors import TooSlow

LOOK_S = 1.0
_WHOSE = (
    "SELECT DISTINCT submitter FROM submission WHERE first < ?2 AND first + count > ?1"
    " AND first >= coalesce((SELECT max(first) FROM submission WHERE first <= ?1), 0)"
)
_LOOK_AT_CLOCK_EVERY = 10_000  # steps of SQLite's


class Archive:
    """The journal in a folder, for one who looks. Raises JournalError when it is not there, or no journal."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._db = read_only(folder)
        self._until_s = 0.0
        self._db.set_progress_handler(self._is_late, _LOOK_AT_CLOCK_EVERY)

    def close(self) -> None:
        """Look no more."""
        self._db.close()

    def queue(self) -> QueueId:
        """Whose journal it is."""
        with self._moment() as db:
            return QueueId(db.execute("SELECT id FROM queue").fetchone()[0])

    def latest(self) -> Latest:
        """How far it has come."""
        with self._moment() as db:
            (seq,) = db.execute(f"SELECT {LAST_EVENT}").fetchone()
            first, last = db.execute(
                "SELECT coalesce((SELECT first FROM submission ORDER BY first LIMIT 1), 0),"
                " coalesce((SELECT first + count - 1 FROM submission ORDER BY first DESC LIMIT 1), 0)"
            ).fetchone()
            return Latest(seq, JobId(first), JobId(last))

    def rows(self, query: Rows) -> Page:
        """A page of submissions, or of jobs."""
        with self._moment() as db:
            pager = JobPager if query.by_job else Pager
            return pager(db, query, time.time_ns()).page()

    def life(self, query: LifeOf) -> Life:
        """The life of a job, but for its last lines. Raises JobUnknown."""
        with self._moment() as db:
            return LifeBook(db).life(query)

    def failures(self, query: FailuresOf) -> Failures:
        """What failed of some jobs, without last words."""
        with self._moment() as db:
            return FailureBook(db).failures(merged(_jobs(query.ranges)))

    def medians(self, query: MediansOf) -> Medians:
        """What those of some jobs took that ended well."""
        with self._moment() as db:
            return FailureBook(db).medians(merged(_jobs(query.ranges)))

    def spent(self, query: SpentOf) -> Spents:
        """What jobs took together, a part of it."""
        with self._moment() as db:
            return Accounts(db, query, time.time_ns()).part()

    def totals(self, query: TotalsOf) -> Totals:
        """How many came and went, a part of it."""
        with self._moment() as db:
            return totals_of(db, query)

    def flow(self, query: FlowSince) -> Flow:
        """What went through behind an event, a part of it."""
        with self._moment() as db:
            return flow_of(db, query)

    def asides(self, query: AsidesOf) -> Asides:
        """What else is known of jobs that wait."""
        with self._moment() as db:
            return Asides(tuple(aside(db, JobId(job)) for job in query.jobs))

    def today(self, query: AskToday) -> Today:
        """How many jobs have ended since then, and how much room is left."""
        with self._moment() as db:
            found = ended_since(db, query.since_ns)
        disk = os.statvfs(self._folder)
        return Today(
            found[Ending.FINISHED.value],
            found["failed"],
            found[Ending.CANCELLED.value],
            found[Ending.LOST.value],
            found[Ending.SKIPPED.value],
            sum(file.stat().st_size for file in self._folder.glob("journal.sqlite*")),
            disk.f_bavail * disk.f_frsize,
            disk.f_blocks * disk.f_frsize,
        )

    def happenings(self, query: HappeningsSince) -> Happenings:
        """What happened behind a number, in order."""
        with self._moment() as db:
            return happenings(db, query)

    def owners(self, parts: Iterable[Range]) -> list[frozenset[str]]:
        """Whose the jobs of each of these ranges are."""
        with self._moment() as db:
            return [
                frozenset(owner_of(submitter) for (submitter,) in db.execute(_WHOSE, part)) for part in parts
            ]

    def ended(self, mark: tuple[int, int], limit: int) -> list[EndedRow]:
        """The submissions that ended behind the mark, an event and a submission, in order."""
        with self._moment() as db:
            return ended_behind(db, mark, limit)

    @contextmanager
    def log_book(self) -> Iterator[LogBook]:
        """What it says of outputs, at one moment. Raises TooSlow as all looks do."""
        with self._moment() as db:
            yield LogBook(db)

    def squares(self, query: SquaresOf) -> Squares:
        """A map of a submission. Raises JobUnknown."""
        with self._moment() as db:
            return squares_of(db, query.job)

    @contextmanager
    def _moment(self) -> Iterator[sqlite3.Connection]:
        """The journal as it is at one moment. Raises TooSlow when the look takes longer than LOOK_S."""
        self._until_s = time.monotonic() + LOOK_S
        self._db.execute("BEGIN")
        try:
            yield self._db
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise TooSlow(f"that look takes longer than {LOOK_S:g} s; ask for less") from error
            raise
        finally:
            self._until_s = float("inf")
            self._db.execute("ROLLBACK")

    def _is_late(self) -> bool:
        return time.monotonic() > self._until_s


def _jobs(asked: Asked) -> Ranges:
    return tuple((JobId(first), JobId(end)) for first, end in asked)
