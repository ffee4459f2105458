"""Mistakes in adapters/jobs/insistence.py."""

from mistakes.fault import Fault

FILE = "adapters/jobs/insistence.py"
FAULTS = [
    Fault(
        "a shepherd that is asked is ended at once",
        FILE,
        "            self.due_s = now_s + SIGN_S\n            return Step.ASK",
        "            return Step.ASK",
    ),
    Fault(
        "a shepherd that is busy is ended as if it were stopped",
        FILE,
        "if is_stopped() or now_s >= self._asked_s + LONGEST_S:",
        "if True:",
    ),
    Fault(
        "a shepherd that hangs is never ended",
        FILE,
        "if is_stopped() or now_s >= self._asked_s + LONGEST_S:",
        "if is_stopped():",
    ),
    Fault(
        "a sign is no sign",
        FILE,
        "            wanted.by_s = max(wanted.by_s, now_s + MORE_S)\n",
        "            pass\n",
    ),
    Fault(
        "what is wanted later counts more",
        FILE,
        "wanted.by_s < known.by_s",
        "wanted.by_s > known.by_s",
    ),
    Fault(
        "what is done is still wanted",
        FILE,
        "        if self._wanted.pop(what, None) and not self._wanted:",
        "        if not self._wanted:",
    ),
    Fault(
        "who was asked once is never asked again",
        FILE,
        "not self._wanted:\n            self._asked_s, self._was_stopped = NEVER, False\n",
        "not self._wanted:\n            self._was_stopped = False\n",
    ),
    Fault(
        "who is stopped again and again is asked for ever",
        FILE,
        "if was_stopped and self._was_stopped:",
        "if False:",
    ),
    Fault("who was stopped once is ended", FILE, "if was_stopped and self._was_stopped:", "if was_stopped:"),
    Fault(
        "that it was stopped is never forgotten",
        FILE,
        "self._asked_s, self._was_stopped = NEVER, False",
        "self._asked_s = NEVER",
    ),
]
