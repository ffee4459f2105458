"""Mistakes in core/dispatch/naming.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/naming.py"
FAULTS = [
    Fault(
        "the server believes every client",
        FILE,
        "        check_names(terms, count)\n",
        "        names_any(terms)\n",
    ),
    Fault(
        "two that live have one file",
        FILE,
        "        if key in state.names.wanted:\n",
        "        if key in state.names.in_use:\n",
    ),
]
