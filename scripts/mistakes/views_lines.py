"""Mistakes in views/lines.py."""

from mistakes.fault import Fault

FILE = "views/lines.py"
FAULTS = [
    Fault(
        "strangers' text reaches the terminal as it is",
        FILE,
        "super().__new__(cls, printable(text), ink)",
        "super().__new__(cls, text, ink)",
    ),
    Fault(
        "colours come without being wanted",
        FILE,
        "if paper.has_color and span.ink.sgr else text",
        "if span.ink.sgr else text",
    ),
    Fault(
        "marks are shown where they cannot be",
        FILE,
        "span.text.translate(ASCII) if paper.is_ascii else span.text",
        "span.text",
    ),
    Fault("a cut line does not say so", FILE, "            kept.append(Span(CUT, span.ink))\n", ""),
    Fault(
        "the right end gives way",
        FILE,
        "left = cut_line(left, width - line_cells(right) - 2)",
        "left = cut_line(left, width)",
    ),
    Fault("a colour does not end", FILE, 'm{text}\\x1b[0m"', 'm{text}"'),
]
