"""Mistakes in core/values/layout.py."""

from mistakes.fault import Fault

FILE = "core/values/layout.py"
FAULTS = [
    Fault(
        "whose name is none is the keeper",
        FILE,
        "(bool(self.alias) and owner == self.alias)",
        "owner == self.alias",
    ),
    Fault("the keeper's other name is another's", FILE, " or (bool(self.alias) and owner == self.alias)", ""),
    Fault(
        "the keeper's outputs lie apart as well",
        FILE,
        'return "" if not self.keeper or is_keeper else owner_folder(owner)',
        'return "" if not self.keeper else owner_folder(owner)',
    ),
    Fault(
        "outputs lie apart at every server",
        FILE,
        'return "" if not self.keeper or is_keeper else',
        'return "" if is_keeper else',
    ),
    Fault(
        "a file of the job's host lies in its owner's folder",
        FILE,
        'folder = "" if path.startswith("/") else self.folder_of(owner)',
        "folder = self.folder_of(owner)",
    ),
    Fault(
        "an output that nobody named lies with all others",
        FILE,
        "named.get(OUT, output_name(job))",
        'named.get(OUT, f"../{output_name(job)}")',
    ),
    Fault(
        "an owner is called as an output is",
        FILE,
        "if not _PLAIN.fullmatch(owner) or _NAMES_OF_FILES.fullmatch(owner):",
        "if not _PLAIN.fullmatch(owner):",
    ),
    Fault(
        "an owner's name leads elsewhere",
        FILE,
        "if not _PLAIN.fullmatch(owner) or",
        "if",
    ),
    Fault(
        "two owners share a folder",
        FILE,
        'lambda found: b"%%%02x" % found[0][0]',
        'lambda found: b"%"',
    ),
    Fault(
        "a long name makes no folder",
        FILE,
        "if len(folder) > PART_BYTES:",
        "if False:",
    ),
]
