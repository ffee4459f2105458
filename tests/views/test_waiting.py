"""What somebody sees who waits: pictures of sets of jobs, and sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.states import JobState
from goq.views.lines import line_cells, rendered
from goq.views.paper import Paper
from goq.views.waiting import SETS_LIMIT, Waited, failure, picture, progress, summed, verdict

NARROW = Paper(80, is_terminal=True)
WIDE = Paper(121, is_terminal=True, now_ns=14 * 3600 * 10**9)
FOLD = Waited(
    "fold",
    {
        JobState.DONE: 6412,
        JobState.FAILED: 30,
        JobState.LOST: 7,
        JobState.RUNNING: 72,
        JobState.WAITING: 3479,
    },
    41 / 60,
    5220.0,
)
SWEEP = Waited("sweep", {JobState.DONE: 212, JobState.RUNNING: 40, JobState.WAITING: 348}, 0.2, 1800.0)

counts = st.dictionaries(st.sampled_from(JobState), st.integers(1, 10**6), min_size=1)
sets = st.builds(
    Waited, st.text(max_size=30), counts, st.none() | st.floats(0, 1000), st.none() | st.floats(0, 1e6)
)


def shown(*waited: Waited, paper: Paper = NARROW) -> list[str]:
    return [rendered(each, paper) for each in picture(waited, paper)]


def test_each_set_has_a_strip_its_numbers_and_how_long_it_will_last() -> None:
    """All of the same width, so that they can be compared."""
    assert [
        "fold   ━━━━━━━━━━━━━━━━━━━✗▸···········  64 %  6,449/10,000  ✗37  ▸72  ≈ 1h 27m",
        "sweep  ━━━━━━━━━━━▸▸···················  35 %       212/600       ▸40  ≈ 30m   ",
    ] == shown(FOLD, SWEEP)


def test_a_wide_terminal_has_the_rate_and_the_clock() -> None:
    (line,) = shown(FOLD, paper=WIDE)

    assert line.endswith("▸72  41/min  ≈ 1h 27m till 15:27")
    assert 120 == len(line)


def test_a_set_that_has_ended_lasts_no_longer() -> None:
    (line,) = shown(Waited("fold", {JobState.DONE: 3, JobState.LOST: 1}, 1.0, 0.0))

    assert line.rstrip().endswith("100 %  4/4  ✗1")


def test_many_sets_are_one_sum() -> None:
    """Which lasts as long as the longest of them; where one cannot be told, nor can that."""
    many = [SWEEP._replace(left_s=float(number)) for number in range(1, SETS_LIMIT + 2)]
    (line,) = shown(*many)

    assert line.startswith("9 sets  ")
    assert "1,908/5,400" in line
    assert "≈ 9s" in line
    assert "≈" not in shown(*many[:-1], SWEEP._replace(left_s=None))[0]


@given(st.lists(sets, min_size=1, max_size=12), st.integers(60, 200))
def test_no_line_is_wider_than_its_paper(waited: list[Waited], width: int) -> None:
    """Or the next picture would be drawn in the wrong place."""
    paper = Paper(width, is_terminal=True)

    assert all(line_cells(line) < width for line in picture(waited, paper))
    assert min(len(waited), SETS_LIMIT if len(waited) <= SETS_LIMIT else 1) == len(picture(waited, paper))


@given(st.lists(sets, min_size=1, max_size=12))
def test_a_sum_has_all_the_jobs(waited: list[Waited]) -> None:
    assert summed(waited).size == sum(each.size for each in waited)
    assert summed(waited).has_ended == all(each.has_ended for each in waited)


def test_the_sentences_count_everything() -> None:
    assert "fold: 64 % of 10,000; 6,412 done, 37 failed, 72 running, 3,479 waiting" == progress(FOLD)
    assert "6,412 done, 37 failed, 72 running, 3,479 waiting in 3h 50m" == verdict(FOLD, 13_800.0)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (100, "✗ 4211.6340 memory, it had 2.1 GiB    goq why 4211    (Ctrl-C: the jobs go on)"),
        (60, "✗ 4211.6340 memory, it had 2.1 GiB    goq why 4211"),
        (30, "✗ 4211.6340 memory, it had 2…"),
    ],
)
def test_a_failure_gives_way_from_its_end(width: int, expected: str) -> None:
    paper = Paper(width, is_terminal=True)

    assert expected == rendered(
        failure("4211.6340", "memory", "it had 2.1 GiB", "goq why 4211", paper), paper
    )
