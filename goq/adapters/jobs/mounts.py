"""Whether what is not there lies on a file system that is not mounted here, as far as can be seen.

A mistyped name lies beside others; in a place that is there to mount something on, nothing lies. A
link leads to a folder that somebody has seen: where that is missing, it is this host that lacks it.
Looked at only when something could not be started.
"""

import errno
import os
from collections.abc import Mapping

# Where a file system was, and is not now.
DEAD_MOUNT = {
    errno.ESTALE,
    errno.ETIMEDOUT,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.ENOTCONN,
    errno.ECONNREFUSED,
    errno.ECONNRESET,
    errno.EREMOTEIO,
    errno.ENOLINK,
    errno.ENODEV,
    errno.ENXIO,
}
_LINKS_LIMIT = 40  # as the kernel has it
# Of the system itself, and empty on many a host that lacks nothing.
_OFTEN_EMPTY = {
    b"/snap",
    b"/snap/bin",
    b"/usr/games",
    b"/usr/local/bin",
    b"/usr/local/games",
    b"/usr/local/sbin",
}


def lacking(place: bytes) -> bytes:
    """The folder on the absolute way to `place`, which is not there, that looks like a missing mount; b"" if none does.

    It is empty, or dead, or is not there though a link leads to it.
    """
    way, at, links = place.split(b"/")[::-1], b"/", 0
    own = len(way)  # of what is still to go, what no link has put there
    while way:
        name = way.pop()
        is_linked = len(way) >= own
        own = min(own, len(way))
        if name == b"..":
            at = os.path.dirname(at)
        elif name not in (b"", b"."):
            there = os.path.join(at, name)
            try:
                target = os.readlink(there)
            except OSError as error:
                if error.errno == errno.EINVAL:  # no link
                    at = there
                    continue
                return _judged(error, at, there, is_amid=is_linked and any(way))
            links += 1
            if links > _LINKS_LIMIT:
                return b""
            at = b"/" if target.startswith(b"/") else at
            way += target.split(b"/")[::-1]
    return b""


def _judged(error: OSError, at: bytes, there: bytes, *, is_amid: bool) -> bytes:
    """What is lacking where the next step, from one folder to another, fails; `is_amid` a link's own way."""
    if error.errno in DEAD_MOUNT:
        return there
    if error.errno != errno.ENOENT:
        return b""
    return at if _is_empty(at) else there if is_amid else b""


def lacking_of_path(program: bytes, folder: bytes, environment: Mapping[bytes, bytes]) -> bytes:
    """The same of the folders in which a program without one was looked for by a job in `folder`.

    What is empty in the home of its owner, or by habit, tells nothing.
    """
    home = environment.get(b"HOME", b"")
    home = os.path.realpath(home) if home.startswith(b"/") else b""
    for each in environment.get(b"PATH", b"").split(b":"):
        if each in (b"", b"."):
            continue
        lack = lacking(os.path.join(folder, each, program))
        is_habit = lack in _OFTEN_EMPTY or (home and (lack + b"/").startswith(home + b"/"))
        if lack and not is_habit:
            return lack
    return b""


def how_lacking(folder: bytes) -> str:
    """What is wrong with the folder that `lacking` has found, in words."""
    return "is empty: nothing is mounted there, it seems" if _is_empty(folder) else "is not there"


def _is_empty(folder: bytes) -> bool:
    try:
        return not os.listdir(folder)
    except OSError:
        return False
