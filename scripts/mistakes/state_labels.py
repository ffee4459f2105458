"""Mistakes in core/state/labels.py."""

from mistakes.fault import Fault

FILE = "core/state/labels.py"
FAULTS = [
    Fault("a tag is a name", FILE, "            yield self._tags, tag", "            yield self._names, tag"),
    Fault("a name is found in all names", FILE, "        if named.is_exact:", "        if True:"),
    Fault(
        "what has ended is still called so",
        FILE,
        "            jobs.discard(submission.first, submission.end)\n",
        "",
    ),
    Fault(
        "a word that means nothing is kept",
        FILE,
        "            if not jobs:\n                del index[word]\n",
        "",
    ),
]
