"""Mistakes in core/board/blackholes.py."""

from mistakes.fault import Fault

FILE = "core/board/blackholes.py"
FAULTS = [
    Fault(
        "one failure less makes a black hole",
        FILE,
        "if len(failures) < count:",
        "if len(failures) < count - 1:",
    ),
    Fault("a host is a witness for itself", FILE, "any(each != host for each in", "any(True for each in"),
    Fault("jobs that fail everywhere blame their host", FILE, "return all(any(", "return True or all(any("),
    Fault("one submission that does well elsewhere is enough", FILE, "return all(any(", "return any(any("),
    Fault(
        "a late failure is one at once",
        FILE,
        "if result.ended_ns - result.started_ns > FAST_NS:",
        "if False:",
    ),
    Fault(
        "what had too much of something blames its host", FILE, "if result.cause in OVERRUNS:", "if False:"
    ),
    Fault(
        "a success there changes nothing",
        FILE,
        "            self.forget(host)\n            hosts",
        "            hosts",
    ),
    Fault(
        "a success elsewhere is no news", FILE, "        return bool(self._failures)", "        return False"
    ),
    Fault(
        "who is known once is known for ever",
        FILE,
        "            self._known.discard(host)\n",
        "            pass\n",
    ),
    Fault("a new limit is for new hosts only", FILE, "        self._known.clear()\n", "        pass\n"),
]
