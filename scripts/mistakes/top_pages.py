"""Mistakes in what is shown: top/page.py, top/machines.py, top/head.py, top/seen.py and top/sheets.py."""

from mistakes.fault import Fault

PAGE, MACHINES, SEEN, SHEETS = "top/page.py", "top/machines.py", "top/seen.py", "top/sheets.py"
FAULTS = [
    Fault(
        "a line is wider than the screen",
        "top/head.py",
        "return cut_line(shown, paper.width)",
        "return shown",
    ),
    Fault("machines take all of the screen", PAGE, "(height - _BESIDE) // 3", "height - _BESIDE"),
    Fault("no worker is a black screen", PAGE, "    if not machines:\n", "    if machines is None:\n"),
    Fault("a list of some jobs is taken for an empty queue", PAGE, "if state.scope.is_narrow:", "if False:"),
    Fault("what is drained counts as there", "top/head.py", "parts.all - parts.drained", "parts.all"),
    Fault("cells are lost to a large block", MACHINES, "-(-sum(parts) // scale)", "sum(parts) // scale"),
    Fault("a name is cut to its cells", MACHINES, "if cells(name) <= many:", "if cells(name) <= many + 1:"),
    Fault("jobs of others are bold", MACHINES, "mine[whose == owner]", "mine[bool(whose)]"),
    Fault(
        "jobs that are not named have no cells",
        MACHINES,
        "if hidden > 0 else blocks",
        "if hidden < 0 else blocks",
    ),
    Fault(
        "a young question is silence", SEEN, "now_ns - told.asked_ns > SILENCE_NS", "now_ns > told.asked_ns"
    ),
    Fault(
        "a job that was asked for by number is hidden when it is done",
        SEEN,
        "states = () if self.words or self.host else",
        "states = () if self.host else",
    ),
    Fault(
        "new rows push old ones away",
        SEEN,
        "    return [by_id[number] for number in before if number in by_id] + [\n        row for row in rows if row.id not in known\n    ]",
        "    return list(rows)",
    ),
    Fault("a log forgets nothing", SHEETS, "self._forget(len(self.text) - LINES_LIMIT)", "self._forget(0)"),
    Fault("a line without an end grows for ever", SHEETS, "each[:LINE_LIMIT]", "each"),
    Fault(
        "who reads is taken to the end",
        SHEETS,
        "self.is_following = by > 0 and",
        "self.is_following = by != 0 or",
    ),
    Fault(
        "a search stays at its first match",
        SHEETS,
        "begin = self._found if word == self.sought else self.top - 1",
        "begin = self.top - 1",
    ),
]
