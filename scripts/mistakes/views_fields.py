"""Mistakes in views/fields.py."""

from mistakes.fault import Fault

FILE = "views/fields.py"
FAULTS = [
    Fault("a pipe gets signs", FILE, "Cell(sign.line, sign.word)", "Cell(sign.line)"),
    Fault("a pipe gets durations", FILE, "Cell(line(shown), iso(at_ns))", "Cell(line(shown))"),
    Fault("a strip is long on any paper", FILE, "if paper.is_wide else short", "if paper.width else short"),
]
