"""Whose rights a file is opened and written with: a server of root's writes what belongs to others as they could.

The thread alone changes who it is, by system calls of its own, and only in what counts for files, quotas and
permissions; who it really is stays, so nobody can send it signals or trace it. What is opened while it is another
is opened with that one's rights, and nothing of root's.
"""

import ctypes
import os
import platform
import sys
import time
from functools import lru_cache

from goq.adapters.accounts import Account, UnknownAccount, account_named, account_numbered

KNOWN_S = 60.0  # so long, an account is what it was when it was looked up
_CAPABILITIES = (1 << 0) | (1 << 6) | (1 << 7)  # CAP_CHOWN, CAP_SETGID, CAP_SETUID
# setgroups, setresgid, setresuid, of one thread; what a C library offers changes all of a process, one by one.
_CALLS = {"x86_64": (116, 119, 117), "aarch64": (159, 149, 147), "riscv64": (159, 149, 147)}
_AS_IT_IS = -1


def account_of(name: str) -> Account | None:
    """Who has that name on this host; None when nobody has, or nobody can tell now."""
    return _account_of(name, int(time.monotonic() / KNOWN_S))


def account_of_uid(uid: int, gid: int) -> Account:
    """Who has that number; of that group alone where it is nobody's."""
    return _account_of_uid(uid, int(time.monotonic() / KNOWN_S)) or Account(str(uid), uid, gid)


def own_name() -> str:
    """Whose process this is, by the account; the number where that has no name."""
    return account_of_uid(os.geteuid(), os.getegid()).name


@lru_cache(maxsize=1)
def can_be_others() -> bool:
    """We are root, and may do what root may: in some containers it may not."""
    if os.geteuid() != 0:
        return False
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        effective = next(line.split()[1] for line in file if line.startswith("CapEff:"))
    return int(effective, 16) & _CAPABILITIES == _CAPABILITIES


class ActingAs:
    """Within it this thread has the rights of another. Raises OSError when it cannot have them."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._own: tuple[list[int], int] = ([], 0)

    def __enter__(self) -> None:
        self._own = os.getgroups(), os.getegid()
        try:
            _become(list(self._account.groups) or [self._account.gid], self._account.gid, self._account.uid)
        except OSError:
            self._give_back()
            raise

    def __exit__(self, *_: object) -> None:
        self._give_back()

    def _give_back(self) -> None:
        """It cannot fail for want of rights: who we really are is still root."""
        groups, gid = self._own
        _become(groups, gid, 0, uid_first=True)


class _Writing:
    """Within it this thread has the user number of another, and no right of root's; groups open no file here."""

    def __init__(self, uid: int) -> None:
        self._uid = uid

    def __enter__(self) -> None:
        if self._uid:
            _set_uid(self._uid)

    def __exit__(self, *_: object) -> None:
        if self._uid:
            _set_uid(0)


def writing(fileno: int) -> _Writing:
    """The rights with which an open file is to be written, so that its owner's quota holds."""
    return _Writing(os.fstat(fileno).st_uid if can_be_others() else 0)


def _become(groups: list[int], gid: int, uid: int, *, uid_first: bool = False) -> None:
    """Only root may change groups: who becomes root does that first, who ceases to be, last."""
    if uid_first:
        _set_uid(uid)
    _set_groups(groups)
    _set_gid(gid)
    if not uid_first:
        _set_uid(uid)


@lru_cache(maxsize=10_000)
def _account_of(name: str, _minute: int) -> Account | None:
    try:
        return account_named(name)
    except UnknownAccount:
        return None


@lru_cache(maxsize=10_000)
def _account_of_uid(uid: int, _minute: int) -> Account | None:
    try:
        return account_numbered(uid)
    except UnknownAccount:
        return None


def _calls() -> tuple[int, int, int] | None:
    return _CALLS.get(platform.machine()) if sys.maxsize > 2**32 else None


def _set_groups(groups: list[int]) -> None:
    if (calls := _calls()) is None:
        os.setgroups(groups)
    else:
        _call(calls[0], ctypes.c_long(len(groups)), _array(tuple(groups)))


def _set_gid(gid: int) -> None:
    if (calls := _calls()) is None:
        os.setresgid(_AS_IT_IS, gid, _AS_IT_IS)
    else:
        _call(calls[1], *_only_effective(gid))


def _set_uid(uid: int) -> None:
    if (calls := _calls()) is None:
        os.setresuid(_AS_IT_IS, uid, _AS_IT_IS)
    else:
        _call(calls[2], *_only_effective(uid))


@lru_cache(maxsize=1000)
def _array(groups: tuple[int, ...]) -> ctypes.Array[ctypes.c_uint32]:
    return (ctypes.c_uint32 * len(groups))(*groups)


@lru_cache(maxsize=1000)
def _only_effective(number: int) -> tuple[ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32]:
    return ctypes.c_uint32(_AS_IT_IS), ctypes.c_uint32(number), ctypes.c_uint32(_AS_IT_IS)


def _call(number: int, *values: object) -> None:
    if _library().syscall(ctypes.c_long(number), *values):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
