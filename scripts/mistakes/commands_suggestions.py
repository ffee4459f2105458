"""Mistakes in commands/suggestions.py, one_of.py and overview.py."""

from mistakes.fault import Fault

FAULTS = [
    Fault(
        "an option is meant that the command has not",
        "commands/suggestions.py",
        "if elsewhere[option] in known else []",
        "if True else []",
    ),
    Fault(
        "case counts in what is meant",
        "commands/suggestions.py",
        "close = get_close_matches(word.lower(), right, n=1)",
        "close = get_close_matches(word, right, n=1)",
    ),
    Fault(
        "a group is torn apart",
        "commands/overview.py",
        "left, right = blocks[:count], blocks[count:]",
        "left, right = blocks[: count - 1], blocks[count:]",
    ),
    Fault(
        "columns as unequal as can be",
        "commands/overview.py",
        "return min(map(columns, range(1, len(blocks) + 1))",
        "return max(map(columns, range(1, len(blocks) + 1))",
    ),
]
