"""Mistakes in core/worker/hand.py."""

from mistakes.fault import Fault

FILE = "core/worker/hand.py"
FAULTS = [
    Fault(
        "a job that is given again is started twice",
        FILE,
        " if job.id not in here)",
        ")",
    ),
    Fault(
        "the youngest job of a hand is started first",
        FILE,
        "self._jobs.popleft()[0]",
        "self._jobs.pop()[0]",
    ),
    Fault(
        "what was returned stays in the hand",
        FILE,
        "        self._jobs.clear()\n",
        "",
    ),
    Fault(
        "a hand is as old as its youngest job",
        FILE,
        "self._jobs[0][1] > STALE_S",
        "self._jobs[-1][1] > STALE_S",
    ),
    Fault(
        "a hand is never stale",
        FILE,
        "return bool(self._jobs) and",
        "return False and",
    ),
    Fault(
        "one short job is taken for a proof",
        FILE,
        "(self._typical_s + elapsed_s) / 2",
        "elapsed_s",
    ),
    Fault(
        "nothing is learnt",
        FILE,
        "self._typical_s = (self._typical_s + elapsed_s) / 2",
        "pass",
    ),
    Fault(
        "a new slot wants many jobs",
        FILE,
        "self._typical_s = 2 * HAND_S",
        "self._typical_s = HAND_S / 4",
    ),
    Fault(
        "what is in the hand does not count",
        FILE,
        " - len(self._jobs))",
        ")",
    ),
    Fault(
        "a slot wants any number of jobs",
        FILE,
        "min(HAND_LIMIT, int(HAND_S / self._typical_s))",
        "int(HAND_S / self._typical_s)",
    ),
    Fault(
        "a slot wants less than nothing",
        FILE,
        "return max(0, min(",
        "return max(-99, min(",
    ),
]
