"""What a worker may have in its hand: the job that it runs, and short ones that follow it.

Pure. A worker whose jobs are short asks for several at once, so that it need not wait for the
server between them. It returns what it could not start soon. Whatever is in a hand when its
worker is lost counts as lost with it; so a job that was lost before goes alone, and one that
must not start twice is given only to be started at once.
"""

from collections.abc import Sequence

from goq.core.values.job import Job

HAND_LIMIT = 64
HAND_BYTES = 256 * 1024  # of commands and their environment in an answer that brings several


def share(wants: int, waiting: int, workers: int) -> int:
    """How many of the waiting jobs one worker may take now: all shall end at the same time."""
    return min(wants, HAND_LIMIT, max(1, waiting // (2 * max(1, workers))))


class Deal:
    """The jobs of one answer, to a worker that holds some already."""

    def __init__(self, held: Sequence[Job] = ()) -> None:
        self.jobs: list[Job] = []
        self._is_alone = not held
        self._is_harmless = all(map(_may_share_a_hand, held))
        self._bytes = 0  # that the worker must read

    def fits(self, job: Job) -> bool:
        """The job may be the next."""
        if not self._is_alone and not (self._is_harmless and _may_share_a_hand(job)):
            return False
        if not self.jobs:
            return True
        return self.jobs[0].origin is job.origin and self._bytes + len(job.argv) <= HAND_BYTES

    def add(self, job: Job) -> None:
        """The job is given."""
        if not self.jobs:
            self._bytes = len(job.origin.environment)
        self.jobs.append(job)
        self._bytes += len(job.argv)
        self._is_alone = False
        self._is_harmless = self._is_harmless and _may_share_a_hand(job)


def _may_share_a_hand(job: Job) -> bool:
    return job.terms.requeue and not job.crashes
