"""Mistakes in commands/paper.py."""

from mistakes.fault import Fault

FILE = "commands/paper.py"
FAULTS = [
    Fault(
        "NO_COLOR comes before what goq is told",
        FILE,
        'return when or (NEVER if os.environ.get("NO_COLOR") else AUTO)',
        'return NEVER if os.environ.get("NO_COLOR") else when or AUTO',
    ),
    Fault(
        "an empty NO_COLOR takes colour",
        FILE,
        'NEVER if os.environ.get("NO_COLOR") else AUTO',
        'NEVER if "NO_COLOR" in os.environ else AUTO',
    ),
    Fault(
        "a dumb terminal is painted",
        FILE,
        "is_able=is_terminal and not _is_dumb()",
        "is_able=is_terminal",
    ),
    Fault(
        "a pipe gets hints",
        FILE,
        'paper.is_terminal and flag_of(read_settings(), "GOQ_HINTS", default=True)',
        'flag_of(read_settings(), "GOQ_HINTS", default=True)',
    ),
    Fault(
        "wide signs make tables crooked",
        FILE,
        '_WIDE_SIGNS = ("zh", "ja", "ko")',
        '_WIDE_SIGNS = ("zh", "ko")',
    ),
    Fault(
        "the setting comes before the option",
        FILE,
        "    if chosen := chosen_color():",
        '    if (chosen := chosen_color()) and not said.text("GOQ_COLOR"):',
    ),
]
