"""Mistakes in core/dispatch/copies.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/copies.py"
FAULTS = [
    Fault(
        "an old copy of the journal does not know itself",
        FILE,
        "if asked.queue == ours.queue and (asked.number > ours.number or asked.differs(ours)):\n            return self",
        "if False:\n            return self",
    ),
    Fault(
        "each question for another queue is a line",
        FILE,
        "if asked not in self._misdirected and len",
        "if asked and len",
    ),
    Fault(
        "an old copy says nothing in goq stat",
        FILE,
        "self.trouble = self._is_old = f",
        "self._is_old = f",
    ),
    Fault("a number that was never given is nothing", FILE, "claim.job >= state.next_job or ", ""),
    Fault(
        "an attempt that was never given is nothing",
        FILE,
        " or claim.attempt > _attempts(state, claim.job)",
        "",
    ),
    Fault(
        "another server of an epoch is nothing", FILE, "return epoch.draw != drawn or claim", "return claim"
    ),
    Fault("what nobody can judge is proof", FILE, "    if not (drawn and epoch.draw) or", "    if"),
    Fault("a stray is proof again", FILE, " or state.is_stray(claim):", ":"),
    Fault(
        "who knows another server proves nothing",
        FILE,
        "        if self._state.restored <= asked.number and self._is_of_another(",
        "        if False and self._is_of_another(",
    ),
    Fault(
        "who knew another server proves it for ever",
        FILE,
        "        if self._state.restored <= asked.number and self",
        "        if self",
    ),
    Fault("a later server is proof", FILE, 'return ""  # and refused for that', "pass"),
]
