"""What jobs took together, and how many came and went: from one moment of a journal, in parts."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from goq.adapters.store.event_times import event_at
from goq.adapters.store.queries_jobs import KIB
from goq.adapters.store.queries_meant import Known, Meant
from goq.adapters.store.queries_pages import latest_event
from goq.core.values.ids import JobId
from goq.core.values.moments import NS
from goq.core.values.ranges import Ranges, holds, merged
from goq.core.values.totals import Busy, Minute, Spent, SpentOf, Spents, Totals, TotalsOf

RESULTS, EVENTS = 10_000, 100_000  # for a part
KNOWN_LIMIT = 10_000  # submissions
_DAY_S = 86400
_RESULTS = (
    "SELECT seq, job, ending, exit_code, signal, host, started_ns, ended_ns, cpu_s, peak_kib, attempt FROM result"
    " WHERE seq > ? AND seq < ? ORDER BY seq LIMIT ?"
)
_LIVE = "SELECT job, host, at_ns FROM live WHERE worker <> '' AND at_ns < ?"
_SUBMISSION = "SELECT first, count, submitter, terms, items, at_ns FROM submission WHERE first = ?"
_HAPPENED = (
    "SELECT at_ns / :step, sum(kind = 'delegated'), sum(kind = 'requeued'),"
    " sum(next - job) FILTER (WHERE kind IN ('finished', 'cancelled', 'lost', 'skipped') AND attempt > 0),"
    " sum(next - job) FILTER (WHERE kind IN ('finished', 'cancelled', 'lost', 'skipped') AND attempt = 0)"
    " FROM event WHERE seq > :after AND seq <= :end GROUP BY 1 ORDER BY 1"
)
_CAME = "SELECT at_ns / :step, sum(count) FROM submission WHERE first >= :first AND first < :last GROUP BY 1"
_FAILED = (
    "SELECT event.at_ns / :step, count(*) FROM result CROSS JOIN event ON event.seq = result.seq"
    " WHERE result.seq > :after AND result.seq <= :end AND ending IN ('finished', 'lost')"
    " AND (ending <> 'finished' OR exit_code <> 0 OR signal <> 0) GROUP BY 1"
)
_NEVER_RAN_AND_FAILED = (
    "SELECT event.at_ns / :step, sum(ended.next - ended.first) FROM ended CROSS JOIN event ON event.seq = ended.seq"
    " WHERE ended.seq > :after AND ended.seq <= :end AND ending IN ('finished', 'lost') GROUP BY 1"
)


def _event_before(db: sqlite3.Connection, at_ns: int) -> int:
    """The number of the last event before that time, 0 for none: what came since has a higher one."""
    last = "SELECT seq + next - job - 1 FROM event WHERE seq < ? ORDER BY seq DESC LIMIT 1"
    row = db.execute(last, (event_at(db, at_ns),)).fetchone()
    return int(row[0]) if row else 0


def lowest(db: sqlite3.Connection, column: str, least: int) -> int:
    """The number of the first submission with so much in a column that rises with the numbers."""
    (low,) = db.execute("SELECT coalesce(min(first), 0) FROM submission").fetchone()
    (high,) = db.execute("SELECT coalesce(max(first), 0) + 1 FROM submission").fetchone()
    found = f"SELECT first, {column} FROM submission WHERE first >= ? ORDER BY first LIMIT 1"
    while low < high:
        middle = (low + high) // 2
        row = db.execute(found, (middle,)).fetchone()
        if row is None or row[1] >= least:
            high = middle
        else:
            low = row[0] + 1
    return int(low)


class _Whose(Struct):
    """A submission, its jobs that are meant, and when it came."""

    what: Known
    meant: Ranges
    at_ns: int


class Accounts:
    """Adds up through one connection. It is `now_ns`."""

    def __init__(self, db: sqlite3.Connection, query: SpentOf, now_ns: int) -> None:
        self._db = db
        self._query = query
        self._now_ns = now_ns
        self._meant = Meant(db, query.selector, query.owner)
        self._known: dict[int | None, _Whose | None] = {}
        self._sums: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0] * 10)
        self._busy: defaultdict[tuple[int, str, str], float] = defaultdict(float)

    def part(self) -> Spents:
        """The next part."""
        query = self._query
        begin = max(event_at(self._db, query.begin_ns), query.after + 1) - 1
        end = event_at(self._db, query.end_ns)
        rows = self._db.execute(_RESULTS, (begin, end, RESULTS)).fetchall()
        for row in rows:
            self._add(*row[1:])
        is_last = len(rows) < RESULTS
        if query.step_s and is_last:
            self._add_live()
        sums = tuple(_spent(key, sums) for key, sums in self._sums.items())
        busy = tuple(Busy(*key, cpus) for key, cpus in self._busy.items())
        return Spents(latest_event(self._db), sums, busy, None if is_last else rows[-1][0])

    def _add(
        self,
        job: int,
        ending: str | None,
        exit_code: int,
        signal: int,
        host: str,
        started_ns: int,
        ended_ns: int,
        cpu_s: float,
        peak_kib: int,
        attempt: int,
    ) -> None:
        query, whose = self._query, self._whose(JobId(job))
        if whose is None or query.host not in {"", host}:
            return
        what, terms = whose.what, whose.what.terms
        day = (ended_ns // NS + query.offset_s) // _DAY_S
        sums = self._sums[what.owner, host, day, terms.name or None, terms.tags or None]
        ran_s = max(0, ended_ns - started_ns) / NS if started_ns else 0.0
        is_bad = ending == "lost" or (ending == "finished" and bool(exit_code or signal))
        took = (ran_s, ran_s * terms.cpus, cpu_s)
        counts = (
            1,
            ending is not None,
            is_bad,
            ending == "cancelled",
            self._waited_s(attempt, started_ns, whose),
        )
        for at, each in enumerate((*counts, *took)):
            sums[at] += each
        sums[8], sums[9] = max(sums[8], terms.memory), max(sums[9], peak_kib * KIB)
        if query.step_s and started_ns:
            self._add_busy(host, what.owner, started_ns, ended_ns, terms.cpus)

    def _waited_s(self, attempt: int, started_ns: int, whose: _Whose) -> float:
        """Of each job once, with its first attempt that ended."""
        if attempt != 1 or not started_ns:
            return 0.0
        return max(0, started_ns - whose.at_ns) / NS

    def _add_live(self) -> None:
        """What runs has its cpus too."""
        for job, host, at_ns in self._db.execute(_LIVE, (self._query.end_ns,)).fetchall():
            whose = self._whose(JobId(job))
            if whose and self._query.host in {"", host}:
                self._add_busy(host, whose.what.owner, at_ns, self._now_ns, whose.what.terms.cpus)

    def _add_busy(self, host: str, owner: str, begin_ns: int, end_ns: int, cpus: int) -> None:
        step_ns = (self._query.step_s or 1) * NS
        at_ns = max(begin_ns, self._query.begin_ns)
        end_ns = min(end_ns, self._query.end_ns)
        while at_ns < end_ns:
            step = at_ns // step_ns * step_ns
            until_ns = min(end_ns, step + step_ns)
            self._busy[step, host, owner] += cpus * (until_ns - at_ns) / step_ns
            at_ns = until_ns

    def _whose(self, job: JobId) -> _Whose | None:
        """What the job is of, if it is asked for."""
        (first,) = self._db.execute("SELECT max(first) FROM submission WHERE first <= ?", (job,)).fetchone()
        if first not in self._known:
            if len(self._known) == KNOWN_LIMIT:
                self._known.clear()
            self._known[first] = self._looked_up(first)
        whose = self._known[first]
        return whose if whose and holds(whose.meant, job) else None

    def _looked_up(self, first: int | None) -> _Whose | None:
        row = self._db.execute(_SUBMISSION, (first,)).fetchone()
        if row is None:
            return None
        what = self._meant.known(*row[:5])
        is_wanted = self._query.user in {"", what.owner}
        meant = merged([*self._meant.by_number(what), *self._meant.by_word(what)]) if is_wanted else ()
        return _Whose(what, meant, row[5])


def _spent(key: tuple[Any, ...], sums: list[Any]) -> Spent:
    owner, host, day, name, tags = key
    return Spent(owner, host, day, name, tags, *sums)


def totals_of(db: sqlite3.Connection, query: TotalsOf) -> Totals:
    """What happened since, the next part of it."""
    latest = latest_event(db)
    after = _event_before(db, query.begin_ns) if query.after is None else query.after
    end = min(latest, after + EVENTS)
    first = max(lowest(db, "at_ns", query.begin_ns), lowest(db, "seq", after + 1))
    asked = {"step": query.step_s * NS, "after": after, "end": end}
    asked |= {"first": first, "last": lowest(db, "seq", end + 1)}
    steps: defaultdict[int, list[int]] = defaultdict(lambda: [0] * 6)
    for at, *counts in _counted(db, asked):
        for place, number in counts:
            steps[at][place] += number
    (still_open,) = db.execute("SELECT coalesce(sum(open), 0) FROM submission WHERE open > 0").fetchone()
    (running,) = db.execute("SELECT count(*) FROM live WHERE worker <> ''").fetchone()
    told = tuple(Minute(at * query.step_s * NS, *steps[at]) for at in sorted(steps))
    return Totals(latest, still_open - running, running, told, end if end < latest else None)


def _counted(db: sqlite3.Connection, asked: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    """Steps, each with places among the counts, and numbers to add there."""
    for at, started, requeued, ended, unstarted in db.execute(_HAPPENED, asked):
        yield at, (1, started or 0), (2, requeued or 0), (3, ended or 0), (5, unstarted or 0)
    for at, count in db.execute(_CAME, asked):
        yield at, (0, count)
    for statement in (_FAILED, _NEVER_RAN_AND_FAILED):
        for at, count in db.execute(statement, asked):
            yield at, (4, count)
