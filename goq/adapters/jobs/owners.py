"""Whose the jobs of a worker are that runs each as its owner: their accounts on this host.

That somebody has no account here is lacking on this node, and no fault of his job's.
"""

import os
import time

from msgspec import Struct

from goq.adapters.accounts import Account, UnknownAccount, account_named
from goq.adapters.jobs.accounts import acting_as
from goq.adapters.jobs.processes import keep_from_users
from goq.adapters.jobs.spawning import NO_FOLDER, CannotStart
from goq.adapters.reasons import reason_of
from goq.core.values.result import FOLDER_TROUBLE
from goq.core.values.text import printable
from goq.errors import BadSetting

REMEMBERED_S = (
    60.0  # so long what an account may is not looked up again, which asks a directory on many hosts
)


class Identity(Struct, frozen=True):
    """Who runs the jobs of a worker: itself, or each its owner, root too when `allow_root`."""

    as_owner: bool = False
    allow_root: bool = False


AS_ITSELF = Identity()


def take_identity(*, is_node: bool, allow_root: bool) -> Identity:
    """That of this worker, which holds the key of its node when it `is_node`: then users see nothing of this process any more.

    Raises BadSetting: root alone may act as others.
    """
    if not is_node:
        return AS_ITSELF
    if os.geteuid() != 0:
        raise BadSetting(
            "with the key of a node each job runs as its owner, which only root can do; start this worker as root,"
            " or join the cluster with a key of your own"
        )
    keep_from_users()
    return Identity(as_owner=True, allow_root=allow_root)


class Owners:
    """Looks up accounts, and remembers them for a while."""

    def __init__(self, *, allow_root: bool) -> None:
        self._allow_root = allow_root
        self._known: dict[str, tuple[Account, float]] = {}

    def account_of(self, owner: str) -> Account:
        """Raises CannotStart when there is none, when we cannot act as it, or when it is root and may not be."""
        account, until_s = self._known.get(owner, (None, 0.0))
        if account is None or time.monotonic() >= until_s:
            account = self._look_up(owner)
            self._known[owner] = account, time.monotonic() + REMEMBERED_S
        return account

    def _look_up(self, owner: str) -> Account:
        try:
            account = account_named(owner)
        except UnknownAccount as error:
            raise _lacking(f"there is no account '{printable(owner)}' here") from error
        if account.uid == 0 and not self._allow_root:
            raise _lacking("jobs of root do not run here (goq work --allow-root)")
        try:
            with acting_as(account):
                pass
        except OSError as error:
            raise _lacking(f"the worker cannot act as '{account.name}': {reason_of(error)}") from error
        return account


def _lacking(problem: str) -> CannotStart:
    """Jobs of that owner cannot start here; those of others may well."""
    return CannotStart(problem, NO_FOLDER, FOLDER_TROUBLE)
