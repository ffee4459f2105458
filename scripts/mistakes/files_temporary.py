"""Mistakes in adapters/files/temporary.py."""

from mistakes.fault import Fault

FILE = "adapters/files/temporary.py"
FAULTS = [
    Fault(
        "temporary files of a dead worker stay",
        FILE,
        "            remove_tree(bytes(target))\n",
        "            pass\n",
    ),
    Fault(
        "a folder for temporary files is not found by who tidies up",
        FILE,
        "        if is_shared:\n            path.chmod(PASSED)\n",
        "        link.unlink()\n        if is_shared:\n            path.chmod(PASSED)\n",
    ),
    Fault(
        "anybody may look at temporary files",
        FILE,
        "path.mkdir(mode=PRIVATE)",
        "path.mkdir()",
    ),
    Fault(
        "nobody gets to what is for all",
        FILE,
        "            path.chmod(PASSED)\n",
        "            pass\n",
    ),
    Fault(
        "users may see whose jobs run",
        FILE,
        "PRIVATE, PASSED = 0o700, 0o711",
        "PRIVATE, PASSED = 0o700, 0o755",
    ),
    Fault(
        "what all share lies where nobody gets",
        FILE,
        "there.st_mode & 0o001 and is_guarded",
        "is_guarded",
    ),
    Fault(
        "what all share lies where anybody may put another in its place",
        FILE,
        "there.st_mode & 0o001 and is_guarded",
        "there.st_mode & 0o001",
    ),
    Fault(
        "what all share lies in somebody's folder",
        FILE,
        "there.st_uid == 0 and ",
        "",
    ),
    Fault(
        "only the last folder of a way is looked at",
        FILE,
        "for folder in (here, *here.parents)",
        "for folder in (here,)",
    ),
]
