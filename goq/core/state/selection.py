"""The live jobs that a selector means. Pure.

What has ended is not found here, and neither is what a selector names by a number that nobody has.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from goq.core.state.state import State
from goq.core.state.submissions import Live
from goq.core.values.ids import JobId
from goq.core.values.items import EachLine, Numbers
from goq.core.values.ranges import Range, Ranges, common, merged, without
from goq.core.values.selectors import Jobs, Named, Number, Owned, Part, Selector, Tagged, Tasks
from goq.core.values.states import JobState
from goq.core.values.terms import Terms

ANY = set(JobState)
BOTH = {JobState.WAITING, JobState.HELD}
ON = {JobState.RUNNING, JobState.PAUSED}


def resolve(state: State, selector: Selector, owner: str) -> Ranges:
    """The live jobs that are meant, in order, ranges that touch as one.

    `owner` is who asks, without a host: names mean jobs of theirs, unless the selector has a user.
    """
    return within(state, meant(state, selector, owner), selector.states)


def meant(state: State, selector: Selector, owner: str) -> Ranges:
    """The numbers that are meant, whether their jobs live or not, and in whatever state; merged."""
    whose = selector.user or owner
    wanted: Ranges = ((JobId(1), state.next_job),)
    if selector.parts:
        wanted = of_parts(state, selector.parts, whose)
    if selector.user:
        wanted = common(wanted, merged(_meant(state, Owned(selector.user), whose)))
    return wanted


def of_parts(state: State, parts: Iterable[Part], whose: str) -> Ranges:
    """The numbers that any of the parts means; merged."""
    return merged(each for part in parts for each in _meant(state, part, whose))


def _meant(state: State, part: Part, whose: str) -> Iterable[Range]:
    match part:
        case Number(job):
            live = _array(state, job)
            return ((job, live.end if live else JobId(job + 1)),)
        case Jobs(first, end):
            return ((first, end),)
        case Tasks():
            return _tasks(state, part)
        case _:
            return _by_words(state, part, whose)


def _array(state: State, job: JobId) -> Live | None:
    """The array, or the lines with a command, that begins with this number."""
    live = state.submissions.get(job)
    return live if live and live.first == job and live.submission.is_array else None


def _tasks(state: State, tasks: Tasks) -> Iterator[Range]:
    live = _array(state, tasks.job)
    items = live.submission.items if live else None
    if live and isinstance(items, Numbers | EachLine):
        for low, high in tasks.ranges:
            for start, stop in items.indices(low, high):
                if start < live.count:
                    yield JobId(live.first + start), JobId(live.first + min(stop, live.count))


def _by_words(state: State, part: Named | Tagged | Owned, whose: str) -> Ranges:
    labels = state.submissions.labels
    if isinstance(part, Owned):
        return labels.owned(part.user)
    if isinstance(part, Named) and part.meets(""):  # and so all names
        return labels.owned(whose)
    found = labels.named(part) if isinstance(part, Named) else labels.tagged(part.tag)
    if state.parts:
        altered = merged((first, end) for first, end, _ in state.parts)
        found = merged(
            [
                *without(found, altered),
                *((first, end) for first, end, terms in state.parts if _fits(terms, part)),
            ]
        )
    return common(found, labels.owned(whose)) if isinstance(part, Named) else found


def _fits(terms: Terms, part: Named | Tagged) -> bool:
    return part.meets(terms.name) if isinstance(part, Named) else part.tag in terms.tags


def within(state: State, ranges: Ranges, states: Iterable[JobState] = ()) -> Ranges:
    """Those of the jobs that live, and are in one of the states where any are given; merged."""
    wait, run = waiting(state, ranges, states), running(state, ranges, states)
    return merged([*wait, *((job, JobId(job + 1)) for job in run)]) if run else wait


def running(state: State, ranges: Ranges, states: Iterable[JobState] = ()) -> list[JobId]:
    """Those of the jobs that run, in order, where that is one of the states."""
    wanted = set(states) or ANY
    if not wanted & ON or not state.running:
        return []
    jobs = sorted(state.running)
    if not wanted >= ON:
        jobs = [job for job in jobs if state.running[job].paused == (JobState.PAUSED in wanted)]
    return [job for first, end in ranges for job in jobs[bisect_left(jobs, first) : bisect_left(jobs, end)]]


def waiting(state: State, ranges: Ranges, states: Iterable[JobState] = ()) -> Ranges:
    """Those of the jobs that wait, or are held, where that is one of the states."""
    wanted = set(states) or ANY
    if wanted >= BOTH:
        return state.waiting.among(ranges)
    if JobState.HELD in wanted:
        return state.held.among(ranges)
    if JobState.WAITING not in wanted:
        return ()
    return without(state.waiting.among(ranges), state.held.among(ranges))
