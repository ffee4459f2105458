"""Mistakes in views/numbers.py."""

from mistakes.fault import Fault

FILE = "views/numbers.py"
FAULTS = [
    Fault(
        "a bar is full before the last has ended", FILE, "min(shown, 99) if part < whole else shown", "shown"
    ),
    Fault("a duration is rounded up", FILE, '// 100}s".replace', '// 99}s".replace'),
    Fault(
        "minutes of an hour have one digit",
        FILE,
        "second: str, *, pad: int = 2",
        "second: str, *, pad: int = 1",
    ),
    Fault("sizes are powers of 1000", FILE, "_STEP = 1024", "_STEP = 1000"),
    Fault(
        "1024 MiB are no GiB", FILE, "round(number / _STEP**step) >= _STEP", "number / _STEP**step >= _STEP"
    ),
    Fault(
        "what was used has another unit than what was asked",
        FILE,
        "    step = _step(asked)\n",
        "    step = _step(used)\n",
    ),
    Fault(
        "a clock that went back makes a negative duration",
        FILE,
        "ms = max(0, round(seconds * 1000))",
        "ms = round(seconds * 1000)",
    ),
    Fault(
        "a slow rate is told a minute",
        FILE,
        'for unit, unit_s in (("min", _MINUTE_S), ("h", _HOUR_S)):\n        if per',
        'for unit, unit_s in (("min", _MINUTE_S),):\n        if per',
    ),
]
