"""Mistakes in roles/server/unwritten.py."""

from mistakes.fault import Fault

FILE = "roles/server/unwritten.py"
FAULTS = [
    Fault(
        "a full disk is tried without a pause",
        FILE,
        "self._retry_at_s[folder] = now_s + RETRY_S",
        "self._retry_at_s[folder] = now_s",
    ),
    Fault(
        "the trouble of one folder holds up the others",
        FILE,
        "keys = self._folders.pop(folder, deque())",
        "keys = self._folders.setdefault(folder, deque())",
    ),
    Fault(
        "the first that fails is tried again and again",
        FILE,
        "        keys.append(key)\n",
        "        keys.appendleft(key)\n",
    ),
    Fault(
        "who leaves does not try again",
        FILE,
        "dict.fromkeys(self._retry_at_s, 0.0)",
        "dict(self._retry_at_s)",
    ),
    Fault(
        "a piece that was taken is no good news",
        FILE,
        "self._untaken_s.pop(folder, None)",
        "pass",
    ),
    Fault(
        "a worker that went leaves a folder in trouble",
        FILE,
        "if at > now_s - UNTAKEN_S}",
        "}",
    ),
    Fault(
        "trouble with pieces is not told",
        FILE,
        "{*self._folders, *self.untaken(now_s)}",
        "{*self._folders}",
    ),
]
