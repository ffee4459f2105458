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
        "if self.arriving.pop(blob, None) and blob in self.users:",
        "if self.arriving.get(blob) and blob in self.users:",
    ),
    Fault(
        "what was thrown away since it was wrong is wanted by nobody",
        "core/state/blobs.py",
        "if self.arriving.pop(blob, None) and blob in self.users:",
        "if self.arriving.pop(blob, None) and False:",
    ),
    Fault(
        "wrong bytes stay",
        "core/dispatch/people.py",
        "            self._moves.emit(BlobsDropped((add.blob,)), outcome)\n",
        "",
    ),
]
