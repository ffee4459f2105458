"""Mistakes in roles/server/reader.py."""

from mistakes.fault import Fault

FILE = "roles/server/reader.py"
FAULTS = [
    Fault("what came of a look is not counted", FILE, "        self._results[result] += 1\n", ""),
    Fault("a look that is not let in is not counted", FILE, '        self._results["refused"] += 1\n', ""),
    Fault(
        "any number of looks wait",
        FILE,
        "Turns(WAITING_LIMIT, WAITING_EACH)",
        "Turns(2**63, 2**63)",
    ),
    Fault(
        "nobody hears of a reader that ended",
        FILE,
        '            self._say(f"what looks into the journal {how}; the next look starts it again.", "reader trouble")\n',
        "",
    ),
    Fault(
        "a look that takes too long is waited for",
        FILE,
        "        self._late_s = time.monotonic() + PATIENCE_S\n",
        "",
    ),
    Fault(
        "a reader that was too late is left",
        FILE,
        '            replies += self._answer("late", Refused(_LATE))\n            self._end()\n',
        '            replies += self._answer("late", Refused(_LATE))\n',
    ),
    Fault(
        "who asked a reader that ended hears nothing",
        FILE,
        "        return [asker.reply(answer)]\n",
        "        return [asker.reply(answer)] if isinstance(answer, Shown) else []\n",
    ),
    Fault(
        "a refusal is taken for a find",
        FILE,
        "Shown(told) if is_found else Refused(told)",
        "Shown(told)",
    ),
]
