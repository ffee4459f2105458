"""Mistakes in adapters/jobs/mounts.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/mounts.py"
FAULTS = [
    Fault(
        "a mistyped command is a missing mount",
        FILE,
        "        return not os.listdir(folder)",
        "        return True",
    ),
    Fault(
        "a missing mount is a mistyped command",
        FILE,
        "        return not os.listdir(folder)",
        "        return False",
    ),
    Fault(
        "a link into a missing folder is a mistyped command",
        FILE,
        'else there if is_amid else b""',
        'else b""',
    ),
    Fault(
        "what is mistyped behind a link is a missing mount",
        FILE,
        "is_linked = len(way) >= own",
        "is_linked = True",
    ),
    Fault(
        "a link to a mistyped file is a missing mount",
        FILE,
        "is_amid=is_linked and any(way))",
        "is_amid=is_linked)",
    ),
    Fault(
        "an absolute link is read from where it lies",
        FILE,
        'at = b"/" if target.startswith(b"/") else at',
        "pass",
    ),
    Fault(
        "links in a circle are followed for ever",
        FILE,
        "            links += 1\n",
        "",
    ),
    Fault(
        "a dead mount in a PATH is no mount",
        FILE,
        "    if error.errno in DEAD_MOUNT:\n        return there\n",
        "",
    ),
    Fault(
        "an empty bin in a home makes each mistyped command travel",
        FILE,
        '(home and (lack + b"/").startswith(home + b"/"))',
        "False",
    ),
    Fault(
        "an empty /usr/local makes each mistyped command travel",
        FILE,
        "is_habit = lack in _OFTEN_EMPTY or ",
        "is_habit = ",
    ),
    Fault(
        "a PATH that ends with a colon makes each mistyped command travel",
        FILE,
        '        if each in (b"", b"."):\n            continue\n',
        "",
    ),
]
