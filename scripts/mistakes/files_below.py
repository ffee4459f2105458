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
        "_PLAIN = os.O_NOFOLLOW | os.O_NONBLOCK",
        "_PLAIN = os.O_NONBLOCK",
    ),
    Fault(
        "a fifo is a file",
        FILE,
        "        if not stat.S_ISREG(found.st_mode):\n",
        "        if False:\n",
    ),
    Fault(
        "who looks makes folders",
        FILE,
        "            if not self._is_made:\n                raise\n        try:",
        "            pass\n        try:",
    ),
    Fault(
        "a file is emptied before it is looked at",
        FILE,
        "os.open(name, flags & ~os.O_TRUNC | _PLAIN",
        "os.open(name, flags | _PLAIN",
    ),
    Fault(
        "a plain file is emptied before it is looked at",
        FILE,
        'os.open(f"{folder}/{name}", flags & ~os.O_TRUNC | _PLAIN',
        'os.open(f"{folder}/{name}", flags | _PLAIN',
    ),
    Fault(
        "a plain file may have other names",
        FILE,
        " and found.st_nlink <= 1 and found.st_uid == os.geteuid():",
        " and found.st_uid == os.geteuid():",
    ),
    Fault(
        "a plain file may be another user's",
        FILE,
        " and found.st_nlink <= 1 and found.st_uid == os.geteuid():",
        " and found.st_nlink <= 1:",
    ),
    Fault(
        "a plain file is made with what others may do",
        FILE,
        "            os.umask(umask & PRIVATE | own_umask)\n        fileno",
        "            os.umask(own_umask)\n        fileno",
    ),
    Fault(
        "our umask stays that of the last file",
        FILE,
        "            os.umask(own_umask)\n    found",
        "            pass\n    found",
    ),
    Fault(
        "a file that somebody gave another name is written into",
        FILE,
        "        if found.st_nlink > 1 and (",
        "        if False and (",
    ),
    Fault(
        "who makes copies by hard links in a folder of his own gets no more outputs",
        FILE,
        "        if found.st_nlink > 1 and (holder.st_uid != uid or holder.st_mode & stat.S_IWOTH):",
        "        if found.st_nlink > 1:",
    ),
    Fault(
        "a umask that takes all from its owner leaves a file that cannot be written again",
        FILE,
        "self._whose.umask & PRIVATE | (",
        "self._whose.umask | (",
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
