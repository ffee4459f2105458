"""Mistakes in views/waiting.py."""

from mistakes.fault import Fault

FILE = "views/waiting.py"
FAULTS = [
    Fault(
        "a sum forgets those that have ended",
        FILE,
        "sum(each.counts.get(state, 0) for each in sets)",
        "sum(each.counts.get(state, 0) for each in sets if not each.has_ended)",
    ),
    Fault("a sum lasts as long as what can be told", FILE, "None if None in left else max(", "max("),
    Fault(
        "what has ended lasts on",
        FILE,
        "if each.has_ended or each.left_s is None:",
        "if each.left_s is None:",
    ),
    Fault(
        "a line may be wider than its paper",
        FILE,
        "            paper.width - 1,\n        )\n",
        "            2 * paper.width,\n        )\n",
    ),
    Fault(
        "any number of sets is drawn",
        FILE,
        "list(sets) if len(sets) <= SETS_LIMIT else [summed(sets)]",
        "list(sets)",
    ),
    Fault("a hint is cut", FILE, "if line_cells(said) + line_cells(each) < paper.width:", "if True:"),
    Fault("a narrow terminal has the rate", FILE, "    if not paper.is_wide:\n        return left\n", ""),
]
