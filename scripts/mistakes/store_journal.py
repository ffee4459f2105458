"""Mistakes in adapters/store/journal.py."""

from mistakes.fault import Fault

FILE = "adapters/store/journal.py"
FAULTS = [
    Fault(
        "nobody hears that his list was cancelled",
        FILE,
        "cancelled = bool(to_come and ended)",
        "cancelled = False",
    ),
    Fault(
        "half a list that has ended is waited for",
        FILE,
        " WHERE open > 0 AND here < count ORDER BY first",
        " WHERE here < count ORDER BY first",
    ),
    Fault(
        "an environment of a batch that failed is taken for kept",
        FILE,
        "        writes, last_event = rows(records, self._last_event, self._environments)\n",
        "        writes, last_event = rows(records, self._last_event, self._environments)\n"
        "        self._environments.update(row[0] for row in writes[0][1])\n",
    ),
    Fault(
        "an environment that was cleaned away is taken for kept",
        FILE,
        "        self._environments.clear()\n",
        "",
    ),
    Fault(
        "what ended before it ran is told after all else",
        FILE,
        "        latest.sort(key=itemgetter(0))\n",
        "",
    ),
    Fault(
        "jobs that ended before they ran come back",
        FILE,
        "            gone.update(range(max(start, first), min(stop, end)))\n",
        "            pass\n",
    ),
    Fault(
        "a range that begins in an earlier submission is passed over",
        FILE,
        " AND first >= coalesce((SELECT max(first) FROM ended WHERE first <= ?1), 0)",
        " AND first >= ?1",
    ),
    Fault(
        "a job that never ran has ended, and so has the one behind it",
        FILE,
        "if row and job < row[1] else None",
        "if row and job <= row[1] else None",
    ),
    Fault(
        "an attempt that was begun comes back as the one before it",
        FILE,
        "            claim = Claim(self._epoch(epoch), JobId(job), attempt, WorkerId(worker))\n",
        "            claim = Claim(self._epoch(epoch), JobId(job), max(1, attempt - 1), WorkerId(worker))\n",
    ),
]
