"""How many, how long and how much, as people are told it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.quantities import duration_s, size_bytes
from goq.views.numbers import about, ago, count, duration, percent, rate, size, size_of

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (-5, "0s"),
        (0.04, "0s"),
        (3.2, "3.2s"),
        (3.29, "3.2s"),
        (3.99, "3.9s"),
        (3, "3s"),
        (9.9999, "10s"),
        (10.9, "10s"),
        (45, "45s"),
        (59.9, "59s"),
        (60, "1m"),
        (130, "2m 10s"),
        (182, "3m 02s"),
        (5 * MINUTE + 50, "5m 50s"),
        (10 * MINUTE + 30, "10m"),
        (26 * MINUTE, "26m"),
        (HOUR - 1, "59m"),
        (HOUR, "1h"),
        (2 * HOUR + 4 * MINUTE, "2h 04m"),
        (DAY - 1, "23h 59m"),
        (3 * DAY + 5 * HOUR, "3d 5h"),
        (12 * DAY + 4 * HOUR + 59 * MINUTE, "12d 4h"),
        (7 * DAY, "7d"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: float, text: str) -> None:
    """More of them say nothing about how long it was."""
    assert text == duration(seconds)


@given(st.floats(0, 1e9))
def test_a_duration_is_what_people_may_write(seconds: float) -> None:
    """What is shown can be given to --time, and is not more than it was, nor much less."""
    told_s = duration_s(duration(seconds).replace(" ", ""))

    assert told_s <= seconds + 0.0006
    assert seconds - told_s < 0.11 or told_s >= seconds * 0.9


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_longer_duration_is_told_as_longer(one: float, other: float) -> None:
    """Or as the same."""
    shorter, longer = sorted([one, other])

    assert duration_s(duration(shorter).replace(" ", "")) <= duration_s(duration(longer).replace(" ", ""))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0s ago"),
        (38.9, "38s ago"),
        (60, "1m ago"),
        (6 * MINUTE + 59, "6m ago"),
        (HOUR, "1h ago"),
        (3 * DAY + 5 * HOUR, "3d ago"),
    ],
)
def test_how_long_ago_has_one_unit(seconds: float, text: str) -> None:
    """It is for what is over."""
    assert text == ago(seconds)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (KIB, "1 KiB"),
        (812 * MIB, "812 MiB"),
        (int(7.4 * GIB), "7.4 GiB"),
        (40 * GIB, "40 GiB"),
        (int(9.96 * GIB), "10 GiB"),
        (1023 * MIB, "1,023 MiB"),
        (GIB - 1, "1.0 GiB"),
        (1 << 60, "1 EiB"),
        (1 << 71, "2,048 EiB"),
    ],
)
def test_a_size_has_two_digits(number: int, text: str) -> None:
    """In powers of 1024."""
    assert text == size(number)


@given(st.integers(0, 1 << 60))
def test_a_size_is_what_people_may_write(number: int) -> None:
    """Within what two digits can say."""
    word = size(number).replace(" ", "").replace(",", "").replace("bytes", "B").replace("byte", "B")

    assert abs(size_bytes(word) - number) <= max(1, number / 20)


@pytest.mark.parametrize(
    ("used", "asked", "text"),
    [
        (8 * GIB, 8 * GIB, "8.0 of 8 GiB"),
        (31 * GIB, 40 * GIB, "31 of 40 GiB"),
        (GIB // 5, GIB, "0.2 of 1 GiB"),
        (int(1.9 * GIB), 2 * GIB, "1.9 of 2 GiB"),
        (520 * GIB, 1280 * GIB, "0.5 of 1.2 TiB"),
        (100, 200, "100 of 200 bytes"),
        (3 * GIB, 512 * MIB, "3,072 of 512 MiB"),
    ],
)
def test_what_was_used_is_told_in_the_unit_of_what_was_asked(used: int, asked: int, text: str) -> None:
    """So that the two can be compared without a pencil."""
    assert text == size_of(used, asked)


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (6449, 10_000, "64 %"),
        (212, 600, "35 %"),
        (12, 40, "30 %"),
        (9_999_999_999_999, 10_000_000_000_000, "99 %"),
        (29, 100, "29 %"),
        (0.29, 1, "29 %"),
        (1, 10_000, "0 %"),
        (4.7, 5, "94 %"),
        (40, 40, "100 %"),
        (3, 2, "150 %"),
        (0, 0, "-"),
    ],
)
def test_a_percentage_has_no_decimals(part: float, whole: float, text: str) -> None:
    """And is 100 % only when all have ended."""
    assert text == percent(part, whole)


@given(st.integers(0, 10**15), st.integers(1, 10**15))
def test_all_is_all_and_nothing_else(part: int, whole: int) -> None:
    """A bar that says 100 % while a job runs has lied."""
    assert (percent(part, whole) == "100 %") == (part * 100 // whole == 100)


@pytest.mark.parametrize(
    ("per_s", "text"),
    [
        (41 / 60, "41/min"),
        (13.4 / 60, "13/min"),
        (1 / 60, "1/min"),
        (9.97 / 60, "10/min"),
        (3.7 / 3600, "3.7/h"),
        (2 / 86400, "2/d"),
        (0, "0/d"),
        (1234 / 60, "1,234/min"),
    ],
)
def test_a_rate_has_the_unit_that_suits_it(per_s: float, text: str) -> None:
    """Nobody reads 0.001/s."""
    assert text == rate(per_s)


def test_counts_have_commas_and_guesses_a_sign() -> None:
    """10000 and 100000 look alike, and what is computed is not known."""
    assert "10,000" == count(10_000)
    assert "≈ 1h 27m" == about(duration(87 * MINUTE))
