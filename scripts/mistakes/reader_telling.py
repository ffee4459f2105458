"""Mistakes in how a command is told what has ended, and in what happened."""

from mistakes.fault import Fault

TELLING, TOLD, EVENTS = (
    "roles/reader/telling.py",
    "adapters/files/told.py",
    "adapters/store/queries_events.py",
)
FAULTS = [
    Fault(
        "nobody remembers what was told",
        TELLING,
        "            self._told.write((row.seq, row.id))",
        "            self._told.write((0, 0))",
    ),
    Fault(
        "of those that ended with one event the first alone is told",
        TELLING,
        "(page[-1].seq, page[-1].id)",
        "(page[-1].seq, 2**62)",
    ),
    Fault(
        "memory has no bound",
        TELLING,
        "            if len(self._waiting) > WAITING_LIMIT:",
        "            if not self._waiting:",
    ),
    Fault(
        "the latest are left out",
        TELLING,
        "                self._waiting.popleft()\n                left_out",
        "                self._waiting.pop()\n                left_out",
    ),
    Fault(
        "each failure is said",
        TELLING,
        "        if problem and problem != self._problem:",
        "        if problem:",
    ),
    Fault(
        "one more is begun while the server leaves",
        TELLING,
        "self._check is None and self._waiting and goes_on",
        "self._check is None and self._waiting",
    ),
    Fault(
        "history is told to whoever comes new",
        TOLD,
        "            mark = (latest, 2**63 - 1)\n",
        "            mark = (0, 0)\n",
    ),
    Fault("where it began is not kept", TOLD, "            self.write(mark)\n", "            pass\n"),
    Fault(
        "the mark of another queue counts",
        TOLD,
        "queue != self._queue or mark[0] > latest",
        "mark[0] > latest",
    ),
    Fault(
        "a mark that is yet to come counts",
        TOLD,
        "queue != self._queue or mark[0] > latest",
        "queue != self._queue",
    ),
    Fault("two tell at a time", TOLD, "        wait_for_lock(self._lock)\n", ""),
    Fault("a range is one event", EVENTS, "            seq + end - job - 1,\n", "            seq,\n"),
    Fault(
        "the last of a page is missed",
        EVENTS,
        "            return Happenings(rows[-1].seq, tuple(rows), is_all=False)",
        "            return Happenings(row.seq, tuple(rows), is_all=False)",
    ),
    Fault("a page has no bound in bytes", EVENTS, "or (rows and size > PAGE_BYTES)", ""),
    Fault(
        "half of the submissions are passed over",
        EVENTS,
        "        if seq > since:\n            high = middle",
        "        if seq >= since:\n            high = middle + 1 if middle + 1 < high else middle",
    ),
    Fault(
        "a submission that has the number is told again",
        EVENTS,
        "        if seq > since:\n            high",
        "        if seq >= since:\n            high",
    ),
    Fault(
        "what ended without a start is not bad",
        EVENTS,
        "    return min(ran + never, key=lambda each: each.job).status",
        "    return min(ran or never, key=lambda each: each.job).status",
    ),
    Fault(
        "the status is the last one's",
        EVENTS,
        "    return min(ran + never, key",
        "    return max(ran + never, key",
    ),
    Fault(
        "what has ended with the mark's event is passed over",
        EVENTS,
        " AND (ended_seq > ?1 OR first > ?2)",
        " AND ended_seq > ?1",
    ),
]
