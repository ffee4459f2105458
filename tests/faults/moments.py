"""When the server was killed, and what it was at in that moment."""

import sqlite3
from bisect import bisect
from pathlib import Path

_NEAR_NS = 100_000_000


class Moments:
    """The moments of kills, as the wall clock counts."""

    def __init__(self) -> None:
        self._kills_ns: list[int] = []

    def note(self, fault: str, at_ns: int) -> None:
        if fault == "kill -9 server":
            self._kills_ns.append(at_ns)

    def hits(self, journal: Path) -> dict[str, int]:
        """How many of the kills at random moments came within 0.1 s after the server had committed what."""
        kinds = {"submitted": "a submission", "delegated": "a delegation", "finished": "a result"}
        db = sqlite3.connect(f"{journal.absolute().as_uri()}?mode=ro", uri=True)
        rows = db.execute(
            "SELECT 'submitted', at_ns AS at FROM submission UNION ALL SELECT kind, at_ns FROM event ORDER BY at"
        ).fetchall()
        db.close()
        figures = {}
        for kind, text in kinds.items():
            times = [at_ns for found, at_ns in rows if found == kind]
            near = sum(bisect(times, at) > bisect(times, at - _NEAR_NS) for at in self._kills_ns)
            figures[f"kills just after {text}"] = near
        return figures
