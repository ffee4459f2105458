"""The environment that a submitter chooses for a job."""

import os
import re
from fnmatch import translate
from functools import lru_cache

from goq.adapters.clusterid import scrubbed_environment, tells_secret
from goq.adapters.config import Sending, sending_of
from goq.adapters.settings import read_settings
from goq.core.values.ids import Environment, join_environment
from goq.core.values.text import show_text
from goq.core.values.variables import VARIABLES
from goq.errors import BadCommand

_OF_A_JOB = {*VARIABLES, b"GOQ_EXIT_STATUS", b"TMPDIR"}  # each has its own
# Who somebody is, where his programs are, his language and his clock; PWD is another name of the folder.
_BARE = {b"PATH", b"HOME", b"USER", b"LOGNAME", b"SHELL", b"LANG", b"TZ", b"PWD"}


def environment_of(secret: str, settings: tuple[str, ...], *, is_clean: bool | None) -> Environment:
    """Ours, or when `is_clean` the bare part of it, with these K=V, or K as it is here.

    The cluster id is never in it, and what is never sent only where somebody asks for it by name. Where nobody says
    whether it is to be clean, the settings do. Raises BadSetting, and BadCommand, which shows no value.
    """
    sending = sending_of(read_settings())
    if is_clean is not None:
        sending = Sending(sending.never, is_clean)
    return _environment_of(secret, settings, tuple(os.environb.items()), sending)


@lru_cache(maxsize=8)  # who submits often has not changed his
def _environment_of(
    secret: str, settings: tuple[str, ...], _present: tuple[tuple[bytes, bytes], ...], sending: Sending
) -> Environment:
    given = scrubbed_environment(secret)
    ours = {name: value for name, value in given.items() if name not in _OF_A_JOB}
    chosen = {name: value for name, value in ours.items() if _is_sent(name, sending)}
    for setting in settings:
        name, equals, value = os.fsencode(setting).partition(b"=")
        if not name:
            raise BadCommand("-e takes NAME=VALUE, or NAME alone for the value here. Nothing was queued.")
        shown = show_text(name)
        if tells_secret(secret, name, value):
            raise BadCommand(f"-e {shown}: no job is given the cluster id or a key. Nothing was queued.")
        if name in _OF_A_JOB:
            raise BadCommand(
                f"-e {shown}: each job has its own; goq sub env {shown}=VALUE COMMAND sets another."
                " Nothing was queued."
            )
        if not equals and name not in ours:
            raise BadCommand(f"-e {shown}: not set here; -e {shown}=VALUE sets it. Nothing was queued.")
        chosen[name] = value if equals else ours[name]
    return join_environment(chosen)


def _is_sent(name: bytes, sending: Sending) -> bool:
    """It goes to jobs though nobody asks for it; a pattern is met by small letters as well as by capitals."""
    if sending.is_clean and not _is_bare(name):
        return False
    return not any(
        re.match(translate(pattern), os.fsdecode(name), re.IGNORECASE) for pattern in sending.never
    )


def _is_bare(name: bytes) -> bool:
    return name in _BARE or name.startswith(b"LC_")
