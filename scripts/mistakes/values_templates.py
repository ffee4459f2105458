"""Mistakes in core/values/templates.py."""

from mistakes.fault import Fault

FILE = "core/values/templates.py"
FAULTS = [
    Fault(
        "a slash in a value makes a folder",
        FILE,
        '_ODD = re.compile(r"[^\\w.@%+=,-]")',
        '_ODD = re.compile(r"[^/\\w.@%+=,-]")',
    ),
    Fault(
        "a value hides a file",
        FILE,
        'is_first and value[0] in ".-"',
        'is_first and value[0] in "-"',
    ),
    Fault(
        "a value begins an option",
        FILE,
        'is_first and value[0] in ".-"',
        'is_first and value[0] in "."',
    ),
    Fault(
        "an empty value leaves an empty name",
        FILE,
        "if not value or (is_first",
        "if value and (is_first",
    ),
    Fault(
        "two dots are a folder like any",
        FILE,
        'if any(part[0].startswith("..") for part in parts):',
        'if any(part[0].startswith("...") for part in parts):',
    ),
    Fault(
        "hidden files may be written",
        FILE,
        'if any(part[0].startswith(".") for part in parts):',
        'if any(part[0].startswith("..") for part in parts):',
    ),
    Fault(
        "a name may be of any length",
        FILE,
        "    if len(name) * 4 > PART_BYTES:\n",
        "    if False:\n",
    ),
    Fault(
        "folders may be of any depth",
        FILE,
        "len(parts) > DEPTH_LIMIT or ",
        "",
    ),
    Fault(
        "unknown fields stay as they are",
        FILE,
        "    if piece[1:-1] not in FIELDS:\n",
        "    if not piece[1:-1]:\n",
    ),
    Fault(
        "a folder is a name for a file",
        FILE,
        '    if last in ([""], ["."], [".."]):\n',
        '    if last in (["."], [".."]):\n',
    ),
    Fault(
        "what others have by the rule may be asked for",
        FILE,
        "if is_of_the_rule(template.fill(numbers)) and parts",
        "if not parts and parts",
    ),
    Fault(
        "strays' folder may be written into",
        FILE,
        '_OF_THE_RULE = re.compile(rf"(?:\\d+/)?out\\.\\d+|{STRAYS}(?:/.*)?")',
        '_OF_THE_RULE = re.compile(r"(?:\\d+/)?out\\.\\d+")',
    ),
    Fault(
        "a doubled brace is two",
        FILE,
        '(piece[0] if piece in ("{{", "}}") else piece)',
        "piece",
    ),
]
