"""Mistakes in adapters/store/clean.py."""

from mistakes.fault import Fault

FILE = "adapters/store/clean.py"
FAULTS = [
    Fault(
        "a submission is forgotten while its jobs live",
        FILE,
        " AND open = 0",
        "",
    ),
    Fault(
        "a range that ended lately is forgotten",
        FILE,
        "ended.next > s.first AND event.at_ns >= :before",
        "ended.next > s.first AND event.at_ns < 0",
    ),
    Fault(
        "a range is swept with its first job",
        FILE,
        "    for at in (first, first + count):\n        _cut(db, at)\n",
        "",
    ),
    Fault(
        "a range is cut at one of its ends",
        FILE,
        "for at in (first, first + count):",
        "for at in (first + count,):",
    ),
    Fault(
        "jobs behind a cut have the number of an event of those before",
        FILE,
        "seq + :at - first",
        "seq + :at - first + 1",
    ),
    Fault(
        "terms are kept for ever",
        FILE,
        '_INTERNED = ("environment", "terms")',
        '_INTERNED = ("environment", "environment")',
    ),
    Fault(
        "scripts are kept for ever",
        FILE,
        "        for statement in DROP_BLOB if script else ():",
        "        for statement in ():",
    ),
    Fault(
        "commands are kept for ever",
        FILE,
        '    ("item", "first"),\n',
        "",
    ),
    Fault(
        "terms of others are forgotten",
        FILE,
        "    for statement in _CUT_PARTS:",
        "    for statement in ():",
    ),
]
