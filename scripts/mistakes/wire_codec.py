"""Mistakes in adapters/wire/codec.py."""

from mistakes.fault import Fault

FILE = "adapters/wire/codec.py"
FAULTS = [
    Fault(
        "a streamed result comes with others",
        FILE,
        "if len(reports) > 1 and any",
        "if False and any",
    ),
    Fault(
        "a streamed result does not come at all",
        FILE,
        "if len(reports) > 1 and any",
        "if any",
    ),
    Fault(
        "what is returned is taken for a report",
        FILE,
        "if row.state == zjob.RETURNED:",
        "if row.state and row.aboutjid == 0:",
    ),
    Fault(
        "a delegation may be of nothing",
        FILE,
        '    if not jobs:\n        raise ValueError("a delegation of nothing")',
        '    if False:\n        raise ValueError("a delegation of nothing")',
    ),
]
