"""What administrators have set: limits, and whose keys count. As rows, and back."""

import sqlite3
from collections.abc import Iterator
from typing import Any

from goq.core.state.records import KeySet, LimitSet
from goq.core.values.job import By

KEY = "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?, ?, ?)"
LIMIT = "INSERT OR REPLACE INTO limits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def rule_row(record: LimitSet | KeySet, seq: int) -> tuple[str, tuple[Any, ...]]:
    """Which statement writes it, and the row. A limit is an event as well, with that number."""
    by = record.by
    who = (by.owner, by.host, by.pid)
    if isinstance(record, KeySet):
        return KEY, (record.holder, record.generation, record.is_removed, *who, record.at_ns)
    how = (record.why, record.at_ns, record.before, record.now)
    return LIMIT, (record.name, record.amount, *who, *how, seq)


def rules(db: sqlite3.Connection) -> Iterator[LimitSet | KeySet]:
    """All that are set now."""
    for name, amount, by, host, pid, why, at_ns, before, now, _ in db.execute("SELECT * FROM limits"):
        yield LimitSet(name, amount, why, By(by, host, pid), at_ns, before, bool(now))
    for holder, generation, removed, by, host, pid, at_ns in db.execute("SELECT * FROM keys"):
        yield KeySet(holder, generation, bool(removed), By(by, host, pid), at_ns)
