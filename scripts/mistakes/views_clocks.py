"""Mistakes in views/clocks.py."""

from mistakes.fault import Fault

FILE = "views/clocks.py"
FAULTS = [
    Fault("clocks show UTC", FILE, "divmod(at_s + paper.offset(at_s), _DAY_S)", "divmod(at_s, _DAY_S)"),
    Fault("the offset is that of now", FILE, "paper.offset(at_s)", "paper.offset(paper.now_ns // NS)"),
    Fault("last week is told as this week", FILE, "_NEAR_DAYS = 6", "_NEAR_DAYS = 7"),
    Fault("last year is told as this year", FILE, "if year == now.date[0] else", "if month else"),
    Fault(
        "the past half day has no date",
        FILE,
        "0 <= ahead_s < _HALF_DAY_S",
        "-_HALF_DAY_S <= ahead_s < _HALF_DAY_S",
    ),
]
