"""Mistakes in adapters/files/named.py."""

from mistakes.fault import Fault

FILE = "adapters/files/named.py"
FAULTS = [
    Fault(
        "what is written late cuts off what lies behind",
        FILE,
        "        return self._files[part.path][-1] == part.key\n",
        "        return bool(part.key)\n",
    ),
    Fault(
        "what is durable does not count any more",
        FILE,
        "        self._done.add(key)\n        while",
        "        self._remove(part)\n        while",
    ),
    Fault(
        "what is not written yet takes no room",
        FILE,
        "start = max(size, *(self._parts[each].end or 0 for each in behind))",
        "start = size",
    ),
    Fault(
        "a lost attempt's bytes stay",
        FILE,
        "            start = abandoned.start\n",
        "            start = size\n",
    ),
    Fault(
        "an attempt is written over that ended well",
        FILE,
        "other[2] == stream and other[1] < attempt and part.end is None",
        "other[2] == stream and other[1] < attempt",
    ),
    Fault(
        "the other stream is taken for an attempt",
        FILE,
        "if other[2] == stream and other[1]",
        "if other[1]",
    ),
    Fault(
        "what has ended is never forgotten",
        FILE,
        "                if self._parts[key].end is None:\n",
        "                if self._parts[key].end == 0:\n",
    ),
]
