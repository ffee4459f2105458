"""Moments: what people write, where clocks are ahead of others and are moved twice a year."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.moments import NS, BadMoment, moment_ns
from goq.core.values.quoted import quoted

SUMMER = (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC))


def berlin(at_s: int) -> int:
    """Two hours ahead in summer, which begins at 2:00 and ends at 3:00, else one."""
    return 7200 if SUMMER[0].timestamp() <= at_s < SUMMER[1].timestamp() else 3600


def _ns(text: str) -> int:
    """Of a moment as `datetime` reads it."""
    return int(datetime.fromisoformat(text).timestamp()) * NS


NOW = "2026-11-26T18:30:00+01:00"  # a Thursday, in Berlin


@pytest.mark.parametrize(
    ("word", "moment"),
    [
        ("18:31", "2026-11-26T18:31:00+01:00"),
        ("18:30", NOW),
        ("18:29", "2026-11-27T18:29:00+01:00"),
        ("18:29:59", "2026-11-27T18:29:59+01:00"),
        ("18:30:01", "2026-11-26T18:30:01+01:00"),
        ("9:00", "2026-11-27T09:00:00+01:00"),
        ("09:05", "2026-11-27T09:05:00+01:00"),
        ("0:00", "2026-11-27T00:00:00+01:00"),
        ("midnight", "2026-11-27T00:00:00+01:00"),
        ("noon", "2026-11-27T12:00:00+01:00"),
        ("18:00Z", "2026-11-26T18:00:00+00:00"),
        ("17:00Z", "2026-11-27T17:00:00+00:00"),
        ("2:31 +09:00", "2026-11-27T02:31:00+09:00"),
        ("2:29+0900", "2026-11-28T02:29:00+09:00"),
        ("tomorrow", "2026-11-27T00:00:00+01:00"),
        ("tomorrow 9:00", "2026-11-27T09:00:00+01:00"),
        ("tomorrow noon", "2026-11-27T12:00:00+01:00"),
        ("  Tomorrow   9:00 ", "2026-11-27T09:00:00+01:00"),
        ("tomorrow 9:00+09", "2026-11-28T09:00:00+09:00"),
        ("today 9:00", "2026-11-26T09:00:00+01:00"),
        ("today", "2026-11-26T00:00:00+01:00"),
        ("2026-12-01", "2026-12-01T00:00:00+01:00"),
        ("2026-12-01 18:30", "2026-12-01T18:30:00+01:00"),
        ("2026-12-01T18:30", "2026-12-01T18:30:00+01:00"),
        ("2026-12-01t18:30:15", "2026-12-01T18:30:15+01:00"),
        ("2026-12-01 noon", "2026-12-01T12:00:00+01:00"),
        ("2026-12-01T18:30Z", "2026-12-01T18:30:00+00:00"),
        ("2026-12-01T18:30:15z", "2026-12-01T18:30:15+00:00"),
        ("2026-12-01 18:30 -05:30", "2026-12-01T18:30:00-05:30"),
        ("2026-12-01T18:30+14", "2026-12-01T18:30:00+14:00"),
        ("2027-07-01 12:00", "2027-07-01T12:00:00+01:00"),
        ("2026-07-01 12:00", "2026-07-01T12:00:00+02:00"),
        ("1970-01-01", "1970-01-01T00:00:00+01:00"),
        ("2028-02-29", "2028-02-29T00:00:00+01:00"),
        ("2000-02-29", "2000-02-29T00:00:00+01:00"),
        ("2199-12-31 23:59:59", "2199-12-31T23:59:59+01:00"),
    ],
)
def test_the_notation_of_moments(word: str, moment: str) -> None:
    """Those to come, and those in the past, which are for the caller to refuse."""
    assert _ns(moment) == moment_ns(word, _ns(NOW), berlin)


def test_the_next_one_is_not_before_now() -> None:
    """A thousandth of a second later it is tomorrow's."""
    assert _ns("2026-11-27T18:30:00+01:00") == moment_ns("18:30", _ns(NOW) + NS // 1000, berlin)


@pytest.mark.parametrize(
    ("now", "word", "moment"),
    [
        ("2026-03-28T18:00:00+01:00", "2026-03-29 01:59", "2026-03-29T01:59:00+01:00"),
        ("2026-03-28T18:00:00+01:00", "2026-03-29 02:00", "2026-03-29T03:00:00+02:00"),
        ("2026-03-28T18:00:00+01:00", "2026-03-29 02:30", "2026-03-29T03:30:00+02:00"),
        ("2026-03-28T18:00:00+01:00", "2026-03-29 03:00", "2026-03-29T03:00:00+02:00"),
        ("2026-03-28T18:00:00+01:00", "02:30", "2026-03-29T03:30:00+02:00"),
        ("2026-03-28T18:00:00+01:00", "tomorrow 18:00", "2026-03-29T18:00:00+02:00"),
        ("2026-03-28T23:30:00+01:00", "tomorrow", "2026-03-29T00:00:00+01:00"),
        ("2026-10-24T18:00:00+02:00", "2026-10-25 02:30", "2026-10-25T02:30:00+02:00"),
        ("2026-10-24T18:00:00+02:00", "2026-10-25 03:00", "2026-10-25T03:00:00+01:00"),
        ("2026-10-24T18:00:00+02:00", "2:30", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:45:00+02:00", "2:30", "2026-10-25T02:30:00+01:00"),
        ("2026-10-25T02:45:00+01:00", "2:30", "2026-10-26T02:30:00+01:00"),
    ],
)
def test_clocks_that_are_moved(now: str, word: str, moment: str) -> None:
    """What they show twice is the first, unless it is over; what they pass over is as long after."""
    assert _ns(moment) == moment_ns(word, _ns(now), berlin)


BAD = [
    "",
    " ",
    "now",
    "1h30m",
    "18",
    "18.30",
    "24:00",
    "12:60",
    "12:30:60",
    "123:00",
    "18:3",
    "6pm",
    "-1",
    "-1:00",
    "18:30 tomorrow",
    "tomorrow9:00",
    "tomorrow-1",
    "2026-12-01T",
    "2026-12-01Z",
    "2026-12-01T18:30X",
    "2026-12-01T18:30+15:00",
    "2026-12-01T18:30+1",
    "2026-12-01T18:30+01:60",
    "2026-12-0118:30",
    "2026-13-01",
    "2026-00-01",
    "2026-02-29",
    "2100-02-29",
    "2026-04-31",
    "2026-01-00",
    "2026-1-1",
    "01.12.2026",
    "12/01/2026",
    "1969-12-31",
    "2200-01-01",
    "9999-01-01",
    "12026-01-01",
    "१८:३०",
    "a\x1b\n",
    "9" * 5000,
    "9" * 5000 + ":00",
    "\udcff",
]


@pytest.mark.parametrize("word", BAD, ids=[ascii(word)[:20] for word in BAD])
def test_a_bad_moment_is_refused_by_name(word: str) -> None:
    """One line, not too long, that shows right ones."""
    with pytest.raises(BadMoment, match="write 18:30, 2026-12-01 18:30") as refusal:
        moment_ns(word, _ns(NOW), berlin)

    assert quoted(word) in str(refusal.value)
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 200


nows = st.integers(0, 7 * 10**18)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30))  # noqa: DTZ001  # walls of any zone
minutes_ahead = st.integers(-14 * 60, 14 * 60)


