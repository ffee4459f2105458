"""cgroup v2, where a worker may make groups: all processes of a job are killed by one write.

A worker's group lies in the group that the worker itself is in, and has a group for each slot. A
shepherd joins its slot's group before it starts anything, so all that it ever starts is born
there; a job costs nothing more. `cgroup.kill` kills everything in a group, the shepherd too, and
what is being forked meanwhile (Linux 5.14; cgroups(7)). Where no group can be made there is none.
"""

import os
from contextlib import suppress
from pathlib import Path

from goq.adapters.files.locks import take_if_free
from goq.adapters.jobs.cgroup_memory import (
    MemoryGroup,
    bounds_memory,
    hand_on_memory,
    take_back_memory,
)

_PREFIX = "goq."
_ATTEMPTS = 10


class JobCgroup:
    """The group of one slot: its shepherd, and every process of its jobs.

    Beside it is one for a job whose memory is bounded, where the kernel does that.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._bounded = path.with_name(f"{path.name}.job")
        self._bounds_memory = bounds_memory(path)

    def bound(self, memory: int) -> MemoryGroup | None:
        """A group for a job that may have so many bytes; None where the kernel does not bound them."""
        try:
            return MemoryGroup(self._bounded, self.path, memory) if self._bounds_memory else None
        except OSError:
            return None

    def join(self) -> None:
        """Put this process there; its children are born there. Raises OSError."""
        (self.path / "cgroup.procs").write_text("0")

    def kill(self) -> None:
        """SIGKILL to all that is there, and to what it is just forking. Not there any more: nothing to do."""
        for path in (self._bounded, self.path):  # the last one is, maybe, our own end
            with suppress(OSError):
                (path / "cgroup.kill").write_text("1")

    def pids(self) -> set[bytes]:
        """Who is there, without those that are dead and not waited for."""
        found: set[bytes] = set()
        for path in (self.path, self._bounded):
            with suppress(OSError):
                found.update((path / "cgroup.procs").read_bytes().split())
        return found


class WorkerCgroup:
    """The group of one worker, which holds a lock on it for as long as it lives."""

    def __init__(self, path: Path, lock: int) -> None:
        self._path = path
        self._lock = lock

    @classmethod
    def make(cls, name: str) -> "WorkerCgroup | None":
        """A group for the worker of that name, if the machine lets us."""
        here = own_group()
        if here is None:
            return None
        # More than one attempt: another worker may just be sweeping, and take ours for a dead one's.
        for attempt in range(_ATTEMPTS):
            path = here / f"{_PREFIX}{name}.{attempt}"
            try:
                path.mkdir()
            except FileExistsError:
                continue
            except OSError:
                return None
            lock = _lock(path)
            if lock is not None and (path / "cgroup.kill").exists():
                hand_on_memory(here, path)
                return cls(path, lock)
            _remove(path)
        return None

    def slot(self, number: int) -> JobCgroup | None:
        """A group for one slot."""
        path = self._path / str(number)
        try:
            path.mkdir()
        except OSError:
            return None
        return JobCgroup(path)

    def remove(self) -> None:
        """Take the group away, if nothing is in it."""
        take_back_memory(self._path.parent, self._path)
        _remove(self._path)
        os.close(self._lock)


def kill_left_behind() -> None:
    """Kill what workers that died have left in their groups beside ours, and take these away."""
    here = own_group()
    if here is None:
        return
    for path in here.glob(f"{_PREFIX}*"):
        lock = _lock(path)
        if lock is not None:
            JobCgroup(path).kill()
            _remove(path)  # what dies slowly leaves the group to the next one who looks
            os.close(lock)


def own_group() -> Path | None:
    """The folder of the group that this process is in; None without cgroup v2."""
    mounted = _mount_point()
    if mounted is None:
        return None
    with open("/proc/self/cgroup", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            if line.startswith("0::/"):
                return mounted / line[len("0::/") :].rstrip("\n")
    return None


def _mount_point() -> Path | None:
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            before, _, after = line.partition(" - ")
            root, place = before.split(" ")[3:5]
            if after.startswith("cgroup2 ") and root == "/":
                return Path(place)
    return None


def _lock(path: Path) -> int | None:
    """The lock of a worker's group; None while its worker lives, and when it cannot be had."""
    try:
        return take_if_free(path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return None


def _remove(path: Path) -> None:
    for folder, _, _ in os.walk(path, topdown=False):
        with suppress(OSError):
            os.rmdir(folder)
