"""Numbers over time, and how they are spread, as pictures."""

import re

import pytest
from drawn import MARKUP, classes, numbers, read
from drawn import text as text_of
from hypothesis import given
from hypothesis import strategies as st

from goq.views.charts import (
    HEIGHT,
    POINTS,
    WIDTH,
    Series,
    areas,
    bars,
    curve,
    framed,
    histogram,
    top_of,
)
from goq.views.svg import HATCHED

ANY = st.floats(allow_nan=True, allow_infinity=True)
VALUES = st.lists(ANY, max_size=50)
LONG = [float(step % 97) for step in range(10_000)]


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 1), (0.4, 1), (1, 1), (58, 60), (61, 70), (1100, 1200), (10_000, 10_000), (10_001, 12_000)],
)
def test_an_axis_ends_in_a_round_number(most: float, top: float) -> None:
    """That can be read without thinking."""
    assert top == top_of(most)


@given(st.floats(0, 1e12))
def test_an_axis_has_room_for_the_most_and_not_for_much_more(most: float) -> None:
    """Or the picture would be empty."""
    assert most <= top_of(most) <= max(1, most * 1.6)


def test_areas_stand_on_each_other() -> None:
    """The height is cpus, from the bottom up."""
    series = [Series("ann", "f-u0", [0, 16, 16]), Series("bob", "f-u1", [8, 8, 16])]
    tree = read(areas("n11", series, 32))

    assert "0 0 1000 32" == tree.get("viewBox")
    assert ["area-u f-u0", "area-u f-u1"] == classes(tree, "path")
    assert "ann bob" == text_of(tree)
    assert [
        "M333.3,32V16H1000V32H333.3Z",
        "M0,32V24H333.3V8H666.7V0H1000V16H333.3V32H0Z",
    ] == [path.get("d") for path in tree.iter("path")]


def test_who_had_something_twice_has_two_areas() -> None:
    """With no line between them."""
    tree = read(areas("n11", [Series("ann", "f-u0", [8, 0, 16, 16])], 32))

    assert "M0,32V24H250V32H0ZM500,32V16H1000V32H500Z" == next(tree.iter("path")).get("d")


def test_what_is_no_number_is_nothing() -> None:
    """And does not move what stands on it."""
    series = [Series(MARKUP, "f-u0", [8, float("nan"), -8]), Series("bob", "f-u1", [8, 8, 8])]
    tree = read(areas("n11", series, 32))

    assert f"{MARKUP} bob" == text_of(tree)
    assert [
        "M0,32V24H333.3V32H0Z",
        "M0,24V16H333.3V24H1000V32H333.3V24H0Z",
    ] == [path.get("d") for path in tree.iter("path")]


def test_who_had_nothing_is_not_drawn() -> None:
    """A line of no height would be seen as something."""
    tree = read(areas("n11", [Series("ann", "f-u0", [0, 0]), Series("bob", "f-u1", [])], 32))

    assert [] == classes(tree, "path")
    assert ["f-free"] == classes(tree)
    assert [] == classes(read(areas("n11", [], 32)), "path")


def test_a_curve_goes_through_its_values() -> None:
    """And stands on the ground, as an area."""
    tree = read(curve("Waiting jobs", [0, 50, 100], 100, asked=75))

    assert "0,120 500,60 1000,0" == next(tree.iter("polyline")).get("points")
    assert "0,120 0,120 500,60 1000,0 1000,120" == next(tree.iter("polygon")).get("points")
    assert ["axis", "axis", "ask"] == classes(tree, "line")
    assert "30" == list(tree.iter("line"))[-1].get("y1")


def test_a_curve_of_one_value_is_a_line() -> None:
    """And one of none is the empty axes."""
    assert "0,60 1000,60" == next(read(curve("x", [5], 10)).iter("polyline")).get("points")
    assert [] == list(read(curve("x", [], 10)).iter("polyline"))
    assert ["axis", "axis"] == classes(read(curve("x", [], 10)), "line")


