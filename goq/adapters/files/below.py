"""Opens files below a folder, whatever somebody has put there: by no symbolic link, and nothing but files.

Each folder on the way is opened by the one before it, so that nothing can be exchanged in between.
"""

import errno
import os
import stat
from contextlib import suppress

_OTHER_THINGS = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EINVAL, errno.ENXIO, errno.EISDIR}
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def open_below(folder: str, path: str, flags: int) -> int:
    """The file, which is made with the folders that it is to lie in when O_CREAT is among the flags.

    Raises OSError, also where there is a symbolic link on the way, and where something else than a file is.
    """
    *folders, name = path.split("/")
    where = _root(folder, is_made=bool(flags & os.O_CREAT))
    try:
        for each in folders:
            inner = _enter(where, each, is_made=bool(flags & os.O_CREAT))
            os.close(where)
            where = inner
        # Not to be held up by a fifo that somebody has put in its place.
        fileno = os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666, dir_fd=where)
    finally:
        os.close(where)
    if not stat.S_ISREG(os.fstat(fileno).st_mode):
        os.close(fileno)
        raise OSError(errno.EINVAL, "that is no file", os.path.join(folder, path))
    return fileno


def link_on_the_way(folder: str, path: str) -> str:
    """What there is of the path that is a symbolic link, by which nothing is opened; "" for nothing."""
    parts = path.split("/")
    for count in range(1, len(parts) + 1):
        here = os.path.join(folder, *parts[:count])
        if os.path.islink(here):
            return here
    return ""


def sync_names(folder: str, inner: str) -> None:
    """Make the names durable in a folder below that one, and in those in between. Raises OSError."""
    where = os.open(folder, _FOLDER & ~os.O_NOFOLLOW)
    try:
        for each in inner.split("/"):
            os.fsync(where)
            deeper = os.open(each, _FOLDER, dir_fd=where)
            os.close(where)
            where = deeper
        os.fsync(where)
    finally:
        os.close(where)


def is_gone(error: OSError) -> bool:
    """What was made there was taken away, or something else put in its place."""
    return error.errno in _OTHER_THINGS


def _root(folder: str, *, is_made: bool) -> int:
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        if not is_made:
            raise
        os.makedirs(folder, exist_ok=True)
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _enter(where: int, name: str, *, is_made: bool) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=where)
    except FileNotFoundError:
        if not is_made:
            raise
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=where)
    return os.open(name, _FOLDER, dir_fd=where)
