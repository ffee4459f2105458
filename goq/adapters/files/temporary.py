"""Where the jobs of a worker have their temporary files: where such files belong, with a path so short that a socket can be in it.

A link in the worker's spool folder leads there, so whoever tidies up after the worker finds it. Where jobs run as their owners
all of them pass through that folder, and none can make or see anything in it but what is his own; so it lies where
nobody but root can put anything in its place.
"""

import os
import stat
from pathlib import Path

from goq.adapters.files.trees import remove_tree
from goq.errors import BadSetting

PRIVATE, PASSED = 0o700, 0o711
_PLACES = ("/tmp", "/var/tmp")  # noqa: S108 - a name of 32 random bits is made there


def make_temporary(link: Path, *, is_shared: bool = False) -> Path:
    """A new folder, to which the link leads. Raises OSError, or BadSetting where the users of no place can share one."""
    for place in (os.environ.get("TMPDIR", ""), *_PLACES):
        path = Path(place) / f"goq.{os.urandom(4).hex()}"
        if not path.is_absolute() or (is_shared and not is_fit_for_all(place)):
            continue
        link.symlink_to(path)  # before it is there: whoever tidies up after us finds it
        try:
            path.mkdir(mode=PRIVATE)
        except OSError:
            link.unlink()
            continue
        if is_shared:
            path.chmod(PASSED)
        return path
    if is_shared:
        raise BadSetting(
            f"no folder for temporary files of all users: neither {' nor '.join(_PLACES)} is root's, and open to all;"
            " set TMPDIR to one that is"
        )
    link.mkdir(mode=PRIVATE)
    return link


def is_fit_for_all(place: str) -> bool:
    """Everybody gets there, and nobody but root can put something else in the place of what root makes in it."""
    here = Path(os.path.realpath(place))
    return all(_is_fit(folder) for folder in (here, *here.parents))


def _is_fit(folder: Path) -> bool:
    try:
        there = folder.stat()
    except OSError:
        return False
    is_guarded = not there.st_mode & 0o022 or there.st_mode & stat.S_ISVTX
    return stat.S_ISDIR(there.st_mode) and there.st_uid == 0 and bool(there.st_mode & 0o001 and is_guarded)


def remove_temporary(link: Path) -> None:
    """All that there is of it, and the link."""
    if link.is_symlink():
        target = link.readlink()
        if target.is_dir() and target.lstat().st_uid == os.geteuid():
            remove_tree(bytes(target))
    remove_tree(bytes(link))
