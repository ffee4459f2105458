"""Time as the server's loop sees it."""

import time

from goq.core.values.ids import Now

SLACK_S = 1.0  # of a time that was longer than planned so much counts
LATE_S = 0.2  # whoever comes so much later than planned may have been stopped
HEAR_S = 0.25  # of listening, until what came meanwhile has been read


class AttendedClock:
    """Seconds during which the server was there to listen, and the wall clock for people.

    A server that was stopped, suspended or held up by its disk has not heard the heartbeats
    of that time, so it does not count against a worker's lease. Those that came meanwhile wait
    in the machine, and reach the loop a moment after it goes on: until then it has not heard them.
    """

    def __init__(self) -> None:
        self._read_at = time.monotonic()
        self._attended_s = 0.0
        self._hearing_s = 0.0  # so much listening is due

    def read(self, planned_sleep_s: float) -> Now:
        """The time now, when the loop had meant to sleep no longer than that since the last call."""
        at = time.monotonic()
        passed_s, self._read_at = at - self._read_at, at
        self._attended_s += min(passed_s, planned_sleep_s + SLACK_S)
        in_time_s = min(passed_s, planned_sleep_s + LATE_S)
        if self._hearing_s > 0:
            self._hearing_s -= in_time_s  # also when late again: a slow disk is no reason never to judge
        elif passed_s > in_time_s:
            self._hearing_s = HEAR_S
        return Now(self._attended_s, time.time_ns(), has_heard=self._hearing_s <= 0)
