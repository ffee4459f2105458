"""Pages of submissions, from one moment of a journal."""

import sqlite3
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from goq.adapters.store.queries_meant import Known, Meant
from goq.adapters.store.queries_submissions import COLUMNS, SubmissionRows
from goq.adapters.store.statements import LAST_EVENT
from goq.core.values.ids import JobId
from goq.core.values.job import owner_of
from goq.core.values.pages import BEGUN, COUNTED, ENDED, TO_COME, Cursor, Page, Rows
from goq.core.values.shown import SubmissionRow
from goq.core.values.states import JobState

LOOKED_AT = 1000  # submissions for a page at least, and others in so much time
PATIENCE_S = 0.3
ENDS_LOOKED_AT = 50_000  # for what has ended at a host

# What had ended since is where it was as of the event :seq. Each arm goes along an index.
_LIVE = (
    "SELECT {columns} FROM submission WHERE open > 0 AND {live} AND seq <= :seq AND first > :first{more}"
    " UNION ALL SELECT {columns} FROM submission {by} WHERE ended_seq > :seq AND {ended} AND seq <= :seq"
    " AND first > :first{more} ORDER BY 1"
)
_BEGUN = {"live": "started_seq IS NOT NULL AND started_seq <= :seq", "ended": "started_seq <= :seq"}
_TO_COME = dict.fromkeys(("live", "ended"), "(started_seq IS NULL OR started_seq > :seq)")
_ENDED = (
    "SELECT {columns} FROM submission WHERE {seq} IS NOT NULL AND {seq} <= :seq AND"
    " ({seq} < :event OR {seq} = :event AND first < :first){more} ORDER BY ended_seq DESC, first DESC"
)
_NOW = f"SELECT max({LAST_EVENT}, coalesce((SELECT max(ended_seq) FROM submission WHERE ended_seq IS NOT NULL), 0))"
_LARGEST = 2**63 - 1
_BEGINNINGS = {TO_COME: Cursor(0), ENDED: Cursor(0, ENDED, _LARGEST, _LARGEST)}


def latest_event(db: sqlite3.Connection) -> int:
    """The number of the latest event."""
    return int(db.execute(_NOW).fetchone()[0])


