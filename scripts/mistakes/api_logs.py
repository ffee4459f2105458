"""Mistakes in api/logs.py, and in what is shown of jobs' outputs."""

from mistakes.fault import Fault

FILE, HARMLESS, PREFIXED = "api/logs.py", "views/harmless.py", "views/prefixed.py"
FAULTS = [
    Fault(
        "the end of an attempt is passed over",
        FILE,
        "            part = yield from self._rest()\n",
        "            part = self._part()\n",
    ),
    Fault("the next attempt is not entered", FILE, "part.at.latest <= self._attempt", "part.at.latest"),
    Fault(
        "another attempt is read from where the one before was",
        FILE,
        'self._attempt, self._at, self._ending = attempt, 0, ""',
        'self._attempt, self._ending = attempt, ""',
    ),
    Fault(
        "of a job that was waited for the latest attempt alone is told",
        FILE,
        "            self._begin = 1  # so",
        "            self._begin = 0  # so",
    ),
    Fault("an end is told each time", FILE, "if part.at.ending != self._ending:", "if part.at.ending:"),
    Fault(
        "a line without its end does not count",
        FILE,
        'if at == length and data.endswith(b"\\n"):',
        "if at == length:",
    ),
    Fault(
        "lines are looked for at the end alone",
        FILE,
        "            at, size = start, min(2 * size, PART_LIMIT)\n",
        "            at, size = 0, PART_LIMIT\n",
    ),
    Fault("all are followed at once", FILE, "_stands(ask, left[:STANDS_LIMIT])", "_stands(ask, left)"),
    Fault(
        "jobs are told of as the server names them",
        FILE,
        "for reading in readings)\n            yield",
        "for reading in readings[::-1])\n            yield",
    ),
    Fault(
        "a control sequence in two pieces gets through",
        HARMLESS,
        '        self._held = text[begun.start() :] if begun else ""\n',
        '        self._held = ""\n',
    ),
    Fault("control characters get through", HARMLESS, "if c.isprintable() or c in _PLAIN else", "if c else"),
    Fault(
        "a carriage return gets lost between two pieces",
        HARMLESS,
        'if text.endswith("\\r") and not is_last:',
        "if False:",
    ),
    Fault(
        "a line without an end is held for ever",
        PREFIXED,
        "        if self._size >= LINE_BYTES:\n",
        "        if False:\n",
    ),
    Fault(
        "the beginning of a line is shown twice", PREFIXED, "            self._held, self._size = [], 0\n", ""
    ),
]
