"""The ready jobs in lanes, and whose turn it is at each host.

Pure. Of the lanes that are not closed to a host the highest priority goes first; of one priority,
the owner who has the smallest share; of one owner, the oldest job that fits. So a lane that some
hosts cannot serve delays nobody else, however long it is.

All hosts to which nothing is closed share one `View`.
"""

import heapq
from collections.abc import Iterator
from itertools import count

from goq.core.board.gates import Gates
from goq.core.board.limits import Limits
from goq.core.board.views import Avoid, Draws, Fits, Group, Key, Lane, Share, View, key_of
from goq.core.state.state import State
from goq.core.state.submissions import Live
from goq.core.values.ids import JobId
from goq.core.values.job import Job
from goq.core.values.ranges import Ranges, holds, merged, size, without
from goq.core.values.spans import Spans
from goq.core.values.terms import Terms


def nobody_has_more(_owner: str) -> float:
    """The share of each owner where there are no shares."""
    return 0.0


class Lanes:
    """The jobs that wait to be given out. The jobs themselves are in `waiting`, which is the state's."""

    def __init__(self, state: State, gates: Gates, limits: Limits) -> None:
        """All that is ready is in a lane."""
        self._state = state
        self._limits = limits
        self._drawing: dict[str, set[Lane]] = {}  # the lanes that draw of a limit
        self._lanes: dict[Key, Lane] = {}
        self._avoiding: dict[JobId, Avoid] = {}  # of the jobs that avoid any host
        self._numbers = count()
        self._open = View("")
        self._views: dict[str, View] = {}
        self._latest: Lane | None = None  # whose turn it was at the last look
        self._kind: Key | None = None  # and its key
        self._count = 0
        for live, first, end in gates.all_ready():
            self.append(live, first, end)

    def __len__(self) -> int:
        return self._count

    def add(self, job: Job, avoid: Avoid = ()) -> None:
        """The job waits to be given to any host but these."""
        lane = self._lane(self._key_of(job, avoid))
        lane.jobs.add(job.id)
        if avoid:
            self._avoiding[job.id] = avoid
        self._grown(lane, 1, job.id)

    def append(self, live: Live, first: JobId, end: JobId) -> None:
        """Jobs of a submission have become ready: first up to, and without, end."""
        endless = tuple(self._state.endless.between(first, end)) if self._state.endless else ()
        for low, high, terms in self._state.terms_of(live, first, end):
            for start, stop in without(((low, high),), endless) if endless else ((low, high),):
                lane = self._lane(self._key_in(live, terms, ()))
                lane.jobs.append(start, stop)
                self._grown(lane, stop - start, start)
        for start, stop in endless:
            for job in range(start, stop):
                self.add(self._state.job(JobId(job)))

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
            lane = self._lanes[self._key(job)]
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
        return [*merged(part for lane in self._lanes.values() for part in lane.jobs.between(first, end))]

    def discard(self, ranges: Ranges) -> None:
        """None of these jobs waits here any more; they are in order and apart."""
        for lane in self._of_ranges(ranges):
            gone = lane.jobs.discard_all(ranges)
            self._count -= gone
            for view in lane.hidden_from:
                view.hidden -= gone
            if gone and not lane.jobs.first:
                self._forget(lane)
        for avoiding in self._avoiding and [each for each in self._avoiding if holds(ranges, each)]:
            del self._avoiding[avoiding]

    def __contains__(self, job: Job) -> bool:
        lane = self._lanes.get(self._key(job))
        return lane is not None and job.id in lane.jobs

    def top(self, host: str, fits: Fits | None = None, share: Share = nobody_has_more) -> Lane | None:
        """The lane whose turn it is at this host, of those whose jobs fit there."""
        return self._view(host).top(fits, share)

    def job_of(self, lane: Lane) -> Job:
        """The first job of a lane."""
        self._latest, self._kind = lane, lane.key
        return self._state.job(lane.jobs.first)

    def more(self, host: str) -> Job | None:
        """The job behind the one that was looked at last, if a place that has that may have it as well."""
        behind = self._view(host).behind(self._kind) if self._kind else None
        return self.job_of(behind) if behind else None

    def redraw(self, draws: Draws) -> None:
        """What is left of these limits has changed: lanes that draw of them close, or open."""
        for name, _ in draws:
            for lane in self._drawing.get(name, ()):
                is_open = self._limits.allows(lane.key.draws)
                if is_open and lane.closed and lane.jobs.first:
                    lane.closed = False
                    self._offer(lane)
                lane.closed = not is_open

    def resort(self) -> None:
        """What is limited has changed: jobs may draw of something else than before."""
        sorted_before = [(lane.key.avoid, lane.jobs.ranges()) for lane in self._lanes.values()]
        for lane in list(self._lanes.values()):
            self._count -= len(lane.jobs)
            for view in lane.hidden_from:
                view.hidden -= len(lane.jobs)
            lane.jobs = Spans()  # so that whoever meets it knows that it is gone
            self._forget(lane)
        for avoid, ranges in sorted_before:
            for first, end in ranges:
                self._sort_in(avoid, first, end)

    def _sort_in(self, avoid: Avoid, first: JobId, end: JobId) -> None:
        if avoid:
            for job in range(first, end):
                self.add(self._state.job(JobId(job)), avoid)
            return
        for live in self._state.submissions.between(first, end):
            self.append(live, max(first, live.first), min(end, live.end))

    def count(self, host: str) -> int:
        """How many jobs this host may have."""
        return self._count - self._view(host).hidden

    def first(self, most: int) -> list[JobId]:
        """The first jobs in all lanes by priority and number, for people to look at; not more than `most`.

        Of an array in a lane the first stands for all.
        """
        heads = [(-lane.key.priority, lane.jobs.first, lane.number, lane) for lane in self._lanes.values()]
        heapq.heapify(heads)
        found: list[JobId] = []
        while heads and len(found) < most:
            priority, job, number, lane = heads[0]
            found.append(job)
            if behind := lane.jobs.at_or_after(self._state.submissions[job].behind(job)):
                heapq.heapreplace(heads, (priority, behind, number, lane))
            else:
                heapq.heappop(heads)
        return found

    def of(self, job: Job) -> Lane | None:
        """The lane that the job waits in, if it is ready."""
        lane = self._lanes.get(self._key(job))
        return lane if lane is not None and job.id in lane.jobs else None

    def get(self, key: Key) -> Lane | None:
        """The lane of those that have this in common, if any waits."""
        return self._lanes.get(key)

    def all(self) -> Iterator[Lane]:
        """Each lane."""
        return iter(self._lanes.values())

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
        if job in self._state.waiting and (waiting := self._state.job(job)) in self:
            self.remove(waiting)
            self.add(waiting, avoid)

    def holds(self, group: Group) -> bool:
        """Jobs of it are ready, and wait."""
        return any(lane.key.group == group for lane in self._lanes.values())

    def take(self, group: Group, below: JobId) -> list[JobId]:
        """Take out all jobs of the group that are older than that number, in order."""
        taken: list[JobId] = []
        for lane in self._of(group):
            jobs = lane.jobs.take_below(below)
            taken += jobs
            self._count -= len(jobs)
            for view in lane.hidden_from:
                view.hidden -= len(jobs)
            for job in jobs if lane.key.avoid else ():
                del self._avoiding[job]
            if not lane.jobs.first:
                self._forget(lane)
        return sorted(taken)

    # --- lanes and views ---------------------------------------------------------------

    def _key(self, job: Job) -> Key:
        return self._key_of(job, self._avoiding.get(job.id, ()))

    def _key_of(self, job: Job, avoid: Avoid) -> Key:
        return key_of(job.origin, job.terms, avoid, self._limits.draws_of_job(job), job.need)

    def _key_in(self, live: Live, terms: Terms, avoid: Avoid) -> Key:
        draws = self._limits.draws_of(live.origin.owner, terms, live.first)
        return key_of(live.origin, terms, avoid, draws)

    def _of(self, group: Group) -> list[Lane]:
        return [lane for lane in self._lanes.values() if lane.key.group == group]

    def _of_ranges(self, ranges: Ranges) -> list[Lane]:
        """The lanes that may have jobs of these ranges."""
        first = ranges[0][0] if ranges else JobId(0)
        is_odd = first not in self._state.waiting or first in self._state.endless
        if size(ranges) > 1 or is_odd:
            return list(self._lanes.values())
        live = self._state.submissions[first]
        ((_, _, terms),) = self._state.terms_of(live, first, JobId(first + 1))
        lane = self._lanes.get(self._key_in(live, terms, self._avoiding.get(first, ())))
        return [lane] if lane else []

    def _lane(self, key: Key) -> Lane:
        return self._lanes.get(key) or self._make(key)

    def _make(self, key: Key) -> Lane:
        lane = self._lanes[key] = Lane(key, next(self._numbers), Spans(), [])
        for host in key.avoid:
            self._view_of_its_own(host).avoiders += 1
        lane.hidden_from = [view for view in self._views.values() if view.hides(lane)]
        lane.closed = not self._limits.allows(key.draws)
        for name, _ in key.draws:
            self._drawing.setdefault(name, set()).add(lane)
        return lane

    def _forget(self, lane: Lane) -> None:
        del self._lanes[lane.key]
        for name, _ in lane.key.draws:
            self._drawing[name].discard(lane)
        for host in lane.key.avoid:
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
