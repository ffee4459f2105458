"""Mistakes in roles/server/clock.py."""

from mistakes.fault import Fault

FILE = "roles/server/clock.py"
FAULTS = [
    Fault(
        "who was away has heard all at once",
        FILE,
        "            self._hearing_s = HEAR_S\n",
        "            self._hearing_s = 0.0\n",
    ),
    Fault(
        "who was away has heard all in the next turn",
        FILE,
        "self._hearing_s -= in_time_s  # also",
        "self._hearing_s = 0.0  # also",
    ),
    Fault(
        "a second absence counts as listening",
        FILE,
        "self._hearing_s -= in_time_s  # also",
        "self._hearing_s -= passed_s  # also",
    ),
    Fault(
        "a server with a slow disk never judges",
        FILE,
        "        if self._hearing_s > 0:\n",
        "        if self._hearing_s > 0 and passed_s <= in_time_s:\n",
    ),
    Fault(
        "a long sleep is an absence",
        FILE,
        "in_time_s = min(passed_s, planned_sleep_s + LATE_S)",
        "in_time_s = min(passed_s, LATE_S)",
    ),
    Fault(
        "time away counts against workers",
        FILE,
        "self._attended_s += min(passed_s, planned_sleep_s + SLACK_S)",
        "self._attended_s += passed_s",
    ),
]
