"""Codes that are good once, for ten minutes: a file each, whose name is the hash of the code and of its door.

Who makes a code and who takes it are processes of one user, who share this folder and nothing else. To take a
code is to take its file away, which can be done once.
"""

import os
import secrets
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from goq.adapters.files.secretfile import make_private_folder
from goq.adapters.reasons import reason_of
from goq.errors import BadSetting

GOOD_S = 600.0
CODE_BITS = 128
_PREFIX = "code-"
_CODE_LIMIT = 200  # characters that are looked at


def new_ticket(folder: Path, door: str) -> str:
    """A code that is good at that door. Old ones are taken away. Raises BadSetting."""
    make_private_folder(folder)
    code = secrets.token_urlsafe(CODE_BITS // 8)
    try:
        for each in list(folder.glob(f"{_PREFIX}*")):
            with suppress(FileNotFoundError):  # it has just been used
                if not _is_good(each):
                    each.unlink()
        os.close(os.open(_file(folder, door, code), os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise BadSetting(f"cannot make a code in {folder}: {reason_of(error)}") from error
    return code


def take_ticket(folder: Path, door: str, code: str) -> bool:
    """The code is good at that door; from now on it is not."""
    path = _file(folder, door, code[:_CODE_LIMIT].strip())
    try:
        is_good = _is_good(path)
        path.unlink()
    except OSError:
        return False
    return is_good


def _file(folder: Path, door: str, code: str) -> Path:
    digest = sha256(f"{door}\0{code}".encode("utf-8", "replace")).hexdigest()
    return folder / f"{_PREFIX}{digest}"


def _is_good(path: Path) -> bool:
    return abs(time.time() - path.stat().st_mtime) < GOOD_S
