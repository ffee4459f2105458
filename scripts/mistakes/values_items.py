"""Mistakes in core/values/items.py."""

from mistakes.fault import Fault

FILE = "core/values/items.py"
FAULTS = [
    Fault("an array may have any number of items", FILE, "if self._ends[-1] > ITEMS_LIMIT:", "if False:"),
    Fault(
        "one item too few is the most",
        FILE,
        "if self._ends[-1] > ITEMS_LIMIT:",
        "if self._ends[-1] >= ITEMS_LIMIT:",
    ),
    Fault("ranges of a peer may overlap", FILE, "if first <= before:", "if first < before:"),
    Fault("a range may end with a number that is not its own", FILE, " or (last - first) % step:", ":"),
    Fault(
        "the range of an index is that before it",
        FILE,
        "at = bisect_right(self._ends, index)",
        "at = bisect_right(self._ends, index - 1)",
    ),
    Fault("steps are passed over", FILE, "(index - self._begin(at)) * step", "(index - self._begin(at))"),
    Fault(
        "a number between two items is one", FILE, "index >= 0 and self.number(index) == number", "index >= 0"
    ),
    Fault("a gap counts as items", FILE, "(min(number, last) - first) // step", "(number - first) // step"),
    Fault("the low number is left out", FILE, "self._up_to(low - 1)", "self._up_to(low)"),
    Fault("lines are counted from 0", FILE, "else index + 1", "else index"),
    Fault("there is a line 0", FILE, "if number >= 1 else", "if number >= 0 else"),
    Fault("line 0 is before the first", FILE, "yield max(low, 1) - 1, high", "yield low - 1, high"),
    Fault(
        "ranges must come in order",
        FILE,
        "ranges = sorted((_step_of(part, word), part) for part in parts)",
        "ranges = [(_step_of(part, word), part) for part in parts]",
    ),
    Fault("ranges that share a number are taken", FILE, "behind[0] <= before[1]", "behind[0] < before[1]"),
    Fault(
        "digits of any script",
        FILE,
        'r"([0-9]+)(?:-([0-9]+)(?::([0-9]+))?)?"',
        'r"(\\d+)(?:-(\\d+)(?::(\\d+))?)?"',
    ),
    Fault(
        "huge digits are read",
        FILE,
        'len(digits) > _DIGITS for digits in match.groups("")',
        'False for digits in match.groups("")',
    ),
    Fault(
        "the end of a range stays as it was written",
        FILE,
        "return first, last - (last - first) % step, step",
        "return first, last, step",
    ),
    Fault(
        "none at once",
        FILE,
        "if not 1 <= int(digits) <= ITEMS_LIMIT:",
        "if not 0 <= int(digits) <= ITEMS_LIMIT:",
    ),
    Fault(
        "what came of a line is filled again",
        FILE,
        "return Argv(pattern.sub(lambda brace: quote(_meaning(brace, line, columns)), argv))",
        "argv = Argv(pattern.sub(lambda brace: quote(_meaning(brace, line, columns)), argv))\n    return Argv(pattern.sub(lambda brace: _meaning(brace, line, columns), argv))",
    ),
    Fault(
        "a line is forgotten where there is no placeholder",
        FILE,
        'return Argv(argv + (b" " if each.for_shell else b"\\0") + quote(line))',
        "return argv",
    ),
    Fault(
        "a column that is not there is empty", FILE, "if brace[1] and brace[1] not in columns:", "if False:"
    ),
    Fault("a line may hold a NUL", FILE, 'if b"\\0" in line:', "if False:"),
    Fault("a placeholder is a pattern", FILE, "re.escape(part.encode())", "part.encode()"),
    Fault("the last column is no column", FILE, 'b"([0-9]*)"', 'b"([0-8]*)"'),
    Fault(
        "blanks at the start are a column",
        FILE,
        "[part for part in _BLANKS.split(line) if part]",
        "_BLANKS.split(line)",
    ),
    Fault("a tab cannot be said", FILE, 'colsep.replace(r"\\t", "\\t").encode()', "colsep.encode()"),
    Fault("nothing is a placeholder", FILE, "if not self.placeholder.strip():", "if False:"),
    Fault("a placeholder of two lines", FILE, 'or not word.replace("\\t", "").isprintable()', ""),
    Fault(
        "what a newer goq knows is passed over",
        FILE,
        'class EachLine(Struct, frozen=True, tag="lines", omit_defaults=True, forbid_unknown_fields=True)',
        'class EachLine(Struct, frozen=True, tag="lines", omit_defaults=True)',
    ),
    Fault("a text of any length", FILE, "if len(text) > TEXT_LIMIT:", "if False:"),
    Fault(
        "equal items are several objects", FILE, "@lru_cache(maxsize=16)\ndef read_items", "def read_items"
    ),
    Fault(
        "a shell looks into the lines",
        FILE,
        "quote = _quoted_for_shell if each.for_shell else bytes",
        "quote = bytes",
    ),
    Fault(
        "a quote in a line ends the word",
        FILE,
        "text.replace(b\"'\", b\"'\\\\''\")",
        "text",
    ),
]
