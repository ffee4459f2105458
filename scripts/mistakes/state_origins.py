"""Mistakes in core/state/origins.py."""

from mistakes.fault import Fault

FILE = "core/state/origins.py"
FAULTS = [
    Fault(
        "origins of two folders with one name are taken for equal",
        FILE,
        "(*who, origin.physical, origin.script, origin.stdin)",
        '(*who, b"", origin.script, origin.stdin)',
    ),
    Fault(
        "scripts of one name are taken for equal",
        FILE,
        "origin.physical, origin.script, origin.stdin)",
        'origin.physical, b"", origin.stdin)',
    ),
    Fault(
        "inputs of one submission are those of another",
        FILE,
        "origin.script, origin.stdin)",
        'origin.script, b"")',
    ),
]
