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
        "        more = os.O_NOFOLLOW | os.O_NONBLOCK",
        "        more = os.O_NONBLOCK",
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
        "flags & ~os.O_TRUNC | more",
        "flags | more",
    ),
    Fault(
        "another user's file is written into",
        FILE,
        "        if found.st_uid not in (uid, holder.st_uid) and (",
        "        if False and (",
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
        "root goes with its own rights into a folder of somebody else's",
        FILE,
        "        acting.__enter__()\n",
        "        pass\n",
    ),
    Fault(
        "root's own output goes into another's folder",
        FILE,
        "        if self._is_made and not is_his and (expected is not None or not is_owner_s):",
        "        if self._is_made and not is_his and is_owner_s and expected is not None:",
    ),
    Fault(
        "an owner's output goes into the folder of another",
        FILE,
        "        if self._is_made and not is_his and (expected is not None or not is_owner_s):",
        "        if self._is_made and not is_his and not is_owner_s:",
    ),
    Fault(
        "others may look into an owner's folder",
        FILE,
        "os.mkdir(name, 0o700 if is_owner_s else 0o777,",
        "os.mkdir(name, 0o777,",
    ),
    Fault(
        "a folder stays root's",
        FILE,
        "os.fchown(fileno, account.uid, account.gid)",
        "os.fchown(fileno, -1, -1)",
    ),
    Fault(
        "what is kept for an owner without an account is read by all",
        FILE,
        "                os.umask(PRIVATE)\n            return",
        "                pass\n            return",
    ),
    Fault(
        "an owner's files are made as root's umask says",
        FILE,
        "(0 if self._whose.owner else self._umask)",
        "self._umask",
    ),
    Fault(
        "a umask that takes all from its owner leaves a file that cannot be written again",
        FILE,
        "self._whose.umask & PRIVATE | (",
        "self._whose.umask | (",
    ),
    Fault(
        "what lies outside its owner's folder is read by all",
        FILE,
        "Whose(PRIVATE if whose.owner else whose.umask)",
        "Whose(whose.umask)",
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
