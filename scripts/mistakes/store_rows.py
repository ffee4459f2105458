"""Mistakes in adapters/store/rows.py."""

from mistakes.fault import Fault

FILE = "adapters/store/rows.py"
FAULTS = [
    Fault(
        "that more of a list has come is not written",
        FILE,
        "            batch.writes[_HERE].append((len(lines), submission))\n",
        "",
    ),
    Fault(
        "a range that ends leaves its submission open",
        FILE,
        "    batch.gone_ranges += record.ranges\n",
        "",
    ),
    Fault(
        "a crash is forgotten when the job runs again",
        FILE,
        "            batch.places[claim.job] = _Place(claim, worker, at_ns, 0, crashes)\n",
        "            batch.places[claim.job] = _Place(claim, worker, at_ns, 0, 0)\n",
    ),
    Fault(
        "a batch counts one crash",
        FILE,
        "_Place(claim, crashes=crashes + record.crashed)",
        "_Place(claim, crashes=int(record.crashed))",
    ),
    Fault(
        "a crash in an earlier batch is forgotten",
        FILE,
        "crashes = live.crashes + excluded.crashes",
        "crashes = excluded.crashes",
    ),
    Fault(
        "a job that is to be killed is not, after a restart",
        FILE,
        "        batch.signals[job] = signal\n",
        "        pass\n",
    ),
    Fault(
        "a kill in the turn of the start is forgotten",
        FILE,
        "        batch.places[job].signal = signal\n",
        "        pass\n",
    ),
    Fault(
        "what has ended is live",
        FILE,
        "writes[_GONE] = writes[_CLOSE]",
        "writes[_CLOSE]",
    ),
    Fault(
        "what has ended is open",
        FILE,
        "writes[_GONE] = writes[_CLOSE]",
        "writes[_GONE]",
    ),
    Fault(
        "a run of jobs is closed by one",
        FILE,
        "open - (min(first + count, ?2) - max(first, ?1))",
        "open - 1",
    ),
    Fault(
        "a run of jobs closes one submission",
        FILE,
        "first <= ?1) AND first < ?2",
        "first <= ?1) AND first <= ?1",
    ),
    Fault(
        "a batch resets what comes after",
        FILE,
        "            batch.endings.clear()\n",
        "",
    ),
    Fault(
        "an event of many jobs takes one number",
        FILE,
        "    batch.seq += end - first\n",
        "    batch.seq += 1\n",
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
        "origin.folder, origin.physical)",
        'origin.folder, b"")',
    ),
    Fault(
        "the journal forgets what was asked for",
        FILE,
        "terms = terms_text(what.terms).decode() or None",
        "terms = None",
    ),
    Fault(
        "a piece of a list begins where the list does",
        FILE,
        "yield first + at, len(piece)",
        "yield first + min(at, 1), len(piece)",
    ),
    Fault(
        "what is refused of a forgotten job is kept",
        FILE,
        "            batch.writes[_LATE_EVENT].append(batch.writes[_EVENT].pop())\n",
        "",
    ),
    Fault(
        "a backup stays one when it is gone on with",
        FILE,
        "            batch.writes[_NO_BACKUP].append((BACKUP,))\n",
        "",
    ),
    Fault(
        "the numbers that are left out are not noted",
        FILE,
        "            batch.writes[_SKIPPED].append((first, next_job, epoch.number))\n",
        "",
    ),
    Fault(
        "ranges that are released cut one another",
        FILE,
        "batch.holds += ((statement, record.ranges[::-1]) for statement in statements)",
        "batch.holds += ((statement, record.ranges) for statement in statements)",
    ),
    Fault(
        "altered terms are written over one another",
        FILE,
        "batch.holds += ((statement, record.ranges[::-1]) for statement in _NO_PART)",
        "batch.holds += ((statement, record.ranges) for statement in _NO_PART)",
    ),
]
