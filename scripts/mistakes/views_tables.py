"""Mistakes in views/tables.py."""

from mistakes.fault import Fault

FILE = "views/tables.py"
FAULTS = [
    Fault(
        "a pipe is cut to the width of a terminal",
        FILE,
        "if paper.is_terminal:",
        "if paper.is_terminal or paper.width <= 80:",
    ),
    Fault("a pipe gets what people see", FILE, "if self.raw is None:", "if True:"),
    Fault("a field in a pipe has no ink", FILE, "next(inks, Ink.PLAIN)", "Ink.PLAIN"),
    Fault(
        "a field in a pipe has the ink of its mark",
        FILE,
        "if word and self.raw.startswith(word)",
        "if word",
    ),
    Fault(
        "signs that cannot be shown are in pipes",
        FILE,
        "rendered(_cell(field).piped, paper)",
        "rendered(_cell(field).piped, paper._replace(is_ascii=False))",
    ),
    Fault(
        "columns give way as they stand",
        FILE,
        "key=lambda each: each.yields",
        "key=lambda each: columns.index(each)",
    ),
    Fault(
        "a long reason drives out the other columns", FILE, "min(last, LAST_CELLS) <= width", "last <= width"
    ),
    Fault(
        "a row is wider than the paper",
        FILE,
        "_without_end(cut_line(line(*parts), width))",
        "_without_end(line(*parts))",
    ),
    Fault("blanks stand at the end of rows", FILE, "return _without_end(cut_line", "return (cut_line"),
    Fault("the short form is never taken", FILE, "self.short is None:", "self.shown:"),
    Fault(
        "a strip does not shrink",
        FILE,
        "return cell if cell.short is None else cell._replace(shown=cell.short)",
        "return cell",
    ),
]
