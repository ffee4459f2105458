"""When something was or will be, by the clocks of the place."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.moments import moment_ns
from goq.views.clocks import clock, iso
from goq.views.paper import Paper, utc

NS = 1_000_000_000
BERLIN_S = 3600


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp()) * NS


PAPER = Paper(now_ns=at("2026-11-26 14:32:10"))


@pytest.mark.parametrize(
    ("moment", "text", "with_seconds"),
    [
        ("2026-11-26 14:05:09", "14:05", "14:05:09"),
        ("2026-11-26 00:00:00", "00:00", "00:00:00"),
        ("2026-11-27 02:00:00", "02:00", "02:00:00"),
        ("2026-11-27 02:32:10", "Fri 02:32", "Fri 02:32:10"),
        ("2026-11-25 23:59:59", "Wed 23:59", "Wed 23:59:59"),
        ("2026-11-24 18:02:00", "Tue 18:02", "Tue 18:02:00"),
        ("2026-11-20 14:05:00", "Fri 14:05", "Fri 14:05:00"),
        ("2026-11-19 14:05:00", "19 Nov", "19 Nov 14:05:00"),
        ("2026-11-03 14:05:00", "3 Nov", "3 Nov 14:05:00"),
        ("2026-12-24 18:00:00", "24 Dec", "24 Dec 18:00:00"),
        ("2025-11-03 14:05:00", "2025-11-03", "2025-11-03 14:05:00"),
        ("2027-01-01 00:00:00", "2027-01-01", "2027-01-01 00:00:00"),
        ("2024-02-29 12:00:00", "2024-02-29", "2024-02-29 12:00:00"),
        ("2000-02-29 12:00:00", "2000-02-29", "2000-02-29 12:00:00"),
    ],
)
def test_a_moment_is_told_as_shortly_as_it_is_clear(moment: str, text: str, with_seconds: str) -> None:
    """The day is said where there could be a doubt, the year where it is another."""
    assert text == clock(at(moment), PAPER)
    assert with_seconds == clock(at(moment), PAPER, with_seconds=True)


def test_last_evening_was_yesterday() -> None:
    """23:00 at two in the morning would be a time to come."""
    assert "Wed 23:00" == clock(at("2026-11-25 23:00:00"), Paper(now_ns=at("2026-11-26 02:00:00")))


def test_clocks_are_local() -> None:
    """Midnight is theirs, not that of Greenwich."""
    paper = PAPER._replace(offset=lambda _at_s: BERLIN_S)

    assert "15:05" == clock(at("2026-11-26 14:05:00"), paper)
    assert "00:30" == clock(at("2026-11-25 23:30:00"), paper)


def test_the_offset_is_that_of_the_moment() -> None:
    """In summer clocks are ahead by another hour, also for who looks back from winter."""
    summer_s = at("2026-10-25 01:00:00") // NS
    paper = PAPER._replace(offset=lambda at_s: BERLIN_S * (2 if at_s < summer_s else 1))

    assert "1 Jul 16:00:00" == clock(at("2026-07-01 14:00:00"), paper, with_seconds=True)


@given(st.integers(0, 7_258_118_399), st.integers(0, NS - 1))
def test_programs_get_what_the_calendar_says(at_s: int, rest_ns: int) -> None:
    """Of any second until 2199; parts of one are not rounded up."""
    shown = iso(at_s * NS + rest_ns)

    assert datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") == shown
    assert at_s * NS == moment_ns(shown, 0, utc)


@given(st.integers(0, 4_000_000_000), st.integers(-43200, 50400))
def test_days_of_the_week_and_months_are_those_of_the_calendar(at_s: int, offset_s: int) -> None:
    """Wherever the clocks are."""
    local = datetime.fromtimestamp(at_s + offset_s, UTC)
    paper = Paper(now_ns=(at_s + 86400) * NS, offset=lambda _at_s: offset_s)
    later = paper._replace(now_ns=(at_s + 400 * 86400) * NS)

    assert f"{local:%a %H:%M}" == clock(at_s * NS, paper)
    assert f"{local:%Y-%m-%d}" == clock(at_s * NS, later)
