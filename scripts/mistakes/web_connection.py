"""Mistakes in web/connection.py."""

from mistakes.fault import Fault

FILE = "web/connection.py"
FAULTS = [
    Fault(
        "who says nothing at all keeps a place",
        FILE,
        "        super().connection_made(transport)\n        self._due = self.loop.call_later(PATIENCE_S, self.transport.close)",
        "        super().connection_made(transport)",
    ),
    Fault(
        "a form that never ends keeps a place",
        FILE,
        "self.conn.their_state in (h11.IDLE, h11.SEND_BODY)",
        "self.conn.their_state in (h11.IDLE,)",
    ),
    Fault(
        "a second request may be half a one",
        FILE,
        "        elif self._due is None:",
        "        elif self._due is None and self.cycle is None:",
    ),
    Fault(
        "who has asked is sent away amid the answer",
        FILE,
        "        if not is_partial:\n            self._forget()",
        "        if not is_partial:\n            pass",
    ),
]
