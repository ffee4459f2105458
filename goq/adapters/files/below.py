"""Opens files below a folder, whatever somebody has put there: by no symbolic link, and nothing but files.

Each folder on the way is opened by the one before it, so that nothing can be exchanged in between; what
openat2(2) would promise of the whole way holds of each step of it, on every kernel. A server of root's that comes
into a folder of somebody else's goes on with the rights of that one, also to read: who owns a folder can put
whatever is his there, and gets nobody else's files opened by that. Outputs that belong together lie in a folder of
their owner's, see `Layout`.
"""

import errno
import os
import stat
from contextlib import suppress
from types import TracebackType
from typing import Self

from msgspec import Struct

from goq.adapters.files.rights import ActingAs, account_of, account_of_uid, can_be_others

_OTHER_THINGS = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EINVAL, errno.ENXIO, errno.EISDIR}
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PLAIN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # held up by no fifo that somebody has put in its place
PRIVATE = 0o077  # without what others may do


class Whose(Struct, frozen=True, gc=False):
    """Whose a file is to be that is made. `owner` is "" where it is ours, else it lies in the `folder` of that owner.

    `umask` are the permissions that others have not of what is made; of what is ours, they lack those that our own
    umask takes as well.
    """

    umask: int = 0
    owner: str = ""
    folder: str = ""

    def has(self, path: str) -> bool:
        """The path is in the owner's folder."""
        return bool(self.folder) and path.startswith(f"{self.folder}/")


OURS = Whose()


def open_below(folder: str, path: str, flags: int, whose: Whose = OURS) -> int:
    """The file, which is made with the folders that it is to lie in when O_CREAT is among the flags.

    Raises OSError, also where there is a symbolic link on the way, where something else than a file is, and where
    somebody else has put it there.
    """
    *folders, name = path.split("/")
    is_made = bool(flags & os.O_CREAT)
    if not whose.has(path):
        whose = Whose(PRIVATE if whose.owner else whose.umask)
        if not folders and (fileno := _open_plain(folder, name, flags, whose.umask)) >= 0:
            return fileno
    with _Way(folder, whose, is_made=is_made) as way:
        for each in folders:
            way.enter(each)
        return way.open(name, flags)


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
    with _Way(folder, OURS, is_made=False) as way:
        for each in inner.split("/"):
            os.fsync(way.fileno)
            way.enter(each)
        os.fsync(way.fileno)


def is_gone(error: OSError) -> bool:
    """What was made there was taken away, or something else put in its place."""
    return error.errno in _OTHER_THINGS


def _open_plain(folder: str, name: str, flags: int, umask: int) -> int:
    """A file of ours with this name alone, in the folder itself, as nearly all are; below 0 for whatever is not."""
    own_umask = os.umask(PRIVATE) if flags & os.O_CREAT else 0
    try:
        if flags & os.O_CREAT:
            os.umask(umask & PRIVATE | own_umask)
        fileno = os.open(f"{folder}/{name}", flags & ~os.O_TRUNC | _PLAIN, 0o666)
    except OSError:
        return -1
    finally:
        if flags & os.O_CREAT:
            os.umask(own_umask)
    found = os.fstat(fileno)
    if stat.S_ISREG(found.st_mode) and found.st_nlink <= 1 and found.st_uid == os.geteuid():
        if not flags & os.O_TRUNC:
            return fileno
        with suppress(OSError):
            os.ftruncate(fileno, 0)
            return fileno
    os.close(fileno)
    return -1


class _Way:
    """The folder that was come to, open, and with whose rights; `fileno` is that folder."""

    def __init__(self, folder: str, whose: Whose, *, is_made: bool) -> None:
        self._folder = folder
        self._at = ""
        self._whose = whose
        self._is_made = is_made
        self._acting: ActingAs | None = None
        self._uid = os.geteuid()
        self.fileno = _root(folder, is_made=is_made)
        self._umask = -1  # that of ours, while another is in force

    def __enter__(self) -> Self:
        if self._is_made:
            self._umask = os.umask(PRIVATE)
            os.umask(self._whose.umask & PRIVATE | (0 if self._whose.owner else self._umask))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.fileno)
        if self._acting is not None:
            self._acting.__exit__(kind, error, trace)
        if self._is_made:
            os.umask(self._umask)

    def enter(self, name: str) -> None:
        """Go on into that folder, which is made when it is not there and is to be. Raises OSError."""
        is_owner_s = bool(self._whose.owner) and not self._at
        inner = self._enter(name, is_owner_s=is_owner_s)
        outer, self.fileno = self.fileno, inner
        self._at = f"{self._at}{name}/"
        try:
            if self._acting is None and can_be_others():
                self._mind_its_owner(os.fstat(outer).st_uid, is_owner_s=is_owner_s)
        finally:
            os.close(outer)

    def open(self, name: str, flags: int) -> int:
        """The file of that name. Raises OSError."""
        fileno = os.open(name, flags & ~os.O_TRUNC | _PLAIN, 0o666, dir_fd=self.fileno)
        try:
            self._check(os.fstat(fileno), name)
            if flags & os.O_TRUNC:
                os.ftruncate(fileno, 0)
        except OSError:
            os.close(fileno)
            raise
        return fileno

    def _enter(self, name: str, *, is_owner_s: bool) -> int:
        try:
            return os.open(name, _FOLDER, dir_fd=self.fileno)
        except FileNotFoundError:
            if not self._is_made:
                raise
        try:
            os.mkdir(name, 0o700 if is_owner_s else 0o777, dir_fd=self.fileno)
        except FileExistsError:
            is_owner_s = False
        fileno = os.open(name, _FOLDER, dir_fd=self.fileno)
        if is_owner_s and (account := account_of(self._whose.owner)) is not None:
            with suppress(OSError):  # where it cannot be given away, it stays ours
                os.fchown(fileno, account.uid, account.gid)
        return fileno

    def _mind_its_owner(self, outer_uid: int, *, is_owner_s: bool) -> None:
        """Go on with the rights of whoever the folder belongs to; in ours, what is somebody's is kept private."""
        found = os.fstat(self.fileno)
        expected = account_of(self._whose.owner) if is_owner_s else None
        is_his = expected is not None and expected.uid == found.st_uid
        if found.st_uid == self._uid or (found.st_uid == outer_uid and not is_his):
            if is_owner_s:
                os.umask(PRIVATE)
            return
        if self._is_made and not is_his and (expected is not None or not is_owner_s):
            raise OSError(errno.EPERM, "that folder is another user's", self._folder + self._at)
        acting = ActingAs(expected or account_of_uid(found.st_uid, found.st_gid))
        acting.__enter__()
        self._acting = acting

    def _check(self, found: os.stat_result, name: str) -> None:
        place = os.path.join(self._folder, self._at + name)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "that is no file", place)
        uid = os.geteuid()
        if found.st_uid == uid and found.st_nlink <= 1:
            return
        holder = os.fstat(self.fileno)
        loose = stat.S_IWOTH | (stat.S_IWGRP if self._is_made else 0)
        if found.st_uid not in (uid, holder.st_uid) and (holder.st_uid != uid or holder.st_mode & loose):
            raise OSError(errno.EPERM, "that file is another user's", place)
        if found.st_nlink > 1 and (holder.st_uid != uid or holder.st_mode & stat.S_IWOTH):
            raise OSError(
                errno.EMLINK, "that file has other names, which somebody else may have given it", place
            )


def _root(folder: str, *, is_made: bool) -> int:
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        if not is_made:
            raise
        os.makedirs(folder, exist_ok=True)
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
