"""The waiting jobs in lanes, and whose turn it is at each host.

Pure. The jobs of one owner in one folder are a group, and those of them that are to avoid the
same hosts are a lane. At a host the oldest job goes first, of those lanes that are not closed
to it. So a lane that some hosts cannot serve delays nobody else, however long it is.

A `View` is the lanes as a host sees them, with the oldest on top. All hosts to which nothing
is closed share one. Its entries may be too early: they are mended when they come up.
"""

import heapq
from collections.abc import Container, Iterable, Mapping
from functools import lru_cache
from itertools import count

from msgspec import Struct

from goq.core.values.ids import JobId
from goq.core.values.job import Job, Origin
from goq.core.values.spans import Spans, joined

_STALE = 64  # entries of lanes that are gone, which are not worth tidying up


Group = tuple[bytes, str]  # a folder, and who runs jobs in it
Avoid = tuple[str, ...]  # hosts, sorted


@lru_cache(maxsize=1000)
def _owner(submitter: str) -> str:
    return submitter.rpartition("@")[0] or submitter


def group_of(origin: Origin) -> Group:
    """The group of the jobs that have this origin."""
    return origin.folder, _owner(origin.submitter)


class Lane(Struct, eq=False):
    """Jobs that may go to the same hosts. `number` is its own, for ever; `hidden_from` who may not have them."""

    group: Group
    avoid: Avoid
    number: int
    jobs: Spans
    hidden_from: list["View"]


class View:
    """The lanes that are not closed to a host, by their oldest jobs."""

    def __init__(self, host: str, lanes: Iterable[Lane] = ()) -> None:
        self.host = host
        self.closed: set[Group] = set()
        self.avoiders = 0  # lanes that avoid the host
        self.hidden = 0  # jobs in lanes that are closed to it
        self._heap = [(lane.jobs.first, lane.number, lane) for lane in lanes]
        self._entry = {number: at for at, number, _ in self._heap}  # those that count
        self._tidy_at = 2 * len(self._heap) + _STALE
        heapq.heapify(self._heap)

    def hides(self, lane: Lane) -> bool:
        """The host may have nothing of it."""
        return lane.group in self.closed or self.host in lane.avoid

    def offer(self, lane: Lane) -> None:
        """The lane has become open, or its first job may be an earlier one now."""
        first = lane.jobs.first
        if first < self._entry.get(lane.number, first + 1):
            self._entry[lane.number] = first
            heapq.heappush(self._heap, (first, lane.number, lane))
            if len(self._heap) > self._tidy_at:
                self._tidy()

    def top(self) -> Lane | None:
        """The lane whose turn it is."""
        heap = self._heap
        while heap:
            at, number, lane = heap[0]
            first = lane.jobs.first
            counts = first and not (lane.hidden_from and self in lane.hidden_from)
            if counts and (first == at or len(heap) == 1 or first < min(heap[1:3])[0]):
                return lane
            heapq.heappop(heap)
            if self._entry.get(number) == at:
                del self._entry[number]
                if counts:
                    self.offer(lane)
        return None

    def entries(self) -> list[tuple[JobId, int, Lane]]:
        """A heap in which each open lane is at least once, at its first job or before."""
        return list(self._heap)

    def _tidy(self) -> None:
        """Forget lanes that are empty: those that nobody has met may be many."""
        counts = self._entry.items()
        self._heap = [entry for entry in self._heap if entry[2].jobs.first and (entry[1], entry[0]) in counts]
        self._entry = {number: at for at, number, _ in self._heap}
        self._tidy_at = 2 * len(self._heap) + _STALE
        heapq.heapify(self._heap)


