"""Mistakes in core/worker/health.py."""

from mistakes.fault import Fault

FILE = "core/worker/health.py"
FAULTS = [
    Fault(
        "a pause has no end to its growth",
        FILE,
        "min(LONGEST_PAUSE_S, 2 * self._pause_s or PAUSE_S)",
        "2 * self._pause_s or PAUSE_S",
    ),
    Fault(
        "a pause does not grow",
        FILE,
        "2 * self._pause_s or PAUSE_S",
        "PAUSE_S",
    ),
    Fault(
        "what fails during a pause makes it longer",
        FILE,
        "if now_s >= self.paused_until_s:",
        "if True:",
    ),
    Fault(
        "a pause is shorter after a start",
        FILE,
        "        self._pause_s = 0.0\n        self.paused_until_s",
        "        self.paused_until_s",
    ),
    Fault(
        "a pause outlives its cause",
        FILE,
        "        self._pause_s = 0.0\n        self.paused_until_s = 0.0\n",
        "        self._pause_s = 0.0\n",
    ),
    Fault(
        "trouble is said over and over",
        FILE,
        "is_news = problem != self.problem",
        "is_news = True",
    ),
    Fault(
        "deaths of a lifetime are added up",
        FILE,
        "        self._deaths = 0\n        self._pause_s",
        "        self._pause_s",
    ),
    Fault(
        "hope is lost too late",
        FILE,
        "self._deaths >= LAST_DEATH",
        "self._deaths > LAST_DEATH",
    ),
    Fault(
        "shepherds follow each other at the same pace",
        FILE,
        "float(2 ** (self._deaths - 1))",
        "1.0",
    ),
    Fault(
        "a dead shepherd is no trouble",
        FILE,
        "bool(self._deaths or self.problem)",
        "bool(self.problem)",
    ),
]
