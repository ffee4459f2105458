"""Deadlines: which key is due, in which order, and how long one may sleep."""

import math

from hypothesis import given
from hypothesis import strategies as st

from goq.core.waits.deadlines import Deadlines

KEYS = st.sampled_from("abc")
TIMES = st.integers(0, 6).map(float)
STEPS = st.tuples(st.sampled_from(["set", "set", "set", "drop", "pop"]), KEYS, TIMES)


class NaiveDeadlines:
    """The same promises with a dict that is sorted each time."""

    def __init__(self) -> None:
        self.when: dict[str, float] = {}

    def set(self, key: str, when: float) -> None:
        """Set last means last among equals: a dict keeps that order."""
        self.when.pop(key, None)
        self.when[key] = when

    def pop_due(self, now: float) -> list[str]:
        """Sorting is stable, so ties stay in the order of setting."""
        due = sorted((key for key, when in self.when.items() if when <= now), key=self.when.__getitem__)
        for key in due:
            del self.when[key]
        return due


@given(st.lists(STEPS, min_size=5, max_size=60))
def test_deadlines_behave_like_a_sorted_dict(steps: list[tuple[str, str, float]]) -> None:
    """The heap is there for speed and must not be seen."""
    deadlines, naive = Deadlines[str](), NaiveDeadlines()
    for verb, key, when in steps:
        if verb == "set":
            deadlines.set(key, when)
            naive.set(key, when)
        elif verb == "drop":
            deadlines.drop(key)
            naive.when.pop(key, None)
        else:
            assert naive.pop_due(when) == deadlines.pop_due(when)
            assert deadlines.next() > when

        assert len(naive.when) == len(deadlines)
        assert naive.when.keys() == {key for key in "abc" if key in deadlines}
        assert deadlines.next() <= min(naive.when.values(), default=math.inf)


def test_nothing_is_ever_due_without_a_deadline() -> None:
    """A loop with nothing to do sleeps until somebody speaks."""
    deadlines = Deadlines[str]()

    assert math.inf == deadlines.next()
    assert [] == deadlines.pop_due(1e9)


def test_a_deadline_is_due_at_its_very_moment() -> None:
    """The loop wakes up exactly then and would spin if nothing were due."""
    deadlines = Deadlines[str]()
    deadlines.set("a", 5.0)

    assert [] == deadlines.pop_due(4.999)
    assert ["a"] == deadlines.pop_due(5.0)


def test_a_deadline_that_moved_later_keeps_its_order() -> None:
    """Its old place in the heap comes up first, and must not make it due before an earlier one."""
    deadlines = Deadlines[str]()
    deadlines.set("moved", 1.0)
    deadlines.set("moved", 9.0)
    deadlines.set("other", 5.0)

    assert ["other", "moved"] == deadlines.pop_due(10.0)


def test_a_deadline_that_moved_earlier_is_due_earlier() -> None:
    """A worker of little patience must not wait for the time of its last request."""
    deadlines = Deadlines[str]()
    deadlines.set("a", 9.0)
    deadlines.set("a", 3.0)

    assert 3.0 == deadlines.next()
    assert ["a"] == deadlines.pop_due(3.0)
    assert [] == deadlines.pop_due(9.0)


def test_a_key_that_comes_and_goes_leaves_nothing_behind() -> None:
    """A worker that is parked again and again for years must not fill the memory."""
    deadlines = Deadlines[str]()
    for second in range(1000):
        deadlines.set("worker", second + 20.0)
        deadlines.pop_due(float(second))
        deadlines.drop("worker")
    deadlines.set("worker", 2000.0)
    deadlines.pop_due(1999.0)

    assert 1 == len(deadlines._heap)
