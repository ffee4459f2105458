"""Mistakes in adapters/store/outputs.py."""

from mistakes.fault import Fault

FILE = "adapters/store/outputs.py"
FAULTS = [
    Fault(
        "a lost attempt's place is not told",
        FILE,
        '"\n    " UNION SELECT path FROM live CROSS JOIN output AS o ON o.job = live.job WHERE length IS NULL)"',
        ')"',
    ),
    Fault(
        "what lies behind is not told",
        FILE,
        "WHERE path <> x'' AND substr(path, 1, 1) <> x'2f' AND path IN (SELECT path FROM open)\"",
        "WHERE path <> x'' AND substr(path, 1, 1) <> x'2f' AND path IN (SELECT path FROM open) AND length IS NULL\"",
    ),
    Fault(
        "files of other hosts are told",
        FILE,
        " AND substr(path, 1, 1) <> x'2f'",
        "",
    ),
    Fault(
        "errors that are not written are not told",
        FILE,
        '    " UNION ALL SELECT job, attempt, stream FROM output WHERE data IS NOT NULL ORDER BY 1, 2, 3"',
        '    " ORDER BY 1, 2, 3"',
    ),
    Fault(
        "names of one attempt are the rule of all",
        FILE,
        "WHERE stream = 1 AND path = x'' ORDER BY",
        "WHERE stream = 1 ORDER BY",
    ),
    Fault(
        "a result has no errors",
        FILE,
        "        if stream == ERR and length is not None:\n",
        "        if stream == ERR and length is None:\n",
    ),
]