class Pager:
    """Looks a page up. It is `now_ns`."""

    def __init__(self, db: sqlite3.Connection, query: Rows, now_ns: int) -> None:
        self._db = db
        self._query = query
        self._seq = latest_event(db)
        self._since_ns = now_ns - int(query.since_s * 1e9)
        self._meant = Meant(db, query.selector, query.owner)
        self._hull = self._meant.hull()
        self._low = self._lowest()
        self._more = self._narrowed()
        self._rows = SubmissionRows(db, now_ns)
        self._at_host = self._firsts_at(query.host) if query.host else None
        self._gone: tuple[int, JobId] | None = None  # the first of what ended too long ago

    def page(self) -> Page:
        """The submissions that are asked for."""
        query, start = self._query, self._query.after or Cursor(self._seq)
        found: list[SubmissionRow] = []
        last, more, is_all = start, 0, True
        until_s = time.monotonic() + PATIENCE_S
        for looked_at, (at, row) in enumerate(self._candidates(start), 1):
            is_others = query.user not in {"", owner_of(row[2])}
            if not is_others and self._is_wanted(what := self._meant.known(*row[:5]), row):
                if len(found) < query.limit:
                    found.append(self._rows.row(what, row))
                else:
                    more += 1
            if not more:
                last = at
            is_late = looked_at >= LOOKED_AT and time.monotonic() > until_s
            if is_late or more == (1 if query.after else COUNTED):
                is_all = False
                break
        older = self._older() if is_all and not query.after else 0
        found.sort(key=_turn)
        following = None if is_all and not more else last
        return Page(self._seq, tuple(found), (), following, more, older)

    def _candidates(self, start: Cursor) -> Iterator[tuple[Cursor, tuple[Any, ...]]]:
        """Submissions from there on, in their order, each with where it is."""
        for part in range(start.part, ENDED + 1):
            behind = start if part == start.part else _BEGINNINGS[part]
            first = behind.first if part == ENDED else max(behind.first, self._low - 1)
            keys = {"seq": start.seq, "event": behind.event, "first": first}
            for row in self._db.execute(self._statement(part), keys):
                if part == ENDED and self._is_last(row):
                    return
                yield Cursor(start.seq, part, row[15] if part == ENDED else 0, row[0]), row

    def _statement(self, part: int) -> str:
        if part == ENDED:  # by number there are few: their index is not what finds them
            return _ENDED.format(
                columns=COLUMNS, more=self._more, seq="+ended_seq" if self._hull else "ended_seq"
            )
        by = (
            "" if self._hull else "INDEXED BY ended_submission"
        )  # or it would look at all of them, for their order
        which = _BEGUN if part == BEGUN else _TO_COME
        return _LIVE.format(columns=COLUMNS, more=self._more, by=by, **which)

    def _narrowed(self) -> str:
        """What SQL knows of those that are asked for."""
        more = self._meant.narrowed()
        return f"{more} AND first >= {self._low} AND first < {self._hull[1]}" if self._hull else more

    def _lowest(self) -> int:
        """The first submission that may be meant by its number."""
        if self._hull is None:
            return 0
        found = "SELECT max(first) FROM submission WHERE first <= ?"
        return self._db.execute(found, self._hull[:1]).fetchone()[0] or 0

    def _is_last(self, row: tuple[Any, ...]) -> bool:
        """It ended too long ago, and so has what follows."""
        if row[16] >= self._since_ns:
            return False
        self._gone = self._gone or (row[15], row[0])
        return not self._meant.has_numbers

    def _is_wanted(self, what: Known, row: tuple[Any, ...]) -> bool:
        query, ended_ns = self._query, row[16]
        if query.user not in {"", what.owner} or (
            self._at_host is not None and what.first not in self._at_host
        ):
            return False
        is_late = ended_ns is not None and ended_ns < self._since_ns
        if not self._meant.by_number(what) and (is_late or not self._meant.by_word(what)):
            return False
        return not query.states or any(getattr(self._rows.counts(row), state.value) for state in query.states)

    def _older(self) -> int:
        """How many of those that are asked for ended too long ago."""
        if self._gone is None or self._at_host is not None:
            return 0
        event, first = self._gone
        keys = {"seq": self._seq, "event": event, "first": first + 1}
        rows = islice(self._db.execute(self._statement(ENDED), keys), COUNTED)
        return sum(self._is_older(row) for row in rows)

    def _is_older(self, row: tuple[Any, ...]) -> bool:
        query, what = self._query, self._meant.known(*row[:5])
        if query.user not in {"", what.owner} or not self._meant.by_word(what):
            return False
        return not query.states or any(getattr(self._rows.counts(row), state.value) for state in query.states)

    def _firsts_at(self, host: str) -> set[int]:
        """The submissions that have a job which runs at the host, or has ended there lately."""
        jobs = [
            job
            for (job,) in self._db.execute("SELECT job FROM live WHERE host = ? AND worker <> ''", (host,))
        ]
        latest = "SELECT job, host, ended_ns FROM result WHERE ending IS NOT NULL ORDER BY seq DESC LIMIT ?"
        for job, where, ended_ns in self._db.execute(latest, (ENDS_LOOKED_AT,)):
            if ended_ns < self._since_ns:
                break
            if where == host:
                jobs.append(job)
        first_of = "SELECT max(first) FROM submission WHERE first <= ?"
        return {self._db.execute(first_of, (job,)).fetchone()[0] for job in jobs}


def _turn(row: SubmissionRow) -> tuple[int, int]:
    """Where it stands among those of its page: what runs, what waits by its priority, what is held, what has ended."""
    if row.state in {JobState.RUNNING, JobState.PAUSED}:
        return 0, 0
    if row.state is JobState.WAITING:
        return 1, -(row.priority or 0)
    return (2, 0) if row.state is JobState.HELD else (3, 0)
