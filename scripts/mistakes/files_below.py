"""Mistakes in adapters/files/below.py."""

from mistakes.fault import Fault

FILE = "adapters/files/below.py"
FAULTS = [
    Fault(
        "a link is a folder",
        FILE,
        "_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC",
        "_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC",
    ),
    Fault(
        "a link is a file",
        FILE,
        "flags | os.O_NOFOLLOW | os.O_NONBLOCK",
        "flags | os.O_NONBLOCK",
    ),
    Fault(
        "a fifo is a file",
        FILE,
        "    if not stat.S_ISREG(os.fstat(fileno).st_mode):\n",
        "    if False:\n",
    ),
    Fault(
        "who looks makes folders",
        FILE,
        "        if not is_made:\n            raise\n    with suppress",
        "        pass\n    with suppress",
    ),
    Fault(
        "a full disk is somebody's trick",
        FILE,
        "_OTHER_THINGS = {",
        "_OTHER_THINGS = {errno.ENOSPC, ",
    ),
    Fault(
        "only the last part may be a link",
        FILE,
        "        if os.path.islink(here):\n",
        "        if count == len(parts) and os.path.islink(here):\n",
    ),
]
