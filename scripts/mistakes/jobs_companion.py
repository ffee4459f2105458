"""Mistakes in adapters/jobs/companion.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/companion.py"
FAULTS = [
    Fault(
        "a shepherd finds modules where its environment says",
        FILE,
        "for each in sys.path]",
        "for each in sys.path[-1:]]",
    ),
]
