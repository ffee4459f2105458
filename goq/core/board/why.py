"""Why jobs do not run, as data, read off the gates, limits and rooms. Pure. Nothing is recorded for it."""

from collections import Counter
from collections.abc import Iterator
from typing import TypedDict

from msgspec.structs import replace

from goq.core.board.gates import Gates
from goq.core.board.limits import Limits
from goq.core.board.survey import HOSTS_NAMED, Parts, Seen, Survey, lack_of
from goq.core.board.views import Key, key_of
from goq.core.state.state import State
from goq.core.state.submissions import NO_PAST
from goq.core.values.ids import JobId
from goq.core.values.job import Job
from goq.core.values.ranges import Ranges
from goq.core.values.reasons import Again, Code, LimitMet, Reason, Turn

REASONS_LIMIT = 8
REMOVED = Reason("removed")
RANGES_NAMED = 10
LOOKED_AT = 12  # jobs of each range, when the reason is asked for that most of them share
LANES_LOOKED_AT = 10_000


class Next(TypedDict, total=False):
    """The part of a reason that says who is next."""

    owner: str
    jobs: Ranges


class Reasons:
    """Finds what keeps a job that waits from running."""

    def __init__(self, state: State, gates: Gates, limits: Limits, parts: Parts) -> None:
        self._state = state
        self._gates = gates
        self._limits = limits
        self._parts = parts

    def survey(self) -> Survey:
        """The workers as they are now."""
        return Survey(self._parts)

    def of(self, job: JobId, survey: Survey) -> tuple[Reason, ...]:
        """All that keep a job from running that waits: those that last longest first."""
        found = list(self._shut(job))
        if self._state.submissions[job].is_whole and REMOVED not in found:
            found += self._board(self._state.job(job), survey, is_ready=not found)
        found.sort(key=lambda reason: reason.rank)
        return tuple(found[:REASONS_LIMIT])

    def shared(self, first: JobId, end: JobId, survey: Survey) -> Reason | None:
        """The reason that most of those share that wait, from first up to, and without, end; None when none does.

        Some are looked at for all.
        """
        job = self.one_of(first, end)
        if not job:
            return None
        found = self.of(job, survey)
        return replace(found[0], more=len(found) - 1)

    def one_of(self, first: JobId, end: JobId) -> JobId:
        """A job that waits, from first up to, and without, end, and stands for most of those; 0 when none does."""
        seen: dict[Code, JobId] = {}
        counted: Counter[Code] = Counter()
        for job in self._some(first, end):
            code = self._gate(job) or "turn"
            counted[code] += 1
            seen.setdefault(code, job)
        return seen[counted.most_common(1)[0][0]] if counted else JobId(0)

    def key(self, job: Job) -> Key:
        """What it has in common with those that placement cannot tell from it."""
        avoid = self._parts.trouble.avoided_by(job.id)
        return key_of(job.origin, job.terms, avoid, self._limits.draws_of_job(job), job.need)

    def turn(self, job: Job, survey: Survey) -> Turn:
        """Who goes before a job that is ready; what can run nowhere goes before nobody."""
        lanes, placement = self._parts.lanes, self._parts.placement
        owner, priority = job.origin.owner, job.terms.priority
        higher = older = 0
        rivals: set[str] = set()
        for at, lane in enumerate(lanes.all()):
            if at == LANES_LOOKED_AT:
                break
            if (
                lane.closed
                or lane.key.priority < priority
                or not survey.may_start(lane.key.owner, lane.key.need)
            ):
                continue
            if lane.key.priority > priority:
                higher += len(lane.jobs)
            elif lane.key.owner == owner:
                older += lane.jobs.count(((JobId(1), job.id),))
            else:
                rivals.add(lane.key.owner)
        share = placement.share(owner)
        fewest = all(share <= placement.share(rival) for rival in rivals)
        top = survey.next()
        first = (top.jobs.first, top.key.owner) if top else (JobId(0), "")
        return Turn(priority, higher, older, placement.used(owner, "cpus"), fewest, len(rivals), *first)

    def _some(self, first: JobId, end: JobId) -> Iterator[JobId]:
        """Jobs that wait, not more than LOOKED_AT, from all over the range."""
        first = self._state.waiting.at_or_after(first)  # what lies before it has ended, or runs
        seen = JobId(0)
        for at in range(LOOKED_AT if first else 0):
            job = self._state.waiting.at_or_after(JobId(first + (end - first) * at // LOOKED_AT))
            if seen < job < end:
                seen = job
                yield job

    def _gate(self, job: JobId) -> Code | None:
        """The first gate that is shut."""
        return next((reason.code for reason in self._shut(job)), None)

    def _shut(self, job: JobId) -> Iterator[Reason]:
        live = self._state.submissions[job]
        if job in self._gates.ending:
            yield REMOVED
            return
        if job in self._state.held:
            yield Reason("held")
        if job in self._gates.changing:
            yield Reason("changing")
        if not live.is_whole:
            yield Reason("delivery", left=live.to_come)
        for met in self._gates.watches.meets(live, job):
            total = sum(end - first for first, end in met.jobs)
            name, jobs = self._name_of(met.jobs), met.jobs[:RANGES_NAMED]
            yield Reason("after", jobs=jobs, name=name, left=met.left, total=total, when=met.when)
        moment_ns = self._gates.moment(job)
        if moment_ns:
            yield Reason("until", moment_ns)
        elif moment_ns is not None:
            past = self._state.past.get(job, NO_PAST)
            again = Again(past.attempts, past.failures, self._state.job(job).terms.retries)
            yield Reason("retry", past.not_before_ns, again=again)

    def _board(self, job: Job, survey: Survey, *, is_ready: bool) -> Iterator[Reason]:
        """What the cluster has too little of; of a job that is not ready only what is not likely to change till then."""
        full = self._full(job)
        if self._parts.placement.has_no_room(job.origin.owner):
            full = Reason("outputs", owner=job.origin.owner)
        if full and (is_ready or full.is_for_ever):
            yield full
        reason = self._no_room(job, survey)
        if reason.code == "nowhere" or (is_ready and not (full and reason.code == "turn")):
            yield reason

    def _full(self, job: Job) -> Reason | None:
        for name, n in self._limits.draws_of_job(job):
            if self._limits.rest(name) < n:
                record = self._state.limit_records.get(name)
                limit = LimitMet(name, int(self._limits.bound(name)), self._limits.drawn(name), n)
                by, why = (record.by.owner, record.why) if record else ("", "")
                return Reason("limit", limit=limit, owner=by, trouble=why)
        return None

    def _no_room(self, job: Job, survey: Survey) -> Reason:
        if not survey:
            return Reason("no_workers")
        need, seen = job.need, survey.seen(self.key(job))
        large = [each for each in seen if not each.small]
        if not large:
            return Reason("nowhere", need=need, lack=lack_of(need, seen, now=False))
        usable = [each for each in large if each.is_open]
        if not usable:
            return Reason("node", hosts=_names(large), trouble=large[0].trouble)
        fitting = [each for each in usable if each.fits]
        if not fitting:
            return self._room(job, usable, survey)
        if all(each.is_kept for each in fitting):
            kept = survey.kept_for()
            return Reason("kept", jobs=((kept, JobId(kept + 1)),), need=need, hosts=_names(fitting))
        return Reason("turn", **_next(job, survey))

    def _room(self, job: Job, usable: list[Seen], survey: Survey) -> Reason:
        """Nowhere is enough free; where room is kept for it, or for whom it goes before, that is named."""
        kept = self._parts.placement.reservation
        process = kept.process if kept is not None and kept.key == self.key(job) else None
        hosts = tuple(each.name for each in usable if each.here.process == process)
        lack = lack_of(job.need, usable, now=True)
        return Reason("room", need=job.need, lack=lack, hosts=hosts, **_next(job, survey))

    def _name_of(self, jobs: Ranges) -> str:
        """What the submission is called that these are, whole."""
        first, end = jobs[0]
        live = self._state.submissions.get(first)
        return live.terms.name if live and len(jobs) == 1 and (live.first, live.end) == (first, end) else ""


def _next(job: Job, survey: Survey) -> Next:
    """Whose turn it is, if it is not its own."""
    top = survey.next()
    if top is None or top.jobs.first == job.id:
        return {}
    return {"owner": top.key.owner, "jobs": ((top.jobs.first, JobId(top.jobs.first + 1)),)}


def _names(seen: list[Seen]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.name for each in seen))[:HOSTS_NAMED]
