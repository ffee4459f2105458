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
        "for each in known.queues if each.queue == last.queue]",
        "for each in known.queues]",
    ),
    Fault(
        "a journal does not know its place",
        FILE,
        "    told += [_look_at_home(config, here)] if here else []\n",
        "",
    ),
    Fault("a copy of a served journal goes on", FILE, "    if not here.is_at_rest:\n", "    if False:\n"),
    Fault(
        "only the latest queue counts",
        FILE,
        "for each in (known.queues if known else ())][:1]",
        "for each in (known.queues[:1] if known else ())]",
    ),
    Fault(
        "a damaged memory is no memory",
        FILE,
        "    if trouble := trouble_with(config.home):\n",
        '    if trouble := "":\n',
    ),
    Fault(
        "a damaged memory is not told",
        FILE,
        'is written anew." if trouble else ""',
        'is written anew." if False else ""',
    ),
]
