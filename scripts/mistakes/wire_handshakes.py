"""Mistakes in adapters/wire/handshakes.py."""

from mistakes.fault import Fault

FILE = "adapters/wire/handshakes.py"
FAULTS = [
    Fault(
        "peers are sent away too",
        FILE,
        "if ends is None or ends in self._peer_at:",
        "if ends is None:",
    ),
    Fault(
        "nobody is sent away",
        FILE,
        "if now_s - since_s >= HANDSHAKE_S:",
        "if False:",
    ),
    Fault(
        "nobody has time to shake hands",
        FILE,
        "if now_s - since_s >= HANDSHAKE_S:",
        "if True:",
    ),
    Fault(
        "each look is the first",
        FILE,
        "= before.get(inode, now_s)",
        "= now_s",
    ),
    Fault(
        "a connection is known by its other end",
        FILE,
        "return Ends(*_seen(family, found.getsockname()), *_seen(family, found.getpeername()))",
        'return Ends(b"", 0, *_seen(family, found.getpeername()))',
    ),
    Fault(
        "a peer that has gone is kept",
        FILE,
        "        if ends and self._peer_at.get(ends) == peer:",
        "        if False:",
    ),
    Fault(
        "nothing is looked at when no descriptor is free",
        FILE,
        'return range(os.sysconf("SC_OPEN_MAX"))',
        "return ()",
    ),
    Fault(
        "one look is all",
        FILE,
        "        self._look_s = now_s + LOOK_EVERY_S\n        settled",
        '        self._look_s = float("inf")\n        settled',
    ),
]
