"""The accounts of this host: who somebody is to its kernel, and where he is at home."""

import os
import pwd
from pathlib import Path

from msgspec import Struct


class UnknownAccount(Exception):
    """There is none of that name, or number, on this host; or nobody can tell now."""


class Account(Struct, frozen=True, gc=False):
    """A user, as this host knows him."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...] = ()
    home: Path = Path("/")
    shell: bytes = b"/bin/sh"

    @property
    def variables(self) -> dict[bytes, bytes]:
        """What says who one is, and where one is at home."""
        name = os.fsencode(self.name)
        return {b"HOME": bytes(self.home), b"USER": name, b"LOGNAME": name, b"SHELL": self.shell}


def account_named(name: str) -> Account:
    """The account of that name. Raises UnknownAccount."""
    try:
        return _account(pwd.getpwnam(name))
    except (KeyError, ValueError) as error:  # ValueError: what can be no name at all
        raise UnknownAccount(name) from error


def account_numbered(uid: int) -> Account:
    """The account with that number. Raises UnknownAccount."""
    try:
        return _account(pwd.getpwuid(uid))
    except KeyError as error:
        raise UnknownAccount(str(uid)) from error


def _account(found: pwd.struct_passwd) -> Account:
    groups = tuple(os.getgrouplist(found.pw_name, found.pw_gid))
    home, shell = Path(found.pw_dir or "/"), os.fsencode(found.pw_shell or "/bin/sh")
    return Account(found.pw_name, found.pw_uid, found.pw_gid, groups, home, shell)
