"""The memory of a job, bounded by the kernel: memory.max of a cgroup of its own (cgroups(7), Linux 4.19).

Groups bound memory where the group above them hands that on, which it may only while no process is in it.
So a worker that is alone in its group, as a service of systemd with Delegate=yes, goes into one of its own
group's first. Elsewhere memory is looked at instead (`bounds`).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from goq.adapters.jobs.spawning import NO_FOLDER, CannotStart
from goq.core.values.result import NODE_TROUBLE

_CONTROLLERS, _HANDED_ON = "cgroup.controllers", "cgroup.subtree_control"
_MEMORY = "memory"
_OURS = "worker"  # where the worker itself is, when it could not stay where it was


class MemoryGroup:
    """The group of one job, which may have so many bytes; its processes are born there."""

    def __init__(self, path: Path, home: Path, limit: int) -> None:
        """A new one; `home` is the group that this process is in. Raises OSError."""
        self._path = path
        self._home = home
        self.limit = limit
        with suppress(FileNotFoundError):
            path.rmdir()
        path.mkdir()
        try:
            _write(path / "memory.max", str(limit))
            _write(path / "memory.oom.group", "1")  # all of the job, or what is left of it would go on
        except OSError:
            self.remove()
            raise

    def enter(self) -> None:
        """Be there, until `leave`: what is started meanwhile is born there. Raises OSError."""
        _write(self._path / "cgroup.procs", "0")

    def leave(self) -> None:
        """Be at home again. Raises OSError; whoever stays would be ended with the job."""
        _write(self._home / "cgroup.procs", "0")

    def had(self) -> int:
        """The bytes that the job had when the kernel ended it for its memory; 0 when it did not."""
        if not _numbers(self._path / "memory.events").get("oom_kill", 0):
            return 0
        peak = _read(self._path / "memory.peak").strip()  # Linux 5.19
        return int(peak) if peak.isdecimal() else self.limit

    def uses(self) -> tuple[float, int]:
        """The seconds of cpu time that the job has used, and the bytes that it has, without files that it has read."""
        cpu, memory = _numbers(self._path / "cpu.stat"), _numbers(self._path / "memory.stat")
        return cpu.get("usage_usec", 0) / 1e6, memory.get("anon", 0) + memory.get("shmem", 0)

    def remove(self) -> None:
        """Nothing is there any more."""
        with suppress(OSError):
            self._path.rmdir()


@contextmanager
def inside(group: MemoryGroup | None) -> Iterator[None]:
    """What is started meanwhile is born in the group, if there is one. Raises CannotStart when it cannot be."""
    if group is None:
        yield
        return
    try:
        group.enter()
    except OSError as error:
        problem = f"the worker cannot bound the memory of the job: {error.strerror}"
        raise CannotStart(problem, NO_FOLDER, NODE_TROUBLE) from error
    try:
        yield
    finally:
        group.leave()


def hand_on_memory(here: Path, ours: Path) -> bool:
    """Let the groups in `ours`, which is in the group `here` of this process, bound memory. False: they cannot."""
    if _MEMORY not in _words(here / _CONTROLLERS):
        return False
    try:
        if _MEMORY not in _words(here / _HANDED_ON):
            _move(here, ours / _OURS)
            _write(here / _HANDED_ON, f"+{_MEMORY}")
        _write(ours / _HANDED_ON, f"+{_MEMORY}")
    except OSError:
        take_back_memory(here, ours)
        return False
    return True


def take_back_memory(here: Path, ours: Path) -> None:
    """Be where we were, if we have moved, so that `ours` can be removed."""
    if not (ours / _OURS).exists():
        return
    for group in (ours, here):
        with suppress(OSError):
            _write(group / _HANDED_ON, f"-{_MEMORY}")
    with suppress(OSError):
        for pid in _read(ours / _OURS / "cgroup.procs").split():
            _write(here / "cgroup.procs", pid)


def bounds_memory(path: Path) -> bool:
    """The groups beside this one may bound memory."""
    return _MEMORY in _words(path.parent / _HANDED_ON)


def _move(here: Path, there: Path) -> None:
    """Go there with all that is here, if that is all ours; else others would have to. Raises OSError."""
    pids = [int(pid) for pid in _read(here / "cgroup.procs").split()]
    if not all(pid == os.getpid() or _parent(pid) == os.getpid() for pid in pids):
        raise PermissionError
    there.mkdir()
    for pid in pids:
        _write(there / "cgroup.procs", str(pid))


def _parent(pid: int) -> int:
    """Of a process; 0 of one that has ended."""
    stat = _read(Path(f"/proc/{pid}/stat"))
    return int(stat.rpartition(")")[2].split()[1]) if stat else 0


def _words(path: Path) -> list[str]:
    return _read(path).split()


def _numbers(path: Path) -> dict[str, int]:
    """What stands there, a name and a number in a line."""
    lines = (line.partition(" ") for line in _read(path).splitlines())
    return {name: int(count) for name, _, count in lines}


def _read(path: Path) -> str:
    """What stands there; nothing where it cannot be read."""
    try:
        return path.read_text()
    except OSError:
        return ""


def _write(path: Path, text: str) -> None:
    """Raises OSError."""
    path.write_text(text)
