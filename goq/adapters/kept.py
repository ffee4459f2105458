"""Which processes `goq up` has started on this machine: kept in GOQ_HOME, for who ends them later.

A GOQ_HOME may be shared, so each machine has files of its own there. A pid alone says nothing: it is kept with
the boot and the moment of its process's start, and what does not agree is nobody of ours.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import DecodeError, Struct, json

from goq.adapters.files.durable import write_private
from goq.adapters.files.locks import NoLocks, try_lock
from goq.adapters.files.secretfile import make_private_folder, remove_secret
from goq.adapters.machine import Process, boot_id, has_surely_ended, host_file_name, process_of
from goq.errors import BadSetting

_LIMIT = 64 * 1024
_PRIVATE = 0o600


class Kept(Struct, frozen=True):
    """A process of ours, and the boot that it belongs to."""

    boot: str
    process: Process

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    @property
    def lives(self) -> bool:
        """It is there: that very process, where pids are counted as they are for us."""
        here = process_of(self.pid)
        return self.boot == boot_id() and here == self.process and not has_surely_ended(here)


class Pair(Struct, frozen=True):
    """The server and the worker that are kept; None for one that is not."""

    server: Kept | None = None
    worker: Kept | None = None

    @property
    def living(self) -> "Pair":
        """The same without what has ended."""
        return Pair(*(each if each and each.lives else None for each in (self.server, self.worker)))


def keep(pid: int) -> Kept:
    """A process that was just started."""
    return Kept(boot_id(), process_of(pid))


def read_pair(home: Path) -> Pair:
    """What is kept and lives. What cannot be understood is nothing. Raises BadSetting when it cannot be read."""
    path = _path(home)
    try:
        with path.open("rb") as file:
            return json.decode(file.read(_LIMIT), type=Pair).living
    except FileNotFoundError:
        return Pair()
    except DecodeError:
        return Pair()
    except OSError as error:
        raise BadSetting(f"cannot read {path}: {error.strerror}") from error


def write_pair(home: Path, pair: Pair) -> None:
    """Keep it, in place of what was kept before. Raises BadSetting."""
    path = _path(make_private_folder(home))
    if pair == Pair():
        remove_secret(path)
        return
    try:
        write_private(path, json.encode(pair))
    except OSError as error:
        raise BadSetting(f"cannot write {path}: {error.strerror}") from error


def log_file(home: Path, role: str) -> Path:
    """Where what plays that role here writes its log."""
    return home / f"{role}.{host_file_name()}.log"


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """While nobody else of this machine starts or ends such processes. Raises BadSetting when somebody does."""
    path = make_private_folder(home) / f"up.{host_file_name()}.lock"
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)
    except OSError as error:
        raise BadSetting(f"cannot make {path}: {error.strerror}") from error
    try:
        if not _has(lock):
            raise BadSetting("another 'goq up' or 'goq down' is at it; say it again when that is done")
        yield
    finally:
        os.close(lock)


def _has(lock: int) -> bool:
    try:
        return try_lock(lock)
    except NoLocks:
        return True  # there nobody can be kept out


def _path(home: Path) -> Path:
    return home / f"up.{host_file_name()}"
