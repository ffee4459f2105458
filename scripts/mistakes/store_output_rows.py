"""Mistakes in adapters/store/output_rows.py."""

from mistakes.fault import Fault

FILE = "adapters/store/output_rows.py"
FAULTS = [
    Fault(
        "errors are never written",
        FILE,
        "data = None if result.err.streamed else result.err.output",
        "data = None",
    ),
    Fault(
        "the line behind an output takes no room",
        FILE,
        '            yield length, b"", None, *which\n',
        '            yield result.output_length, b"", None, *which\n',
    ),
    Fault(
        "with the errors the output is saved",
        FILE,
        "    if record.stream == OUT:\n",
        "    if record.stream:\n",
    ),
]
