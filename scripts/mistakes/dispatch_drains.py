"""Mistakes in core/dispatch/drains.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/drains.py"
FAULTS = [
    Fault(
        "health takes back what a person has drained",
        FILE,
        "known if known and known.by.owner == HEALTH and known.amount == 0 else None",
        "known",
    ),
    Fault(
        "health takes over what a person has drained",
        FILE,
        "elif ours is None and self._state.limits.get(found.name) == 0:",
        "elif False:",
    ),
    Fault(
        "what a person had limited a node to is forgotten",
        FILE,
        "found.why, found.by, now.wall_ns, before)",
        "found.why, found.by, now.wall_ns)",
    ),
    Fault("a second trouble is the first", FILE, "before = ours.before if ours else", "before ="),
    Fault(
        "each check is written down",
        FILE,
        "elif ours is None or (ours.by.pid, ours.why) != (found.by.pid, found.why):",
        "else:",
    ),
    Fault(
        "one worker that is well is enough",
        FILE,
        "if ours and ours.by.pid != found.by.pid and self",
        "if False and self",
    ),
    Fault("who is gone is never well again", FILE, "now.attended_s - room.heard_s <= ABSENT_S)", "True)"),
    Fault(
        "a host that swallows jobs is drained unasked",
        FILE,
        "is_drained = BLACKHOLE in moves.state.limits",
        "is_drained = True",
    ),
    Fault(
        "a host that swallows jobs is never drained",
        FILE,
        "    if is_drained:\n        moves",
        "    if False:\n        moves",
    ),
    Fault(
        "old failures drain a host again",
        FILE,
        "        moves.holes.forget(host)\n",
        "",
    ),
]
