"""Time as the server's loop sees it."""

import time

from goq.core.values.ids import Now

SLACK_S = 1.0


class AttendedClock:
    """Seconds during which the server was there to listen, and the wall clock for people.

    A server that was stopped, suspended or held up by its disk has not heard the heartbeats
    of that time, so it does not count against a worker's lease.
    """

    def __init__(self) -> None:
        self._read_at = time.monotonic()
        self._attended_s = 0.0

    def read(self, planned_sleep_s: float) -> Now:
        """The time now, when the loop had meant to sleep no longer than that since the last call."""
        at = time.monotonic()
        self._attended_s += min(at - self._read_at, planned_sleep_s + SLACK_S)
        self._read_at = at
        return Now(self._attended_s, time.time_ns())
