"""Moments as people write them: `18:30`, `tomorrow 9:00`, `2026-12-01T18:30Z`.

Pure: what time it is, and which offset from UTC the clocks of a place have when, the caller says.
A wall is what a clock on the wall shows, as seconds: those from 1970 on, had the clock never been moved.
"""

import re
from collections.abc import Callable, Iterator

from goq.core.values.quoted import quoted

FIRST_YEAR, LAST_YEAR = 1970, 2199
NS = 1_000_000_000
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400
_DAYS_AHEAD = 3  # in which each time of a day comes, also when the clocks pass over it once
_DAYS_TO_1970 = 719_468  # from the first of March of the year 0
_ERA_DAYS, _CENTURY_DAYS, _FOUR_YEARS_DAYS = 146_097, 36_524, 1_461
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_RIGHT = "write 18:30, 2026-12-01 18:30, 2026-12-01T18:30Z or tomorrow 9:00"
_DAY = r"today|tomorrow|(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<date>[0-9]{2})"
_CLOCK = r"noon|midnight|(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
_ZONE = r"z|(?P<sign>[+-])(?P<hours>0[0-9]|1[0-4])(?::?(?P<minutes>[0-5][0-9]))?"
_WORD = re.compile(rf"(?:(?P<day>{_DAY})(?:[t ](?=.)|\Z))?(?:(?P<clock>{_CLOCK})(?: ?(?P<zone>{_ZONE}))?)?")

Offset = Callable[[int], int]  # how far local clocks are ahead of UTC, in seconds, at seconds since the epoch


class BadMoment(ValueError):
    """A word that is no moment; shows ones that are."""


def moment_ns(word: str, now_ns: int, offset: Offset) -> int:
    """The moment, in nanoseconds since the epoch.

    A time without a day is the next one; a day without a time begins at midnight. `offset` is that of
    local clocks, for words that name none. Of a time that the clocks show twice the first, of one that
    they pass over as long after they did. It may lie in the past: who minds that compares. Raises BadMoment.
    """
    found = _WORD.fullmatch(" ".join(word.lower().split()))
    if not found or not found[0]:
        raise BadMoment(f"{quoted(word)} is no moment; {_RIGHT}")
    clock_s = _clock_s(found, word)
    zone = _zone(found, offset)
    if not found["day"]:
        return _next(clock_s, now_ns, zone) * NS
    return _instants(_day(found, word, _today(now_ns, zone)) * _DAY_S + clock_s, zone)[0] * NS


def _clock_s(found: re.Match[str], word: str) -> int:
    if found["clock"] in {None, "midnight"}:
        return 0
    if found["clock"] == "noon":
        return 12 * _HOUR_S
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if hour > 23 or max(minute, second) > 59:
        raise BadMoment(f"no clock shows {quoted(found['clock'])}, in {quoted(word)}; {_RIGHT}")
    return hour * _HOUR_S + minute * _MINUTE_S + second


def _zone(found: re.Match[str], local: Offset) -> Offset:
    if not found["zone"]:
        return local
    ahead_s = int(found["hours"] or 0) * _HOUR_S + int(found["minutes"] or 0) * _MINUTE_S
    named_s = -ahead_s if found["sign"] == "-" else ahead_s
    return lambda _at_s: named_s


def _today(now_ns: int, zone: Offset) -> int:
    now_s = now_ns // NS
    return (now_s + zone(now_s)) // _DAY_S


def _day(found: re.Match[str], word: str, today: int) -> int:
    """The days from 1970 on."""
    if not found["year"]:
        return today + (found["day"] == "tomorrow")
    year, month, date = (int(found[name]) for name in ("year", "month", "date"))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadMoment(f"{quoted(word)} is not within the years {FIRST_YEAR} to {LAST_YEAR}; {_RIGHT}")
    if not (1 <= month <= 12 and 1 <= date <= _MONTHS[month - 1] + (month == 2 and _is_leap(year))):
        raise BadMoment(f"there is no day {quoted(found['day'])}; {_RIGHT}")
    marches = year - (month < 3)  # a year that begins with March has its odd day at its end
    days = marches * 365 + marches // 4 - marches // 100 + marches // 400
    return days + (153 * ((month - 3) % 12) + 2) // 5 + date - 1 - _DAYS_TO_1970


def date_of(days: int) -> tuple[int, int, int]:
    """Year, month and day of the month, so many days after the first of January of 1970."""
    era, day = divmod(
        days + _DAYS_TO_1970, _ERA_DAYS
    )  # in years that begin with March, and end with their odd day
    whole = day - day // (_FOUR_YEARS_DAYS - 1) + day // _CENTURY_DAYS - day // (_ERA_DAYS - 1)
    year = whole // 365
    day -= 365 * year + year // 4 - year // 100
    march = (5 * day + 2) // 153
    month = (march + 2) % 12 + 1
    return era * 400 + year + (month < 3), month, day - (153 * march + 2) // 5 + 1


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _next(clock_s: int, now_ns: int, zone: Offset) -> int:
    today = _today(now_ns, zone)
    return min(at_s for at_s in _on_days(today, clock_s, zone) if at_s * NS >= now_ns)


def _on_days(today: int, clock_s: int, zone: Offset) -> Iterator[int]:
    for day in range(today, today + _DAYS_AHEAD):
        yield from _instants(day * _DAY_S + clock_s, zone)


def _instants(wall_s: int, zone: Offset) -> list[int]:
    """When local clocks show this: once, or twice; if never, as long after they pass over it."""
    guesses = [wall_s - zone(wall_s - _DAY_S), wall_s - zone(wall_s + _DAY_S)]
    return sorted({at_s for at_s in guesses if at_s + zone(at_s) == wall_s}) or guesses[:1]
