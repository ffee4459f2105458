"""Mistakes in adapters/store/rows.py."""

from mistakes.fault import Fault

FILE, STATEMENTS = "adapters/store/rows.py", "adapters/store/statements.py"
APART = "adapters/store/rows_apart.py"
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
        "    batch.gone_ranges.setdefault(one.state.value, []).extend(record.ranges)\n",
        "",
    ),
    Fault(
        "a crash in an earlier batch is forgotten",
        STATEMENTS,
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
        "        writes[_GONE] += gone\n",
        "",
    ),
    Fault(
        "what has ended is open",
        FILE,
        "        writes[CLOSE[how]] = [(*run, *when) for run in gone]\n",
        "",
    ),
    Fault(
        "a run of jobs is closed by one",
        STATEMENTS,
        "(min(first + count, ?2) - max(first, ?1))",
        "1",
    ),
    Fault(
        "a run of jobs closes one submission",
        STATEMENTS,
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
        "what is refused of a forgotten job is kept",
        FILE,
        "            batch.writes[LATE_EVENT].append(batch.writes[_EVENT].pop())\n",
        "",
    ),
    Fault(
        "a backup stays one when it is gone on with",
        "adapters/store/rows_apart.py",
        "            yield from ((UNMARK, (mark,)) for mark in (BACKUP, STOPPED))\n",
        "",
    ),
    Fault(
        "the numbers that are left out are not noted",
        "adapters/store/rows_apart.py",
        "            yield SKIPPED, (first, next_job, epoch.number, why)\n",
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
        "batch.holds += ((statement, record.ranges[::-1]) for statement in NO_PART)",
        "batch.holds += ((statement, record.ranges) for statement in NO_PART)",
    ),
    Fault(
        "what a job has behind it is forgotten when it runs again",
        FILE,
        "Place(claim, worker, record.at_ns, 0, more, ",
        "Place(claim, worker, record.at_ns, 0, NO_PAST, ",
    ),
    Fault(
        "a batch counts one attempt",
        FILE,
        "    more = batch.places[claim.job].more if claim.job in batch.places else NO_PAST\n    more = more.and",
        "    more = NO_PAST\n    more = more.and",
    ),
    Fault(
        "who outlived a worker once has never",
        STATEMENTS,
        "outlived = live.outlived + excluded.outlived",
        "outlived = excluded.outlived",
    ),
    Fault(
        "failures are not added up",
        STATEMENTS,
        "failures = live.failures + excluded.failures",
        "failures = excluded.failures",
    ),
    Fault(
        "reruns are not added up",
        STATEMENTS,
        "reruns = live.reruns + excluded.reruns",
        "reruns = excluded.reruns",
    ),
    Fault(
        "how a retried attempt ended is written nowhere",
        FILE,
        "        _add_result(batch, claim, None, result, unsaved, record.output_length)\n",
        "        pass\n",
    ),
    Fault(
        "a retried attempt ends its job",
        FILE,
        "_add_result(batch, claim, None, ",
        "_add_result(batch, claim, 'finished', ",
    ),
    Fault(
        "the output of another attempt is thought safe",
        "adapters/store/output_rows.py",
        "WHERE job = ? AND attempt = ? AND output",
        "WHERE job = ? AND attempt <= ? AND output",
    ),
    Fault(
        "a pause is over after a restart",
        APART,
        "more.outlived, more.not_before_ns)",
        "more.outlived, 0)",
    ),
    Fault(
        "what a submission lacks is not written",
        FILE,
        "origin.stdin or None, len(record.lacks))",
        "origin.stdin or None, 0)",
    ),
    Fault(
        "a server that serves looks as if it had stopped",
        "adapters/store/rows_apart.py",
        "            yield UNMARK, (STOPPED,)\n",
        "",
    ),
]
