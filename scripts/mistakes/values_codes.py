"""Mistakes in core/values/codes.py."""

from mistakes.fault import Fault

FILE = "core/values/codes.py"
FAULTS = [
    Fault("a range ends before its last", FILE, "range(first, last + 1)", "range(first, last)"),
    Fault("a status above 255 is waited for", FILE, "max(first, last) > LARGEST", "first > LARGEST"),
    Fault("the last status is refused", FILE, "max(first, last) > LARGEST", "max(first, last) >= LARGEST"),
    Fault("a range may be the wrong way round", FILE, "if last < first:", "if False:"),
    Fault(
        "a status is named twice",
        FILE,
        'tuple(sorted({code for part in word.split(",") for code in _codes(part, word)}))',
        'tuple(sorted(code for part in word.split(",") for code in _codes(part, word)))',
    ),
    Fault("digits of any script", FILE, '"([0-9]{1,9})(?:-([0-9]{1,9}))?"', '"(\\d{1,9})(?:-(\\d{1,9}))?"'),
    Fault("a list of any length is read", FILE, "if len(word) > 10 * LARGEST:", "if False:"),
    Fault("a list of all statuses is too long", FILE, "10 * LARGEST", "LARGEST"),
]
