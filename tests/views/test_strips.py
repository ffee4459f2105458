"""Many jobs as a bar: what exists has a cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.states import JobState
from goq.views.lines import Ink, Line
from goq.views.strips import (
    Counts,
    ended,
    failed,
    gpu_bar,
    how_many,
    machine_bar,
    shares,
    strip,
    tally,
    tally_words,
    use_bar,
)

FOLD: Counts = dict(
    zip(
        (JobState.DONE, JobState.FAILED, JobState.LOST, JobState.RUNNING, JobState.WAITING),
        (6412, 35, 2, 72, 3479),
        strict=True,
    )
)
SWEEP: Counts = {JobState.DONE: 212, JobState.RUNNING: 40, JobState.WAITING: 348}
TRAIN: Counts = {JobState.DONE: 12, JobState.RUNNING: 8, JobState.WAITING: 20}
ALL: Counts = dict.fromkeys(JobState, 5)

PARTS = st.lists(st.integers(0, 1_000_000), min_size=1, max_size=8)
COUNTS = st.dictionaries(st.sampled_from(JobState), st.integers(0, 100_000))


def text_of(shown: Line) -> str:
    return "".join(span.text for span in shown)


@pytest.mark.parametrize(
    ("counts", "width", "text"),
    [
        (FOLD, 10, "━━━━━✗▸···"),
        (FOLD, 20, "━━━━━━━━━━━━✗▸······"),
        (SWEEP, 10, "━━━▸······"),
        (SWEEP, 20, "━━━━━━━▸············"),
        (TRAIN, 10, "━━━▸▸·····"),
        (TRAIN, 20, "━━━━━━▸▸▸▸··········"),
        ({JobState.DONE: 9999, JobState.FAILED: 1}, 10, "━━━━━━━━━✗"),
        ({JobState.WAITING: 3}, 10, "··········"),
        ({}, 10, ""),
        (ALL, 7, "━✗⊘↷▸‖·"),
        (ALL, 3, "━✗▸"),
        (ALL, 1, "✗"),
        (ALL, 0, ""),
        (ALL, -1, ""),
    ],
)
def test_a_strip_shows_how_far_an_array_is(counts: Counts, width: int, text: str) -> None:
    """One failure of 10,000 shows; with less cells than parts, what needs somebody is shown first."""
    assert text == text_of(strip(counts, width))


def test_a_strip_is_coloured_by_what_it_shows() -> None:
    """As everything of that state is."""
    assert [
        *(("━━━━━", Ink.GREEN), ("✗", Ink.RED)),
        *(("▸", Ink.BOLD), ("···", Ink.DIM)),
    ] == [tuple(span) for span in strip(FOLD, 10)]


@given(PARTS, st.integers(0, 120))
def test_all_cells_are_given_out_and_what_exists_has_one(parts: list[int], width: int) -> None:
    """The length is exact, and what is not there has nothing."""
    given_out = shares(parts, width)
    alive = sum(part > 0 for part in parts)

    assert (width if alive else 0) == sum(given_out)
    assert min(alive, width) == sum(cells > 0 for cells in given_out)
    assert not any(cells for part, cells in zip(parts, given_out, strict=True) if not part)


@given(PARTS, st.integers(8, 120), st.integers(0, 7), st.integers(0, 1_000_000))
def test_what_grows_loses_no_cell(parts: list[int], width: int, index: int, more: int) -> None:
    """A strip that goes backwards while jobs end would be believed by nobody."""
    index %= len(parts)
    grown = [part + more * (each == index) for each, part in enumerate(parts)]

    assert shares(parts, width)[index] <= shares(grown, width)[index]


@given(PARTS, st.integers(8, 120))
def test_a_wider_strip_shows_no_part_shorter(parts: list[int], width: int) -> None:
    """Also when a window is drawn wider a cell at a time."""
    assert all(
        narrow <= wide for narrow, wide in zip(shares(parts, width), shares(parts, width + 1), strict=True)
    )


@given(PARTS, st.integers(8, 120))
def test_the_larger_part_is_not_the_shorter(parts: list[int], width: int) -> None:
    """The eye compares lengths."""
    given_out = shares(parts, width)

    assert all(
        given_out[one] <= given_out[other]
        for one, less in enumerate(parts)
        for other, more in enumerate(parts)
        if less < more
    )


@given(COUNTS, st.integers(7, 80))
def test_a_strip_is_as_long_as_it_was_asked_to_be(counts: dict[JobState, int], width: int) -> None:
    """Whatever states there are; and there are none that it does not show."""
    shown = text_of(strip(counts, width))

    assert (width if how_many(counts) else 0) == len(shown)
    assert bool(failed(counts)) == ("✗" in shown)
    assert bool(how_many(counts, JobState.SKIPPED)) == ("↷" in shown)


@given(COUNTS)
def test_counts_add_up(counts: dict[JobState, int]) -> None:
    """Those who have ended and those who live are all."""
    alive = how_many(counts, *(state for state in JobState if state.is_live))

    assert sum(counts.values()) == how_many(counts) == ended(counts) + alive
    assert failed(counts) <= ended(counts)


@pytest.mark.parametrize(
    ("bar", "text"),
    [
        (machine_bar(156, 20, 0, 32, 36), "━" * 27 + "╍╍╍//////"),
        (machine_bar(44, 20, 0, 0, 8), "━━━━━━╍╍"),
        (machine_bar(32, 0, 0, 0, 8), "━━━━━━━━"),
        (machine_bar(0, 0, 0, 32, 8), "////////"),
        (machine_bar(520, 0, 760, 128, 36), "━━━━━━━━━━━━━····················///"),
        (machine_bar(1, 1, 1, 1, 1), "━"),
        (use_bar(4.7, 5, 20), "━━━━━━━━━━━━━━━━━━━·"),
        (use_bar(31, 40, 20), "━━━━━━━━━━━━━━━━····"),
        (use_bar(1.8, 4, 20), "━━━━━━━━━···········"),
        (use_bar(9, 8, 5), "━━━━━"),
        (use_bar(0, 0, 5), ""),
        (gpu_bar(4, 0), "■■■■"),
        (gpu_bar(1, 3), "■···"),
    ],
)
def test_bars_of_machines_show_what_is_busy_and_what_is_not(bar: Line, text: str) -> None:
    """Kept for a big job is not free, and neither is what is drained."""
    assert text == text_of(bar)


@pytest.mark.parametrize(
    ("counts", "short", "words"),
    [
        (FOLD, "✗37 ▸72 ·3,479", "6,412 done, 37 failed, 72 running, 3,479 waiting"),
        (SWEEP, "▸40 ·348", "212 done, 40 running, 348 waiting"),
        (
            ALL,
            "✗10 ▸5 ‖10 ·5",
            "5 done, 10 failed, 5 cancelled, 5 skipped, 5 running, 5 paused, 5 held, 5 waiting",
        ),
        ({JobState.DONE: 3}, "", "3 done"),
    ],
)
def test_counts_in_a_line(counts: Counts, short: str, words: str) -> None:
    """In sentences failed means failed and lost."""
    assert short == text_of(tally(counts))
    assert words == tally_words(counts)
