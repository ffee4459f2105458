"""Folders that go with all that is in them, whoever may be changing them meanwhile.

Each folder is opened by the one that it is in, and never by a link, so nobody whose folder it is can have
anything removed that lies elsewhere: root removes what users have made.
"""

import os
from contextlib import suppress
from itertools import count

from msgspec import Struct

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_DEPTH = 32  # of folders that are open at once; what lies deeper is moved up
_MOVES = 10_000  # somebody may make folders faster than we remove them


class _Level(Struct):
    """A folder that is being emptied, and the folders that are still in it."""

    fileno: int
    name: str
    inner: list[str]


def remove_tree(path: bytes) -> None:
    """Remove it as far as it can be: a folder with all in it, whatever its mode; of a link the link alone."""
    with suppress(OSError):
        os.unlink(path)
        return
    with suppress(OSError):
        top = _enter(os.fsdecode(path))
        try:
            _empty(top)
        finally:
            os.close(top)
        os.rmdir(path)


def _empty(top: int) -> None:
    levels, moves = [_Level(top, "", _folders_in(top))], count()
    while levels:
        here = levels[-1]
        if not here.inner:
            _leave(levels)
        elif len(levels) < _DEPTH:
            with suppress(OSError):
                name = here.inner.pop()
                fileno = _enter(name, here.fileno)
                levels.append(_Level(fileno, name, _folders_in(fileno)))
        else:
            _move_up(here, levels[0], next(moves))


def _leave(levels: list[_Level]) -> None:
    """It is as empty as it can be."""
    left = levels.pop()
    if levels:
        os.close(left.fileno)
        with suppress(OSError):
            os.rmdir(left.name, dir_fd=levels[-1].fileno)


def _move_up(here: _Level, top: _Level, number: int) -> None:
    """Have a folder in the uppermost one, where it can be opened like any other."""
    name, to = here.inner.pop(), f"goq.{number}.{os.urandom(4).hex()}"
    if number < _MOVES:
        with suppress(OSError):
            os.rename(name, to, src_dir_fd=here.fileno, dst_dir_fd=top.fileno)
            top.inner.append(to)


def _enter(name: str, where: int | None = None) -> int:
    """The folder, opened so that all in it can be removed. Raises OSError."""
    try:
        fileno = os.open(name, _FOLDER, dir_fd=where)
    except PermissionError:  # it is ours, and closed to us
        _unlock(name, where)
        fileno = os.open(name, _FOLDER, dir_fd=where)
    with suppress(OSError):
        os.fchmod(fileno, 0o700)
    return fileno


def _unlock(name: str, where: int | None) -> None:
    at = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=where)
    try:
        os.chmod(f"/proc/self/fd/{at}", 0o700)  # what is open, whatever has its name now
    finally:
        os.close(at)


def _folders_in(folder: int) -> list[str]:
    """The folders in it; all else has been removed."""
    folders: list[str] = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                with suppress(OSError):
                    os.unlink(entry.name, dir_fd=folder)
    return folders
