"""When things happened, by a server's journal: to the turn of its loop, and without a question to it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any


class Journal:
    """Reads the journal of a server that may be running."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def last_event(self) -> int:
        """The number of the latest event; what comes later has higher ones."""
        return int(self._one("SELECT coalesce(max(seq), 0) FROM event"))

    def oldest_waiting(self) -> int:
        """The job whose turn it is, in a queue at which nobody works: all before it have ended."""
        return int(self._one("SELECT coalesce(max(job), 0) + 1 FROM result"))

    def last_job(self) -> int:
        """The job that was submitted last."""
        return int(self._one("SELECT max(first + count) - 1 FROM submission"))

    def unsaved_outputs(self) -> int:
        """How many outputs the journal keeps, until their files are synced."""
        return int(self._one("SELECT count(*) FROM result WHERE output IS NOT NULL"))

    def finished_since(self, event: int) -> int:
        """How many jobs have finished after that event."""
        return int(self._one("SELECT count(*) FROM event WHERE seq > ? AND kind = 'finished'", event))

    def first_start_ns(self, event: int) -> int:
        """When the first job after that event was given to a worker."""
        return int(self._one("SELECT min(at_ns) FROM event WHERE seq > ? AND kind = 'delegated'", event))

    def finish_ns(self, event: int, count: int) -> int:
        """When the count-th job after that event had finished."""
        query = "SELECT at_ns FROM event WHERE seq > ? AND kind = 'finished' ORDER BY seq LIMIT 1 OFFSET ?"
        return int(self._one(query, event, count - 1))

    def submission_ns(self, job: int) -> int:
        """When the submission whose first job this is was accepted."""
        return int(self._one("SELECT at_ns FROM submission WHERE first = ?", job))

    def jobs_a_second(self, event: int, count: int) -> float:
        """The rate from the first start after that event to the count-th end."""
        return count / ((self.finish_ns(event, count) - self.first_start_ns(event)) / 1e9)

    def _one(self, query: str, *values: object) -> Any:
        with closing(sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True)) as db:
            row = db.execute(query, values).fetchone()
            return None if row is None else row[0]
