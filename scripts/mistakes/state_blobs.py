"""Mistakes in core/state/blobs.py."""

from mistakes.fault import Fault

FILE = "core/state/blobs.py"
FAULTS = [
    Fault(
        "a blob begins anew for each that needs it",
        FILE,
        "            if blob not in self.arriving:",
        "            if blob:",
    ),
    Fault(
        "what has come is arriving for ever",
        FILE,
        "        if arriving.here == size_of(blob):",
        "        if False:",
    ),
    Fault(
        "a blob goes with the first job that has read it",
        FILE,
        "            if not self.users[blob]:",
        "            if True:",
    ),
    Fault(
        "a script goes with the last job that runs it",
        FILE,
        "                if blob == origin.stdin or blob in self.arriving:",
        "                if blob:",
    ),
    Fault(
        "half a script stays though nobody needs it",
        FILE,
        "                if blob == origin.stdin or blob in self.arriving:",
        "                if blob == origin.stdin:",
    ),
    Fault(
        "what is gone is arriving",
        FILE,
        "            self.arriving.pop(blob, None)\n",
        "            pass\n",
    ),
]
