"""Mistakes in core/waits/turns.py."""

from mistakes.fault import Fault

FILE = "core/waits/turns.py"
FAULTS = [
    Fault(
        "one has all turns",
        FILE,
        "            self._waiting[holder] = own\n",
        "            self._waiting[holder] = own\n            self._waiting.move_to_end(holder, last=False)\n",
    ),
    Fault("one fills it", FILE, " or (holder and own and len(own) >= self._each)", ""),
    Fault("administrators have no more room than others", FILE, "(holder and own and", "(own and"),
    Fault("any number takes turns", FILE, "len(self) >= self._limit or ", ""),
    Fault("what is over stays", FILE, " if not is_over(what))", ")"),
]
