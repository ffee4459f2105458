"""Mistakes in adapters/store/blobs.py."""

from mistakes.fault import Fault

FILE = "adapters/store/blobs.py"
FAULTS = [
    Fault(
        "half a blob is whole",
        FILE,
        "WHERE name = ? AND here = ?",
        "WHERE name = ? AND here <= ?",
    ),
    Fault(
        "pieces are told in no order",
        FILE,
        "ORDER BY start",
        "ORDER BY start DESC",
    ),
    Fault(
        "every part of a piece is its first",
        FILE,
        "substr(data, ? - start + 1, ?)",
        "substr(data, 1 + 0 * ?, ?)",
    ),
    Fault(
        "all parts are of the first piece",
        FILE,
        "offset - offset % PIECE_BYTES",
        "0",
    ),
]
