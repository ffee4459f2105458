"""Mistakes in api/place.py."""

from mistakes.fault import Fault

FILE = "api/place.py"
FAULTS = [
    Fault(
        "a relative folder loses the name by which its user is there",
        FILE,
        "os.path.join(current[0], os.fsencode(name))",
        "os.path.abspath(os.fsencode(name))",
    ),
    Fault(
        "two dots behind a link lead to another folder",
        FILE,
        "if logical != physical and _leads_to(there, logical):",
        "if logical != physical:",
    ),
    Fault(
        "a file is a folder",
        FILE,
        "if not stat.S_ISDIR(there.st_mode):",
        "if stat.S_ISLNK(there.st_mode):",
    ),
    Fault(
        "the nameless folder is the current one",
        FILE,
        "    if name is None:\n",
        "    if not name:\n",
    ),
]
