"""The part of GOQ_SPOOL that one boot of one host has: a folder for each of its workers.

    GOQ_SPOOL/CLUSTER/HOST.BOOT/PID.STARTED.NAMESPACE.TOKEN

Whoever starts a worker takes over what is left of those that died here. Who that is, no other
host can tell: GOQ_SPOOL may lie on a disk that hosts share, and its locks need not reach from one to
the other. So nobody touches what another host left. Of an earlier boot of this host nobody
lives. Of this boot he lives whose folder is locked; a lock on a *folder* is the kernel's own
business on every file system that we know of, containers included. Where there are none all
the same, he has died whose process has ended, as far as that can be seen.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from goq.adapters.files.locks import NoLocks, take_if_free
from goq.adapters.files.secretfile import make_private_folder
from goq.adapters.files.spool import SpoolFolder
from goq.adapters.files.spoolroot import cluster_part, take_spool
from goq.adapters.machine import Process, boot_id, has_surely_ended, host_file_name, this_process

_OWNED = re.compile(r"\.?(\d+)\.(\d+)\.(\d+)\.[0-9a-f]+")


class SpoolRoom:
    """Where workers of one cluster keep their folders here and now.

    Raises BadSetting when it cannot be made, or GOQ_SPOOL is not ours alone.
    """

    def __init__(self, spool: Path, secret: str) -> None:
        self._spool = spool
        self._part = cluster_part(take_spool(spool), secret)
        self._host = host_file_name()
        self.path = make_private_folder(self._part / f"{self._host}.{boot_id()}")

    def new_folder(self) -> SpoolFolder:
        """A folder for this process. Raises BadSetting when nothing can be written in it."""
        # Whoever clears old files may have taken all of it, and somebody else made it anew.
        renewable = partial(take_spool, self._spool)
        folder = SpoolFolder(self.path / _name_for(this_process()), before_renewal=renewable)
        try:
            folder.prove()
        except BaseException:
            folder.close()
            raise
        return folder

    def left_behind(self) -> list[SpoolFolder]:
        """The folders of dead workers that hold results, ours from now on; of the others nothing is left.

        What cannot be read or removed stays as it is, for whoever comes next.
        """
        return [folder for folder in self._orphans() if folder.tidy()]

    def _orphans(self) -> Iterator[SpoolFolder]:
        for place in _entries(self._part):
            if place.name.rpartition(".")[0] == self._host:
                yield from self._orphans_in(place)

    def _orphans_in(self, place: Path) -> Iterator[SpoolFolder]:
        is_earlier = place != self.path
        for path in _entries(place):
            if path.name.startswith("."):
                if is_earlier or _has_died(path):
                    _remove_if_empty(path)  # it died in giving birth
            elif folder := self._take(path, is_earlier=is_earlier):
                yield folder
        if is_earlier:
            _remove_if_empty(place)

    def _take(self, path: Path, *, is_earlier: bool) -> SpoolFolder | None:
        try:
            lock = take_if_free(path, os.O_RDONLY | os.O_DIRECTORY)
        except NoLocks:
            return self._take_by_name(path) if is_earlier or _has_died(path) else None
        except OSError:
            return None
        return None if lock is None else SpoolFolder(path, lock, is_new=False)

    def _take_by_name(self, path: Path) -> SpoolFolder | None:
        """As ours, by its name: of several heirs one gets it."""
        ours = self.path / _name_for(this_process())
        try:
            path.rename(ours)
        except OSError:
            return None
        return SpoolFolder(ours, None, is_new=False)


def _name_for(process: Process) -> str:
    return f"{process.pid}.{process.started}.{process.namespace}.{os.urandom(6).hex()}"


def _has_died(path: Path) -> bool:
    owned = _OWNED.fullmatch(path.name)
    return owned is not None and has_surely_ended(Process(*map(int, owned.groups())))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
