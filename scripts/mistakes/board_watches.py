"""Mistakes in core/board/watches.py."""

from mistakes.fault import Fault

FILE = "core/board/watches.py"
FAULTS = [
    Fault(
        "who waits for a set is ready",
        FILE,
        "        if live.first in self._sets:\n            return []\n",
        "",
    ),
    Fault(
        "who waits for one job of an array is ready",
        FILE,
        "parts = [part for start, stop in parts for part in pairs.behind.outside(start, stop)]",
        "parts = parts",
    ),
    Fault(
        "nobody waits any more after a restart",
        FILE,
        "            if live.terms.after:\n",
        "            if False:\n",
    ),
    Fault("what runs is not waited for", FILE, "([(first, end)] if first in running else [])", "[]"),
    Fault(
        "of several what runs is not waited for",
        FILE,
        "for job in running if first <= job < end",
        "for job in () if first <= job < end",
    ),
    Fault(
        "a bad end is as good as a good one",
        FILE,
        "                is_met = how.is_good\n",
        "                is_met = True\n",
    ),
    Fault(
        "a failure is wanted, and any end will do",
        FILE,
        "is_met = not is_open or watch.has_bad",
        "is_met = True",
    ),
    Fault(
        "a failure is forgotten at a restart",
        FILE,
        "watch.has_bad |= bad is not None and any(bad.between(*part) for part in after.jobs)",
        "watch.has_bad |= False",
    ),
    Fault(
        "a failure before the last end is forgotten",
        FILE,
        "watch.has_bad |= not how.is_good",
        "watch.has_bad = not how.is_good",
    ),
    Fault("the first end of a set opens it", FILE, "is_open = not watch.left", "is_open = True"),
    Fault(
        "an array is followed whatever becomes of it",
        FILE,
        'is_met = pairs.when == "any" or how.is_good == (pairs.when == "ok")',
        "is_met = True",
    ),
    Fault(
        "the wrong one of an array is let go",
        FILE,
        "JobId(max(first, low) + pairs.ahead), JobId(min(end, high) + pairs.ahead)",
        "JobId(max(first, low) + pairs.ahead), JobId(high + pairs.ahead)",
    ),
    Fault(
        "two that end at once open what a third keeps shut",
        FILE,
        "            if len(sets) == 1:\n                del self._sets[first]\n            else:\n                sets.remove(watch)\n",
        "            self._sets.pop(first, None)\n",
    ),
    Fault(
        "of a range only the first part that ended counts",
        FILE,
        "left = [each for each in self._on[live.first] if not each.is_over]",
        "left = [each for each in self._on[live.first] if not each.is_over and live.left]",
    ),
    Fault(
        "the culprit is the first of those that ended, watched or not",
        FILE,
        "self._one_less(each, count, replace(how, job=start))",
        "self._one_less(each, count, how)",
    ),
]
