"""Mistakes in adapters/files/outbox.py."""

from mistakes.fault import Fault

FILE = "adapters/files/outbox.py"
FAULTS = [
    Fault(
        "the rest of a list goes while it waits",
        FILE,
        "                if not part.with_name(f\"{part.name.split('.')[0]}.zjob\").exists():",
        "                if part:",
    ),
    Fault(
        "a list that is being brought is taken for one that was left",
        FILE,
        "        try_lock(begun._lock)\n",
        "",
    ),
    Fault(
        "what was begun long ago goes on",
        FILE,
        "                    if time.time() - _age_ns(path) / 1e9 < RETRY_WITHIN_S:",
        "                    if path:",
    ),
    Fault(
        "the rest of a list stays when it was delivered",
        FILE,
        "                part.unlink(missing_ok=True)\n",
        "                pass\n",
    ),
    Fault(
        "clusters share an outbox",
        FILE,
        'cluster_part(spool, secret) / "outbox"',
        'spool / "outbox"',
    ),
    Fault(
        "what others may have left is delivered",
        FILE,
        "        if not is_own(self._spool):\n            return []\n",
        "",
    ),
    Fault(
        "a nonce that others may have left is used",
        FILE,
        "if not is_own(self._spool) or not os.path.lexists(path):",
        "if not os.path.lexists(path):",
    ),
    Fault(
        "a nonce is given to several",
        FILE,
        "            path.rename(mine)\n            nonce, age_s = mine.read_bytes(), time.time() - mine.stat().st_mtime",
        "            nonce, age_s = path.read_bytes(), time.time() - path.stat().st_mtime",
    ),
    Fault(
        "a nonce is good for ever",
        FILE,
        " and age_s < RETRY_WITHIN_S",
        "",
    ),
    Fault(
        "what waits goes with the leftovers",
        FILE,
        '_LEFTOVERS = ("*.new", "*.retry", "*.taken", "*.begun")',
        '_LEFTOVERS = ("*.new", "*.retry", "*.taken", "*.begun", "*.zjob")',
    ),
    Fault(
        "leftovers stay",
        FILE,
        "        for pattern in _LEFTOVERS:\n            remove_leftovers(self._folder, pattern)\n",
        "",
    ),
    Fault(
        "others may read what is kept",
        FILE,
        "        take_spool(self._spool)\n        path =",
        "        path =",
    ),
    Fault(
        "the name of what is kept is not on the disk",
        FILE,
        "            sync(self._folder)\n",
        "            pass\n",
    ),
]