def test_what_failed_stands_above_what_is_done_and_is_hatched() -> None:
    """Red alone is nothing to who does not see it."""
    tree = read(bars("ended a minute", [30, 0, 60], [0, 1, 30], 60))
    rects = list(tree.iter("rect"))

    assert ["f-ok", "f-bad", "f-ok", "f-bad"] == classes(tree)
    assert 2 == sum(rect.get("fill") == HATCHED for rect in rects)
    assert ("60", "60") == (rects[0].get("y"), rects[0].get("height"))
    assert ("118", "2") == (rects[1].get("y"), rects[1].get("height"))
    assert ("0", "60") == (rects[-1].get("y"), rects[-1].get("height"))
    assert "1.33%" == rects[0].get("x")
    assert "30.67%" == rects[0].get("width")


def test_one_failure_among_many_is_seen() -> None:
    """Also when a bar stands for many minutes."""
    tree = read(bars("ended a minute", [50] * 4000, [0] * 3999 + [1], 60))

    assert POINTS == classes(tree).count("f-ok")
    assert 1 == classes(tree).count("f-bad")
    assert "2" == list(tree.iter("rect"))[-1].get("height")


def test_a_histogram_shows_what_was_asked() -> None:
    """As a dashed line, where it is among the ranges."""
    tree = read(histogram("memory", [0, 10, 20], 20, asked=0.97))

    assert ["f-hist", "f-hist"] == classes(tree)
    assert ["60", "120"] == [rect.get("height") for rect in tree.iter("rect")]
    assert "97%" == list(tree.iter("line"))[-1].get("x1")
    assert ["axis"] == classes(read(histogram("memory", [], 20)), "line")
    assert "100%" == list(read(histogram("memory", [1], 1, asked=7)).iter("line"))[-1].get("x1")


def test_a_long_curve_keeps_its_peaks() -> None:
    """A job that needed its memory for a second needed it."""
    values = [1.0] * 10_000
    values[7777] = 100
    points = next(read(curve("memory", values, 100)).iter("polyline")).get("points", "").split()

    assert POINTS == len(points)
    assert 1 == sum(point.endswith(",0") for point in points)


def test_all_of_a_long_histogram_is_counted() -> None:
    """Ranges are put together, not left out."""
    tree = read(histogram("memory", [1] * 800, 2))

    assert ["120"] * POINTS == [rect.get("height") for rect in tree.iter("rect")]


@pytest.mark.parametrize(
    "drawn",
    [
        areas("x", [Series(f"u{rank}", f"f-u{rank}", LONG[rank:]) for rank in range(8)], 800),
        curve("x", LONG, 97),
        bars("x", LONG, LONG, 200),
        histogram("x", LONG, 97),
    ],
)
def test_a_picture_is_bounded_whatever_it_is_of(drawn: str) -> None:
    """A page is sent again and again."""
    assert len(drawn) < 130_000
    assert len(re.findall("<rect", drawn)) <= 3 * POINTS
    for path in read(drawn).iter("path"):
        assert path.get("d", "").count("H") <= 2 * POINTS


def test_steps_of_the_same_height_are_one() -> None:
    """So a quiet day is a short picture."""
    assert len(areas("n11", [Series("ann", "f-u0", [16] * 400)], 32)) < 300


@given(VALUES, VALUES, ANY)
def test_everything_stays_in_its_picture(one: list[float], other: list[float], top: float) -> None:
    """Of any numbers, also of those that are none."""
    for drawn in (
        areas("x", [Series("a", "f-u0", one), Series("b", "f-u1", other)], top, HEIGHT),
        curve("x", one, top),
        bars("x", one, other, top),
        histogram("x", one, top),
    ):
        tree = read(drawn)
        assert all(0 <= value <= HEIGHT for value in numbers(tree, "y", "y1", "y2", "height"))
        assert all(0 <= value <= WIDTH for value in numbers(tree, "d", "points"))
        for rect in tree.iter("rect"):
            assert float(rect.get("y", "0")) + float(rect.get("height", "0")) <= HEIGHT + 0.11


def test_a_frame_says_how_much_and_when() -> None:
    """Beside the picture, where it is not stretched."""
    tree = read(framed(curve("x", [1], 1), "12,000", ["8:30", MARKUP]))

    assert f"12,000 0 8:30 {MARKUP}" == text_of(tree)
    assert ["chart", "x"] == classes(tree, "div")
