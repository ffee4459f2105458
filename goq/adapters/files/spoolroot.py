"""GOQ_SPOOL itself: whose it is, and which part of it is a cluster's.

By default it lies where anybody may make folders, so one that somebody else has made in its
place is refused, and never read. Each cluster of a user has a part: what it keeps there is of no
use to another's server, and would be lost on it.
"""

import hashlib
import os
import stat
from pathlib import Path

from goq.adapters.files.secretfile import make_private_folder
from goq.errors import BadSetting


def cluster_part(spool: Path, secret: str) -> Path:
    """The folder of one cluster. Its name does not tell the id."""
    return spool / hashlib.sha256(b"goq spool 1 " + secret.encode()).hexdigest()[:16]


def take_spool(spool: Path) -> Path:
    """The folder, made where it is missing. Raises BadSetting when it cannot be, or is not ours alone."""
    try:
        if not os.path.islink(spool):
            make_private_folder(spool)
    except BadSetting as error:
        raise BadSetting(f"GOQ_SPOOL: {error}; set it to a folder of your own") from error
    if fault := _fault(spool):
        raise BadSetting(fault)
    return spool


def is_own(spool: Path) -> bool:
    """It is there, and nobody else could have put anything into it."""
    try:
        return not _fault(spool)
    except OSError:
        return False


def _fault(spool: Path) -> str:
    """Why it is not to be used; "" when it is. Who has a folder where others may make some keeps it."""
    there = os.lstat(spool)
    if not stat.S_ISDIR(there.st_mode):
        return f"GOQ_SPOOL is {spool}, a link or a file; set it to a folder of your own"
    if there.st_uid != os.geteuid():
        return f"GOQ_SPOOL is {spool}, which belongs to another user (uid {there.st_uid}); set it to one of your own"
    mode = stat.S_IMODE(there.st_mode)
    if mode & 0o077:
        return f"GOQ_SPOOL is {spool}, which is open to others (mode {mode:04o}); say: chmod 700 {spool}"
    return ""
