"""Mistakes in commands/manual.py."""

from mistakes.fault import Fault

FILE = "commands/manual.py"
FAULTS = [
    Fault(
        "a line that begins with a dot is a request",
        FILE,
        'if escaped.startswith((".", "\'")) else escaped',
        "if False else escaped",
    ),
    Fault("backslashes are roff's", FILE, '("\\\\", r"\\e"),', ""),
    Fault(
        "examples run together",
        FILE,
        'yield from (".PP", ".nf", *map(_line, lines), ".fi")',
        'yield from (".PP", *map(_line, lines))',
    ),
    Fault(
        "a page in which words are torn",
        FILE,
        'yield from (".ad l", ".nh")',
        'yield from (".ad l",)',
    ),
]
