"""How many, how long, how much, as people are told it. Pure.

What is counted on is never rounded up: 59.9 seconds are no minute, and 99.9 % are not all.
What people may write for the same is in core/values/quantities.
"""

from goq.views.marks import ABOUT

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400
_WITH_TENTHS_S, _WITH_SECONDS_S = 10, 600  # from there on the smaller unit says nothing
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_STEP = 1024
_HAIR = 1e-9  # more than what a division may lack


def count(number: int) -> str:
    """`10,000`."""
    return f"{number:,}"


def about(text: str) -> str:
    """`≈ 30m`: computed from what ran, not promised."""
    return f"{ABOUT} {text}"


def duration(seconds: float) -> str:
    """`3.2s` `45s` `2m 10s` `26m` `2h 04m` `3d 5h`: two units at most; less than nothing is `0s`.

    Without its blank it is what people may write for it.
    """
    ms = max(0, round(seconds * 1000))
    whole_s = ms // 1000
    if whole_s < _WITH_TENTHS_S:
        return f"{whole_s}.{ms % 1000 // 100}s".replace(".0s", "s")
    if whole_s < _MINUTE_S:
        return f"{whole_s}s"
    if whole_s < _WITH_SECONDS_S:
        return _two(whole_s, _MINUTE_S, "m", 1, "s")
    if whole_s < _HOUR_S:
        return f"{whole_s // _MINUTE_S}m"
    if whole_s < _DAY_S:
        return _two(whole_s, _HOUR_S, "h", _MINUTE_S, "m")
    return _two(whole_s, _DAY_S, "d", _HOUR_S, "h", pad=1)


def _two(whole_s: int, first_s: int, first: str, second_s: int, second: str, *, pad: int = 2) -> str:
    number, rest = whole_s // first_s, whole_s % first_s // second_s
    return f"{number}{first} {rest:0{pad}}{second}" if rest else f"{number}{first}"


def ago(seconds: float) -> str:
    """`38s ago` `6m ago` `3d ago`: one unit."""
    whole_s = max(0, int(seconds))
    for unit, unit_s in (("d", _DAY_S), ("h", _HOUR_S), ("m", _MINUTE_S)):
        if whole_s >= unit_s:
            return f"{whole_s // unit_s}{unit} ago"
    return f"{whole_s}s ago"


def size(number: int) -> str:
    """Bytes in two digits, powers of 1024: `812 MiB` `7.4 GiB` `40 GiB`."""
    step = _step(number)
    return f"{_digits(number, step, is_exact=True)} {_unit(number, step)}"


def size_of(used: int, asked: int) -> str:
    """Bytes of bytes, in the unit of what was asked: `8.0 of 8 GiB`, `31 of 40 GiB`."""
    step = _step(asked)
    used_digits = _digits(used, step, is_exact=not step)
    return f"{used_digits} of {_digits(asked, step, is_exact=True)} {_unit(asked, step)}"


def _step(number: int) -> int:
    step = 0
    while step < len(_UNITS) - 1 and round(number / _STEP**step) >= _STEP:
        step += 1
    return step


def _unit(number: int, step: int) -> str:
    return "byte" if number == 1 else _UNITS[step]


def _digits(number: int, step: int, *, is_exact: bool) -> str:
    share = number / _STEP**step
    if round(share, 1) >= 10 or (is_exact and share == int(share)):
        return f"{share:,.0f}"
    return f"{share:.1f}"


def percent(part: float, whole: float) -> str:
    """`64 %`: 100 % only when it is all; `-` of nothing."""
    if whole <= 0:
        return "-"
    shown = int(part * 100 / whole + _HAIR)
    return f"{min(shown, 99) if part < whole else shown:,} %"


def rate(per_s: float) -> str:
    """`41/min` `3.7/h` `2/d`: in two digits, in the largest unit with one of them before the point."""
    for unit, unit_s in (("min", _MINUTE_S), ("h", _HOUR_S)):
        if per_s * unit_s >= 1:
            return f"{_two_digits(per_s * unit_s)}/{unit}"
    return f"{_two_digits(per_s * _DAY_S)}/d"


def _two_digits(number: float) -> str:
    return f"{number:,.0f}" if number >= 9.95 else f"{number:.1f}".removesuffix(".0")
