"""Terms of jobs that were altered: ranges inside, and a plain table to look at."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from goq.core.state.parts import Parts
from goq.core.values.ids import JobId
from goq.core.values.terms import DEFAULT_TERMS, Terms

TERMS = [Terms(name="a"), Terms(name="b"), Terms(priority=3)]
numbers = st.integers(1, 15)
steps = st.lists(st.tuples(st.sampled_from([*TERMS, None]), numbers, numbers), max_size=20)


@given(steps)
def test_parts_behave_like_a_table(steps: list[tuple[Terms | None, int, int]]) -> None:
    """Each job has the terms that were put there last; those that touch and are the same are one range."""
    parts, naive = Parts(), dict[int, Terms]()
    for terms, one, other in steps:
        first, end = JobId(min(one, other)), JobId(max(one, other) + 1)
        if terms is None:
            parts.drop(((first, end),))
            naive = {job: each for job, each in naive.items() if not first <= job < end}
        else:
            parts.put(((first, end),), terms)
            naive |= dict.fromkeys(range(first, end), terms)

        assert naive == {job: terms for first, end, terms in parts for job in range(first, end)}
        assert [naive.get(job) for job in range(18)] == [parts.get(JobId(job)) for job in range(18)]
        assert bool(naive) == bool(parts)
        for (_, stop, before), (start, _, behind) in pairwise(parts):
            assert stop < start or (stop == start and before != behind)
        told = {
            job: terms
            for a, b, terms in parts.over(JobId(3), JobId(12), DEFAULT_TERMS)
            for job in range(a, b)
        }
        assert {job: naive.get(job, DEFAULT_TERMS) for job in range(3, 12)} == told
