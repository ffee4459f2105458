"""Mistakes in views/hints.py."""

from mistakes.fault import Fault

FILE = "views/hints.py"
FAULTS = [
    Fault("a pipe gets hints", FILE, "    if paper.is_terminal:\n", "    if paper.width:\n"),
    Fault(
        "a hint is not quoted for the shell",
        FILE,
        "show_command(command, _ARGV_BYTES)",
        '" ".join(self.argv)',
    ),
    Fault(
        "a hint that does not fit is wrapped",
        FILE,
        "line_cells(shown) <= paper.width",
        "line_cells(shown) > 0",
    ),
]
