"""Which jobs a submission is to wait for: from what its submitter says to ranges of numbers. Pure.

Names, tags and owners mean submissions that live, and those of which a job ended within the last hour. What has
ended is asked of the journal first (`asked_numbers`), and its word is in a Bygone.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from goq.core.board.watches import Decided
from goq.core.dispatch.decision import Asked, Bygone, Gone
from goq.core.messages import Submit
from goq.core.state.state import State
from goq.core.state.submissions import Live
from goq.core.values.ids import JobId
from goq.core.values.items import EachLine, Numbers
from goq.core.values.job import Submission
from goq.core.values.ranges import Range, Ranges, common, merged, without
from goq.core.values.selectors import Jobs, Named, Number, Owned, Part, Selector, Tagged, Tasks
from goq.core.values.terms import AFTER_LIMIT, After, BadTerms, Terms, read_terms, terms_text
from goq.core.values.text import show_text
from goq.core.values.wishes import Wish

RECENT_NS = 3600 * 10**9
NOTHING = "nothing was queued"


class Unmet(Exception):
    """What cannot be waited for, in words."""


class Unknown(Unmet):
    """There is no such job, or nothing is known of it any more."""

    def __init__(self, state: State, job: JobId) -> None:
        super().__init__(f"job {job} is not known" + (" any more" if job < state.next_job else ""))
        self.job = job


class Plan(Struct, frozen=True):
    """The terms of a submission with numbers in them; these of its jobs, counted from 0, can `never` run."""

    terms: Terms
    never: tuple[tuple[int, int, str], ...] = ()

    def decided(self, first: JobId) -> tuple[Decided, ...]:
        """What is to become of those, when the first has this number."""
        return tuple(
            Decided(((JobId(first + start), JobId(first + end)),), reason)
            for start, end, reason in self.never
        )


class Piece(Struct, frozen=True):
    """Jobs of one submission, that lives or is gone."""

    whole: Live | Gone
    first: JobId
    end: JobId

    @property
    def ranges(self) -> Ranges:
        """The same as ranges."""
        return ((self.first, self.end),)

    @property
    def bad(self) -> Ranges:
        """Those of them that have ended badly."""
        if isinstance(self.whole, Gone):
            return common(self.ranges, self.whole.bad)
        return tuple(self.whole.bad.between(self.first, self.end)) if self.whole.bad else ()


def _submission(whole: Live | Gone) -> Submission:
    return whole.submission


# --- what the journal is asked ---------------------------------------------------------------------


def asked_about(state: State, wishes: Iterable[Wish], owner: str, since_ns: int) -> Asked:
    """What has ended that the wishes may be about: by numbers whose submissions live no more, and by words."""
    asked: list[Range] = []
    words: list[Named | Tagged | Owned] = []
    for wish in wishes:
        for part in wish.selector.parts:
            match part:
                case Number(job) | Tasks(job, _):
                    if job < state.next_job and state.submissions.get(job) is None:
                        asked.append((job, JobId(job + 1)))
                case Jobs(first, end):
                    if wish.when != "any" or wish.each:
                        asked += gaps(state, first, min(end, state.next_job))
                case _:
                    words.append(part)
    return Asked(merged(asked), tuple(dict.fromkeys(words)), owner, since_ns)


def gaps(state: State, first: JobId, end: JobId) -> Iterator[Range]:
    """The numbers between that are of no live submission."""
    for live in sorted(overlapping(state, first, end), key=lambda live: live.first):
        if first < live.first:
            yield first, live.first
        first = max(first, live.end)
    if first < end:
        yield first, end


def overlapping(state: State, first: JobId, end: JobId) -> Iterator[Live]:
    if end - first <= len(state.submissions):
        return state.submissions.between(first, end)
    return (live for live in state.submissions if live.first < end and live.end > first)


# --- what the wishes mean --------------------------------------------------------------------------


def plan_of(state: State, submit: Submit, past: Bygone) -> Plan:
    """What the jobs of a submission will be behind. Raises Unmet."""
    after: list[After] = []
    never: list[tuple[int, int, str]] = []
    if not past.is_all:
        raise Unmet("these are too many submissions that have ended; name fewer of them")
    for wish in submit.wishes:
        pieces = _all_pieces(state, wish, submit.origin.owner, past)
        after += _each(state, wish, pieces, submit, never) if wish.each else _set_of(state, wish, pieces)
    return Plan(terms_with(submit.terms, tuple(dict.fromkeys(after))), tuple(never))


def sets_of(state: State, wishes: tuple[Wish, ...], owner: str, past: Bygone) -> tuple[After, ...]:
    """What jobs will be behind that are to wait for whole sets of others. Raises Unmet."""
    found = (_set_of(state, wish, _all_pieces(state, wish, owner, past)) for wish in wishes)
    return tuple(dict.fromkeys(after for some in found for after in some))


def _all_pieces(state: State, wish: Wish, owner: str, past: Bygone) -> list[Piece]:
    return [piece for part in wish.selector.parts for piece in pieces_of(state, wish, part, owner, past)]


def _set_of(state: State, wish: Wish, pieces: list[Piece]) -> Iterator[After]:
    if wish.when == "fail":
        yield from _any_failed(state, pieces)
        return
    if wish.when == "ok":
        _require_well(state, pieces)
    jobs = merged(part for piece in pieces if isinstance(piece.whole, Live) for part in piece.ranges)
    if jobs:
        yield After(jobs, wish.when)


def meant(state: State, selector: Selector, owner: str, past: Bygone) -> Ranges:
    """The jobs that somebody means, live or ended. Raises Unmet."""
    if not past.is_all:
        raise Unmet("these are too many submissions that have ended; name fewer of them")
    wish, found = Wish(selector), list[Range]()
    for part in selector.parts:
        pieces = pieces_of(state, wish, part, selector.user or owner, past)
        if isinstance(part, Jobs):
            found += [(part.first, part.end)] if list(pieces) or part.end <= state.next_job else []
        else:
            found += ((piece.first, piece.end) for piece in pieces)
    return merged(found)


def terms_with(terms: Terms, after: tuple[After, ...]) -> Terms:
    """The terms of jobs that are behind that. Raises Unmet when it is too much."""
    count = sum(len(each.jobs) for each in after)
    if count > AFTER_LIMIT:
        raise Unmet(
            f"it would wait for {count} ranges of jobs, and {AFTER_LIMIT} are the most; name them as one, A-B"
        )
    try:
        return read_terms(terms_text(replace(terms, after=after)))  # equal ones are one object
    except BadTerms as error:
        raise Unmet(f"it would wait for too many ranges of jobs: {error}") from error


def pieces_of(state: State, wish: Wish, part: Part, owner: str, past: Bygone) -> Iterator[Piece]:
    """The jobs of a part, submission by submission; of ranges those that have ended only as far as asked about."""
    wholes: list[Live | Gone]
    complaint: Unmet
    match part:
        case Number(job):
            found = _numbered(state, job, past)
            is_array = found is not None and _submission(found).is_array and _submission(found).first == job
            end = _submission(found).end if found and is_array else JobId(job + 1)
            pieces = [Piece(found, job, end)] if found else []
            complaint = Unknown(state, job)
        case Tasks(job):
            found = _numbered(state, job, past)
            pieces = [*_tasks(found, part)] if found else []
            no_task = Unmet(f"job {job} is no array that has such tasks")
            complaint = no_task if found else Unknown(state, job)
        case Jobs(first, end):
            if end > state.next_job and not wish.maybe:
                raise Unknown(state, max(first, state.next_job))
            wholes = [*overlapping(state, first, min(end, state.next_job)), *past.gone]
            pieces = [*_clipped(wholes, first, end)]
            return (yield from pieces)
        case _:
            wholes = [*state.submissions, *past.gone]
            meant = [each for each in wholes if fits(_submission(each), part, owner)]
            pieces = [
                Piece(each, *part)
                for each in meant
                for part in without(((_submission(each).first, _submission(each).end),), each.retried)
            ]
            complaint = Unmet(f"{_shown(part)} names no job that lives, or ended within the last hour")
    if not pieces and not wish.maybe:
        raise complaint
    yield from pieces


def _numbered(state: State, job: JobId, past: Bygone) -> Live | Gone | None:
    live = state.submissions.get(job)
    return live or next((gone for gone in past.gone if job in gone.submission), None)


def _tasks(whole: Live | Gone, tasks: Tasks) -> Iterator[Piece]:
    submission = _submission(whole)
    items = submission.items
    if isinstance(items, Numbers | EachLine) and submission.first == tasks.job:
        for low, high in tasks.ranges:
            for start, stop in items.indices(low, high):
                if start < submission.count:
                    end = min(JobId(submission.first + stop), submission.end)
                    yield Piece(whole, JobId(submission.first + start), end)


def _clipped(wholes: Iterable[Live | Gone], first: JobId, end: JobId) -> Iterator[Piece]:
    for whole in wholes:
        start, stop = max(first, _submission(whole).first), min(end, _submission(whole).end)
        if start < stop:
            yield Piece(whole, start, stop)


def fits(submission: Submission, part: Named | Tagged | Owned, owner: str) -> bool:
    """The words mean the submission; names are of the owner's."""
    match part:
        case Named():
            return part.meets(submission.terms.name) and submission.origin.owner == owner
        case Tagged(tag):
            return tag in submission.terms.tags
        case Owned(user):
            return submission.origin.owner == user


