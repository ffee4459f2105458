"""Mistakes in what keys do: top/control.py, top/state.py and top/deeds.py."""

from mistakes.fault import Fault

CONTROL, STATE, DEEDS = "top/control.py", "top/state.py", "top/deeds.py"
FAULTS = [
    Fault("any key says yes", CONTROL, 'if key == "y":', 'if key != "n":'),
    Fault(
        "a capital does not ask",
        CONTROL,
        "            state.question = question\n",
        '            self._do(question, "")\n',
    ),
    Fault(
        "with --view jobs can be killed",
        CONTROL,
        "if not state.may_act:",
        "if not state.may_act and key != 'X':",
    ),
    Fault("a server that is away is asked", CONTROL, "if is_away(state.told, self._now_ns):", "if False:"),
    Fault("letters that are typed are keys", CONTROL, "elif self.state.entry is not None:", "elif False:"),
    Fault(
        "a log is followed after it is closed",
        CONTROL,
        "if isinstance(self.sheets.pop(), Log):",
        "if self.sheets.pop() is None:",
    ),
    Fault(
        "a click goes through a question",
        CONTROL,
        "if place is None or self.state.entry or self.state.question:",
        "if place is None:",
    ),
    Fault(
        "rows change places under the fingers",
        STATE,
        "if not is_other and now_ns - self.used_ns < IN_USE_NS:",
        "if False:",
    ),
    Fault(
        "the page of the filter before is shown",
        STATE,
        "if replace(seen.scope, detail=0) != replace(self.scope, detail=0):",
        "if False:",
    ),
    Fault(
        "what has gone stays marked",
        STATE,
        "self.marks &= {row.id for row in rows}",
        "self.marks &= self.marks",
    ),
    Fault(
        "the cursor stays at its place, not at its row",
        STATE,
        "if self.key in keys:",
        "if self.key in keys and False:",
    ),
    Fault(
        "what is frozen goes on",
        STATE,
        "        if self.is_frozen:\n            self._frozen_out = seen\n            return\n",
        "",
    ),
    Fault("marks are passed over", STATE, "return marked or", "return"),
    Fault(
        "a task is taken for its array",
        DEEDS,
        "        return row.shown\n    return str(row.id) if",
        "        return str(row.id)\n    return str(row.id) if",
    ),
    Fault(
        "of a list its first job is meant",
        DEEDS,
        "if row.array or row.count == 1 else",
        "if row.array or row.count else",
    ),
]
