"""Mistakes in core/waits/parking.py."""

from mistakes.fault import Fault

FILE = "core/waits/parking.py"
FAULTS = [
    Fault(
        "who comes often pushes others out",
        FILE,
        "return next(own, next(iter(seats)))",
        "return next(iter(seats))",
    ),
    Fault(
        "who was answered counts for ever",
        FILE,
        "        self._uncount(parked)\n        peer = parked",
        "        peer = parked",
    ),
    Fault(
        "who has left counts for ever",
        FILE,
        "                self._uncount(parked)\n            if not seats",
        "            if not seats",
    ),
    Fault(
        "the worker that came last is served first",
        FILE,
        "next(iter(self._parked))",
        "next(reversed(self._parked))",
    ),
    Fault(
        "a worker that asks again loses its turn",
        FILE,
        "seats = self._parked.setdefault(key, {})",
        "seats = self._parked.setdefault(key, {})\n        self._parked.move_to_end(key)",
    ),
    Fault(
        "observers are answered again and again",
        FILE,
        "self._parked.pop(key, {}).values()",
        "(self._parked.pop if self._each == 1 else self._parked.get)(key, {}).values()",
    ),
    Fault(
        "a resent request is answered twice",
        FILE,
        "        seats[parked.nonce] = parked\n",
        "        seats[Nonce(parked.nonce + parked.handle.header)] = parked\n",
    ),
    Fault(
        "newcomers put off those before them",
        FILE,
        "if len(seats) == 1:",
        "if seats:",
    ),
    Fault(
        "a line has no end",
        FILE,
        "if len(seats) >= self._each:",
        "if False:",
    ),
    Fault(
        "one closed connection drops everybody's requests",
        FILE,
        "if parked.handle.peer == peer]:",
        "]:",
    ),
]
