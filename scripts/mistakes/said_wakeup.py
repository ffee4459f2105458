"""Mistakes in roles/said/wakeup.py."""

from mistakes.fault import Fault

FILE = "roles/said/wakeup.py"
FAULTS = [
    Fault(
        "SIGHUP ends what is in the background",
        FILE,
        "        if self._window.in_front:\n            self.count",
        "        if self._window:\n            self.count",
    ),
    Fault(
        "SIGHUP ends nothing",
        FILE,
        "            self.count = max(self.count, 1)  #",
        "            self.count = self.count  #",
    ),
    Fault(
        "a closed window counts twice",
        FILE,
        "            self.count = max(self.count, 1)  #",
        "            self.count += 1  #",
    ),
    Fault(
        "where it was started is where it is",
        FILE,
        "        if seen is not None:\n            self.in_front = seen and not self._put_aside\n",
        "        if seen is not None and not self.look_at:\n            self.in_front = seen and not self._put_aside\n",
    ),
    Fault(
        "with the terminal goes the memory of it",
        FILE,
        "        if seen is not None:\n            self.in_front = seen and not self._put_aside\n",
        "        self.in_front = bool(seen)\n",
    ),
    Fault(
        "an ignored signal is minded",
        FILE,
        "                if signal.getsignal(number) is not signal.SIG_IGN:\n                    signal.signal(number, handler)",
        "                if number:\n                    signal.signal(number, handler)",
    ),
    Fault(
        "before there is a loop a window ends all",
        FILE,
        "        if window.in_front:\n            signal.signal(number",
        "        if window:\n            signal.signal(number",
    ),
    Fault(
        "before there is a loop nothing ends",
        FILE,
        "            signal.raise_signal(number)\n",
        "            return\n",
    ),
    Fault(
        "what a script has put into the background ends",
        FILE,
        " and not self._put_aside",
        "",
    ),
]
