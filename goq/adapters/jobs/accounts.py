"""Acting with the rights of an account, for a process that runs as root.

Such a process has two ways to be somebody else for a moment. `acting_as` an account it opens files,
enters folders and looks for programs as that account may; who it is for others stays as it was, so
nobody can send it a signal. `being` it as well, what it starts is that account's for good: its
real and effective ids are the account's, and execve(2) makes the saved ones equal to these, and takes all
capabilities away. Root alone keeps what leads back, as its own saved id.

No session of PAM is opened for a job: that takes milliseconds, its modules talk to services of the
system, and somebody has to stay to close it. So the limits of a job are its worker's.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from goq.adapters.accounts import Account

_SAME = -1


@cache
def _ours() -> tuple[int, int, list[int]]:
    """Who this process is, but for moments."""
    return os.getuid(), os.getgid(), os.getgroups()


@contextmanager
def acting_as(account: Account | None) -> Iterator[None]:
    """Have the account's rights to files meanwhile, and no others; None: our own. Raises OSError when we may not."""
    if account is None:
        yield
        return
    uid, gid, groups = _ours()
    try:
        os.setgroups(account.groups)
        os.setresgid(account.gid, account.gid, _SAME)
        os.setresuid(_SAME, account.uid, _SAME)
        yield
    finally:
        os.setresuid(uid, uid, _SAME)
        os.setresgid(gid, gid, _SAME)
        os.setgroups(groups)


@contextmanager
def being(account: Account | None) -> Iterator[None]:
    """What is started meanwhile is the account's for good; while we are `acting_as` it, which gives us back to ourselves.

    Where nothing could be started we go on acting only: to say why not may take its time.
    """
    if account is None:
        yield
        return
    os.setresuid(account.uid, _SAME, _SAME)
    try:
        yield
    except OSError:
        os.setresuid(_ours()[0], _SAME, _SAME)
        raise
