"""Who gives a command."""

import os

from goq.adapters.machine import host_name
from goq.core.values.job import By
from goq.core.values.text import show_text


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


def person() -> By:
    """The user, here, by this process."""
    return By(user_name()[:200], host_name()[:200], os.getpid())
