"""What the jobs of an array took is drawn beside what they asked for."""

import re

import pytest
from msgspec.structs import replace

from goq.core.values.failures import Medians, Spread
from goq.core.values.shown import Counts, Needs, SubmissionRow
from goq.core.values.states import JobState
from goq.web.spreads import spread_charts

MIB = 1 << 20
ROW = SubmissionRow(1, 100, "ann", JobState.DONE, Counts(done=100), 0, 0, ("x",), "/", Needs(1))
MEMORY = Spread(100 * MIB, 150 * MIB, 190 * MIB, 200 * MIB, (10, 50, 30, 10))


def picture(asked_mib: int | None) -> str:
    (chart,) = spread_charts(
        replace(ROW, needs=Needs(1, asked_mib and asked_mib * MIB)), Medians(1, 100, mem_bytes=MEMORY)
    )
    return str(chart.picture)


def dashed(drawn: str) -> str:
    """Where the line is."""
    (line,) = re.findall(r'<line class="ask" x1="([^"]*)"', drawn)
    return str(line)


@pytest.mark.parametrize(
    ("asked", "at", "last"),
    [
        (150, "50%", "200 MiB"),
        (200, "100%", "200 MiB"),
        (225, "100%", "225 MiB"),
        (300, "100%", "300 MiB"),
        (290, "95%", "300 MiB"),
    ],
)
def test_the_axis_reaches_to_what_was_asked(asked: int, at: str, last: str) -> None:
    drawn = picture(asked)

    assert at == dashed(drawn)
    assert f"<span>{last}</span>" in drawn
    assert "<span>100 MiB</span>" in drawn


@pytest.mark.parametrize("asked", [None, 50, 40_000])
def test_what_is_far_away_or_was_not_asked_is_not_drawn(asked: int | None) -> None:
    drawn = picture(asked)

    assert 'class="ask"' not in drawn
    assert "<span>200 MiB</span>" in drawn


def test_jobs_that_all_took_the_same_are_drawn() -> None:
    same = Medians(1, 3, mem_bytes=Spread(MIB, MIB, MIB, MIB, (3,)))
    (chart,) = spread_charts(replace(ROW, needs=Needs(1, 2 * MIB)), same)

    assert "Median 1 MiB, most 1 MiB of the 2 MiB asked." == chart.words


def test_bars_stand_where_they_are_on_the_wider_axis() -> None:
    """Nothing is drawn between the most that was used and what was asked."""
    places = [float(x) for x in re.findall(r'class="f-hist" x="([\d.]+)%"', picture(300))]

    assert [0, 12.5, 25, 37.5] == pytest.approx(places, abs=0.5)
