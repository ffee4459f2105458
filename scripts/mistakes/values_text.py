"""Mistakes in core/values/text.py."""

from mistakes.fault import Fault

FILE = "core/values/text.py"
FAULTS = [
    Fault(
        "a program with an equals sign is shown as a variable that is set",
        FILE,
        "if _BEGINS_A_VARIABLE(first) and _PLAIN_WORD(first) else",
        "if False else",
    ),
    Fault(
        "a quote in quotes ends them",
        FILE,
        """word.replace("'", r"'\\''")""",
        "word",
    ),
    Fault(
        "a backslash is shown as it is among control characters",
        FILE,
        r""""\\": r"\\", """,
        "",
    ),
    Fault(
        "bytes that are no text are lost",
        FILE,
        'beginning.decode("utf-8", "surrogateescape")',
        'beginning.decode("utf-8", "replace")',
    ),
    Fault(
        "an empty word is not shown",
        FILE,
        r"(?:\0[\w@%+=:,./-]+)*",
        r"(?:\0[\w@%+=:,./-]*)*",
    ),
    Fault(
        "a long command is shown whole",
        FILE,
        "beginning = argv[:limit]",
        "beginning = argv",
    ),
]
