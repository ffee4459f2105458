"""Changes of whatever a selector means: all is met at once, and changed in slices. Pure.

From the first slice on nothing that is to be changed starts before it is. What has not been changed yet is
volatile: after a crash it is as before, and whoever has no answer asks once more.
"""

import math
from collections import deque
from typing import assert_never

from msgspec import Struct, field
from msgspec.structs import replace

from goq.core.dispatch.changes.alter import Altering
from goq.core.dispatch.changes.hold import Holding
from goq.core.dispatch.changes.kill import Killing
from goq.core.dispatch.changes.kind import Kind
from goq.core.dispatch.changes.release import Releasing
from goq.core.dispatch.decision import Outcome
from goq.core.dispatch.moves import Moves
from goq.core.messages import AckChange, Change
from goq.core.state import selection
from goq.core.state.submissions import Live
from goq.core.values.changes import Alter, Hold, Kill, Pause, Release, Resume, with_fields
from goq.core.values.ids import JobId, Now
from goq.core.values.job import By
from goq.core.values.ranges import Ranges, common, holds, merged, runs, size, without
from goq.core.values.result import Ending
from goq.core.values.rights import may_change, not_yours
from goq.core.values.selectors import Jobs, Number, Selector, Tasks
from goq.core.values.spans import Spans
from goq.core.values.terms import Terms
from goq.core.values.who import Who

SLICE_RANGES = 500  # changed at once: some milliseconds, that somebody else may have to wait for
KILLING = Killing()
TIME = "time_limit_s"  # the one term of a job that runs that may be altered


class Pending(Struct, eq=False):
    """Numbers, of which those that wait are still to be changed in one way, as somebody asked with this answer.

    Jobs from `behind` on were submitted since.
    """

    kind: Kind
    asked: Change
    answer: AckChange
    behind: JobId
    jobs: Spans = field(default_factory=Spans)

    @property
    def by(self) -> By:
        """Who wants it."""
        return self.asked.by

    def is_for(self, question: Change) -> bool:
        """The same is wanted by the same, of the same jobs."""
        asked = self.asked
        return (asked.what, asked.by, asked.selector) == (question.what, question.by, question.selector)


class Met(Struct):
    """The live jobs that a selector means."""

    numbers: Ranges  # whose jobs may wait; none of them runs, is about to end, or is of `coming`
    coming: list[Live]  # lists that are not all here: a kill meets each as a whole
    running: list[JobId]
    waiting: int  # how many of the numbers' jobs wait

    @property
    def count(self) -> int:
        """How many they are."""
        return self.waiting + len(self.running) + sum(each.count for each in self.coming)


