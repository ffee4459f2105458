"""Mistakes in core/state/selection.py, and in what it makes of ranges in core/values/ranges.py."""

from mistakes.fault import Fault

FILE = "core/state/selection.py"
RANGES = "core/values/ranges.py"
FAULTS = [
    Fault("the number of a job in an array is all of it", FILE, "live and live.first == job and", "live and"),
    Fault("the first of a list is all of it", FILE, " and live.submission.is_array else None", " else None"),
    Fault("tasks that an array has not are others' jobs", FILE, "min(stop, live.count)", "stop"),
    Fault(
        "a name means anybody's jobs",
        FILE,
        "return common(found, labels.owned(whose)) if isinstance(part, Named) else found",
        "return found",
    ),
    Fault(
        "all names are everybody's",
        FILE,
        "        return labels.owned(whose)\n",
        "        return ((JobId(1), state.next_job),)\n",
    ),
    Fault("a name that was altered is found", FILE, "*without(found, altered),", "*found,"),
    Fault("a name that was given later is not found", FILE, "if _fits(terms, part)),", "if False),"),
    Fault("a user does not narrow", FILE, "    if selector.user:\n", "    if False:\n"),
    Fault("names are the asker's, whatever the user", FILE, "selector.user or owner", "owner"),
    Fault(
        "what is held waits",
        FILE,
        "return without(state.waiting.among(ranges), state.held.among(ranges))",
        "return state.waiting.among(ranges)",
    ),
    Fault("what waits is found in any state", FILE, "if JobState.WAITING not in wanted:", "if False:"),
    Fault("what runs is not found", FILE, "or not state.running:", "or True:"),
    Fault("what runs is found in any state", FILE, "not wanted & ON or ", ""),
    Fault("ranges that touch are apart", RANGES, "        if first > high:", "        if first >= high:"),
    Fault("a range in another one cuts it", RANGES, "        elif end > high:", "        else:"),
    Fault("what is common ends too late", RANGES, "min(end, others[behind][1])", "others[behind][1]"),
    Fault("what is common begins too early", RANGES, "max(first, others[behind][0])", "others[behind][0]"),
]
