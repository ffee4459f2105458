"""A network, mounts, process numbers and host names of the run's own, where the machine allows them.

`enter` starts this program again inside them. A small disk is then a mount, a worker's cable a
veth pair between two namespaces that we made, and its node a host name and mounts that only that
worker sees; nothing of it is seen outside, and all of it goes with the last process of the run.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ENTERED = "FAULTS_ENCLOSED"
_TRIALS = {
    "net": ("ip link set lo up", "ip link add goqnear type veth peer name goqfar", "ip link del goqnear"),
    "mount": ("mount -t tmpfs none /mnt",),
    "pid": ("true",),
    "uts": ("hostname goqtrial",),
}
_OF_A_NODE = (("mount", "mnt"), ("uts", "uts"))
_WITH = {"pid": ("--fork", "--kill-child", "--mount-proc")}  # whoever kills the run kills all of it


def enter() -> None:
    """Start this program again in what namespaces it may have. Returns where it has them, or may not."""
    if ENTERED in os.environ:
        return
    kinds = [kind for kind, trial in _TRIALS.items() if _is_allowed(kind, trial)]
    environment = os.environ | {ENTERED: " ".join(kinds)}
    command = [*(_unshare(kinds) if kinds else []), sys.executable, *sys.argv]
    os.execvpe(command[0], command, environment)


def entered() -> list[str]:
    """Which of "net", "mount", "pid" and "uts" are ours; a network is ready for use then."""
    kinds = os.environ.get(ENTERED, "").split()
    if "net" in kinds:
        _run("ip", "link", "set", "lo", "up")
    return kinds


def _unshare(kinds: list[str]) -> list[str]:
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    flags = [flag for kind in kinds for flag in (f"--{kind}", *_WITH.get(kind, ()))]
    return ["unshare", *as_root, *flags]


def _is_allowed(kind: str, trial: tuple[str, ...]) -> bool:
    tools = ("unshare", "nsenter", *(line.split()[0] for line in trial))
    if not all(map(shutil.which, tools)):
        return False
    command = [*_unshare([kind]), "sh", "-c", " && ".join(trial)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _run(*words: str) -> None:
    subprocess.run(words, capture_output=True, check=True)


class SmallDisk:
    """A tmpfs on a folder, with room or without."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.is_full = False
        _run("mount", "-t", "tmpfs", "none", str(folder))  # half of the memory: room for a long run
        self._room = self._size(free=True)

    def fill(self) -> None:
        """Leave no room beyond what is in use."""
        self.is_full = True
        while not self._resize(self._size(free=False)):
            pass  # more came into use meanwhile

    def make_room(self) -> None:
        """Let it be written again."""
        self._resize(self._room)
        self.is_full = False

    def close(self) -> None:
        """Take it away, and what is on it."""
        _run("umount", "--lazy", str(self._folder))

    def _size(self, *, free: bool) -> int:
        status = os.statvfs(self._folder)
        return status.f_frsize * (status.f_blocks - (0 if free else status.f_bfree))

    def _resize(self, size: int) -> bool:
        command = ["mount", "-o", f"remount,size={size}", str(self._folder)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


class Cable:
    """A network of one worker's own, with a cable to ours that can be cut."""

    NEAR, FAR = "192.0.2.1", "192.0.2.2"

    def __init__(self) -> None:
        self.is_cut = False
        script = "ip link set lo up && echo up && exec cat"
        self._holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"up\n"
        self.enter = ["nsenter", f"--net=/proc/{self._holder.pid}/ns/net"]
        far = ("peer", "name", "goqfar", "netns", str(self._holder.pid))
        _run("ip", "link", "add", "goqnear", "type", "veth", *far)
        for where, name, address in (([], "goqnear", self.NEAR), (self.enter, "goqfar", self.FAR)):
            _run(*where, "ip", "address", "add", f"{address}/30", "dev", name)
            _run(*where, "ip", "link", "set", name, "up")

    def cut(self) -> None:
        """No packet passes; nobody is told."""
        self.is_cut = True
        _run("ip", "link", "set", "goqnear", "down")

    def mend(self) -> None:
        """Packets pass again."""
        self.is_cut = False
        _run("ip", "link", "set", "goqnear", "up")

    def close(self) -> None:
        """Both ends go with the far namespace."""
        self._holder.communicate()


class Node:
    """What one worker's machine is called, and folders that it alone lacks or cannot write to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._covered: set[Path] = set()
        script = 'hostname "$1" && echo up && exec cat'
        self._holder = subprocess.Popen(
            ["unshare", "--mount", "--uts", "sh", "-c", script, "sh", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"up\n"

    def enter(self, folder: Path) -> list[str]:
        """What to put before a command for it to run in that folder of this node."""
        namespaces = [f"--{kind}=/proc/{self._holder.pid}/ns/{file}" for kind, file in _OF_A_NODE]
        return ["nsenter", *namespaces, f"--wdns={folder}"]

    def has(self, folder: Path) -> bool:
        """Nothing stands between the node and that folder."""
        return folder not in self._covered

    def hide(self, folder: Path) -> None:
        """What is in the folder is not there."""
        self._mount("mount", "-t", "tmpfs", "none", str(folder))
        self._covered.add(folder)

    def write_protect(self, folder: Path) -> None:
        """No file in the folder can be opened for writing, made, renamed or removed."""
        aside = folder.with_name(f"{folder.name}-of-{self.name}")  # where nobody opens a file meanwhile
        aside.mkdir(exist_ok=True)
        self._mount("mount", "--bind", "-o", "ro", str(folder), str(aside))
        self._mount("mount", "--move", str(aside), str(folder))
        self._covered.add(folder)

    def uncover(self, folder: Path) -> None:
        """The folder is as it was."""
        if folder in self._covered:
            self._mount("umount", "--lazy", str(folder))
            self._covered.remove(folder)

    def heal(self) -> None:
        """All folders are as they were."""
        for folder in list(self._covered):
            self.uncover(folder)

    def close(self) -> None:
        """It is gone with the last process there."""
        self._holder.communicate()

    def _mount(self, *words: str) -> None:
        _run(*self.enter(Path("/")), *words)
