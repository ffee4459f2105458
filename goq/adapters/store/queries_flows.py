"""What went through the queue behind an event, as one moment of a journal has it: sums, of so many events at most."""

import sqlite3
from itertools import pairwise
from typing import Any

from goq.adapters.store.queries_pages import latest_event
from goq.adapters.store.queries_totals import lowest
from goq.core.values.flows import BOUNDS_S, Flow, FlowSince, Timed
from goq.core.values.moments import NS

EVENTS = 100_000  # for a part
_CAME = "SELECT coalesce(sum(count), 0) FROM submission WHERE first >= ? AND first < ?"
_BEGUN = "SELECT coalesce(sum(next - job), 0) FROM event WHERE seq > ? AND seq <= ? AND kind = 'delegated'"
_BACK = (
    "SELECT CASE WHEN r.seq IS NOT NULL THEN 'retry' WHEN e.reason = 'worker lost' THEN 'worker_lost' ELSE 'handed_back' END,"
    " sum(e.next - e.job) FROM event AS e LEFT JOIN result AS r ON r.seq = e.seq"
    " WHERE e.seq > ? AND e.seq <= ? AND e.kind = 'requeued' GROUP BY 1"
)
_WAITED = (
    "SELECT max(0, at_ns - (SELECT s.at_ns FROM submission AS s WHERE s.first <= event.job ORDER BY s.first DESC LIMIT 1))"
    " AS took FROM event WHERE seq > ? AND seq <= ? AND kind = 'delegated' AND attempt = 1"
)
_RAN = (
    "SELECT max(0, ended_ns - started_ns) AS took FROM result WHERE seq > ? AND seq <= ? AND started_ns > 0"
)
_WROTE = "SELECT coalesce(sum(output_length), 0) FROM result WHERE seq > ? AND seq <= ?"


def flow_of(db: sqlite3.Connection, query: FlowSince) -> Flow:
    """The next part."""
    latest = latest_event(db)
    span = (query.after, min(latest, query.after + EVENTS))
    came = (lowest(db, "seq", span[0] + 1), lowest(db, "seq", span[1] + 1))
    return Flow(
        max(span),
        _one(db, _CAME, came),
        _one(db, _BEGUN, span),
        dict(db.execute(_BACK, span)),
        _timed(db, _WAITED, span),
        _timed(db, _RAN, span),
        _one(db, _WROTE, span),
        span[1] >= latest,
    )


def _one(db: sqlite3.Connection, statement: str, span: tuple[int, int]) -> int:
    (found,) = db.execute(statement, span).fetchone()
    return int(found)


def _timed(db: sqlite3.Connection, statement: str, span: tuple[int, int]) -> Timed:
    """What such a statement finds in `took`, in ns, sorted into BOUNDS_S."""
    sums = "".join(f", coalesce(sum(took <= {round(bound * NS)}), 0)" for bound in BOUNDS_S)
    found: tuple[Any, ...] = db.execute(
        f"SELECT coalesce(sum(took), 0), count(*){sums} FROM ({statement})", span
    ).fetchone()
    taken_ns, count, *below = found
    edges = [0, *below, count]
    return Timed(tuple(high - low for low, high in pairwise(edges)), taken_ns / NS)
