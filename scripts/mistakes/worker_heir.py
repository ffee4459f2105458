"""Mistakes in roles/worker/heir.py."""

from mistakes.fault import Fault

FILE = "roles/worker/heir.py"
FAULTS = [
    Fault(
        "all are opened at once",
        FILE,
        "while self._waiting and len(self._heirlooms) < AT_ONCE:",
        "while self._waiting:",
    ),
    Fault(
        "the rest is not begun",
        FILE,
        "        self._settle(folder)\n        self._go_on()\n",
        "        self._settle(folder)\n",
    ),
    Fault(
        "an unreadable result is an error",
        FILE,
        "            except OSError as error:\n                self._complain(folder.path / name",
        "            except FileNotFoundError as error:\n                self._complain(folder.path / name",
    ),
    Fault(
        "an emptied folder stays",
        FILE,
        "            del self._left[folder]\n            folder.close()\n",
        "            del self._left[folder]\n",
    ),
    Fault(
        "results go to whoever is there",
        FILE,
        "if self._queue not in (queue, NO_EPOCH.queue):",
        "if False:",
    ),
    Fault(
        "what waited for its queue waits on",
        FILE,
        "        self._waiting.extend(self._others)\n",
        "",
    ),
]
