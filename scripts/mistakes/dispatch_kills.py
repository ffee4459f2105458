"""Mistakes in core/dispatch/kills.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/kills.py"
FAULTS = [
    Fault(
        "ranges that touch end as two",
        FILE,
        "RangeEnded(tuple(joined(waiting)),",
        "RangeEnded(tuple(sorted(waiting)),",
    ),
    Fault(
        "what is killed in a range starts before its end",
        FILE,
        "            lanes.discard(first, end)",
        "            pass",
    ),
    Fault(
        "a kill of many stays half done",
        FILE,
        "        return -math.inf if self._doomed else math.inf",
        "        return math.inf",
    ),
    Fault(
        "of a range what runs goes on",
        FILE,
        "        for each_running in running:",
        "        for each_running in running[:0]:",
    ),
    Fault(
        "half a list in a range is not met",
        FILE,
        "if wanted.between(each.first, each.end)]",
        "if each.first in wanted]",
    ),
    Fault(
        "a kill that asks first is done",
        FILE,
        "        if 0 < question.at_most < met + len(running):",
        "        if 0 < question.at_most < len(running):",
    ),
    Fault(
        "numbers that nobody has had yet count as ended",
        FILE,
        "        late = len(wanted) - unknown - ",
        "        late = len(wanted) - ",
    ),
    Fault(
        "of a range that is cut the rest is let go",
        FILE,
        "parts = ((first, job, by), (JobId(job + 1), end, by))",
        "parts = ((first, job, by), (JobId(job + 1), job, by))",
    ),
]
