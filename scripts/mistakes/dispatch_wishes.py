"""Mistakes in core/dispatch/wishes.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/wishes.py"
FAULTS = [
    Fault(
        "a job that never was is waited for", FILE, "if end > state.next_job and not wish.maybe:", "if False:"
    ),
    Fault("a word that names nothing is waited for", FILE, "if not pieces and not wish.maybe:", "if False:"),
    Fault(
        "what may be missing may not",
        FILE,
        "if not pieces and not wish.maybe:",
        "if not pieces:",
    ),
    Fault(
        "a bad end that was is none",
        FILE,
        "        _require_well(state, pieces)\n",
        "                pass\n",
    ),
    Fault(
        "a good end that was is a failure",
        FILE,
        "elif not any(piece.bad for piece in some):",
        "elif False:",
    ),
    Fault(
        "another's jobs have one's own names",
        FILE,
        "part.meets(submission.terms.name) and submission.origin.owner == owner",
        "part.meets(submission.terms.name)",
    ),
    Fault(
        "an array's number is its first task",
        FILE,
        "end = _submission(found).end if found and is_array else JobId(job + 1)",
        "end = JobId(job + 1)",
    ),
    Fault(
        "a job of a list is all of the list",
        FILE,
        "is_array = found is not None and _submission(found).is_array and _submission(found).first == job",
        "is_array = found is not None",
    ),
    Fault(
        "arrays of different length are paired",
        FILE,
        "    if end - first != submit.count:\n",
        "    if False:\n",
    ),
    Fault(
        "several arrays are followed as one",
        FILE,
        "if len(wholes) > 1 or len(jobs) > 1:",
        "if len(jobs) > 1:",
    ),
    Fault("half a list follows an array", FILE, "    if submit.to_come:\n", "    if False:\n"),
    Fault(
        "the followers of what has failed wait for nothing",
        FILE,
        "            never.append((job - first, job - first + 1, reason))\n",
        "            pass\n",
    ),
    Fault(
        "failures of several submissions are one",
        FILE,
        "by_first.setdefault(_submission(piece.whole).first, [])",
        "by_first.setdefault(JobId(0), [])",
    ),
    Fault(
        "names of yesterday count",
        "adapters/store/gone.py",
        "        if asked.words:\n            seq = event_at(self._db, asked.since_ns)\n",
        "        if asked.words:\n            seq = 0\n",
    ),
    Fault("too many ranges are kept", FILE, "    if count > AFTER_LIMIT:\n", "    if False:\n"),
    Fault(
        "a job waits for younger ones",
        "core/dispatch/wishes.py",
        "        yield After(jobs, wish.when)\n",
        "        yield After(tuple((first, JobId(end + 5)) for first, end in jobs), wish.when)\n",
    ),
]
