"""Where a submitter stands."""

import os
import stat

from goq.errors import BadCommand


def current_folder() -> tuple[bytes, bytes]:
    """The current folder as its user calls it, and its path without symbolic links, b"" if that is the same.

    What he calls it is PWD, if that is an absolute path without . and .. that leads here. Raises
    BadCommand when the folder is gone. Source: POSIX, pwd -L.
    """
    try:
        physical = os.getcwdb()
        here = os.stat(b".")
    except FileNotFoundError as error:
        raise BadCommand("the current folder is gone; go to one that exists") from error
    logical = os.environb.get(b"PWD", b"")
    if logical != physical and _leads_to(here, logical):
        return logical, physical
    return physical, b""


def folder_of(name: str | None) -> tuple[bytes, bytes]:
    """The folder of that name in the same two ways; the current one for None.

    Raises BadCommand when there is none here.
    """
    current = current_folder()
    if name is None:
        return current
    try:
        there = os.stat(name)
        physical = os.path.realpath(os.fsencode(name), strict=True)
    except OSError as error:
        raise _no_folder(name, str(error.strerror)) from error
    if not stat.S_ISDIR(there.st_mode):
        raise _no_folder(name, "that is no folder")
    logical = os.path.normpath(os.path.join(current[0], os.fsencode(name)))
    if logical != physical and _leads_to(there, logical):
        return logical, physical
    return physical, b""


def _no_folder(name: str, why: str) -> BadCommand:
    return BadCommand(f"-C '{name}': {why}; name a folder that is here, as in -C /tmp. Nothing was queued.")


def _leads_to(here: os.stat_result, path: bytes) -> bool:
    if not path.startswith(b"/") or {b".", b".."} & set(path.split(b"/")):
        return False
    try:
        return os.path.samestat(here, os.stat(path))
    except OSError:
        return False


def current_umask() -> int:
    """The permissions that files are made without."""
    umask = os.umask(0o077)
    os.umask(umask)
    return umask
