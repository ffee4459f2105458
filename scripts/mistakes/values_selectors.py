"""Mistakes in core/values/selectors.py and core/values/states.py."""

from mistakes.fault import Fault

FILE = "core/values/selectors.py"
STATES = "core/values/states.py"
FAULTS = [
    Fault("a range ends before its last", FILE, "JobId(last + 1)", "JobId(last)"),
    Fault("a range may be the wrong way round", FILE, "if last < first:", "if False:"),
    Fault("tasks may be the wrong way round", FILE, "    if high < low:", "    if False:"),
    Fault("there is a job 0", FILE, "if job < 1:", "if job < 0:"),
    Fault("huge numbers are read", FILE, "if len(digits) > _DIGITS:", "if False:"),
    Fault("tasks that touch are apart", FILE, "low <= ranges[-1][1] + 1", "low <= ranges[-1][1]"),
    Fault("a range within another one cuts it", FILE, "max(high, ranges[-1][1])", "high"),
    Fault(
        "tasks stay in the order of the word",
        FILE,
        'sorted(_item_range(part, word) for part in text.split(","))',
        '(_item_range(part, word) for part in text.split(","))',
    ),
    Fault("tasks in brackets are all", FILE, "match[2] or match[3]", 'match[2] or "*"'),
    Fault("a number with a star is a name", FILE, "if _BEGINS_LIKE_A_NUMBER(word):", "if False:"),
    Fault("a pattern may be a number's beginning", FILE, "[-0-9.,:*", "[-0-9.,:"),
    Fault(
        "a name may be anything",
        FILE,
        'if is_label(pattern) or ("*" in pattern and ',
        "if is_label(pattern) or (",
    ),
    Fault("a pattern of any length is sent", FILE, "len(pattern) <= LABEL_LIMIT and ", ""),
    Fault("a pattern has no star", FILE, "|\\*)+\\Z", ")+\\Z"),
    Fault("a tag may be a number", FILE, "if not is_label(rest):", "if not rest:"),
    Fault("a user may be two words", FILE, " or not re.search(_USER, user)", ""),
    Fault("a user of any length is sent", FILE, "len(user) > NAME_LIMIT or ", ""),
    Fault("what is no text is sent", FILE, " or _HALF_A_CHARACTER(word)", ""),
    Fault("a user that is no text is sent", FILE, "\\x7f\\ud800-\\udfff]+", "\\x7f]+"),
    Fault(
        "each word is a part",
        FILE,
        "tuple(dict.fromkeys(map(_part_of, words)))",
        "tuple(map(_part_of, words))",
    ),
    Fault(
        "each state is one more",
        FILE,
        "tuple(dict.fromkeys(state for word in states for state in states_of(word)))",
        "tuple(state for word in states for state in states_of(word))",
    ),
    Fault(
        "ranges of tasks are not counted",
        FILE,
        "len(part.ranges) if isinstance(part, Tasks) else 1 for",
        "1 for",
    ),
    Fault("there is one part too many", FILE, "if count > PARTS_LIMIT:", "if count > PARTS_LIMIT + 1:"),
    Fault("a peer's range may be empty", FILE, "if self.end <= self.first:", "if self.end < self.first:"),
    Fault(
        "a peer's tasks may overlap", FILE, "if not before < low <= high:", "if not before <= low <= high:"
    ),
    Fault("a peer may name no tasks", FILE, "if not self.ranges:", "if False:"),
    Fault("a pattern's pieces may overlap", FILE, "len(name) - at >= len(last) and ", ""),
    Fault("a pattern's pieces come in any order", FILE, "name.find(piece, at)", "name.find(piece)"),
    Fault("a pattern may begin anywhere", FILE, "name.startswith(first) and ", ""),
    Fault("a pattern may end anywhere", FILE, " and name.endswith(last)", ""),
    Fault("a text of any length", FILE, "if len(text) > TEXT_LIMIT:", "if False:"),
    Fault("the longest selector is refused", FILE, "512 * 1024", "128 * 1024"),
    Fault(
        "what a newer goq asks for is passed over",
        FILE,
        "omit_defaults=True, forbid_unknown_fields=True",
        "omit_defaults=True",
    ),
    Fault("defaults are sent", FILE, "omit_defaults=True, ", ""),
    Fault("a paused job has ended", STATES, ", JobState.PAUSED}", "}"),
    Fault(
        "a state is named twice",
        STATES,
        'tuple(dict.fromkeys(_state_of(name) for name in word.split(",")))',
        'tuple(_state_of(name) for name in word.split(","))',
    ),
]
