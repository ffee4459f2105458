"""When something was or will be, by the clocks of the place. Pure: now and the offset come with the paper."""

from typing import NamedTuple

from goq.core.values.moments import NS, date_of
from goq.views.paper import Paper

_DAY_S, _HALF_DAY_S = 86400, 43200
_WEEKDAYS = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")  # the epoch began on the first
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NEAR_DAYS = 6  # within them a day of the week is one day only


class _Wall(NamedTuple):
    """What the clock on the wall shows."""

    days: int  # since 1970
    second: int  # of the day

    @property
    def date(self) -> tuple[int, int, int]:
        """Year, month from 1, and day of the month."""
        return date_of(self.days)


def clock(at_ns: int, paper: Paper, *, with_seconds: bool = False) -> str:
    """`14:05` today and in the next 12 hours, `Mon 14:05` within 6 days, `3 Nov` this year, else `2025-11-03`.

    With seconds a day has its time too. `at_ns` is in nanoseconds since the epoch.
    """
    wall, now = _wall(at_ns, paper), _wall(paper.now_ns, paper)
    days, ahead_s = wall.days - now.days, (at_ns - paper.now_ns) // NS
    time = _time(wall.second, with_seconds=with_seconds)
    if not days or 0 <= ahead_s < _HALF_DAY_S:
        return time
    if abs(days) <= _NEAR_DAYS:
        return f"{_WEEKDAYS[wall.days % 7]} {time}"
    year, month, day = wall.date
    shown = f"{day} {_MONTHS[month - 1]}" if year == now.date[0] else f"{year:04}-{month:02}-{day:02}"
    return f"{shown} {time}" if with_seconds else shown


def iso(at_ns: int) -> str:
    """For programs: `2026-11-26T14:32:10Z`."""
    days, second = divmod(at_ns // NS, _DAY_S)
    year, month, day = _Wall(days, second).date
    return f"{year:04}-{month:02}-{day:02}T{_time(second, with_seconds=True)}Z"


def _wall(at_ns: int, paper: Paper) -> _Wall:
    at_s = at_ns // NS
    return _Wall(*divmod(at_s + paper.offset(at_s), _DAY_S))


def _time(second: int, *, with_seconds: bool) -> str:
    shown = f"{second // 3600:02}:{second // 60 % 60:02}"
    return f"{shown}:{second % 60:02}" if with_seconds else shown
