"""Mistakes in views/signs.py."""

from mistakes.fault import Fault

FILE = "views/signs.py"
FAULTS = [
    Fault(
        "a job that was killed for its memory is told as KILL",
        FILE,
        "word=cause or _ended_by(signal) or",
        "word=_ended_by(signal) or cause or",
    ),
    Fault("signals are counted from 0", FILE, "_SIGNALS[signal - 1]", "_SIGNALS[signal % 31]"),
    Fault(
        "what was cancelled has failed",
        FILE,
        "            return _STATES[JobState.CANCELLED]\n",
        "            return _STATES[JobState.FAILED]\n",
    ),
    Fault(
        "what others run is bold too",
        FILE,
        "if is_yours and state is JobState.RUNNING",
        "if state is JobState.RUNNING",
    ),
    Fault(
        "what is lost looks well",
        FILE,
        'JobState.LOST: Sign(marks.FAILED, "lost", Ink.FAILED, Ink.RED)',
        'JobState.LOST: Sign(marks.FAILED, "lost")',
    ),
]
