"""Mistakes in adapters/wire/lookout.py."""

from mistakes.fault import Fault

FILE = "adapters/wire/lookout.py"
FAULTS = [
    Fault(
        "a name that is not known is not looked up again",
        FILE,
        "                self.trouble = error.strerror or str(error)\n",
        "                self.trouble = error.strerror or str(error)\n                return\n",
    ),
    Fault(
        "a name is looked up once",
        FILE,
        "                pause_s = AGAIN_S\n",
        "                pause_s = 1e6\n",
    ),
    Fault(
        "nobody is told what was found",
        FILE,
        "before, self._found = ip, found",
        "before = ip",
    ),
    Fault(
        "a trouble outlives its end",
        FILE,
        '                self.trouble = ""\n                pause_s',
        "                pause_s",
    ),
    Fault(
        "a name is looked up for ever",
        FILE,
        "            self._stop.set()\n            self._stop = None",
        "            self._stop.set()",
    ),
]
