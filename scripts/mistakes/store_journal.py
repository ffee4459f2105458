"""Mistakes in adapters/store/journal.py."""

from mistakes.fault import Fault

FILE = "adapters/store/journal.py"
FAULTS = [
    Fault(
        "nobody hears that his list was cancelled",
        FILE,
        "cancelled = bool((to_come or lacking) and ended)",
        "cancelled = False",
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
    Fault(
        "jobs that ended before they ran come back",
        FILE,
        "ended = tuple(sorted(ran + unstarted))",
        "ended = tuple(sorted(ran))",
    ),
    Fault(
        "jobs that ran come back",
        FILE,
        "ended = tuple(sorted(ran + unstarted))",
        "ended = tuple(sorted(unstarted))",
    ),
    Fault(
        "what ended badly is good after a restart",
        FILE,
        "merged(bad + unstarted)",
        "merged(unstarted)",
    ),
    Fault(
        "what never started is good after a restart",
        FILE,
        "merged(bad + unstarted)",
        "merged(bad)",
    ),
    Fault(
        "what a signal ended is good after a restart",
        FILE,
        " OR exit_code <> 0 OR signal <> 0)",
        " OR exit_code <> 0)",
    ),
]
