"""Mistakes in the looks for pages: adapters/store/queries_pages.py and what it stands on."""

from mistakes.fault import Fault

PAGES, JOB_PAGES = "adapters/store/queries_pages.py", "adapters/store/queries_job_pages.py"
SUBMISSIONS, JOBS = "adapters/store/queries_submissions.py", "adapters/store/queries_jobs.py"
MEANT = "adapters/store/queries_meant.py"
FAULTS = [
    Fault(
        "what begins while somebody turns the pages is shown twice or never",
        PAGES,
        "started_seq IS NOT NULL AND started_seq <= :seq",
        "started_seq IS NOT NULL",
    ),
    Fault(
        "what ends while somebody turns the pages is not shown",
        PAGES,
        "{by} WHERE ended_seq > :seq AND",
        "{by} WHERE ended_seq > :seq AND 0 AND",
    ),
    Fault(
        "what comes while somebody turns the pages is shown",
        PAGES,
        "AND {live} AND seq <= :seq",
        "AND {live}",
    ),
    Fault(
        "a page begins with the last row of the one before",
        PAGES,
        "AND first < :first){more}",
        "AND first <= :first){more}",
    ),
    Fault("the last page leads to another", PAGES, "None if is_all and not more else last", "last"),
    Fault("what waits stands before what runs", PAGES, "        return 0, 0\n", "        return 2, 0\n"),
    Fault("a priority counts for nothing", PAGES, "return 1, -(row.priority or 0)", "return 1, 0"),
    Fault("what ended long ago is shown", PAGES, "if row[16] >= self._since_ns:", "if row[16]:"),
    Fault("what is older is not counted", PAGES, "self._gone = self._gone or (row[15], row[0])", "pass"),
    Fault(
        "held jobs wait too",
        SUBMISSIONS,
        "Counts(still_open - on - held, held,",
        "Counts(still_open - on, held,",
    ),
    Fault("paused jobs run too", SUBMISSIONS, "on - paused, paused, *ended", "on, paused, *ended"),
    Fault("what waits again runs", SUBMISSIONS, " AND worker <> ''\"", '"'),
    Fault(
        "of what is held the range that began before is not seen",
        SUBMISSIONS,
        "max(first) FROM held WHERE first <= ?1",
        "min(first) FROM held WHERE first >= ?1",
    ),
    Fault("a job that waits again has ended", JOBS, "if result and result[2]", "if result"),
    Fault("what ended while it waited does wait", JOBS, "if ended and ended[0] > job:", "if not ended:"),
    Fault("a paused job runs", JOBS, "JobState.PAUSED if paused else", "JobState.PAUSED if not live else"),
    Fault("what is held further on is held here", JOBS, "if not (held and held[0] > job):", "if not held:"),
    Fault("a name is anybody's", MEANT, "return owner == self._whose and word.meets", "return word.meets"),
    Fault(
        "a number of an array means one task",
        MEANT,
        "if job == what.first and what.is_array:",
        "if not what:",
    ),
    Fault(
        "a range goes on",
        MEANT,
        "yield max(first, what.first), min(end, what.end)",
        "yield max(first, what.first), what.end",
    ),
    Fault(
        "among jobs that failed lost ones are not found",
        JOB_PAGES,
        "self._expanded(_ENDED, part)]\n        return",
        "]\n        return",
    ),
    Fault(
        "a page of jobs leads to its last one",
        JOB_PAGES,
        "JobId(start.first + 1)",
        "JobId(max(1, start.first))",
    ),
    Fault(
        "an array of which a number is meant has one job",
        JOB_PAGES,
        "(_END_OF, (end - 1,))",
        "(_END_OF, (0,))",
    ),
    Fault("what was tried before does not wait", JOB_PAGES, ", self._listed(_AGAIN, part)]", "]"),
]
