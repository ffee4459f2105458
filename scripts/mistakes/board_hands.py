"""Mistakes in core/board/hands.py."""

from mistakes.fault import Fault

FILE = "core/board/hands.py"
FAULTS = [
    Fault(
        "a worker gets as many jobs as it wants",
        FILE,
        "min(wants, HAND_LIMIT, max(1, waiting // (2 * max(1, workers))))",
        "min(wants, HAND_LIMIT)",
    ),
    Fault(
        "one worker gets the whole queue",
        FILE,
        "(2 * max(1, workers))",
        "max(1, workers)",
    ),
    Fault(
        "other workers are not counted in a share",
        FILE,
        "(2 * max(1, workers))",
        "2",
    ),
    Fault(
        "a share may be nothing",
        FILE,
        "max(1, waiting // (2 * max(1, workers)))",
        "waiting // (2 * max(1, workers))",
    ),
    Fault(
        "a hand has no limit",
        FILE,
        "min(wants, HAND_LIMIT, ",
        "min(wants, ",
    ),
    Fault(
        "a share is more than is wanted",
        FILE,
        "min(wants, HAND_LIMIT, ",
        "min(HAND_LIMIT, ",
    ),
    Fault(
        "a job that lost a worker goes with others",
        FILE,
        "job.terms.requeue and not job.crashes",
        "job.terms.requeue",
    ),
    Fault(
        "a job that must not be requeued goes with others",
        FILE,
        "job.terms.requeue and not job.crashes",
        "not job.crashes",
    ),
    Fault(
        "what a worker holds already may be harmful",
        FILE,
        "all(map(_may_share_a_hand, held))",
        "True",
    ),
    Fault(
        "what comes first in an answer may be harmful",
        FILE,
        "        self._is_harmless = self._is_harmless and _may_share_a_hand(job)\n",
        "",
    ),
    Fault(
        "what comes last in an answer may be harmful",
        FILE,
        "if not self._is_alone and not (self._is_harmless and _may_share_a_hand(job)):",
        "if not self._is_alone and not self._is_harmless:",
    ),
    Fault(
        "a harmful job goes behind what a worker holds",
        FILE,
        "self._is_alone = not held",
        "self._is_alone = True",
    ),
    Fault(
        "a harmful job goes behind what is given with it",
        FILE,
        "        self._is_alone = False\n",
        "",
    ),
    Fault(
        "a job that must go alone goes nowhere",
        FILE,
        "if not self._is_alone and not (self",
        "if not (self",
    ),
    Fault(
        "jobs of two origins come in one answer",
        FILE,
        "self.jobs[0].origin is job.origin and ",
        "",
    ),
    Fault(
        "an answer has any length",
        FILE,
        " and self._bytes + len(job.argv) <= HAND_BYTES",
        "",
    ),
    Fault(
        "the environment has no length",
        FILE,
        "self._bytes = len(job.origin.environment)",
        "self._bytes = 0",
    ),
    Fault(
        "the last job has no length",
        FILE,
        "self._bytes + len(job.argv) <= HAND_BYTES",
        "self._bytes <= HAND_BYTES",
    ),
    Fault(
        "what is harmful shares a hand",
        "core/board/hands.py",
        "    return job.terms.requeue and not job.crashes",
        "    return True",
    ),
]
