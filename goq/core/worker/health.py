"""Whether jobs can be started on this host at all. Pure. One for all places of a worker process.

Where the host lacks what every job needs, its worker asks for no work for a while, longer each
time. A shepherd that dies before it has begun a job is not followed by the next one at once, and
after a few in a row by none.
"""

from goq.core.worker.rules import (
    LAST_DEATH,
    LONGEST_PAUSE_S,
    PAUSE_S,
    RELAUNCH_S,
)


class Health:
    """What has gone wrong here since a job was last started. Times are those of the agents' clock."""

    def __init__(self) -> None:
        self.paused_until_s = 0.0
        self.problem = ""  # why there is a pause, as it was said last
        self._pause_s = 0.0
        self._deaths = 0

    @property
    def is_troubled(self) -> bool:
        """Something has gone wrong since the last start."""
        return bool(self._deaths or self.problem)

    @property
    def is_hopeless(self) -> bool:
        """No shepherd stays alive here."""
        return self._deaths >= LAST_DEATH

    def has_started(self) -> None:
        """A job was started: all is well."""
        self._deaths = 0
        self._pause_s = 0.0
        self.paused_until_s = 0.0
        self.problem = ""

    def has_trouble(self, problem: str, now_s: float) -> bool:
        """A job could not be started for a reason that is this host's; True if that is news.

        What fails during a pause, since it was under way already, does not make the pause longer.
        """
        if now_s >= self.paused_until_s:
            self._pause_s = min(LONGEST_PAUSE_S, 2 * self._pause_s or PAUSE_S)
            self.paused_until_s = now_s + self._pause_s
        is_news = problem != self.problem
        self.problem = problem
        return is_news

    def has_died(self) -> float:
        """A shepherd has begun no job in its life; so many seconds until the next one."""
        self._deaths += 1
        return RELAUNCH_S * float(2 ** (self._deaths - 1))
