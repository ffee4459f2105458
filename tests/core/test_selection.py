"""Which live jobs a selector means, with a second opinion that looks at every job."""

from itertools import pairwise

from hypothesis import event, given
from hypothesis import strategies as st
from submissions import submitted_of

from goq.core.state.records import Held, JobDelegated, JobsSubmitted, RangeEnded
from goq.core.state.selection import resolve
from goq.core.state.state import State
from goq.core.values.ids import Argv, Environment, JobId, Nonce, WorkerId
from goq.core.values.items import EachLine, Items, Numbers
from goq.core.values.job import NOBODY, Claim, Origin, Submission, Worker
from goq.core.values.ranges import common, merged
from goq.core.values.result import Ending
from goq.core.values.selectors import (
    Jobs,
    Named,
    Number,
    Owned,
    Part,
    Selector,
    Tagged,
    Tasks,
    selector_of,
)
from goq.core.values.states import JobState
from goq.core.values.terms import DEFAULT_TERMS, Terms

TO = 24  # numbers of jobs that are looked at
NAMES = ["", "fold", "sim1", "sim2"]
TAGS: list[tuple[str, ...]] = [(), ("night",), ("night", "gpu")]
jobs = st.integers(1, TO).map(JobId)
ranges = st.lists(st.tuples(jobs, jobs), max_size=6).map(
    lambda pairs: [(low, JobId(high + 1)) for low, high in pairs if low <= high]
)
terms = st.builds(Terms, name=st.sampled_from(NAMES), tags=st.sampled_from(TAGS), held=st.booleans())
items: st.SearchStrategy[tuple[Items | None, int]] = st.one_of(
    st.tuples(st.none(), st.integers(1, 4)),
    st.tuples(st.just(EachLine()), st.integers(1, 4)),
    st.sampled_from(
        [
            (Numbers(steps), len(Numbers(steps)))
            for steps in (((0, 3, 1),), ((3, 9, 3), (20, 21, 1)), ((7, 7, 1),))
        ]
    ),
)
parts: st.SearchStrategy[Part] = st.one_of(
    st.builds(Number, jobs),
    st.builds(lambda first, more: Jobs(first, JobId(first + more)), jobs, st.integers(1, 9)),
    st.builds(Tasks, jobs),
    st.builds(
        lambda job, low, more: Tasks(job, ((low, low + more),)), jobs, st.integers(0, 9), st.integers(0, 12)
    ),
    st.builds(Named, st.sampled_from(["fold", "sim*", "*1", "*", "none"])),
    st.builds(Tagged, st.sampled_from(["night", "gpu", "none"])),
    st.builds(Owned, st.sampled_from(["ann", "bob"])),
)
selectors = st.builds(
    Selector,
    st.lists(parts, max_size=4).map(tuple),
    st.lists(st.sampled_from(JobState), unique=True, max_size=3).map(tuple),
    st.sampled_from(["", "", "ann", "bob"]),
)


def submitted(
    first: JobId, user: str, terms: Terms = DEFAULT_TERMS, items: Items | None = None, count: int = 1
) -> JobsSubmitted:
    """Some jobs of one submission; several without items are commands of their own."""
    origin = Origin(b"/", Environment(b""), f"{user}@host")
    has_command = isinstance(items, Numbers | EachLine) or count == 1
    argv = Argv(b"run" if has_command else b"")
    made = Submission(first, count, Nonce(b"%016d" % first), argv, origin, terms, 1, items)
    return JobsSubmitted(made, (b"x",) * count if made.has_lines else ())


@st.composite
def states(draw: st.DrawFn) -> State:
    """Some submissions; of their jobs some run, some are held, some have ended."""
    state = State()
    while state.next_job <= TO:
        what, count = draw(items)
        state.apply(
            submitted(state.next_job, draw(st.sampled_from(["ann", "bob"])), draw(terms), what, count)
        )
    free = {JobId(job) for job in range(1, state.next_job)}
    for job in sorted(draw(st.sets(jobs, max_size=8))):
        held = ((job, JobId(job + 1)),)
        state.apply(RangeEnded(held, Ending.CANCELLED, "", 1))
        free.discard(job)
    worker = Worker(WorkerId("w"), "h", 1)
    for job in sorted(draw(st.sets(jobs, max_size=5)) & free):
        if job not in state.held:
            state.apply(JobDelegated(Claim(state.epoch, job, 1, worker.id), worker, 1))
            free.discard(job)
    for job in sorted(draw(st.sets(jobs, max_size=5)) & free):
        if job not in state.held:
            state.apply(Held(((job, JobId(job + 1)),), NOBODY, 1))
    return state


