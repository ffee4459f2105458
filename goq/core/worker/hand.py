"""The jobs that a place has been given and has not started, and how many more it wants. Pure.

Short jobs are given several at once, so that a place need not wait for the server between
them. What could not be started soon is returned, so that another worker can have it.
"""

from collections import deque
from collections.abc import Iterable

from goq.core.board.hands import HAND_LIMIT
from goq.core.values.job import Job
from goq.core.worker.rules import HAND_S, STALE_S


class Hand:
    """Jobs to be started one after the other. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._jobs: deque[tuple[Job, float]] = deque()
        self._typical_s = 2 * HAND_S  # how long a job takes; at first, too long for any other to wait for

    def __len__(self) -> int:
        return len(self._jobs)

    def jobs(self) -> list[Job]:
        """What is in it, the next one first."""
        return [job for job, _ in self._jobs]

    def add(self, jobs: Iterable[Job], now_s: float) -> None:
        """These came from the server; of one that is here already it is only another copy."""
        here = {job.id for job, _ in self._jobs}
        self._jobs.extend((job, now_s) for job in jobs if job.id not in here)

    def take(self) -> Job:
        """The next one to start."""
        return self._jobs.popleft()[0]

    def take_all(self) -> list[Job]:
        """What is to be returned unstarted."""
        jobs = self.jobs()
        self._jobs.clear()
        return jobs

    def is_stale(self, now_s: float) -> bool:
        """The next one has been here so long that somebody else may have got it meanwhile."""
        return bool(self._jobs) and now_s - self._jobs[0][1] > STALE_S

    def learn(self, elapsed_s: float) -> None:
        """A job took so long."""
        self._typical_s = (self._typical_s + elapsed_s) / 2

    def wants(self) -> int:
        """How many more jobs could be started soon behind one that runs."""
        return max(0, min(HAND_LIMIT, int(HAND_S / self._typical_s)) - len(self._jobs))
