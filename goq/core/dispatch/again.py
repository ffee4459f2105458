"""`goq retry`: the like of what has ended is submitted again, all of it in one turn. Pure.

A final state is never undone. A question that comes again is answered as before: the first of the new
submissions has its nonce, and each of the others one that follows from that.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from goq.core.dispatch.again_plan import Copy, Plan, Planner
from goq.core.dispatch.changing import Changes
from goq.core.dispatch.decision import Bygone, Copies, Outcome, Past
from goq.core.dispatch.guard import Guard
from goq.core.dispatch.moves import Moves
from goq.core.dispatch.naming import bad_names
from goq.core.dispatch.wishes import NOTHING, Unknown, Unmet
from goq.core.messages import Answer, JobNotKnown, Refused, Request, Retried, RetriedRow, Retry
from goq.core.state.records import JobsSubmitted, RangeEnded
from goq.core.values.blobs import NO_BLOB
from goq.core.values.ids import NONCE_BYTES, JobId, Nonce, Now
from goq.core.values.items import EachLine, Numbers, numbers_text
from goq.core.values.job import By, Origin, Submission
from goq.core.values.ranges import Ranges
from goq.core.values.result import Ending
from goq.core.values.rights import may_change
from goq.core.values.who import Who

MOVED = "it was submitted again, with what it waits for"
_TASKS_SHOWN = 900  # characters


class Again:
    """Submits again what somebody wants to have again."""

    def __init__(self, moves: Moves, changes: Changes, guard: Guard) -> None:
        self._guard = guard
        self._moves = moves
        self._state = moves.state
        self._changes = changes

    def retry(self, request: Request, retry: Retry, now: Now, past: Past, outcome: Outcome) -> Answer:
        """Do it, unless that was done before."""
        known = past if isinstance(past, Bygone) else Bygone()
        if known.again:
            return _answer(known.again)
        try:
            plan = Planner(self._state, retry, known).plan()
            _require_own(request.who, plan)
            records = [
                self._record(copy, nonce_of(request.nonce, at), known, retry.by, now)
                for at, copy in enumerate(plan.copies)
            ]
            self._require_room(plan)
        except Unknown as unknown:
            return JobNotKnown(unknown.job)
        except _Foreign as foreign:
            outcome.notes += self._guard.denied(request.who, "Retry", str(foreign), now)
            return Refused(f"{foreign}; {NOTHING}")
        except Unmet as unmet:
            return Refused(f"{unmet}; {NOTHING}")
        for record in records:
            self._moves.submit(record, now, outcome)
        if plan.moved:
            self._changes.let_go(plan.moved)
            ended = RangeEnded(plan.moved, Ending.CANCELLED, MOVED, now.wall_ns, retry.by)
            self._moves.end_waiting(ended, outcome)
        return _answer(tuple((each.submission, each.again) for each in records))

    def _record(self, copy: Copy, nonce: Nonce, past: Bygone, by: By, now: Now) -> JobsSubmitted:
        """The submission. Raises Unmet when a line of it, or what its jobs read, is not there."""
        origin = copy.source.submission.origin
        if copy.terms.stdin and origin.stdin:  # a file was named in place of what was piped
            origin = replace(origin, stdin=NO_BLOB)
        self._require_blobs(origin, copy.old[0][0], past)
        what = replace(
            copy.source.submission,
            first=copy.first,
            count=copy.count,
            nonce=nonce,
            origin=origin,
            terms=copy.terms,
            items=copy.items,
            at_ns=now.wall_ns,
        )
        lines: tuple[bytes, ...] = ()
        if copy.source.submission.has_lines:
            lines = tuple(_line(copy, JobId(job), past) for part in copy.old for job in range(*part))
        return JobsSubmitted(what, lines, copy.old, by)

    def _require_blobs(self, origin: Origin, job: JobId, past: Bygone) -> None:
        """Raises Unmet when something that its jobs read is not here any more, or never came."""
        book = self._state.blobs
        here = {blob for blob in origin.blobs if blob in book.users and blob not in book.arriving}
        if origin.script and origin.script not in here | past.blobs:
            raise Unmet(f"the script of job {job} never came")
        if origin.stdin and origin.stdin not in here | past.blobs:
            raise Unmet(
                f"what was piped to job {job} was kept until it had ended; name a file, as goq retry -i FILE {job}"
            )

    def _require_room(self, plan: Plan) -> None:
        """Raises Unmet when somebody may not have so much."""
        counts: dict[str, int] = {}
        for copy in plan.copies:
            owner = copy.source.submission.origin.owner
            counts[owner] = counts.get(owner, 0) + copy.count
            if refusal := self._moves.limits.refusal(
                owner, copy.terms.priority, counts[owner], keyed=copy.terms.keyed
            ):
                raise Unmet(refusal)
            if bad := bad_names(copy.terms, copy.count):
                raise Unmet(bad)


class _Foreign(Unmet):
    """It is another's."""


def _require_own(who: Who, plan: Plan) -> None:
    """Raises _Foreign when something is another's that they may not change."""
    for copy in plan.copies:
        owner = copy.source.submission.origin.owner
        if not may_change(who, owner):
            raise _Foreign(
                f"job {copy.old[0][0]} is {owner}'s, and {who.name} may retry {who.name}'s own only"
            )


def _line(copy: Copy, job: JobId, past: Bygone) -> bytes:
    live = copy.source.live
    if live is not None and live.lines is not None:
        return live.lines[job - live.first]
    line = past.lines.get(job)
    if line is None:
        raise Unmet(f"the command of job {job} never came, or these are too many to be retried at a time")
    return line


def nonce_of(nonce: Nonce, at: int) -> Nonce:
    """That of the submission number `at` that a question with this nonce makes."""
    number = int.from_bytes(nonce) ^ (at << 64)
    return Nonce(number.to_bytes(NONCE_BYTES))


def copies_of(again: Mapping[JobId, Ranges], first: int, end: int) -> Copies:
    """What the jobs from `first` to `end` were submitted again as, from what all submissions are again."""
    found: list[tuple[JobId, JobId, JobId]] = []
    for new, old in again.items():
        at = new
        for low, high in old:
            if first <= low < end:
                found.append((low, high, at))
            at = JobId(at + high - low)
    return tuple(found)


def _answer(made: tuple[tuple[Submission, Ranges], ...]) -> Retried:
    lowest = made[0][0].first
    return Retried(tuple(_row(*each, lowest) for each in made))


def _row(what: Submission, old: Ranges, lowest: JobId) -> RetriedRow:
    """The answer about a submission; the first of all that are made is the `lowest`."""
    follows = any(end > lowest for after in what.terms.after for _, end in after.jobs)
    row = RetriedRow(what.first, what.count, old, follows=follows)
    if not what.is_array:
        return row
    return replace(row, array=JobId(what.terms.again_of), tasks=_tasks(what))


def _tasks(what: Submission) -> str:
    """The numbers of the tasks, as 3-7,9; of too many the first ones."""
    match what.items:
        case Numbers() as numbers:
            text = numbers_text(numbers)
        case EachLine(numbers=Numbers() as numbers):
            text = numbers_text(numbers)
        case _:
            text = f"1-{what.count}" if what.count > 1 else "1"
    return text if len(text) <= _TASKS_SHOWN else f"{text[:_TASKS_SHOWN].rpartition(',')[0]},..."
