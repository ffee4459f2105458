"""Mistakes in core/values/quantities.py."""

from mistakes.fault import Fault

FILE = "core/values/quantities.py"
FAULTS = [
    Fault("a bare size is bytes", FILE, "_BARE_DOUBLINGS = 20", "_BARE_DOUBLINGS = 0"),
    Fault(
        "a unit may come twice, or in any order",
        FILE,
        " or units != [unit for unit in _SECONDS if unit in units]",
        "",
    ),
    Fault("a duration has no bound", FILE, "if seconds > LONGEST_S:", "if False:"),
    Fault("a size has no bound", FILE, "if size > LARGEST_BYTES:", "if False:"),
    Fault("a long word is worked through", FILE, "_LONG_LIMIT = 100", "_LONG_LIMIT = 10_000_000"),
    Fault("a bad word is shown as it is", FILE, "c if c.isprintable() else ascii(c)[1:-1]", "c"),
    Fault(
        "digits of any script count",
        FILE,
        '_NUMBER = r"[0-9]+(?:\\.[0-9]+)?"',
        '_NUMBER = r"\\d+(?:\\.\\d+)?"',
    ),
    Fault("the days before a clock are left out", FILE, "(days * 24 + hours)", "(hours)"),
]
