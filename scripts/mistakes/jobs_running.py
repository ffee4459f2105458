"""Mistakes in adapters/jobs/running.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/running.py"
FAULTS = [
    Fault(
        "what is left behind is not told",
        FILE,
        "        lines = [self._left_behind()]\n",
        '        lines = [""]\n',
    ),
    Fault(
        "a job with a full spool has ended well",
        FILE,
        "code = how.code if how.code or how.signal else _OTHERWISE[over.cause]",
        "code = how.code",
    ),
    Fault(
        "a job's own failure is its spool's",
        FILE,
        "code = how.code if how.code or how.signal else _OTHERWISE[over.cause]",
        "code = _OTHERWISE[over.cause]",
    ),
    Fault(
        "nobody looks when a time is up",
        FILE,
        "min(self.watch.due_s if self.watch else NEVER, self.pause.look_s, self.sample_at_s)",
        "min(self.pause.look_s, self.sample_at_s)",
    ),
    Fault(
        "a job that was ended by its time has ended well",
        FILE,
        "TIME: TIME_STATUS, MEMORY",
        "TIME: 0, MEMORY",
    ),
    Fault(
        "the cause of an end is not told",
        FILE,
        'over.problem, *used, "", over.cause)',
        "over.problem, *used)",
    ),
    Fault(
        "what was killed was left behind",
        FILE,
        "    left: dict[int, str] | None = None",
        "    left: dict[int, str] | None = {}",
    ),
    Fault(
        "a crowd's line has no end",
        FILE,
        "names[:NAMES_SHOWN] + more",
        "names + more",
    ),
]
