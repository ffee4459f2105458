"""Mistakes in views/text.py."""

from mistakes.fault import Fault

FILE = "views/text.py"
FAULTS = [
    Fault(
        "wide characters take one cell",
        FILE,
        'return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1',
        "return 1",
    ),
    Fault(
        "an accent takes a cell of its own", FILE, ' or unicodedata.category(character) in {"Mn", "Me"}', ""
    ),
    Fault(
        "the sign of a cut comes on top of the width",
        FILE,
        "beginning(text, width - 1) + CUT",
        "beginning(text, width) + CUT",
    ),
    Fault(
        "a command is cut at its end",
        FILE,
        'return f"{program} {CUT}{end(words, room - 1)}" if room > 1 else cut(command, width)',
        "return cut(command, width)",
    ),
    Fault(
        "a long program leaves no room for the rest",
        FILE,
        "(program, width // 2) if words",
        "(program, width) if words",
    ),
    Fault(
        "an end begins with an accent",
        FILE,
        "    while last and not _cells(last[0]):\n        last = last[1:]\n",
        "",
    ),
]
