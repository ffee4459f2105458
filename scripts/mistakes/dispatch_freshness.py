"""Mistakes in core/dispatch/freshness.py."""

from mistakes.fault import Fault

FILE = "core/dispatch/freshness.py"
FAULTS = [
    Fault("one fills the memory", FILE, "(holder and self._of[holder] >= self._limit // HOLDERS)", "False"),
    Fault("what is forgotten counts for ever", FILE, "            self._of[holder] -= 1\n", ""),
    Fault(
        "a repeated request is admitted",
        FILE,
        "if nonce in self._seen:",
        "if False:",
    ),
    Fault(
        "nonces are forgotten too early",
        FILE,
        "now.wall_ns + 2 * self._window_ns",
        "now.wall_ns + self._window_ns",
    ),
    Fault(
        "nonces are forgotten a moment too early",
        FILE,
        "< now.wall_ns:",
        "<= now.wall_ns:",
    ),
    Fault(
        "a full gate forgets",
        FILE,
        "            return Verdict.FULL\n",
        "            self._seen.popitem(last=False)\n",
    ),
    Fault(
        "requests to the server before are admitted",
        FILE,
        " or sent_ns < self._start_ns(now):",
        ":",
    ),
    Fault(
        "a clock that was set back shuts everybody out",
        FILE,
        "min(self._since.wall_ns, now.wall_ns - attended_ns)",
        "self._since.wall_ns",
    ),
    Fault(
        "a gate takes its start for the beginning of time",
        FILE,
        "now.attended_s - self._since.attended_s",
        "now.attended_s",
    ),
    Fault(
        "requests from the future are fresh",
        FILE,
        "abs(now.wall_ns - sent_ns)",
        "now.wall_ns - sent_ns",
    ),
    Fault(
        "old requests are welcome if they may be repeated",
        FILE,
        "return Verdict.FRESH if self.is_fresh(request.sent_ns, now) else Verdict.STALE",
        "return Verdict.FRESH",
    ),
    Fault(
        "repeated requests are told that they were repeated",
        FILE,
        "if verdict is Verdict.REPEATED:",
        "if False:",
    ),
    Fault(
        "refused requests are not counted",
        FILE,
        "        self.refused_count += 1\n",
        "",
    ),
    Fault("what changed jobs does so again", FILE, "Reset() | Change() |", "Reset() |"),
    Fault("what changed limits does so again", FILE, " | SetLimit() | SetKey()", " | SetKey()"),
    Fault("what changed keys does so again", FILE, " | SetLimit() | SetKey()", " | SetLimit()"),
]
