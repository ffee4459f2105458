"""How long, and how much: what people write for it, and how it is said to them. Pure."""

import re

LONGEST_S = 100 * 365 * 86400.0
LARGEST_BYTES = 1 << 60
_SHOWN = 40

_SECONDS = {"w": 604800.0, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_LONG_LIMIT = 100  # characters; a number of many thousand digits takes its time
_PARTS = re.compile(rf"(?:{_NUMBER}[a-z]+)+").fullmatch
_PART = re.compile(rf"({_NUMBER})([a-z]+)").findall
_CLOCK = re.compile(r"(?:([0-9]+)-)?([0-9]+):([0-5][0-9]):([0-5][0-9](?:\.[0-9]+)?)").fullmatch
_BARE = re.compile(_NUMBER).fullmatch
_SIZE = re.compile(rf"({_NUMBER})(?:([kmgtpe])i?)?b?").fullmatch
_DOUBLINGS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40, "p": 50, "e": 60}
_BARE_DOUBLINGS = 20


class BadQuantity(ValueError):
    """A word that is no quantity of its kind, or one out of bounds; the text says what would be right."""


def duration_s(word: str) -> float:
    """Seconds: `90`, `0.2s`, `1h30m`, `2d`, `1:30:00`, `1-12:00:00`; a bare number is seconds. May be 0.

    Units are w, d, h, m, s and ms, the longer before the shorter. Raises BadQuantity.
    """
    seconds = _seconds(word) if len(word) <= _LONG_LIMIT else None
    if seconds is None:
        raise BadQuantity(f"'{_shown(word)}' is no duration; 90, 0.5s, 1h30m and 2d are")
    if seconds > LONGEST_S:
        raise BadQuantity(f"'{_shown(word)}' is longer than 100 years")
    return seconds


def _seconds(word: str) -> float | None:
    if _BARE(word):
        return float(word)
    if clock := _CLOCK(word):
        days, hours, minutes, seconds = (float(each or 0) for each in clock.groups())
        return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    parts = _PART(word) if _PARTS(word) else []
    units = [unit for _, unit in parts]
    if not parts or units != [unit for unit in _SECONDS if unit in units]:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def size_bytes(word: str) -> int:
    """Bytes: `512M`, `4G`, `1.5GiB`, `100kb`, `8Gi`; a bare number is MiB, as Slurm has it. May be 0.

    K, M, G, T, P and E are powers of 1024, with `B`, `i` or `iB` behind them or not, small or not;
    `B` alone is bytes. Less than a byte is not counted. Raises BadQuantity.
    """
    found = _SIZE(word.lower()) if word.isascii() and len(word) <= _LONG_LIMIT else None
    if found is None:
        raise BadQuantity(f"'{_shown(word)}' is no size; 512M, 4G and 1.5GiB are")
    doublings = _BARE_DOUBLINGS if _BARE(word) else _DOUBLINGS[found[2] or ""]
    size = float(found[1]) * (1 << doublings)
    if size > LARGEST_BYTES:
        raise BadQuantity(f"'{_shown(word)}' is more than 1 EiB")
    return int(size)


def _shown(word: str) -> str:
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in word[: _SHOWN + 1])
    return shown if len(word) <= _SHOWN else shown[:_SHOWN] + "..."


def show_duration(seconds: float) -> str:
    """For a sentence: `0.2 s`, `90 s`, `1 h 30 min`, `2 d`."""
    if seconds < 120:
        return f"{seconds:g} s"
    parts, rest = [], round(seconds)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, length)
        parts += [f"{count} {unit}"] if count else []
    return " ".join(parts)


def show_size(size: int) -> str:
    """For a sentence: `812 MiB`, `1.5 GiB`, `100 bytes`."""
    for unit, doublings in (("EiB", 60), ("PiB", 50), ("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)):
        count = size / (1 << doublings)
        if count >= 1:
            return f"{count:.{0 if count >= 100 else 1}f}".removesuffix(".0") + f" {unit}"
    return f"{size} byte{'' if size == 1 else 's'}"
