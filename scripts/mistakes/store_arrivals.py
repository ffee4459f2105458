"""Mistakes in adapters/store/arrivals.py."""

from mistakes.fault import Fault

FILE = "adapters/store/arrivals.py"
FAULTS = [
    Fault(
        "that more of a list has come is not written",
        FILE,
        "    batch.writes[_HERE].append((len(record.lines), record.submission))\n",
        "",
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
        "an input is kept for ever",
        FILE,
        "            batch.writes[statement] += ((blob,) for blob in record.blobs)\n",
        "            pass\n",
    ),
    Fault(
        "a script goes with an input of the same bytes",
        FILE,
        " AND NOT EXISTS (SELECT 1 FROM submission WHERE script = ?1 AND lacking = 0)",
        "",
    ),
    Fault(
        "a blob goes while a live job needs it as its input",
        FILE,
        " AND NOT EXISTS (SELECT 1 FROM submission WHERE stdin = ?1 AND open > 0)",
        "",
    ),
    Fault(
        "the pieces stay when the blob goes",
        FILE,
        '"DELETE FROM piece WHERE blob = ?1 AND NOT EXISTS',
        '"DELETE FROM piece WHERE blob = ?1 AND EXISTS',
    ),
    Fault(
        "a submission lacks for ever what has come",
        FILE,
        "    batch.writes[_CAME] += ((first,) for first in record.whole_for)\n",
        "",
    ),
    Fault(
        "what a submission lacks is not written",
        FILE,
        "origin.stdin or None, len(record.lacks))",
        "origin.stdin or None, 0)",
    ),
]
