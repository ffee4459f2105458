"""Mistakes in adapters/store/rows_apart.py."""

from mistakes.fault import Fault

FILE = "adapters/store/rows_apart.py"
FAULTS = [
    Fault(
        "an input is kept for ever",
        FILE,
        "for statement in DROP_BLOB for blob in blobs)",
        "for statement in DROP_BLOB for blob in ())",
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
        "    yield from ((CAME, (first,)) for first in record.whole_for)\n",
        "",
    ),
    Fault(
        "a piece of a list begins where the list does",
        FILE,
        "yield first + at, len(piece)",
        "yield first + min(at, 1), len(piece)",
    ),
]
