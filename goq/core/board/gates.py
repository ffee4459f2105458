"""What keeps jobs that wait from being ready: a hold, a moment, an end under way, others that they are behind.

Pure, and built anew from the state after a restart, but for `ending` and `changing`. A job is ready when it waits and no gate
of it is shut; a list that is not all here is shut as a whole.
"""

import heapq
import math
from collections.abc import Iterable, Iterator
from itertools import islice

from goq.core.board.watches import Watches
from goq.core.state.state import State
from goq.core.state.submissions import Live
from goq.core.values.ids import JobId, Now
from goq.core.values.ranges import Ranges, merged, runs
from goq.core.values.reasons import Code
from goq.core.values.spans import Spans
from goq.core.waits.deadlines import Deadlines

LOOK_S = 20.0  # the wall clock may be set: so often it is looked at, at least
NS = 10**9


class Gates:
    """The jobs that wait behind each gate."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.watches = Watches(state)
        self.ending = Spans()  # they are being killed or failed, a slice at a time
        self.changing = Spans()  # they are being held, released or altered, a slice at a time
        self._later = Spans()  # all that wait for a moment
        self._moments: dict[int, Spans] = {}  # by the wall clock, in ns
        self._next_moments: list[int] = []  # a heap
        self._pauses: Deadlines[JobId] = Deadlines()  # before another attempt, in attended seconds
        self._look_s = math.inf  # when the wall clock is to be looked at
        for live in state.submissions:
            if not (live.terms.not_before_ns or state.parts):
                continue
            for first, end, terms in state.terms_of(live, live.first, live.end):
                if terms.not_before_ns:
                    for start, stop in state.waiting.between(first, end):
                        self._put_off(start, stop, terms.not_before_ns)
        for job, past in state.past.items():
            self.forget(job, JobId(job + 1))  # what has been tried has had its moment
            if past.not_before_ns:
                self._later.add(job)  # until `pause` says for how long

    def why_shut(self) -> Iterator[tuple[Code, Ranges]]:
        """What keeps jobs from being ready, first what is said of them before others, with ranges of jobs, some of which may run."""
        yield "removed", tuple(self.ending.ranges())
        yield "changing", tuple(self.changing.ranges())
        yield "delivery", tuple((live.first, live.end) for live in self._state.deliveries.values())
        yield "held", tuple(self._state.held.ranges())
        yield "after", merged(part for gate in self.watches.behind() for part in gate.ranges())
        yield "retry", tuple(runs(sorted(self._pauses)))
        yield "until", tuple(self._later.ranges())

    def ready(self, live: Live, first: JobId, end: JobId) -> list[tuple[JobId, JobId]]:
        """Those jobs of the submission, from first up to and without end, that wait, and no gate of which is shut."""
        if not live.is_whole:
            return []
        parts = self._state.waiting.between(max(first, live.first), min(end, live.end))
        for gate in (self._state.held, self._later, self.ending, self.changing):
            if gate:
                parts = [part for start, stop in parts for part in gate.outside(start, stop)]
        return self.watches.outside(live, parts) if self.watches else parts

    def all_ready(self) -> Iterator[tuple[Live, JobId, JobId]]:
        """All that is ready, as ranges of submissions."""
        for live in self._state.submissions:
            for first, end in self.ready(live, live.first, live.end):
                yield live, first, end

    def shut(self, most: int) -> list[JobId]:
        """Jobs that wait and are not ready, for people to look at: the first of each gate."""
        coming = Spans()
        for live in self._state.deliveries.values():
            coming.append(live.first, live.end)
        found: set[JobId] = set()
        for gate in (self._state.held, self._later, self.ending, self.changing, *self.watches.behind()):
            here = (part for each in gate.ranges() for part in self._state.waiting.between(*each))
            parts = (part for start, stop in here for part in coming.outside(start, stop))
            found.update(islice(self._heads(parts), most))
        return sorted(found)[:most]

    def _heads(self, parts: Iterable[tuple[JobId, JobId]]) -> Iterator[JobId]:
        """The jobs, of an array one for all."""
        past = JobId(0)
        for first, end in parts:
            job = max(first, past)
            while job < end:
                yield job
                job = past = self._state.submissions[job].behind(job)

    # --- moments ---------------------------------------------------------------------------

    def put_off(self, first: JobId, end: JobId, not_before_ns: int) -> None:
        """They wait for a moment of the wall clock, and for no other."""
        self.forget(first, end)
        self._put_off(first, end, not_before_ns)

    def pause(self, job: JobId, until_s: float) -> None:
        """It waits up to an attended second."""
        if job not in self._later:
            self._later.add(job)
        self._pauses.set(job, until_s)

    def resume(self, now: Now) -> None:
        """After a replay: what waited for another attempt does so for the rest of its time, as the wall clock says.

        That may have been set: it is not waited for longer than was asked.
        """
        for job, past in self._state.past.items():
            if past.not_before_ns:
                left_s = (past.not_before_ns - now.wall_ns) / NS
                asked_s = (past.not_before_ns - past.since_ns) / NS
                self.pause(job, now.attended_s + min(max(0.0, left_s), asked_s))

    def forget(self, first: JobId, end: JobId) -> None:
        """They wait for no moment any more, and are not about to end."""
        self.ending.discard(first, end)
        if not self._later.discard(first, end):
            return
        for moment in self._moments.values():
            moment.discard(first, end)
        for job in [job for job in self._pauses if first <= job < end]:
            self._pauses.drop(job)

    def moment(self, job: JobId) -> int | None:
        """When it may start, by the wall clock in ns; 0 for a pause before another attempt, None where it waits for none."""
        if job not in self._later:
            return None
        live = self._state.submissions[job]
        ((_, _, terms),) = self._state.terms_of(live, job, JobId(job + 1))
        at_ns = terms.not_before_ns
        return at_ns if at_ns in self._moments and job in self._moments[at_ns] else 0

    def pass_time(self, now: Now) -> Ranges:
        """The jobs whose moment has come; they wait for it no more."""
        come: list[tuple[JobId, JobId]] = []
        while self._next_moments and self._next_moments[0] <= now.wall_ns:
            come += self._moments.pop(heapq.heappop(self._next_moments)).ranges()
        come += ((job, JobId(job + 1)) for job in self._pauses.pop_due(now.attended_s))
        for first, end in come:
            self._later.discard(first, end)
        self._look_s = math.inf
        if self._next_moments:
            self._look_s = now.attended_s + min(LOOK_S, (self._next_moments[0] - now.wall_ns) / NS)
        return tuple(come)

    def next_deadline(self) -> float:
        """When `pass_time` may have something to do."""
        return min(self._look_s, self._pauses.next())

    def _put_off(self, first: JobId, end: JobId, not_before_ns: int) -> None:
        if not_before_ns not in self._moments:
            self._moments[not_before_ns] = Spans()
            heapq.heappush(self._next_moments, not_before_ns)
        self._moments[not_before_ns].append(first, end)
        self._later.append(first, end)
        self._look_s = -math.inf