def _shown(part: Named | Tagged | Owned) -> str:
    match part:
        case Named(pattern):
            return f"'{show_text(pattern.encode())}'"
        case Tagged(tag):
            return f"'tag:{show_text(tag.encode())}'"
        case Owned(user):
            return f"'user:{show_text(user.encode())}'"


# --- what has ended already ------------------------------------------------------------------------


def _require_well(state: State, pieces: list[Piece]) -> None:
    for piece in pieces:
        if piece.bad:
            job = piece.bad[0][0]
            raise Unmet(f"job {job} {_words(state, piece, job)}, and --after-ok waits for a good end")


def _words(state: State, piece: Piece, job: JobId) -> str:
    ended = state.ended(job)
    if isinstance(piece.whole, Gone) and piece.whole.worst and piece.whole.worst.job == job:
        ended = piece.whole.worst
    return ended.words if ended else "ended badly"


def _any_failed(state: State, pieces: list[Piece]) -> Iterator[After]:
    """Of each submission one of the jobs is to fail: what is known of the others is forgotten with it."""
    by_first: dict[JobId, list[Piece]] = {}
    for piece in pieces:
        by_first.setdefault(_submission(piece.whole).first, []).append(piece)
    for some in by_first.values():
        jobs = merged(part for piece in some for part in piece.ranges)
        is_live = any(_lives(state, *part) for part in jobs)
        if is_live:
            yield After(jobs, "fail")
        elif not any(piece.bad for piece in some):
            what = f"job {jobs[0][0]} has" if jobs[-1][1] - jobs[0][0] == 1 else f"jobs {_span(jobs)} have"
            raise Unmet(f"{what} ended well, and --after-fail waits for a bad end")


