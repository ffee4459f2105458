"""Mistakes in adapters/files/log.py."""

from mistakes.fault import Fault

FILE = "adapters/files/log.py"
FAULTS = [
    Fault(
        "two who write overwrite each other",
        FILE,
        " | os.O_APPEND)\n\n    def write",
        ")\n\n    def write",
    ),
    Fault(
        "a lost standard output stops its writer",
        FILE,
        "        except OSError:\n            sys.stdout = open",
        "        except FileNotFoundError:\n            sys.stdout = open",
    ),
    Fault(
        "a rotated log is written on",
        FILE,
        "            self._follow()\n",
        "",
    ),
]
