"""A token is put into the home of its user, by root: done with that user's rights, and no others.

The folder is the user's, who may put links and pipes there, change them at any moment, and stop what runs
in that user's name. So a child that has given up all that root may looks and writes, and its time is short.
"""

import gc
import os
import select
import signal
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from goq.adapters.accounts import Account, UnknownAccount, account_named
from goq.adapters.joining import join, membership_of
from goq.adapters.token import WORD_LIMIT, Token, read_token, text
from goq.errors import BadSetting, GoqError

FOLDER = ".goq"
PATIENCE_S = 30.0  # a home may be on a file system that answers no more, or that the user serves
_REPORT_BYTES = 16 * 1024
_DONE, _REFUSED = b"+", b"-"
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def account_of(name: str) -> Account:
    """The account of that name on this machine. Raises BadSetting when there is none."""
    try:
        return account_named(name)
    except UnknownAccount:
        raise BadSetting(
            f"there is no user '{name}' on this machine; without '--install' the token is printed"
        ) from None


class Installer:
    """A process that waits for a token, to put it into the home of that account with the account's rights.

    For root alone, and begun before this process has any thread. Have it `put` the token, or `stop`.
    """

    def __init__(self, account: Account, *, force: bool = False) -> None:
        """`force`: leave the cluster that the account belongs to. Raises BadSetting when we are not root."""
        if os.geteuid() != 0:
            raise BadSetting(
                f"only root may put a token into the home of '{account.name}';"
                " without '--install' it is printed, for 'goq init --join'"
            )
        self._account = account
        asked, self._asking = os.pipe()
        self._heard, told = os.pipe()
        self._child = os.fork()
        if not self._child:
            os.close(self._asking)
            _be_child(asked, account, told, force=force)
        os.close(asked)
        os.close(told)

    def put(self, token: Token) -> list[str]:
        """Have the account's GOQ_HOME, ~/.goq, belong to the token's cluster, as 'goq init --join' does; what was done.

        Raises BadSetting when it is refused there, or cannot be done.
        """
        os.write(self._asking, text(token).encode())
        report = self._end()
        return _done(report, self._account)

    def stop(self) -> None:
        """There is no token: nothing is done."""
        self._end()

    def _end(self) -> bytes:
        os.close(self._asking)
        with open(self._heard, "rb", buffering=0) as reports:
            return _report_of(self._child, reports.fileno())


def install_token(token: Token, account: Account, *, force: bool = False) -> list[str]:
    """The same with a token that is there. Raises BadSetting."""
    return Installer(account, force=force).put(token)


def _done(report: bytes, account: Account) -> list[str]:
    if report[:1] == _DONE:
        return report[1:].decode().split("\n")
    what = (
        report[1:].decode() if report else f"that took longer than {PATIENCE_S:g} s, or somebody has ended it"
    )
    raise BadSetting(f"cannot put the token into '{account.home / FOLDER}': {what}")


# --- in the child ----------------------------------------------------------------------------


def _be_child(asked: int, account: Account, told: int, *, force: bool) -> NoReturn:
    """Never comes back, whatever happens: what is above it is root's."""
    gc.disable()  # nothing of the parent's is taken down here
    status = 1
    try:
        with open(asked, encoding="ascii") as asking:
            word = asking.read(WORD_LIMIT + 1)
        if word:
            os.write(told, _answer(read_token(word), account, force=force))
        status = 0
    finally:
        if status:
            sys.excepthook(*sys.exc_info())  # a fault of ours
        os._exit(status)


def _answer(token: Token, account: Account, *, force: bool) -> bytes:
    try:
        _become(account)
        _enter(account)
        said = join(Path(), membership_of(token), force=force, called=account.home / FOLDER)
    except GoqError as error:
        return _REFUSED + str(error).encode()[:_REPORT_BYTES]
    except OSError as error:
        return _REFUSED + (error.strerror or str(error)).encode()
    return _DONE + "\n".join(said).encode()


def _become(account: Account) -> None:
    """Give up all rights but theirs, for good. The kernel keeps others of that user out of our memory then."""
    os.setgroups(account.groups)
    os.setresgid(account.gid, account.gid, account.gid)
    os.setresuid(account.uid, account.uid, account.uid)
    os.umask(0o077)


def _enter(account: Account) -> None:
    """Go into the folder, made where missing. Raises BadSetting when it is a link, or anybody else's."""
    home = os.open(account.home, _FOLDER_FLAGS)
    _require_own(home, account, account.home, stat.S_IWOTH)
    with suppress(FileExistsError):
        os.mkdir(FOLDER, 0o700, dir_fd=home)
    path = account.home / FOLDER
    try:
        folder = os.open(FOLDER, _FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=home)
    except NotADirectoryError as error:  # so the kernel says of links too
        raise BadSetting(f"'{path}' is no folder, or a link to one") from error
    _require_own(folder, account, path, stat.S_IWOTH | stat.S_IWGRP)
    os.fchdir(folder)


def _require_own(folder: int, account: Account, path: Path, forbidden: int) -> None:
    status = os.fstat(folder)
    if status.st_uid != account.uid:
        raise BadSetting(f"'{path}' does not belong to '{account.name}'")
    if status.st_mode & forbidden:
        raise BadSetting(f"others than '{account.name}' can change '{path}'")


# --- in the parent ---------------------------------------------------------------------------


def _report_of(child: int, reports: int) -> bytes:
    """What the child has told until its end; b"" when it took too long, and was ended."""
    deadline = time.monotonic() + PATIENCE_S
    report = b""
    poll = select.poll()
    poll.register(reports, select.POLLIN)
    while len(report) <= _REPORT_BYTES and poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        if not (more := os.read(reports, _REPORT_BYTES)):
            break
        report += more
    else:
        report = b""
    # It has said all it had to say, or never will; it is our child, so its number is its own until we ask.
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return report
