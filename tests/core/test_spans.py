"""Sets of job ids: ranges inside, and nothing of that to be seen."""

from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.ids import JobId
from goq.core.values.ranges import runs
from goq.core.values.spans import Spans

NUMBERS = range(18)


def spans(*numbers: int) -> Spans:
    """A set to which these came in this order."""
    return Spans(map(JobId, numbers))


def test_jobs_in_a_row_are_one_range() -> None:
    """A million waiting jobs of one submission take the room of one."""
    assert [(1, 1_000_001)] == spans(*range(1, 1_000_001)).ranges()


def test_what_comes_back_closes_the_gap() -> None:
    """Jobs that are handed back leave no trace, wherever they were."""
    there = spans(*range(1, 10))
    for number in (5, 1, 9, 4):
        there.remove(JobId(number))
    assert [(2, 4), (6, 9)] == there.ranges()
    for number in (5, 9, 1, 4):
        there.add(JobId(number))

    assert [(1, 10)] == there.ranges()


def test_what_was_taken_is_not_kept() -> None:
    """A queue that lives for years must not remember where each job was."""
    there = spans(*range(1, 4001, 2))
    for _ in range(1990):
        there.remove(there.first)

    assert 10 == len(there)
    assert len(there._starts) < 50


def test_all_below_a_number_are_taken_at_once() -> None:
    """In order; the others stay."""
    there = spans(8, 7, 3, 2, 1, 12)

    assert [1, 2, 3, 7] == there.take_below(JobId(8))
    assert ([8, 12], 2) == (list(there), len(there))
    assert [] == there.take_below(JobId(8))
    assert [8, 12] == there.take_below(JobId(99))
    assert not there


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["add", "add", "remove", "take", "first", "append", "discard", "extend", "discard all"]
            ),
            st.sampled_from(NUMBERS[:15]),
        ),
        max_size=80,
    )
)
def test_spans_behave_like_a_sorted_set(steps: list[tuple[str, int]]) -> None:
    """Ranges are there for speed and must not be seen."""
    there, naive = Spans(), set[int]()
    for verb, number in steps:
        if verb == "add" and number not in naive:
            there.add(JobId(number))
            naive.add(number)
        elif verb == "remove" and number in naive:
            there.remove(JobId(number))
            naive.remove(number)
        elif verb == "first" and naive:
            there.remove(there.first)
            naive.remove(min(naive))
        elif verb == "append" and number > max(naive, default=0):
            there.append(JobId(number), JobId(number + 3))
            naive |= {number, number + 1, number + 2}
        elif verb == "take":
            assert sorted(each for each in naive if each < number) == there.take_below(JobId(number))
            naive = {each for each in naive if each >= number}
        elif verb == "discard":
            gone = {each for each in naive if number <= each < number + 4}
            assert len(gone) == there.discard(JobId(number), JobId(number + 4))
            naive -= gone
        elif verb == "extend":
            new = {each for each in NUMBERS if each % 5 in (number % 5, 3)} - naive
            there.extend(tuple(runs(map(JobId, sorted(new)))))
            naive |= new
        elif verb == "discard all":
            gone = {each for each in NUMBERS if each % 4 in (number % 4, 1) and each >= number // 2}
            assert len(gone & naive) == there.discard_all(tuple(runs(map(JobId, sorted(gone)))))
            naive -= gone

        assert sorted(naive) == list(there)
        assert (len(naive), min(naive, default=0)) == (len(there), there.first)
        assert naive == {each for each in NUMBERS if JobId(each) in there}
        for each in NUMBERS:
            later = [other for other in naive if other >= each]
            assert min(later, default=0) == there.at_or_after(JobId(each))
            few = ((JobId(1), JobId(4)), (JobId(each + 4), JobId(each + 5)))
            assert sum(job in naive for job in (1, 2, 3, each + 4)) == (
                there.count(few) if each else len(naive & {1, 2, 3, 4})
            )
            stop = there.behind(JobId(2), JobId(each + 2), 2)
            assert there.between(JobId(2), JobId(each + 2))[:2] == there.between(JobId(2), stop)
            assert len(there.between(JobId(2), stop)) == there.pieces(JobId(2), stop) <= 2
        assert there.ranges()[:2] == there.head(2)
        ends = [edge for both in there.ranges() for edge in both]
        assert sorted(set(ends)) == ends, "ranges are in order and do not touch"


def test_a_few_ranges_amid_many_and_many_amid_few() -> None:
    """Each way to change several ranges at once does the same."""
    many = tuple((JobId(at), JobId(at + 1)) for at in range(10, 1000, 3))
    there = Spans()
    there.extend(many)
    assert 2 == there.discard_all(((JobId(1), JobId(11)), (JobId(500), JobId(503))))
    there.extend(((JobId(1), JobId(10)), (JobId(2000), JobId(2001))))
    assert [(1, 10), (13, 14)] == there.ranges()[:2]
    few = Spans(map(JobId, (13, 14, 15, 700)))

    assert 2 == few.discard_all(many)
    assert [14, 15] == list(few)
