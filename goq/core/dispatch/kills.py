"""Killing whole ranges of jobs: none of them starts from the first moment, and they end in slices. Pure.

What is out of the lanes and has not ended yet is volatile: after a crash it waits again, and whoever has
no answer asks once more.
"""

import math
from collections import deque
from itertools import islice

from goq.core.dispatch.decision import Outcome
from goq.core.dispatch.moves import Moves
from goq.core.messages import AckCancelRanges, CancelRanges
from goq.core.state.records import RangeEnded
from goq.core.state.submissions import Live
from goq.core.values.ids import JobId, Now
from goq.core.values.job import By
from goq.core.values.result import Ending
from goq.core.values.spans import Ranges, Spans, joined

SLICE_RANGES = 500  # ended at once: some milliseconds, that somebody else may have to wait for

Doomed = tuple[JobId, JobId, By]  # a range, and who killed it


class Kills:
    """Ends the ranges that somebody wants to be killed."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._doomed: deque[Doomed] = deque()

    def let_go(self, job: JobId) -> None:
        """Somebody else ends the job."""
        for at, (first, end, by) in enumerate(self._doomed):
            if first <= job < end:
                parts = ((first, job, by), (JobId(job + 1), end, by))
                del self._doomed[at]
                self._doomed.extend(part for part in parts if part[0] < part[1])
                return

    def next_deadline(self) -> float:
        """When there may be something to do."""
        return -math.inf if self._doomed else math.inf

    def cancel(self, question: CancelRanges, now: Now, outcome: Outcome) -> AckCancelRanges:
        """Take what waits out of the lanes, have the rest killed, and end a first slice."""
        state, lanes = self._moves.state, self._moves.lanes
        wanted = Spans()
        for first, end in question.ranges:
            wanted.append(first, end)
        coming = [each for each in state.deliveries.values() if wanted.between(each.first, each.end)]
        waiting = self._waiting(question.ranges, coming)
        running = [each for job, each in sorted(state.running.items()) if job in wanted]
        met = _size(waiting) + sum(each.count for each in coming)
        unknown = _size(wanted.between(state.next_job, question.ranges[-1][1]))
        partly = _size([part for each in coming for part in wanted.between(each.first, each.end)])
        late = len(wanted) - unknown - _size(waiting) - partly - len(running)
        if 0 < question.at_most < met + len(running):
            return AckCancelRanges(met, len(running), late, unknown, done=False)
        for first, end in waiting:
            self._moves.gates.ending.append(first, end)
        # Who is behind others first: it is not to end because of them.
        self._doomed += ((first, end, question.by) for first, end in reversed(waiting))
        for each in sorted(coming, key=lambda each: -each.first):
            self._moves.end_delivery(each, Ending.CANCELLED, "", now, outcome, question.by)
        for first, end in question.ranges:
            lanes.discard(first, end)
        for each_running in running:
            self._moves.want_signal(each_running, question.signal, question.by, now, outcome)
        self.go_on(now, outcome)
        return AckCancelRanges(met, len(running), late, unknown, left=len(self._doomed))

    def _waiting(self, ranges: Ranges, coming: list[Live]) -> list[tuple[JobId, JobId]]:
        """Those of the jobs that wait, are not about to end, and of no list that is not all here."""
        parts = [part for first, end in ranges for part in self._moves.state.waiting.between(first, end)]
        others = Spans()
        for live in coming:
            others.append(live.first, live.end)
        for gate in (self._moves.gates.ending, others):
            parts = [part for start, stop in parts for part in gate.outside(start, stop)]
        return parts

    def go_on(self, now: Now, outcome: Outcome) -> None:
        """End the next slice."""
        if not self._doomed:
            return
        _, _, by = self._doomed[0]
        ranges = []
        for first, end, whose in list(islice(self._doomed, SLICE_RANGES)):
            if whose != by:
                break
            ranges.append((first, end))
            self._doomed.popleft()
        waiting = [part for each in ranges for part in self._moves.state.waiting.between(*each)]
        if waiting:  # and was not skipped meanwhile
            self._moves.end_waiting(
                RangeEnded(tuple(joined(waiting)), Ending.CANCELLED, "", now.wall_ns, by), outcome
            )


def _size(ranges: list[tuple[JobId, JobId]]) -> int:
    return sum(end - first for first, end in ranges)