def is_meant(state: State, selector: Selector, owner: str, job: JobId) -> bool:
    """By what the job itself says, and nothing else."""
    live = state.submissions[job]
    whose = live.submission.origin.submitter.partition("@")[0]
    now = JobState.RUNNING if job in state.running else JobState.WAITING
    if job in state.held:
        now = JobState.HELD
    if (selector.states and now not in selector.states) or selector.user not in ("", whose):
        return False
    index = job - live.first
    items = live.submission.items
    number = items.number(index) if isinstance(items, Numbers | EachLine) else None

    def fits(part: Part) -> bool:
        match part:
            case Number(one):
                return one == job or (number is not None and one == live.first)
            case Jobs(first, end):
                return first <= job < end
            case Tasks(first, wanted):
                return first == live.first and any(
                    number is not None and low <= number <= high for low, high in wanted
                )
            case Named():
                return part.meets(live.terms.name) and whose == (selector.user or owner)
            case Tagged(tag):
                return tag in live.terms.tags
            case Owned(user):
                return user == whose

    return not selector.parts or any(map(fits, selector.parts))


@given(states(), selectors, st.sampled_from(["ann", "bob", "eve"]))
def test_what_is_found_is_what_is_meant(state: State, selector: Selector, owner: str) -> None:
    """Of every job it is asked whether it is meant; the answer comes in order, and apart."""
    found = resolve(state, selector, owner)
    live = [JobId(job) for job in range(1, state.next_job) if state.is_live(JobId(job))]
    naive = [job for job in live if is_meant(state, selector, owner, job)]
    event("some" if naive else "none")

    assert naive == [job for first, end in found for job in range(first, end)]
    assert all(before[1] < behind[0] for before, behind in pairwise(found))


def test_an_array_is_meant_by_its_first_number() -> None:
    """A job of a list of commands stays one job, as it was printed."""
    state = State()
    state.apply(submitted(JobId(1), "ann", items=Numbers(((10, 14, 2),)), count=3))
    state.apply(submitted_of(4, Nonce(b"n"), (b"a", b"b"), Origin(b"/", Environment(b""), "ann@host")))

    assert ((1, 4),) == resolve(state, selector_of(["1"]), "bob")
    assert ((2, 3), (4, 5)) == resolve(state, selector_of(["2", "4"]), "bob")
    assert ((2, 4),) == resolve(state, selector_of(["1.12-99"]), "bob")
    assert () == resolve(state, selector_of(["4.*", "1.11"]), "bob")
    assert () == resolve(state, selector_of(["*"]), "bob")
    assert ((1, 6),) == resolve(state, selector_of(["*"], user="ann"), "bob")


def test_lines_that_a_list_has_not_are_nobody_elses_jobs() -> None:
    """Behind the last line others' jobs begin."""
    state = State()
    state.apply(submitted(JobId(1), "ann", items=EachLine(), count=2))
    state.apply(submitted(JobId(3), "bob"))

    assert ((1, 3),) == resolve(state, selector_of(["1.*"]), "ann")
    assert ((2, 3),) == resolve(state, selector_of(["1.2-9"]), "ann")


def test_numbers_that_nobody_has_take_no_time() -> None:
    """Whoever asks for all numbers there can be gets those that there are."""
    state = State()
    state.apply(submitted(JobId(7), "ann"))

    assert ((7, 8),) == resolve(state, selector_of(["1-999999999999999"]), "ann")


@given(ranges, ranges)
def test_ranges_are_sets(some: list[tuple[JobId, JobId]], others: list[tuple[JobId, JobId]]) -> None:
    """The union, and what is in both."""
    one, other = merged(some), merged(others)
    numbers = [{job for each in pairs for job in range(*each)} for pairs in (some, others)]

    assert sorted(numbers[0]) == [job for each in one for job in range(*each)]
    assert all(before[1] < behind[0] for before, behind in pairwise(one))
    assert sorted(numbers[0] & numbers[1]) == [job for each in common(one, other) for job in range(*each)]
