"""Mistakes in roles/server/backlog.py."""

from mistakes.fault import Fault

FILE = "roles/server/backlog.py"
FAULTS = [
    Fault(
        "a turn lasts as long as there is something to decide",
        FILE,
        "if time.monotonic() >= until_s:",
        "if False:",
    ),
    Fault("the rest of a turn is forgotten", FILE, "return self._bytes > 0", "return False"),
    Fault(
        "who asks too much hears nothing",
        FILE,
        "return [Reply(request.handle, request.nonce, Refused(_TOO_MANY))]",
        "return []",
    ),
    Fault("long questions have no bound", FILE, "self._bytes >= BYTES or ", ""),
    Fault("what was decided counts for ever", FILE, "            self._bytes -= size\n", ""),
    Fault("all people are one", FILE, "self._turns.put(request.who.holder, ", 'self._turns.put("", '),
]
