"""The sets of jobs that somebody waits for: a word each, with the jobs that it means now."""

from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from goq.adapters.config import Config
from goq.api.logs import Ask
from goq.api.person import person
from goq.api.talks import Here, expected
from goq.commands.change import selected
from goq.commands.parameters import NAMED_LIMIT
from goq.core.messages import Mean, Meant
from goq.core.values.ids import JobId
from goq.core.values.ranges import Ranges
from goq.core.values.result import Ended, Ending
from goq.core.values.selectors import PARTS_LIMIT, Jobs, Number, Selector
from goq.core.values.shown import SubmissionRow
from goq.core.values.states import JobState
from goq.errors import RequestRefused
from goq.views.waiting import Waited

_STATES = {
    Ending.CANCELLED: JobState.CANCELLED,
    Ending.SKIPPED: JobState.SKIPPED,
    Ending.LOST: JobState.LOST,
}


class JobSet(Struct):
    """The jobs that a word means, and what is known of them; `size` of them in all."""

    word: str
    selector: Selector
    ranges: Ranges
    size: int
    label: str = ""
    ends: dict[JobState, int] = {}
    running: int = 0
    rate_per_s: float | None = None
    left_s: float | None = None

    @property
    def is_single(self) -> bool:
        """It is one job."""
        return self.size == 1

    @property
    def is_range(self) -> bool:
        """It was named by numbers from and to."""
        return bool(self.selector.parts) and isinstance(self.selector.parts[0], Jobs)

    @property
    def waited(self) -> Waited:
        """As it is shown."""
        left = self.size - sum(self.ends.values())
        running = min(self.running, left)
        live = {JobState.RUNNING: running, JobState.WAITING: left - running}
        return Waited(self.label or self.word, self.ends | live, self.rate_per_s, self.left_s)

    def note_end(self, ended: Ended) -> None:
        """One of its jobs has ended."""
        state = _STATES.get(ended.ending) or (JobState.DONE if ended.is_good else JobState.FAILED)
        self.ends[state] = self.ends.get(state, 0) + 1

    def note_rows(self, rows: tuple[SubmissionRow, ...]) -> None:
        """What a look has found of the submissions that it means, if they are just its jobs."""
        if sum(row.count for row in rows) != self.size:
            return
        self.running = sum(row.counts.running for row in rows)
        lasting = [row for row in rows if row.counts.live]
        rates = [row.rate_per_s for row in lasting if row.rate_per_s]
        self.rate_per_s = sum(rates) or None
        left = [row.left_s for row in lasting]
        self.left_s = None if None in left else max((each for each in left if each is not None), default=None)
        if not self.label:
            names = {row.name for row in rows}
            self.label = names.pop() or "" if len(names) == 1 else ""


def named_by(words: tuple[str, ...], user: str) -> dict[str, Selector]:
    """What each word, said once or more often, selects. Raises BadCommand."""
    return {word: selected((word,), (), user)[0] for word in words}


def sets_of(config: Config, ask: Ask, named: dict[str, Selector], user: str, since_s: float) -> list[JobSet]:
    """A set for each word, none of whose jobs are in one before. Raises RequestRefused where there are none, or too many."""
    left, taken, sets = NAMED_LIMIT, set[JobId](), list[JobSet]()
    for word, selector, ranges in _meant(config, ask, named, user, since_s):
        jobs = [job for job in islice(_jobs(ranges), left + 1) if job not in taken]
        left -= len(jobs)
        if left < 0:
            raise RequestRefused(f"these are more than {NAMED_LIMIT} jobs; name a part of them at a time")
        taken.update(jobs)
        if jobs:
            sets.append(JobSet(word, selector, ranges, len(jobs), ends={}))
    return sets


def jobs_of(sets: list[JobSet]) -> dict[JobId, JobSet]:
    """Which set each job is in, in their order."""
    found: dict[JobId, JobSet] = {}
    for each in sets:
        for job in _jobs(each.ranges):
            found.setdefault(job, each)
    return found


def _meant(
    config: Config, ask: Ask, selectors: dict[str, Selector], user: str, since_s: float
) -> Iterator[tuple[str, Selector, Ranges]]:
    """What each word means. Of many numbers all are asked at once: mostly each is one job."""
    numbers = [word for word, each in selectors.items() if isinstance(each.parts[0], Number)]
    known: dict[str, Ranges] = {}
    for at in range(0, len(numbers), PARTS_LIMIT):
        some = numbers[at : at + PARTS_LIMIT]
        ranges = _ask(config, ask, selected(tuple(some), (), user)[0], since_s)
        if sum(end - first for first, end in ranges) == len(some):
            known |= {word: ((JobId(int(word)), JobId(int(word) + 1)),) for word in some}
    for word, selector in selectors.items():
        yield word, selector, known.get(word) or _ask(config, ask, selector, since_s)


def _ask(config: Config, ask: Ask, selector: Selector, since_s: float) -> Ranges:
    here = Here(config.address, person(config))
    return expected(here, ask(Mean(selector, here.by.owner, since_s)), Meant).ranges


def _jobs(ranges: Ranges) -> Iterator[JobId]:
    return (JobId(job) for first, end in ranges for job in range(first, end))
