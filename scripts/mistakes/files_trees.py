"""Mistakes in adapters/files/trees.py."""

from mistakes.fault import Fault

FILE = "adapters/files/trees.py"
FAULTS = [
    Fault(
        "what a link leads to goes with it",
        FILE,
        "entry.is_dir(follow_symlinks=False)",
        "entry.is_dir()",
    ),
    Fault(
        "a link is taken for the folder that it leads to",
        FILE,
        "os.path.islink(path) or not os.path.isdir(path)",
        "not os.path.isdir(path)",
    ),
    Fault(
        "folders go before what is in them",
        FILE,
        "reversed(found)",
        "found",
    ),
]
