"""What has ended and is to be submitted again: the submissions, and what has become of their jobs. Pure."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from goq.core.dispatch.decision import Bygone, Copies, Gone
from goq.core.dispatch.wishes import Unmet
from goq.core.state.parts import Part
from goq.core.state.state import State
from goq.core.state.submissions import Live
from goq.core.values.ids import JobId
from goq.core.values.job import Submission
from goq.core.values.ranges import Range, Ranges, common, merged, without
from goq.core.values.states import JobState
from goq.core.values.terms import After

NO_RANGES: Ranges = ()


class Source(Struct, eq=False):
    """A submission: those of its jobs that live, how the others ended, and which of them were submitted again."""

    submission: Submission
    alive: Ranges
    kinds: dict[JobState, Ranges]
    retried: Ranges
    parts: tuple[Part, ...]  # ranges whose terms were altered
    copies: Copies = ()
    live: Live | None = None

    def again(self, ranges: Ranges) -> Ranges:
        """The latest that these jobs were submitted again as, as far as they were."""
        found: list[Range] = []
        for first, end, again in sorted(self.copies, key=lambda copy: -copy[2]):
            for low, high in common(ranges, ((first, end),)):
                found.append((JobId(again + low - first), JobId(again + high - first)))
            ranges = without(ranges, ((first, end),))
        return merged(found)

    @property
    def ranges(self) -> Ranges:
        """All its jobs."""
        return ((self.submission.first, self.submission.end),)

    @property
    def bad(self) -> Ranges:
        """What ended badly."""
        return merged(part for ranges in self.kinds.values() for part in ranges)

    def ended(self, ranges: Ranges, states: Iterable[JobState] = ()) -> Ranges:
        """Those of the jobs that have ended, in one of these states where any are given."""
        ended = without(common(ranges, self.ranges), self.alive)
        wanted = set(states)
        if not wanted:
            return ended
        found = [part for state in wanted for part in common(ended, self.kinds.get(state, NO_RANGES))]
        if JobState.DONE in wanted:
            found += without(ended, self.bad)
        return merged(found)

    def terms_of(self, ranges: Ranges) -> Iterator[Part]:
        """The jobs as ranges of the same terms."""
        own = self.submission.terms
        altered = merged((first, end) for first, end, _ in self.parts)
        yield from ((first, end, own) for first, end in without(ranges, altered))
        for first, end, terms in self.parts:
            yield from ((*part, terms) for part in common(ranges, ((first, end),)))


def partners(after: After, first: JobId, ranges: Ranges) -> Iterator[tuple[Range, JobId]]:
    """Of jobs of a submission that begins with `first`, each range with the first of those that they wait for."""
    at = first
    for low, high in after.jobs:
        for start, stop in common(ranges, ((at, JobId(at + high - low)),)):
            yield (start, stop), JobId(low + start - at)
        at = JobId(at + high - low)


class Sources:
    """All that is known of, by first number."""

    def __init__(self, state: State, past: Bygone) -> None:
        if not past.is_all:
            raise Unmet("these are too many submissions that have ended; name fewer of them")
        self._state = state
        self._ends = {each.first: each for each in past.live}
        self._known: dict[JobId, Source] = {}
        self._gone = {each.submission.first: each for each in (*past.around, *past.gone)}
        self._bad: Ranges | None = None

    def of(self, whole: Live | Gone) -> Source:
        """That of a submission."""
        first = whole.submission.first
        if first not in self._known:
            self._known[first] = self._from_gone(whole) if isinstance(whole, Gone) else self._from_live(whole)
        return self._known[first]

    def behind_others(self) -> list[Source]:
        """Those that wait for others, or did, in order."""
        found: dict[JobId, Live | Gone] = {
            first: each for first, each in self._gone.items() if each.submission.terms.after
        }
        found |= {each.first: each for each in self._state.submissions if each.terms.after}
        return [self.of(found[first]) for first in sorted(found)]

    def bad_among(self, ranges: Ranges) -> Ranges:
        """Those of the jobs that have ended badly, as far as that is known."""
        if self._bad is None:
            live = (tuple(each.bad.ranges()) for each in self._state.submissions if each.bad)
            gone = (each.bad for each in self._gone.values())
            self._bad = merged(part for ranges in (*live, *gone) for part in ranges)
        return common(ranges, self._bad)

    def alive_among(self, ranges: Ranges) -> Ranges:
        """Those of the jobs that wait or run."""
        waiting = [part for each in ranges for part in self._state.waiting.between(*each)]
        running = (job for job in self._state.running if any(first <= job < end for first, end in ranges))
        return merged([*waiting, *((job, JobId(job + 1)) for job in running)])

    def _from_gone(self, gone: Gone) -> Source:
        return Source(gone.submission, (), dict(gone.kinds), gone.retried, gone.parts, copies=gone.copies)

    def _from_live(self, live: Live) -> Source:
        ends = self._ends.get(live.first)
        kinds, parts, copies = (dict(ends.kinds), ends.parts, ends.copies) if ends else ({}, (), ())
        alive = self.alive_among(((live.first, live.end),))
        return Source(live.submission, alive, kinds, live.retried, parts, copies, live)
