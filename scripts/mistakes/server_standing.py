"""Mistakes in roles/server/standing.py."""

from mistakes.fault import Fault

FILE = "roles/server/standing.py"
FAULTS = [
    Fault("a second queue begins unsaid", FILE, "    if found.live:\n", "    if found.live < 0:\n"),
    Fault("a copy is gone on with beside its original", FILE, "    if pid:\n", "    if False:\n"),
    Fault(
        "a missing disk passes for an empty one",
        FILE,
        "if found is None and not os.path.ismount(known.mount):",
        "if False:",
    ),
    Fault(
        "another host is looked into from here",
        FILE,
        "if found is None and known.host != host_name():",
        "if False:",
    ),
    Fault("an old copy goes on", FILE, "if here.epoch < known.epoch:", "if here.epoch < 0:"),
    Fault(
        "a link is another place", FILE, "return one == other or os.path", "return one == other and os.path"
    ),
    Fault("a copy goes on", FILE, "if found and found.queue == here.queue:", "if False:"),
    Fault("the original is taken for a copy", FILE, "if here.epoch == known.epoch:", "if True:"),
    Fault("a backup goes on", FILE, "if here and here.is_backup:", "if False:"),
    Fault("new begins where there is a queue", FILE, "if new and here:", "if False:"),
    Fault("nothing is gone back to", FILE, "if restored and here is None:", "if False:"),
    Fault(
        "what cannot be seen is no copy",
        FILE,
        "if here.inode == known.inode or known.host",
        "if True or known.host",
    ),
    Fault(
        "the same file is a copy of itself",
        FILE,
        "if here.inode == known.inode or known.host",
        "if known.host",
    ),
    Fault(
        "another queue's epochs count",
        FILE,
        "known.served.queue == last.queue",
        "known.served.queue",
    ),
]
