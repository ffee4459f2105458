"""Mistakes in adapters/jobs/companion.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/companion.py"
FAULTS = [
    Fault(
        "a shepherd finds modules where its environment says",
        FILE,
        "        path=sys.path, module=module",
        "        path=sys.path[-1:], module=module",
    ),
]
