"""Mistakes in adapters/store/writer.py."""

from mistakes.fault import Fault

FILE = "adapters/store/writer.py"
FAULTS = [
    Fault(
        "a batch forgets the last place of a job",
        FILE,
        "move.live, move.attempts = live, max(move.attempts, attempt)",
        "move.live, move.attempts = max(live, move.live), max(move.attempts, attempt)",
    ),
    Fault(
        "a batch forgets an attempt",
        FILE,
        "live, max(move.attempts, attempt)",
        "live, attempt",
    ),
    Fault(
        "a batch counts one crash",
        FILE,
        "move.crashes += crashed",
        "move.crashes = int(crashed)",
    ),
    Fault(
        "a batch counts no crash",
        FILE,
        "move.crashes += crashed",
        "pass",
    ),
    Fault(
        "a batch resets what comes after",
        FILE,
        "                batch.endings.clear()\n",
        "",
    ),
    Fault(
        "a rolled back batch keeps its numbers",
        FILE,
        "        self._environments: dict[bytes, int] = {}\n",
        '        self._environments = getattr(self, "_environments", dict[bytes, int]())\n',
    ),
    Fault(
        "a streamed output is kept in the journal",
        FILE,
        " and not result.streamed else None",
        " else None",
    ),
    Fault(
        "the journal forgets the folder's second name",
        FILE,
        "asked = (terms.requeue, terms.unique, origin.physical, terms.umask)",
        'asked = (terms.requeue, terms.unique, b"", terms.umask)',
    ),
    Fault(
        "the journal forgets the umask",
        FILE,
        "asked = (terms.requeue, terms.unique, origin.physical, terms.umask)",
        "asked = (terms.requeue, terms.unique, origin.physical, 18)",
    ),
    Fault(
        "a backup stays one when it is gone on with",
        FILE,
        'self._db.execute("DELETE FROM meta WHERE key = ?", (BACKUP,))',
        "pass",
    ),
    Fault(
        "the numbers that are left out are not noted",
        FILE,
        "                batch.skipped.append((first, next_job, epoch.number))\n",
        "",
    ),
]
