"""What is submitted again for a `goq retry`: which jobs, as which submissions, behind what. Pure.

What is asked of the journal first is said by `asked_again`; of which jobs it is to tell the lines, by
`wanted_lines`. The jobs that are meant come first, then, submission by submission, what was skipped or kept
because of them: it has higher numbers than what it waits for, so one pass finds all of it.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator
from operator import itemgetter

from msgspec import Struct
from msgspec.structs import replace

from goq.core.dispatch.again_sources import Source, Sources, partners
from goq.core.dispatch.decision import Asked, Bygone
from goq.core.dispatch.wishes import (
    RECENT_NS,
    Unmet,
    asked_about,
    fits,
    gaps,
    overlapping,
    pieces_of,
    sets_of,
    terms_with,
)
from goq.core.messages import Retry
from goq.core.state import selection
from goq.core.state.state import State
from goq.core.values.changes import with_fields
from goq.core.values.ids import JobId, Nonce
from goq.core.values.items import BadItems, Items, some_of
from goq.core.values.job import Submission
from goq.core.values.ranges import Range, Ranges, common, merged, size, span, without
from goq.core.values.selectors import Jobs, Named, Number, Owned, Part, Tasks
from goq.core.values.spans import Spans
from goq.core.values.states import JobState
from goq.core.values.terms import After, Terms
from goq.core.values.text import show_text
from goq.core.values.wishes import Wish

NS = 10**9
SUBMISSIONS_LIMIT = 5000
LINES_LIMIT = 100_000
SHOWN = 5  # ranges of numbers
FAILED = (JobState.FAILED, JobState.LOST)


class Copy(Struct, frozen=True):
    """A submission that is made: the like of these jobs, ranges in order, from `first` on."""

    source: Source
    old: Ranges
    first: JobId
    terms: Terms
    items: Items | None
    follows: bool

    @property
    def count(self) -> int:
        """How many jobs it has."""
        return size(self.old)


class Plan(Struct, frozen=True):
    """All submissions that are made, in order; these jobs, which wait for what is retried, end for it."""

    copies: tuple[Copy, ...]
    moved: Ranges


def parts_of(retry: Retry) -> tuple[Part, ...]:
    """What is meant, where only its state or its user is given: all jobs of that user."""
    selector = retry.selector
    if selector.parts:
        return selector.parts
    return (Owned(selector.user),) if selector.user else (Named("*"),)


def whose(retry: Retry) -> str:
    """Whose jobs are meant by names."""
    return retry.selector.user or retry.by.owner


def asked_again(state: State, retry: Retry, now_ns: int, nonce: Nonce) -> Asked:
    """What the journal is asked about."""
    wished = asked_about(state, retry.wishes, retry.by.owner, now_ns - RECENT_NS)
    ranges, words = [*wished.ranges], [*wished.words]
    for part in parts_of(retry):
        match part:
            case Number(job) | Tasks(job, _):
                if job < state.next_job and state.submissions.get(job) is None:
                    ranges.append((job, JobId(job + 1)))
            case Jobs(first, end):
                ranges += gaps(state, first, min(end, state.next_job))
            case _:
                words.append(part)
    numbers = common(selection.of_parts(state, parts_of(retry), whose(retry)), ((JobId(1), state.next_job),))
    live = {each.first: each.end for part in numbers for each in overlapping(state, *part)}
    live |= (
        {}
        if retry.alone
        else {each.first: each.end for each in state.submissions if each.terms.after and each.count > 1}
    )
    since_ns = min(now_ns - round(retry.since_s * NS), wished.since_ns if wished.words else now_ns)
    lives = tuple(sorted(live.items()))
    most = SUBMISSIONS_LIMIT
    return Asked(
        merged(ranges),
        tuple(dict.fromkeys(words)),
        whose(retry),
        since_ns,
        most,
        lives,
        not retry.alone,
        nonce,
    )


def wanted_lines(state: State, retry: Retry, past: Bygone) -> Ranges:
    """The jobs of submissions that have ended whose lines are needed; none when nothing comes of it."""
    if past.again:
        return ()
    try:
        copies = Planner(state, retry, past).plan().copies
    except Unmet:
        return ()
    return merged(
        part
        for each in copies
        if each.source.live is None and each.source.submission.has_lines
        for part in each.old
    )


class Planner:
    """Finds out what is submitted again. Raises Unmet."""

    def __init__(self, state: State, retry: Retry, past: Bygone) -> None:
        self._state = state
        self._retry = retry
        self._past = past
        self._sources = Sources(state, past)
        self._wished = sets_of(state, retry.wishes, retry.by.owner, past)
        self._all = Spans()  # the old numbers of all that is submitted again
        self._moved = Spans()  # those of them that wait
        self._known: list[Range] = []  # what failed before, and was submitted again, is these
        self._next = state.next_job
        self._new: list[tuple[JobId, JobId, JobId]] = []  # old numbers, as ranges, with the first new one

    def plan(self) -> Plan:
        """What to do."""
        chosen = self._chosen()
        followers: dict[JobId, tuple[Source, Ranges]] = {}
        if not self._retry.alone:
            for source in self._sources.behind_others():
                if found := self._followers(source):
                    self._all.extend(found)
                    followers[source.submission.first] = (source, found)
        wanted = [(first, False, *each) for first, each in chosen.items()]
        wanted += [(first, True, *each) for first, each in followers.items()]
        copies: list[Copy] = []
        for _, follows, source, ranges in sorted(wanted, key=itemgetter(0, 1)):
            copies += self._copies(source, ranges, follows=follows)
        self._check(copies)
        return Plan(tuple(copies), tuple(self._moved.ranges()))

    # --- what is meant ----------------------------------------------------------------------

    def _chosen(self) -> dict[JobId, tuple[Source, Ranges]]:
        chosen: dict[JobId, tuple[Source, Ranges]] = {}
        for part in parts_of(self._retry):
            for source, ranges in self._meant(part):
                before = chosen[source.submission.first][1] if source.submission.first in chosen else ()
                chosen[source.submission.first] = (source, merged([*before, *ranges]))
        if not chosen:
            raise Unmet(self._nothing)
        for _, ranges in chosen.values():
            self._all.extend(ranges)
        return chosen

    @property
    def _nothing(self) -> str:
        states = self._retry.selector.states
        how = f"is {' or '.join(state.value for state in states)}" if states else "has ended"
        if self._retry.failed and (known := merged(self._known)):
            return _known_again(known)
        return f"none of these jobs {'has failed' if self._retry.failed else how}"

    def _meant(self, part: Part) -> list[tuple[Source, Ranges]]:
        """What a part of the selector means, submission by submission."""
        state, selector, found = self._state, self._retry.selector, []
        is_numbered = isinstance(part, Number | Jobs | Tasks)
        states = FAILED if self._retry.failed else selector.states
        known = list(self._copied(part)) if self._retry.failed else []
        self._known += known
        wish = Wish(selector, maybe=bool(known))
        for piece in pieces_of(state, wish, part, whose(self._retry), self._past):
            source = self._sources.of(piece.whole)
            if selector.user and source.submission.origin.owner != selector.user:
                continue
            alive = common(piece.ranges, source.alive)
            if alive and is_numbered and not states:
                raise Unmet(self._lives(source, alive[0][0]))
            before = source.retried if self._retry.failed else ()
            if ranges := without(source.ended(piece.ranges, states), before):
                found.append((source, ranges))
        return found

    def _copied(self, part: Part) -> Iterator[Range]:
        """What those that failed of a part of the selector were submitted again as, by whoever."""
        state, owner = self._state, whose(self._retry)
        if isinstance(part, Number | Jobs | Tasks):
            pieces = pieces_of(state, Wish(self._retry.selector, maybe=True), part, owner, self._past)
            found = [(self._sources.of(each.whole), each.ranges) for each in pieces]
        else:
            wholes = (*state.submissions, *self._past.gone)
            sources = [self._sources.of(each) for each in wholes if fits(each.submission, part, owner)]
            found = [(source, source.ranges) for source in sources]
        for source, ranges in found:
            yield from source.again(source.ended(common(ranges, source.retried), FAILED))

    def _lives(self, source: Source, job: JobId) -> str:
        how = "runs" if job in self._state.running else "waits"
        name = source.submission.job(job, b"x").shown if not source.submission.has_lines else str(job)
        more = "; --failed retries what has failed by now" if source.submission.count > 1 else ""
        return f"job {name} still {how}, and only what has ended is retried{more}"

    # --- what follows --------------------------------------------------------------------------

    def _followers(self, source: Source) -> Ranges:
        """Those jobs of a submission that were skipped, or are kept, because of what is submitted again."""
        terms, live = source.submission.terms, source.live
        skipped = without(source.kinds.get(JobState.SKIPPED, ()), source.retried)
        skipped = without(skipped, tuple(self._all.ranges()))
        found = list(self._touched(source, skipped, self._all))
        if live and not live.to_come:
            waiting = tuple(self._state.waiting.between(live.first, live.end))
            kept = (
                common(waiting, tuple(self._state.held.between(live.first, live.end))) if terms.keep else ()
            )
            moved = merged(
                [*self._touched(source, kept, self._all), *self._touched(source, waiting, self._moved)]
            )
            moved = self._possible(source, moved)
            self._moved.extend(moved)
            found += moved
        return self._possible(source, merged(found))

    def _touched(self, source: Source, jobs: Ranges, by: Spans) -> Ranges:
        """Those of the jobs that wait for one of these."""
        if not jobs:
            return ()
        found: list[Range] = []
        for after in source.submission.terms.after:
            if not after.each:
                if any(by.between(*part) for part in after.jobs):
                    return jobs
                continue
            for (start, stop), partner in partners(after, source.submission.first, jobs):
                its = by.between(partner, JobId(partner + stop - start))
                found += ((JobId(low - partner + start), JobId(high - partner + start)) for low, high in its)
        return merged(found)

    def _possible(self, source: Source, jobs: Ranges) -> Ranges:
        """Those of the jobs that can run once what is submitted again has ended well."""
        for after in source.submission.terms.after:
            if after.when != "ok" or not jobs:
                continue
            if not after.each:
                if self._bad_still(after.jobs):
                    return ()
                continue
            for (start, stop), partner in list(partners(after, source.submission.first, jobs)):
                bad = self._bad_still(((partner, JobId(partner + stop - start)),))
                never = tuple(
                    (JobId(low - partner + start), JobId(high - partner + start)) for low, high in bad
                )
                jobs = without(jobs, never)
        return jobs

    def _bad_still(self, ranges: Ranges) -> Ranges:
        """Those that ended badly, and are not submitted again."""
        return without(self._sources.bad_among(ranges), tuple(self._all.ranges()))

    # --- what is made ---------------------------------------------------------------------------

    def _copies(self, source: Source, ranges: Ranges, *, follows: bool) -> list[Copy]:
        """A submission for each of the terms that these jobs have."""
        by_terms: dict[Terms, list[Range]] = {}
        for first, end, terms in source.terms_of(ranges):
            by_terms.setdefault(terms, []).append((first, end))
        return [self._copy(source, merged(some), terms, follows=follows) for terms, some in by_terms.items()]

    def _copy(self, source: Source, old: Ranges, terms: Terms, *, follows: bool) -> Copy:
        what, first = source.submission, self._next
        after = tuple(found for each in terms.after for found in self._after(what, each, old))
        terms = terms_with(replace(terms, held=False, not_before_ns=0, again_of=what.first), after)
        if not follows:
            terms = with_fields(terms, self._retry.fields, self._retry.terms)
            terms = terms_with(terms, (*after, *self._wished)) if self._wished else terms
        indices = tuple((start - what.first, end - what.first) for start, end in old)
        try:
            items = some_of(what.items, what.count, indices) if what.count > 1 or what.items else None
        except BadItems as error:
            raise Unmet(f"{error}; retry a part of them at a time") from error
        at = first
        for start, end in old:
            insort(self._new, (start, end, at))
            at = JobId(at + end - start)
        self._next = at
        return Copy(source, old, first, terms, items, follows)

    def _after(self, what: Submission, after: After, old: Ranges) -> Iterator[After]:
        """What they wait for now: what is submitted again by its new numbers, and what lives."""
        if after.each:
            yield from self._after_each(what, after, old)
            return
        jobs: list[Range] = []
        when = after.when
        for part in after.jobs:
            again = tuple(self._all.between(*part))
            rest = without((part,), again)
            jobs += self._renamed(again)
            jobs += self._sources.alive_among(rest)
            if when == "fail" and self._sources.bad_among(rest):
                when = "any"
        if jobs:
            yield After(merged(jobs), when)

    def _after_each(self, what: Submission, after: After, old: Ranges) -> Iterator[After]:
        found: list[Range] = []
        waits = False
        for (start, stop), partner in partners(after, what.first, old):
            part = (partner, JobId(partner + stop - start))
            again = tuple(self._all.between(*part))
            rest = without((part,), again)
            waits |= bool(again or self._sources.alive_among(rest))
            for low, high in sorted([*again, *rest]):
                found += self._renamed(((low, high),)) if low in self._all else ((low, high),)
        if waits:
            if after.when == "ok" and (bad := self._bad_still(merged(found))):
                raise Unmet(
                    f"one of these jobs waits for job {bad[0][0]}, which ended badly; name both, or neither"
                )
            yield After(_joined(found), after.when, each=True)

    def _renamed(self, ranges: Iterable[Range]) -> Iterator[Range]:
        """The new numbers of these old ones, in their order."""
        for first, end in ranges:
            at = max(0, bisect_right(self._new, first, key=itemgetter(0)) - 1)
            for start, stop, new in self._new[at:]:
                if start >= end:
                    break
                low, high = max(first, start), min(end, stop)
                if low < high:
                    yield JobId(new + low - start), JobId(new + high - start)

    def _check(self, copies: list[Copy]) -> None:
        if len(copies) > SUBMISSIONS_LIMIT:
            raise Unmet(f"these are {len(copies)} submissions; retry {SUBMISSIONS_LIMIT} at a time")
        lines = sum(each.count for each in copies if each.source.submission.has_lines)
        if lines > LINES_LIMIT:
            raise Unmet(f"these are {lines} jobs with lines of their own; retry {LINES_LIMIT} at a time")
        keys = [
            (each.source.submission.origin.owner, each.terms.unique) for each in copies if each.terms.unique
        ]
        for key in keys:
            holder = self._state.unique_jobs.get(key)
            if holder is not None and holder not in self._moved:
                raise Unmet(f"job {holder} has the key '{show_text(key[1].encode())}' of one of these jobs")
            if keys.count(key) > 1:
                raise Unmet(
                    f"several of these jobs have the key '{show_text(key[1].encode())}'; retry one of them"
                )


def _known_again(known: Ranges) -> str:
    """Where that is now which was to be tried again."""
    shown = [span(first, end - 1) for first, end in known[:SHOWN]]
    more = " and others" if len(known) > SHOWN else ""
    return (
        f"what failed of these was submitted again already, as {' '.join(shown)}{more};"
        " '--state failed,lost' instead of '--failed' does so once more"
    )


def _joined(ranges: Iterable[Range]) -> Ranges:
    """The same in the same order, those that follow on each other as one."""
    found: list[Range] = []
    for first, end in ranges:
        if found and found[-1][1] == first:
            found[-1] = (found[-1][0], end)
        else:
            found.append((first, end))
    return tuple(found)
