"""Mistakes in adapters/jobs/processes.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/processes.py"
FAULTS = [
    Fault(
        "a job is looked for where the one before was",
        FILE,
        'elif os.environb.get(b"PATH") != folders:',
        'elif b"PATH" not in os.environb:',
    ),
    Fault(
        "who has no PATH has another's",
        FILE,
        'os.environb.pop(b"PATH", None)',
        "pass",
    ),
    Fault(
        "jobs ignore what Python ignores",
        FILE,
        "setsigdef=_IGNORED_BY_PYTHON",
        "setsigdef=()",
    ),
]
