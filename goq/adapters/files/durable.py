"""Files that are on the disk when the call returns."""

import os
import time
from contextlib import suppress
from pathlib import Path

LEFTOVER_S = 3600.0  # so old, a file that was to be renamed is a dead process's


def sync(path: Path | str) -> None:
    """Make a file durable, or the names in a folder. Raises OSError."""
    fileno = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fileno)
    finally:
        os.close(fileno)


def write_private(path: Path, data: bytes) -> None:
    """Put a file of mode 0600 in its place, whole and synced, or not at all. An old one is replaced.

    Its name is durable once its folder is synced too. Raises OSError; the place is then as it was.
    """
    aside = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}.new")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(aside, flags, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise


def remove_leftovers(folder: Path, pattern: str) -> None:
    """Take away the files of that kind that nobody will use any more: whoever made them has died at it."""
    before_s = time.time() - LEFTOVER_S
    with suppress(OSError):
        for path in folder.glob(pattern):
            with suppress(OSError):
                if path.lstat().st_mtime < before_s:
                    path.unlink()
