"""Mistakes in adapters/files/spoolroot.py."""

from mistakes.fault import Fault

FILE = "adapters/files/spoolroot.py"
FAULTS = [
    Fault(
        "another user's spool is used",
        FILE,
        "    if there.st_uid != os.geteuid():",
        "    if there.st_uid < 0:",
    ),
    Fault(
        "a link is followed",
        FILE,
        "    there = os.lstat(spool)",
        "    there = os.stat(spool)",
    ),
    Fault(
        "a spool that others may enter is used",
        FILE,
        "    if mode & 0o077:",
        "    if mode & 0o022:",
    ),
    Fault(
        "the cluster id is in a name",
        FILE,
        'hashlib.sha256(b"goq spool 1 " + secret.encode()).hexdigest()[:16]',
        "secret[:16]",
    ),
]
