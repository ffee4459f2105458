"""Mistakes in adapters/wire/transport_ways.py."""

from mistakes.fault import Fault

FILE = "adapters/wire/transport_ways.py"
FAULTS = [
    Fault(
        "for who reads nothing any number of answers is kept",
        "adapters/wire/unsent.py",
        "if self._frames[peer] >= UNSENT_FRAMES or self._bytes[peer] >= UNSENT_BYTES:",
        "if False:",
    ),
    Fault(
        "the old connection stays",
        FILE,
        "            for other in [other for other in self._ways.values() if other is not way]:\n"
        "                self._retire(other)",
        "            way.is_stale = False",
    ),
    Fault(
        "connections without an end",
        FILE,
        "< DIALS:",
        "< 1000:",
    ),
    Fault(
        "what is closed is kept",
        FILE,
        "        del self._ways[way.dialer.id]\n        way.dialer.close()",
        "        way.dialer.close()",
    ),
    Fault(
        "pipes that are gone are kept",
        FILE,
        "self._dialer_of.pop(pipe, -1)",
        "self._dialer_of.get(pipe, -1)",
    ),
    Fault(
        "the old place wins when it comes late",
        FILE,
        "        if way.is_stale:\n            self._close(way)",
        "        if way.is_stale:\n            way.is_stale = False",
    ),
    Fault(
        "a lost connection is not looked up",
        FILE,
        "        if not self.is_connected and not is_number(self._place.host):",
        "        if False:",
    ),
]
