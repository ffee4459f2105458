"""Mistakes in core/values/words.py."""

from mistakes.fault import Fault

FILE = "core/values/words.py"
FAULTS = [
    Fault(
        "a backslash in double quotes takes the meaning from all",
        FILE,
        rb"""re.compile(rb'\\([$`"\\])').sub""".decode(),
        rb"""re.compile(rb'\\(.)').sub""".decode(),
    ),
    Fault(
        "a backslash in double quotes is always itself",
        FILE,
        'return _UNESCAPED(rb"\\1", text)',
        "return text",
    ),
    Fault(
        "a comment begins anywhere",
        FILE,
        'elif kind == "start" and word is None:',
        'elif kind == "start":',
    ),
    Fault(
        "a comment is words",
        FILE,
        '            if text == b"#":\n                break\n            raise NeedsShell(text)',
        '            if text != b"#":\n                raise NeedsShell(text)\n            word = text',
    ),
    Fault(
        "an empty word is none",
        FILE,
        "if word is not None:",
        "if word:",
    ),
    Fault(
        "quotes end a word",
        FILE,
        'word = (word or b"") + _meaning(kind, text)',
        "word = _meaning(kind, text)",
    ),
    Fault(
        "a variable may be set before a plain line",
        FILE,
        '    if b"=" in line:\n        _check_first(line)\n',
        "",
    ),
    Fault(
        "a variable may be set before a line with quotes",
        FILE,
        "    if _MAY_MEAN_MORE(line):\n        _check_first(line)\n",
        "    if _MAY_MEAN_MORE(line):\n",
    ),
    Fault(
        "a carriage return parts words",
        FILE,
        r"~!\r\v\f]",
        r"~!\v\f]",
    ),
    Fault(
        "a word may begin with a tilde",
        FILE,
        "            raise NeedsShell(text)\n        else:",
        "            word = text\n        else:",
    ),
    Fault(
        "a line goes on nowhere",
        FILE,
        'raise NotPlain("a line cannot go on in the next one" if text == b"\\\\" else "No closing quotation")',
        'raise NotPlain("No closing quotation")',
    ),
    Fault(
        "a dollar before a name is a dollar",
        FILE,
        r"(?P<shells>\$(?:\w+|[",
        r"(?P<shells>\$(?:[",
    ),
]
