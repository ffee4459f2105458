"""Mistakes in views/strips.py."""

from mistakes.fault import Fault

FILE = "views/strips.py"
FAULTS = [
    Fault(
        "one failure of many does not show", FILE, "        given[index] = 1\n", "        given[index] = 0\n"
    ),
    Fault(
        "what comes first has the first cells",
        FILE,
        "if parts[index] > 0]\n    for index in alive[: max(0, width)]",
        "if parts[index] > 0]\n    for index in sorted(alive)[: max(0, width)]",
    ),
    Fault(
        "what is lost is not failed",
        FILE,
        "_FAILED = (JobState.FAILED, JobState.LOST)",
        "_FAILED = (JobState.FAILED,)",
    ),
    Fault("the divisors are not odd", FILE, "(2 * given[index] + 1)", "(given[index] + 1)"),
    Fault(
        "more than was asked makes a longer bar",
        FILE,
        "machine_bar(min(used, asked), 0, max(0, asked - used)",
        "machine_bar(used, 0, max(0, asked - used)",
    ),
    Fault(
        "who is skipped has not ended",
        FILE,
        "if not state.is_live)",
        "if not state.is_live and state is not JobState.SKIPPED)",
    ),
    Fault(
        "a strip leaves out what is held",
        FILE,
        "((JobState.PAUSED, JobState.HELD), marks.STOPPED, Ink.MAGENTA),\n    ((JobState.WAITING,), marks.WAITING, Ink.DIM),\n)",
        "((JobState.PAUSED,), marks.STOPPED, Ink.MAGENTA),\n    ((JobState.WAITING,), marks.WAITING, Ink.DIM),\n)",
    ),
]
