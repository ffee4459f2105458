"""Mistakes in views/maps.py."""

from mistakes.fault import Fault

FILE = "views/maps.py"
FAULTS = [
    Fault(
        "a square hides its failed task",
        FILE,
        "_TELLING = (1, 4, 5, 6, 2, 3, 0)",
        "_TELLING = (0, 4, 5, 6, 2, 3, 1)",
    ),
    Fault("the last square is of too many", FILE, "min(start + each, first + size)", "start + each"),
    Fault("a map has a square a task", FILE, "return max(1, -(-size // SQUARES))", "return 1"),
    Fault("tasks are counted from 0", FILE, "start = first + place * each", "start = place * each"),
    Fault(
        "what failed has its colour alone",
        FILE,
        'if fill == "f-bad" else drawn\n',
        "if not fill else drawn\n",
    ),
    Fault("more than was asked looks well", FILE, '"f-bad" if used > asked else "f-run"', '"f-run"'),
    Fault(
        "what a job is called is markup",
        FILE,
        'element("text", escaped(block.text)',
        'element("text", block.text',
    ),
    Fault("many cpus are a grey line", FILE, "_TICKS = 128", "_TICKS = 1024"),
    Fault(
        "one failure of many does not show in a strip",
        FILE,
        "given = shares([how_many(counts, *states) for states, _, _ in PARTS], _PIECES, PARTS_FIRST)",
        "given = [_PIECES * how_many(counts, *states) // max(1, how_many(counts)) for states, _, _ in PARTS]",
    ),
]
