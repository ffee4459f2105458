"""Mistakes in adapters/files/outbox.py."""

from mistakes.fault import Fault

FILE = "adapters/files/outbox.py"
FAULTS = [
    Fault(
        "clusters share an outbox",
        FILE,
        'cluster_part(spool, cluster_id) / "outbox"',
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
        '_LEFTOVERS = ("*.new", "*.retry", "*.taken")',
        '_LEFTOVERS = ("*.new", "*.retry", "*.taken", "*.zjob")',
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
        "        take_spool(self._spool)\n",
        "",
    ),
    Fault(
        "the name of what is kept is not on the disk",
        FILE,
        "            sync(self._folder)\n",
        "            pass\n",
    ),
]