def _lives(state: State, first: JobId, end: JobId) -> bool:
    return bool(state.waiting.between(first, end)) or any(first <= job < end for job in state.running)


def _span(jobs: Ranges) -> str:
    return f"{jobs[0][0]}-{jobs[-1][1] - 1}"


def _each(
    state: State, wish: Wish, pieces: list[Piece], submit: Submit, never: list[tuple[int, int, str]]
) -> Iterator[After]:
    """One range of jobs of one submission, as many as are submitted."""
    flag = "--after-each-ok" if wish.when == "ok" else "--after-each"
    if not pieces:
        return
    if submit.to_come:
        raise Unmet(f"{flag} is for arrays, and for lists that one message brings; this list is too long")
    wholes = {_submission(piece.whole).first for piece in pieces}
    jobs = merged(part for piece in pieces for part in piece.ranges)
    if len(wholes) > 1 or len(jobs) > 1:
        raise Unmet(f"{flag} takes jobs of one submission without a gap, as an array; {_span(jobs)} are not")
    ((first, end),) = jobs
    if end - first != submit.count:
        raise Unmet(
            f"{flag} needs as many jobs on both sides; {_span(jobs)} are {end - first}, and these {submit.count}"
        )
    if wish.when == "ok":
        bad = [(job, piece) for piece in pieces for part in piece.bad for job in range(*part)]
        if len(bad) == end - first:
            raise Unmet(f"all of the jobs {_span(jobs)} have ended badly, and {flag} waits for good ends")
        for job, piece in bad:
            reason = f"job {job}, which it waits for, {_words(state, piece, JobId(job))}"
            never.append((job - first, job - first + 1, reason))
    yield After(jobs, wish.when, each=True)
