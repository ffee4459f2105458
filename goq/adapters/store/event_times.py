"""Events by the time at which they were: their numbers and their times rise together."""

import sqlite3


def event_at(db: sqlite3.Connection, at_ns: int) -> int:
    """The number of the first event from that time on: the times of events never go back."""
    # Each of these by itself goes along the index.
    (low,) = db.execute("SELECT coalesce(min(seq), 0) FROM event").fetchone()
    (high,) = db.execute("SELECT coalesce(max(seq), 0) + 1 FROM event").fetchone()
    while low < high:
        middle = (low + high) // 2
        found = "SELECT seq, at_ns FROM event WHERE seq >= ? ORDER BY seq LIMIT 1"
        row = db.execute(found, (middle,)).fetchone()
        if row is None or row[1] >= at_ns:
            high = middle
        else:
            low = row[0] + 1
    return int(low)
