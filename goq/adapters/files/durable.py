"""Files that are on the disk when the call returns."""

import os
from pathlib import Path


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
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
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
