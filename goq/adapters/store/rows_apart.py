"""Rows of records that are about no attempt that begins or ends: epochs, strays, limits, pauses. Pure."""

from typing import Any

from goq.core.state.records import LimitSet, StrayEnded

EPOCH = "INSERT INTO epoch VALUES (?, ?)"
SKIPPED = "INSERT INTO skipped VALUES (?, ?, ?)"
NO_BACKUP = "DELETE FROM meta WHERE key = ?"
PAUSED = "UPDATE live SET paused = ? WHERE job = ?"
STRAY = "INSERT OR REPLACE INTO stray VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
LIMIT = "INSERT OR REPLACE INTO limits VALUES (?, ?, ?, ?, ?, ?, ?)"


def stray_row(record: StrayEnded) -> tuple[Any, ...]:
    """What is known of the attempt."""
    claim, result = record.claim, record.result
    which = (claim.job, claim.epoch.number, claim.attempt, claim.worker)
    how = (result.host, result.pid, result.exit_code, result.signal, result.problem)
    return (*which, *how, result.output_length, record.at_ns)


def limit_row(record: LimitSet) -> tuple[Any, ...]:
    """The limit, and who set it."""
    by = record.by
    return (record.name, record.amount, by.owner, by.host, record.why, record.at_ns, record.now)