class Changes:
    """Does what somebody wants to be done to many jobs."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._state = moves.state
        self._pending: deque[Pending] = deque()
        self._last_owner = ""  # whose change went on last

    def let_go(self, ranges: Ranges) -> None:
        """Somebody else ends these jobs."""
        for each in self._pending:
            each.jobs.discard_all(ranges)
        self._moves.gates.changing.discard_all(ranges)
        self._pending = deque(each for each in self._pending if each.jobs)

    def next_deadline(self) -> float:
        """When there may be something to do."""
        return -math.inf if self._pending else math.inf

    def change(self, question: Change, now: Now, outcome: Outcome) -> AckChange:
        """Keep what is met from being started, change a first slice, and see to what runs."""
        if isinstance(question.what, Pause | Resume):
            return self._pause(question, now, outcome)
        kind = kind_of(question.what)
        if begun := self._begun(question):
            self.go_on(now, outcome)
            return replace(begun, left=self._left(kind))
        met = self._meet(question.selector, question.by.owner, is_kill=kind == KILLING)
        others = self._others(question, met) if question.at_most else 0
        asks = others > 0 or 0 < question.at_most < met.count
        if kind != KILLING:  # also if nothing happens: so much would be changed
            self._finish_others(kind, met.numbers, now, outcome)
        fresh = kind.narrow(self._state, without(met.numbers, self._under_way(kind)))
        todo = kind.count(self._state, fresh)
        answer = self._answer(question, met, todo, others)
        if asks:
            return replace(answer, done=False)
        if isinstance(question.what, Kill):
            self.let_go(fresh)
        if isinstance(question.what, Alter):
            answer = self._alter_running(question.what, met, question.by, answer, now, outcome)
        if todo:
            self._begin(Pending(kind, question, answer, self._state.next_job), fresh)
        if isinstance(question.what, Kill):
            self._kill(question.what, met, question.by, now, outcome)
        self.go_on(now, outcome)
        return replace(answer, left=self._left(kind))

    def refusal(self, who: Who, question: Change) -> str:
        """Why they may not have that done: it means somebody else's jobs; "" when they may."""
        if who.is_administrator:
            return ""
        met = self._meet(question.selector, question.by.owner, is_kill=True)
        foreign = (
            (max(first, live.first), live.origin.owner)
            for first, end in self._all(met)
            for live in self._state.submissions.between(first, end)
            if not may_change(who, live.origin.owner)
        )
        job, owner = next(foreign, (JobId(0), ""))
        return not_yours(who, self._shown(job), owner) if job else ""

    def _shown(self, job: JobId) -> str:
        live = self._state.submissions[job]
        return str(live.first if live.submission.is_array else job)

    def _begun(self, question: Change) -> AckChange | None:
        """What whoever has asked for the same before hears, as long as that goes on: to meet so much takes its time."""
        for each in self._pending:
            if each.is_for(question) and each.behind == self._state.next_job:
                return replace(each.answer, changed=0, same=each.answer.changed + each.answer.same)
        return None

    def _left(self, kind: Kind) -> int:
        """How many ranges are still to be changed in that way, or so many at least."""
        heads = (each.jobs.head(SLICE_RANGES) for each in self._pending if each.kind == kind)
        return sum(max(1, self._state.waiting.pieces(*each)) for head in heads for each in head)

    def _meet(self, selector: Selector, owner: str, *, is_kill: bool) -> Met:
        state, ending = self._state, self._moves.gates.ending
        wanted = common(selection.meant(state, selector, owner), ((JobId(1), state.next_job),))
        running = selection.running(state, wanted, selector.states)
        numbers = selection.waiting(state, wanted, selector.states) if selector.states else wanted
        if state.running:
            numbers = without(numbers, tuple(runs(sorted(state.running))))
        coming: list[Live] = []
        if is_kill:
            lists = [each for each in state.deliveries.values() if each.to_come]
            coming = [each for each in lists if common(numbers, ((each.first, each.end),))]
            numbers = without(numbers, merged((each.first, each.end) for each in coming))
        if ending:
            numbers = without(numbers, tuple(ending.ranges()))
        return Met(numbers, coming, running, state.waiting.count(numbers))

    def _numbered(self, selector: Selector) -> Ranges:
        """What is named by numbers."""
        parts = [part for part in selector.parts if isinstance(part, Number | Jobs | Tasks)]
        return selection.of_parts(self._state, parts, "")

    def _others(self, question: Change, met: Met) -> int:
        """How many are somebody else's, and named by no number."""
        numbered, whose = self._numbered(question.selector), question.by.owner
        words = without(self._all(met), numbered)
        return sum(
            min(end, live.end) - max(first, live.first)
            for first, end in words
            for live in self._state.submissions.between(first, end)
            if live.origin.owner != whose
        )

    def _all(self, met: Met) -> Ranges:
        """The numbers of the live jobs that are met."""
        waiting = selection.waiting(self._state, met.numbers)
        lists = ((each.first, each.end) for each in met.coming)
        return merged([*waiting, *lists, *((job, JobId(job + 1)) for job in met.running)])

    def _answer(self, question: Change, met: Met, todo: int, others: int) -> AckChange:
        selector = question.selector
        ended = unknown = 0
        if not selector.states and not selector.user:
            numbered = self._numbered(selector)
            unknown = size(common(numbered, ((self._state.next_job, JobId(2**63 - 1)),)))
            lists = merged((each.first, each.end) for each in met.coming)
            alive = self._state.waiting.count(common(numbered, met.numbers)) + size(common(numbered, lists))
            alive += sum(holds(numbered, job) for job in met.running)
            ended = size(numbered) - unknown - alive
        changed = todo + sum(each.count for each in met.coming)
        return AckChange(changed, met.waiting - todo, len(met.running), ended, unknown, others)

    def _under_way(self, kind: Kind) -> Ranges:
        """What is about to be changed in that way."""
        return merged(part for each in self._pending if each.kind == kind for part in each.jobs.ranges())

    def _finish_others(self, kind: Kind, ranges: Ranges, now: Now, outcome: Outcome) -> None:
        """Whoever came before is through with these jobs first, or it would not be the last that counts."""
        while any(
            each.kind not in (kind, KILLING) and common(tuple(each.jobs.ranges()), ranges)
            for each in self._pending
        ):
            self.go_on(now, outcome)

    def _kill(self, kill: Kill, met: Met, by: By, now: Now, outcome: Outcome) -> None:
        for each in sorted(met.coming, key=lambda each: -each.first):  # as below
            self._moves.end_delivery(each, Ending.CANCELLED, "", now, outcome, by)
        for job in met.running:
            self._moves.want_signal(self._state.running[job], kill.signal, by, now, outcome)

    def _alter_running(
        self, alter: Alter, met: Met, by: By, answer: AckChange, now: Now, outcome: Outcome
    ) -> AckChange:
        """Of what runs, the time that it has may be altered alone."""
        if TIME not in alter.fields or not met.running:
            return answer
        found: dict[Terms, list[JobId]] = {}
        for job in met.running:
            terms = self._state.running[job].job.terms
            altered = with_fields(terms, (TIME,), alter.terms)
            if altered != terms:
                found.setdefault(altered, []).append(job)
        for terms, jobs in found.items():
            self._moves.alter_running(jobs, terms, by, now, outcome)
        if alter.fields != (TIME,):
            return answer
        changed = sum(map(len, found.values()))
        same = len(met.running) - changed
        return replace(answer, changed=answer.changed + changed, same=answer.same + same, running=0)

    def _pause(self, question: Change, now: Now, outcome: Outcome) -> AckChange:
        """Stop what runs, or let it go on."""
        met = self._meet(question.selector, question.by.owner, is_kill=False)
        answer = self._answer(question, met, 0, 0)
        on = isinstance(question.what, Pause)
        runs = [self._state.running[job] for job in met.running]
        others = [each for each in runs if each.paused != on]
        for each in others:
            self._moves.pause(each, question.by, now, outcome, on=on)
        same = len(runs) - len(others)
        waiting = met.waiting + sum(each.count for each in met.coming)
        return replace(answer, changed=len(others), same=same, running=0, waiting=waiting)

    def _begin(self, pending: Pending, numbers: Ranges) -> None:
        """None of them starts any more before it is changed."""
        gates = self._moves.gates
        if pending.kind.shuts:
            self._moves.lanes.discard(numbers)
            (gates.ending if pending.kind == KILLING else gates.changing).extend(numbers)
        pending.jobs.extend(numbers)
        self._pending.append(pending)

    def go_on(self, now: Now, outcome: Outcome) -> None:
        """Change the next slice."""
        if not self._pending:
            return
        pending, gates = self._next(), self._moves.gates
        # Who is behind others has a higher number: what is killed with them is not skipped because of them.
        numbers = self._last(pending.jobs) if pending.kind == KILLING else self._slice(pending.jobs)
        pending.jobs.discard_all(numbers)
        if not pending.jobs:
            self._pending.remove(pending)
        (gates.ending if pending.kind == KILLING else gates.changing).discard_all(numbers)
        ranges = pending.kind.suits(self._state, selection.waiting(self._state, numbers))
        if ranges:
            pending.kind.make(ranges, self._moves, pending.by, now, outcome)

    def _next(self) -> Pending:
        """The first one of somebody else than the last, so that who changes a million holds up nobody."""
        others = (each for each in self._pending if each.by.owner != self._last_owner)
        pending = next(others, self._pending[0])
        self._last_owner = pending.by.owner
        return pending

    def _slice(self, jobs: Spans) -> Ranges:
        """The first of the numbers, with so many ranges of jobs that wait in them."""
        found, left = [], SLICE_RANGES
        for first, end in jobs.head(SLICE_RANGES):
            stop = self._state.waiting.behind(first, end, left)
            found.append((first, stop))
            left -= max(1, self._state.waiting.pieces(first, stop))
            if left <= 0:
                break
        return tuple(found)

    def _last(self, jobs: Spans) -> Ranges:
        """The last of the numbers, with so many ranges of jobs that wait in them."""
        found, left = [], SLICE_RANGES
        for first, end in reversed(jobs.tail(SLICE_RANGES)):
            start = self._state.waiting.ahead(first, end, left)
            found.append((start, end))
            left -= max(1, self._state.waiting.pieces(start, end))
            if left <= 0:
                break
        return tuple(reversed(found))


def kind_of(what: Kill | Hold | Release | Alter) -> Kind:
    """How to do it."""
    match what:
        case Kill():
            return KILLING
        case Hold():
            return Holding()
        case Release():
            return Releasing()
        case Alter():
            return Altering(what)
        case _:
            assert_never(what)
