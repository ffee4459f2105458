"""Who gives a command."""

import getpass
import os

from goq.adapters.machine import host_name
from goq.core.values.job import By
from goq.core.values.text import show_text


def user_name() -> str:
    """The user, as a word that can be shown; a number where he has no name."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return show_text(os.fsencode(user))


def person() -> By:
    """The user, here, by this process."""
    return By(user_name()[:200], host_name()[:200], os.getpid())