class Lanes:
    """The jobs that wait to be given out. The jobs themselves are in `waiting`, which is the state's."""

    def __init__(self, waiting: Mapping[JobId, Job], shut: Iterable[Container[JobId]] = ()) -> None:
        """All that waits is in a lane, but for those jobs that are `shut` out."""
        self._waiting = waiting
        self._lanes: dict[tuple[Group, Avoid], Lane] = {}
        self._avoiding: dict[JobId, Avoid] = {}  # of the jobs that avoid any host
        self._numbers = count()
        self._open = View("")
        self._views: dict[str, View] = {}
        self._latest: Lane | None = None  # whose turn it was at the last look
        self._count = 0
        for job in sorted(waiting):
            if not any(job in each for each in shut):
                self.add(waiting[job])

    def __len__(self) -> int:
        return self._count

    def add(self, job: Job, avoid: Avoid = ()) -> None:
        """The job waits to be given to any host but these."""
        group = group_of(job.origin)
        lane = self._lanes.get((group, avoid)) or self._make(group, avoid)
        lane.jobs.add(job.id)
        if avoid:
            self._avoiding[job.id] = avoid
        self._grown(lane, 1, job.id)

    def append(self, origin: Origin, first: JobId, end: JobId) -> None:
        """New jobs wait: first up to, and without, end."""
        group = group_of(origin)
        lane = self._lanes.get((group, ())) or self._make(group, ())
        lane.jobs.append(first, end)
        self._grown(lane, end - first, first)

    def _grown(self, lane: Lane, count: int, first: JobId) -> None:
        self._count += count
        for view in lane.hidden_from:
            view.hidden += count
        if lane.jobs.first == first:
            self._offer(lane)

    def remove(self, job: Job) -> None:
        """The job waits here no more."""
        lane = self._latest
        if lane is None or lane.jobs.first != job.id:
            lane = self._lanes[group_of(job.origin), self._avoiding.get(job.id, ())]
        if self._avoiding:
            self._avoiding.pop(job.id, None)
        lane.jobs.remove(job.id)
        self._count -= 1
        for view in lane.hidden_from:
            view.hidden -= 1
        if not lane.jobs.first:
            self._forget(lane)

    def between(self, first: JobId, end: JobId) -> list[tuple[JobId, JobId]]:
        """The ranges of those jobs from first up to, and without, end that wait here."""
        return [*joined(part for lane in self._lanes.values() for part in lane.jobs.between(first, end))]

    def discard(self, first: JobId, end: JobId) -> None:
        """None of the jobs from first up to, and without, end waits here any more."""
        job = self._waiting.get(first) if end - first == 1 else None
        lanes = list(self._lanes.values()) if job is None else self._of(group_of(job.origin))
        for lane in lanes:
            gone = lane.jobs.discard(first, end)
            self._count -= gone
            for view in lane.hidden_from:
                view.hidden -= gone
            if gone and not lane.jobs.first:
                self._forget(lane)
        for avoiding in [each for each in self._avoiding if first <= each < end]:
            del self._avoiding[avoiding]

    def __contains__(self, job: Job) -> bool:
        lane = self._lanes.get((group_of(job.origin), self._avoiding.get(job.id, ())))
        return lane is not None and job.id in lane.jobs

    def oldest(self, host: str) -> Job | None:
        """The job whose turn it is at this host."""
        self._latest = lane = (self._views.get(host, self._open) if self._views else self._open).top()
        return self._waiting[lane.jobs.first] if lane else None

    def count(self, host: str) -> int:
        """How many jobs this host may have."""
        return self._count - self._view(host).hidden

    def first(self, most: int) -> list[JobId]:
        """The oldest jobs in all lanes, for people to look at; not more than `most`."""
        heads, found = self._open.entries(), list[JobId]()
        while heads and len(found) < most:
            at, number, lane = heads[0]
            job = lane.jobs.at_or_after(at)
            if not job:
                heapq.heappop(heads)
                continue
            if job == at and at not in found[-1:]:  # a lane may be there twice
                found.append(at)
            heapq.heapreplace(heads, (JobId(at + 1) if job == at else job, number, lane))
        return found

    def has(self, group: Group) -> bool:
        """A job of the group waits."""
        return bool(self._of(group))

    # --- who may have what -------------------------------------------------------------

    def close(self, group: Group, host: str) -> None:
        """The host gets nothing of this group until it is opened again."""
        view = self._view_of_its_own(host)
        view.closed.add(group)
        for lane in self._of(group):
            if view not in lane.hidden_from:
                lane.hidden_from.append(view)
                view.hidden += len(lane.jobs)

    def open(self, group: Group, host: str) -> None:
        """The host may have jobs of this group again."""
        view = self._views[host]
        view.closed.discard(group)
        for lane in self._of(group):
            if not view.hides(lane):
                lane.hidden_from.remove(view)
                view.hidden -= len(lane.jobs)
                view.offer(lane)
        self._drop_view(host)

    def move(self, job: JobId, avoid: Avoid) -> None:
        """If it waits here, the job is to avoid these hosts from now on, and no others."""
        waiting = self._waiting.get(job)
        if waiting is not None and waiting in self:
            self.remove(waiting)
            self.add(waiting, avoid)

    def take(self, group: Group, below: JobId) -> list[JobId]:
        """Take out all jobs of the group that are older than that number, in order."""
        taken: list[JobId] = []
        for lane in self._of(group):
            jobs = lane.jobs.take_below(below)
            taken += jobs
            self._count -= len(jobs)
            for view in lane.hidden_from:
                view.hidden -= len(jobs)
            for job in jobs if lane.avoid else ():
                del self._avoiding[job]
            if not lane.jobs.first:
                self._forget(lane)
        return sorted(taken)

    # --- lanes and views ---------------------------------------------------------------

    def _of(self, group: Group) -> list[Lane]:
        avoids = {(), *self._avoiding.values()} if self._avoiding else {()}
        lanes = (self._lanes.get((group, avoid)) for avoid in avoids)
        return [lane for lane in lanes if lane is not None]

    def _make(self, group: Group, avoid: Avoid) -> Lane:
        lane = self._lanes[group, avoid] = Lane(group, avoid, next(self._numbers), Spans(), [])
        for host in avoid:
            self._view_of_its_own(host).avoiders += 1
        lane.hidden_from = [view for view in self._views.values() if view.hides(lane)]
        return lane

    def _forget(self, lane: Lane) -> None:
        del self._lanes[lane.group, lane.avoid]
        for host in lane.avoid:
            self._views[host].avoiders -= 1
            self._drop_view(host)

    def _offer(self, lane: Lane) -> None:
        self._open.offer(lane)
        for view in self._views.values():
            if not view.hides(lane):
                view.offer(lane)

    def _view(self, host: str) -> View:
        return self._views.get(host, self._open) if self._views else self._open

    def _view_of_its_own(self, host: str) -> View:
        view = self._views.get(host)
        if view is None:
            view = self._views[host] = View(host, (lane for lane in self._lanes.values() if lane.jobs.first))
        return view

    def _drop_view(self, host: str) -> None:
        """A host to which nothing is closed sees what all such hosts see."""
        if not self._views[host].closed and not self._views[host].avoiders:
            del self._views[host]
