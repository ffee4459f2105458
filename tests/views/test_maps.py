"""Jobs and machines as coloured pieces for pages."""

import pytest
from drawn import MARKUP, classes, numbers, read
from drawn import text as text_of
from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.states import JobState
from goq.views.maps import SQUARES, Block, machine, strip, strip_legend, task_map, tasks_a_square, use
from goq.views.svg import HATCHED

DONE, FAILED, LOST = JobState.DONE, JobState.FAILED, JobState.LOST
RUNNING, WAITING = JobState.RUNNING, JobState.WAITING
FOLD = dict(zip((DONE, FAILED, RUNNING, WAITING), (6412, 37, 72, 3479), strict=True))
STATES = st.lists(st.sampled_from(JobState), max_size=900)


def test_a_strip_shows_how_far_an_array_is() -> None:
    """In the order of the strips on terminals, and hatched where it failed."""
    tree = read(strip(FOLD))
    rects = list(tree.iter("rect"))

    assert ["f-ok", "f-bad", "f-run", "f-wait"] == classes(tree)
    assert [HATCHED] == [rect.get("fill") for rect in rects if rect.get("fill")]
    assert rects[1].get("x") == rects[2].get("x")
    assert "6,412 done, 37 failed, 72 running, 3,479 waiting" == tree.get("aria-label") == text_of(tree)


def test_no_two_parts_of_a_strip_look_alike() -> None:
    """A grey that could be two things is none."""
    assert 7 == len(set(classes(read(strip(dict.fromkeys(JobState, 1))))))


@given(st.dictionaries(st.sampled_from(JobState), st.integers(0, 10**7)))
def test_what_exists_is_seen_in_a_strip(counts: dict[JobState, int]) -> None:
    """And all of it together is as wide as the place."""
    tree = read(strip(counts))
    alive = {state for state, number in counts.items() if number}

    assert bool(alive & {FAILED, LOST}) == ("f-bad" in classes(tree))
    assert bool(alive) == bool(classes(tree))
    assert all(0.89 <= width <= 100 for width in list(numbers(tree, "width"))[1:])
    assert max(
        [float(rect.get("x", "0%")[:-1]) + float(rect.get("width", "0%")[:-1]) for rect in tree.iter("rect")],
        default=99.65,
    ) == pytest.approx(99.65)


def test_the_legend_of_a_strip_counts() -> None:
    """What is not there is not named."""
    tree = read(strip_legend(FOLD | {JobState.LOST: 2}))

    assert ["6,412 done", "39 failed", "72 running", "3,479 waiting"] == [
        each.tail for each in tree.iter("svg")
    ]
    assert ["f-ok", "f-bad", "f-run", "f-wait"] == classes(tree)


@pytest.mark.parametrize(("size", "each"), [(0, 1), (1, 1), (400, 1), (401, 2), (10_000, 25)])
def test_a_square_stands_for_as_many_as_there_must_be(size: int, each: int) -> None:
    """400 of them can be looked at."""
    assert each == tasks_a_square(size)


def test_a_map_shows_where_failures_lie() -> None:
    """A square of many tasks is what is worst in it; a stroke says so besides the colour."""
    states = [DONE] * 25 + [DONE] * 24 + [LOST] + [DONE] * 24 + [RUNNING] + [WAITING] * 9925
    tree = read(task_map("Failures lie at 50", states))

    assert SQUARES == len(classes(tree))
    assert ["f-ok", "f-bad", "f-run", "f-wait"] == classes(tree)[:4]
    assert ["edge"] == classes(tree, "line")
    assert text_of(tree).startswith(
        "tasks 1 to 25: 25 done tasks 26 to 50: 24 done, 1 failed tasks 51 to 75: 24 done, 1 running"
    )
    assert "120" == tree.get("height")


def test_a_small_map_has_a_square_a_task() -> None:
    """By the numbers that people gave them."""
    tree = read(task_map("x", [DONE, FAILED], first=10))

    assert "task 10: 1 done task 11: 1 failed" == text_of(tree)
    assert ["0%", "2%"] == [rect.get("x") for rect in tree.iter("rect")]


def test_the_last_square_is_of_what_is_left() -> None:
    """There is no task 402 of 401."""
    tree = read(task_map("x", [DONE] * 401))

    assert text_of(tree).endswith("tasks 399 to 400: 2 done task 401: 1 done")


@given(STATES)
def test_every_task_is_in_a_map_once(states: list[JobState]) -> None:
    """And a failed one is never hidden by those beside it."""
    drawn = task_map("x", states)
    tree = read(drawn)
    each = tasks_a_square(len(states))
    squares = [set(states[start : start + each]) for start in range(0, len(states), each)]

    assert [bool(square & {FAILED, LOST}) for square in squares] == [
        fill == "f-bad" for fill in classes(tree)
    ]
    assert len(classes(tree)) <= SQUARES
    assert len(drawn) < 70_000


@pytest.mark.parametrize(
    ("used", "asked", "fills", "width"),
    [
        (4.7, 5, ["f-free", "f-run"], "94%"),
        (0, 5, ["f-free"], "100%"),
        (9, 8, ["f-free", "f-bad"], "100%"),
        (1, 0, ["f-free"], "100%"),
    ],
)
def test_use_stands_beside_what_was_asked(used: float, asked: float, fills: list[str], width: str) -> None:
    """More than that is marked."""
    tree = read(use("cpus", used, asked))

    assert fills == classes(tree)
    assert width == list(tree.iter("rect"))[-1].get("width")


def test_a_machine_is_a_row_of_blocks() -> None:
    """A block a job, a mark a cpu, and what strangers wrote is text."""
    blocks = [Block(MARKUP, 30, "f-u0", "fold of ann", "/jobs/4211"), Block("20 kept", 20, "f-kept")]
    tree = read(machine("cpus of n14", blocks, 64, is_suspect=True))

    assert ["f-free", "f-u0", "f-kept", "dash"] == classes(tree)
    assert f"{MARKUP} fold of ann 20 kept 20 kept" == text_of(tree)
    assert [("/jobs/4211", f"{MARKUP}: fold of ann")] == [
        (a.get("href"), a.get("aria-label")) for a in tree.iter("a")
    ]
    assert [("0%", "46.88%"), ("46.88%", "31.25%")] == [
        (svg.get("x"), svg.get("width")) for svg in list(tree.iter("svg"))[1:]
    ]
    assert 63 == classes(tree, "line").count("tick")


def test_a_machine_of_many_cpus_has_no_marks() -> None:
    """They would be one grey line; and one without any cpu is empty."""
    assert [] == classes(read(machine("x", [], 129)), "line")
    assert [] == classes(read(machine("x", [], 8, has_marks=False)), "line")
    assert ["f-free", "f-u0"] == classes(read(machine("x", [Block("a", 1, "f-u0")], 0)))
