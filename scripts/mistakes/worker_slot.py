"""Mistakes in roles/worker/slot.py."""

from mistakes.fault import Fault

FILE = "roles/worker/slot.py"
FAULTS = [
    Fault(
        "a copy of a job is started",
        FILE,
        "(job for job in jobs if job.id not in here)",
        "iter(jobs)",
    ),
    Fault(
        "a hand that has become stale is worked off",
        FILE,
        "if self._hand.is_stale(time.monotonic()):",
        "if False:",
    ),
    Fault(
        "a lost job runs on",
        FILE,
        "self.executor.kill(work.number, signal.SIGKILL, 0.0)",
        "pass",
    ),
    Fault(
        "who has asked asks again",
        FILE,
        "if self.phase is not Phase.BUSY:",
        "if self.phase in (Phase.LEAVING, Phase.GONE):",
    ),
    Fault(
        "what waits behind a long job waits on",
        FILE,
        "now >= self._works[0].begun_s + RETURN_S:",
        "False:",
    ),
    Fault(
        "a lost job's result is reported",
        FILE,
        "        if work.lost:\n            self._forget(work)\n        elif",
        "        if",
    ),
    Fault(
        "what was withdrawn is not given back",
        FILE,
        "self._reports.give_back(work.claim for work in unstarted)",
        "pass",
    ),
]
