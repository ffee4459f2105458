"""Mistakes in adapters/files/spool.py."""

from mistakes.fault import Fault

FILE = "adapters/files/spool.py"
FAULTS = [
    Fault(
        "an output that was taken stays in its file",
        FILE,
        "        os.ftruncate(self._file.fileno(), 0)\n        return output",
        "        return output",
    ),
    Fault(
        "a long output is taken",
        FILE,
        "        if size > limit:\n            return None\n",
        "",
    ),
    Fault(
        "an output that was given up stays",
        FILE,
        "        if self.size():\n            os.ftruncate(self._file.fileno(), 0)",
        "        pass",
    ),
    Fault(
        "what could not be kept is left behind",
        FILE,
        "            spool.remove()\n            raise",
        "            spool.close()\n            raise",
    ),
    Fault(
        "an owned file keeps its old name",
        FILE,
        'self.path = self.path.rename(f"{stem}.out")',
        "pass",
    ),
]
