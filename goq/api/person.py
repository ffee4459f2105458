"""Who gives a command."""

import os

from goq.adapters.clusterid import find_secret
from goq.adapters.config import Config
from goq.adapters.machine import host_name
from goq.adapters.wire.keys import who_of
from goq.core.values.job import By
from goq.core.values.text import show_text
from goq.core.values.who import ADMINISTRATOR, Role
from goq.errors import BadSetting


def user_name() -> str:
    """The user, as a word that can be shown; a number where he has no name. Source: getpass.getuser."""
    named = filter(None, map(os.environ.get, ("LOGNAME", "USER", "LNAME", "USERNAME")))
    return show_text(os.fsencode(next(named, None) or _account()))


def _account() -> str:
    import pwd  # noqa: PLC0415 - few need it

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def own_name(config: Config) -> str:
    """Whose jobs are one's own: who has a user's key is that user, whatever the account is called."""
    return _holder(config) or user_name()


def person(config: Config) -> By:
    """The user, here, by this process."""
    return By(own_name(config)[:200], host_name()[:200], os.getpid())


def _holder(config: Config) -> str:
    try:
        secret = find_secret(config)
    except BadSetting:
        return ""  # whoever asks the server hears of that
    who = who_of(secret) if secret else ADMINISTRATOR
    return who.name if who.role is Role.USER else ""
