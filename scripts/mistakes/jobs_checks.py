"""Mistakes in adapters/jobs/checks.py, and in who is told of them."""

from mistakes.fault import Fault

FILE, CHECKUP = "adapters/jobs/checks.py", "roles/worker/checkup.py"
FAULTS = [
    Fault("a check that takes too long has done well", FILE, "            self._is_late = True\n", ""),
    Fault("a check has all the time in the world", FILE, "time.monotonic() + self._limit_s", "NEVER"),
    Fault(
        "what a check leaves runs on", FILE, "        self._kill(process)  # whatever", "        # whatever"
    ),
    Fault("a check is a stray", FILE, "        self._launcher.adopt(self._process.pid)\n", ""),
    Fault("a check is in the worker's session", FILE, "start_new_session=True", "start_new_session=False"),
    Fault("the first line of a check is its reason", FILE, "return lines[-1] if", "return lines[0] if"),
    Fault("a failing check is none", FILE, "        if not status:", "        if status < 99:"),
    Fault(
        "a check comes when the one before is over",
        CHECKUP,
        "            self._start_at = time.monotonic() + self._every_s\n            found",
        "            found",
    ),
    Fault(
        "what is told is not told again",
        CHECKUP,
        "        if found:\n",
        "        if found and found.problem != self._problem:\n",
    ),
    Fault("questions pile up", CHECKUP, "            self._calls.cancel(self._call)\n", "            pass\n"),
    Fault("a node that is well is drained", CHECKUP, "0 if problem else None, problem", "0, problem"),
    Fault("work comes before the first check", CHECKUP, "self.is_known = False", "self.is_known = True"),
]
