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
        "_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW",
        "_FOLDER = os.O_RDONLY | os.O_DIRECTORY",
    ),
    Fault(
        "folders stay that were emptied",
        FILE,
        "os.rmdir(left.name, dir_fd=levels[-1].fileno)",
        "pass",
    ),
    Fault(
        "what is deep takes more descriptors than there are",
        FILE,
        "elif len(levels) < _DEPTH:",
        "elif True:",
    ),
    Fault(
        "what was moved up stays",
        FILE,
        "            top.inner.append(to)\n",
        "            pass\n",
    ),
    Fault(
        "what its owner has closed to himself stays",
        FILE,
        "        _unlock(name, where)\n        fileno",
        "        fileno",
    ),
    Fault(
        "what cannot be written into stays full",
        FILE,
        "        os.fchmod(fileno, 0o700)\n",
        "        pass\n",
    ),
]
