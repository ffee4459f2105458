"""The queue: jobs that wait, oldest id first.

Pure. A job that comes back goes to its place by id, not to the front: two jobs that come
back one after the other would swap there.
"""

import heapq
from collections.abc import Iterator

from goq.core.values.ids import JobId
from goq.core.values.job import Job


class WaitingQueue:
    """Jobs in order of their ids. Taking, adding and removing cost O(log n), a look at the first k O(k log n)."""

    def __init__(self) -> None:
        self._jobs: dict[JobId, Job] = {}
        self._order: list[JobId] = []  # a heap; ids that were removed are skipped when met

    def __contains__(self, job: JobId) -> bool:
        return job in self._jobs

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs.values())

    def add(self, job: Job) -> None:
        """Put a job in its place by id."""
        self._jobs[job.id] = job
        heapq.heappush(self._order, job.id)

    def oldest(self) -> Job:
        """The job whose turn it is; the queue must not be empty."""
        while self._order[0] not in self._jobs:
            heapq.heappop(self._order)
        return self._jobs[self._order[0]]

    def remove(self, job: JobId) -> Job:
        """Take a job out, wherever it stands."""
        return self._jobs.pop(job)

    def first(self, count: int) -> tuple[Job, ...]:
        """The next `count` jobs, in the order in which they will run."""
        if count >= len(self._jobs):
            return tuple(self._jobs[job] for job in sorted(self._jobs))
        jobs: list[Job] = []
        while len(jobs) < count:
            job = self.oldest()
            while self._order and self._order[0] == job.id:  # a job that came back is there twice
                heapq.heappop(self._order)
            jobs.append(job)
        for job in jobs:
            heapq.heappush(self._order, job.id)
        return tuple(jobs)
