"""Mistakes in what the store knows of jobs that wait for others: adapters/store/gone.py and laws_behind.py."""

from mistakes.fault import Fault

GONE, LAWS = "adapters/store/gone.py", "adapters/store/laws_behind.py"
FAULTS = [
    Fault(
        "what ended badly before it ran ended well",
        GONE,
        '" FROM ended WHERE first < ?2 AND next > ?1"',
        '" FROM ended WHERE 0 AND first < ?2 AND next > ?1"',
    ),
    Fault(
        "all submissions are looked up, however many",
        GONE,
        "    if len(found) > asked.most:\n        return",
        "    if False:\n        return",
    ),
    Fault(
        "a start before the last end is lawful",
        LAWS,
        "(ends < b.high - b.low OR last > {_START})",
        "(ends < b.high - b.low)",
    ),
    Fault(
        "a start without an end is lawful",
        LAWS,
        "(ends < b.high - b.low OR last > {_START})",
        "(last > {_START})",
    ),
    Fault("a task may start before its own", LAWS, "_RAN.format('seq < paired.seq')", "_RAN.format('1')"),
    Fault(
        "a bad end is as lawful as a good one",
        LAWS,
        "wanted = 'ok' AND bad > 0",
        "wanted = 'ok' AND bad > 99",
    ),
    Fault("a good end is as lawful as a failure", LAWS, "HAVING sum(bad) = 0", "HAVING sum(bad) < 0"),
    Fault(
        "who was kept and let go is to blame",
        LAWS,
        "AND NOT keep AND wanted = 'ok' AND bad > 0",
        "AND wanted = 'ok' AND bad > 0",
    ),
    Fault(
        "what is forgotten is to blame",
        LAWS,
        "AND NOT EXISTS {_GONE.format('cleared', '')}",
        "AND 1 {_GONE.format('cleared', '')[:0]}",
    ),
    Fault("a job may wait for a later one", LAWS, "FROM behind WHERE high > first", "FROM behind WHERE 0"),
]