@given(moments, minutes_ahead, nows)
def test_a_named_moment_is_that_of_datetime(wall: datetime, ahead: int, now_ns: int) -> None:
    """Whatever the time is, and whether the word names the offset or local clocks have it."""
    wall = wall.replace(microsecond=0)
    there = wall.replace(tzinfo=timezone(timedelta(minutes=ahead)))
    expected = (there - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1) * NS

    assert expected == moment_ns(there.isoformat(), now_ns, berlin)
    assert expected == moment_ns(wall.isoformat(" "), now_ns, lambda _: ahead * 60)


@given(st.times(), st.integers(0, 2 * 366 * 86400))
def test_the_next_time_of_a_day_is_the_first_that_clocks_show(clock: object, later_s: int) -> None:
    """Within a day of 25 hours, unless they pass over it."""
    word = f"{clock:%H:%M}"
    now_s = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) + later_s
    at_s = moment_ns(word, now_s * NS, berlin) // NS
    hour, minute = divmod((at_s + berlin(at_s)) % 86400 // 60, 60)
    passed_over = at_s - 7200 < SUMMER[0].timestamp() <= at_s

    assert 0 <= at_s - now_s <= 25 * 3600
    assert passed_over or word == f"{hour:02}:{minute:02}"


@given(st.text(alphabet="0123456789:-+ tzTomrw", max_size=17) | st.text(max_size=8), nows)
def test_any_word_is_a_moment_or_refused(word: str, now_ns: int) -> None:
    """Nothing else comes of it."""
    try:
        moment = moment_ns(word, now_ns, berlin)
    except BadMoment as error:
        assert str(error).isprintable()  # noqa: PT017
    else:
        assert moment % NS == 0
