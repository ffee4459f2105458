"""Mistakes in roles/client/line.py."""

from mistakes.fault import Fault

FILE = "roles/client/line.py"
FAULTS = [
    Fault(
        "who drove the connection leaves, and nobody takes over",
        FILE,
        "                    heir.ring()\n",
        "                    heir.answer = None\n",
    ),
    Fault(
        "who drove the connection is taken for its driver for ever",
        FILE,
        "                self._driver = None\n                for heir",
        "                for heir",
    ),
    Fault(
        "everybody sleeps at the socket",
        FILE,
        "            drives = self._driver is asker\n",
        "            drives = True\n",
    ),
    Fault(
        "an answer wakes nobody",
        FILE,
        "        self.answer = answer\n        self.ring()",
        "        self.answer = answer",
    ),
    Fault(
        "closing wakes nobody",
        FILE,
        "            for asker in self._askers:\n                asker.ring()\n            if self._calls is not None and self._askers:",
        "            if self._calls is None and self._askers:",
    ),
    Fault(
        "a question whose asker has gone stays open",
        FILE,
        "            if asker.call is not None:\n                asker.calls.cancel(asker.call)\n",
        "            pass\n",
    ),
    Fault(
        "one that is left without an answer takes the connection of the others along",
        FILE,
        "                if len(self._askers) == 1 and asker.calls.ways.is_settled:",
        "                if self._askers and asker.calls.ways.is_settled:",
    ),
    Fault(
        "each try is another one that dials",
        FILE,
        "                if len(self._askers) == 1 and asker.calls.ways.is_settled:",
        "                if len(self._askers) == 1:",
    ),
    Fault(
        "'nothing so far' is an answer",
        FILE,
        "            if not isinstance(asker.answer, AskAgain):\n                return",
        "            if asker.answer is not None:\n                return",
    ),
    Fault(
        "how connections fared in a rest is held against the server",
        FILE,
        "            self._calls.refresh()\n",
        "            self._calls.turn()\n",
    ),
    Fault(
        "a child goes on with the connection of its parent",
        FILE,
        "if self._pid != os.getpid():",
        "if self._pid == 0:",
    ),
    Fault(
        "a wait that has begun ends with the server",
        FILE,
        "if self._calls is None or not self._calls.has_connected:",
        "if self._calls is None or not self._calls.is_well:",
    ),
]
