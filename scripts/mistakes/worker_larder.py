"""Mistakes in roles/worker/larder.py."""

from mistakes.fault import Fault

FILE = "roles/worker/larder.py"
FAULTS = [
    Fault(
        "a file that a job has changed is read by the next",
        FILE,
        "            if jar.stamp is not None and jar.stamp != _stamp(jar.path):",
        "            if False:",
    ),
    Fault(
        "each attempt fetches anew",
        FILE,
        "            jar = self._jars.get(blob) or Jar(",
        "            jar = Jar(",
    ),
    Fault(
        "a piece is believed that is not what was signed",
        FILE,
        " if sha256_of(data) == sha256:",
        ":",
    ),
    Fault(
        "a whole is believed that is not what was announced",
        FILE,
        "        if not jar.arriving.leads_on(data):",
        "        if False:",
    ),
    Fault(
        "after a bad answer nobody asks again",
        FILE,
        "                jar.due_s = time.monotonic() + AGAIN_S\n\n",
        "                pass\n\n",
    ),
    Fault(
        "what is not here any more is waited for",
        FILE,
        "or any(jar.trouble for jar in jars)",
        "or False",
    ),
    Fault(
        "half a blob is kept for nobody",
        FILE,
        "            if jar.stamp is None or len(idle)",
        "            if len(idle)",
    ),
    Fault(
        "what nobody reads is kept without a bound",
        FILE,
        "len(idle) - at > IDLE_COUNT",
        "False",
    ),
    Fault(
        "what was read last goes first",
        FILE,
        "                    self._jars[blob] = self._jars.pop(blob)\n",
        "                    pass\n",
    ),
    Fault(
        "only the first piece is asked for",
        FILE,
        "        else:\n            self._fetch(jar)\n",
        "",
    ),
]
