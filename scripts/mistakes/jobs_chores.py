"""Mistakes in adapters/jobs/chores.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/chores.py"
FAULTS = [
    Fault("a prolog has all the time in the world", FILE, "time.monotonic() + limit_s", "math.inf"),
    Fault(
        "a chore that is late has done well",
        FILE,
        "self._is_late = self._is_late or not (self.killed_by or self.exit)",
        "self._is_late = False",
    ),
    Fault(
        "what a prolog leaves running runs on",
        FILE,
        "                chore.due_s = min(chore.due_s, time.monotonic())\n",
        "                pass\n",
    ),
    Fault(
        "a prolog that hears no kill runs on",
        FILE,
        "min(self.due_s, time.monotonic() + grace_s)",
        "self.due_s",
    ),
    Fault("a failing prolog is none", FILE, "        elif self.exit.code:", "        elif False:"),
    Fault("the last line of a failing prolog is not told", FILE, "{lines[-1]}", "{lines[0]}"),
    Fault("all that a chore prints is kept", FILE, "[-_KEPT_BYTES:]", ""),
    Fault(
        "a chore that closes its output keeps the shepherd busy",
        FILE,
        "            self._listen_no_more(chore)\n        if time",
        "            pass\n        if time",
    ),
    Fault(
        "an epilog is not told how its job has ended",
        FILE,
        "around | {STATUS:",
        "around and {STATUS:",
    ),
    Fault(
        "a chore holds the folder of the job",
        FILE,
        'command], b"/", around',
        'command], b".", around',
    ),
    Fault("what chores print is lost", FILE, "        if lines or told:", "        if told:"),
    Fault("the trouble of an epilog is not told", FILE, "        if lines or told:", "        if lines:"),
]
