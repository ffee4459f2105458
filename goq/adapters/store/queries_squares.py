"""A map of a submission, as one moment of a journal has it."""

import sqlite3

from goq.adapters.store.queries_pages import latest_event
from goq.core.values.shown import Counts
from goq.core.values.squares import MAPPED_LIMIT, SQUARES_LIMIT, Squares
from goq.core.values.states import JobState
from goq.errors import JobUnknown

_SUBMISSION = "SELECT first, count FROM submission WHERE first = ?"
_RAN = (
    "SELECT (job - ?1) / ?3, ending, exit_code <> 0 OR signal <> 0, count(*) FROM result"
    " WHERE job >= ?1 AND job < ?2 AND ending IS NOT NULL GROUP BY 1, 2, 3"
)
_ON = (
    "SELECT (job - ?1) / ?3, paused, count(*) FROM live"
    " WHERE job >= ?1 AND job < ?2 AND worker <> '' GROUP BY 1, 2"
)
_RANGES = (
    "SELECT max(first, ?1), min(next, ?2), {what} FROM {table} WHERE first < ?2 AND next > ?1"
    " AND first >= coalesce((SELECT max(first) FROM {table} WHERE first <= ?1), 0)"
)
_UNSTARTED = _RANGES.format(table="ended", what="ending")
_HELD = _RANGES.format(table="held", what="''")
_FAILED = "finished"  # that is how a job ended which failed, too


def squares_of(db: sqlite3.Connection, job: int) -> Squares:
    """The map of the submission that begins with the job. Raises JobUnknown."""
    seq, row = latest_event(db), db.execute(_SUBMISSION, (job,)).fetchone()
    if row is None:
        raise JobUnknown(job, "begins a submission in this journal")
    first, size = row
    if size > MAPPED_LIMIT:
        return Squares(seq)
    each = -(-size // SQUARES_LIMIT)
    found = [dict.fromkeys(JobState, 0) for _ in range(-(-size // each))]
    bounds = (first, first + size, each)
    for square, ending, is_bad, number in db.execute(_RAN, bounds):
        found[square][_state(ending, is_bad=bool(is_bad))] += number
    for square, is_paused, number in db.execute(_ON, bounds):
        found[square][JobState.PAUSED if is_paused else JobState.RUNNING] += number
    for low, end, ending in db.execute(_UNSTARTED, bounds[:2]).fetchall():
        _fill(found, low - first, end - first, each, _state(ending, is_bad=True))
    for low, end, _ in db.execute(_HELD, bounds[:2]).fetchall():
        _fill(found, low - first, end - first, each, JobState.HELD)
    for square, counts in enumerate(found):
        counts[JobState.WAITING] = min(each, size - square * each) - sum(counts.values())
    return Squares(seq, each, tuple(Counts(*(counts[state] for state in JobState)) for counts in found))


def _state(ending: str, *, is_bad: bool) -> JobState:
    if ending == _FAILED:
        return JobState.FAILED if is_bad else JobState.DONE
    return JobState(ending)


def _fill(found: list[dict[JobState, int]], low: int, end: int, each: int, state: JobState) -> None:
    """The jobs from `low` up to `end`, counted from the first, are in that state."""
    for square in range(low // each, -(-end // each)):
        found[square][state] += min(end, (square + 1) * each) - max(low, square * each)
