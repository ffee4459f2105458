"""Which page of this user runs at a door: a file with its address, locked while it does."""

import os
from hashlib import sha256
from pathlib import Path

from goq.adapters.files.locks import take_if_free
from goq.adapters.files.secretfile import make_private_folder
from goq.adapters.reasons import reason_of
from goq.errors import AddressTaken, BadSetting

_URL_LIMIT = 4096  # bytes


def folder_of(home: Path) -> Path:
    """Where codes are, and what this file writes."""
    return home / "web"


def stand_at(home: Path, door: str, url: str) -> int:
    """Say that a page runs there, until the descriptor is closed or this process ends. Raises GoqError."""
    path = _file(home, door)
    make_private_folder(path.parent)
    try:
        lock = take_if_free(path, os.O_RDWR | os.O_CREAT)
        if lock is not None:
            os.ftruncate(lock, 0)
            os.pwrite(lock, url.encode(), 0)
    except OSError as error:
        raise BadSetting(f"cannot write {path}: {reason_of(error)}") from error
    if lock is None:
        raise AddressTaken(
            f"'goq web' is there already, at {_url(path)}; 'goq web --link' makes a code for it"
        )
    return lock


def url_at(home: Path, door: str) -> str:
    """The address of the page that runs there; "" when none does."""
    path = _file(home, door)
    try:
        lock = take_if_free(path, os.O_RDONLY)
    except OSError:
        return ""
    if lock is not None:
        os.close(lock)
        return ""
    return _url(path)


def _url(path: Path) -> str:
    try:
        return path.read_bytes()[:_URL_LIMIT].decode("utf-8", "replace")
    except OSError:
        return ""


def _file(home: Path, door: str) -> Path:
    return folder_of(home) / f"at-{sha256(door.encode()).hexdigest()[:16]}"
