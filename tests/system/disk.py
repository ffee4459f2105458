"""A disk of one megabyte, mounted where only we and those whom we send there can see it."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from system.proc import status_field

_ROOM = 1 << 20
_CAP_SYS_ADMIN = 1 << 21


def _namespace(*words: str) -> list[str]:
    """unshare or nsenter, as a user who is not root may call it as well."""
    return list(words) if os.geteuid() == 0 else [words[0], "--user", *words[1:]]


class SmallDisk:
    """The disk, at a folder, in a mount namespace that a process of ours keeps alive."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        map_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        script = f'mount -t tmpfs -o size={_ROOM},mode=700 none "$0" && echo mounted && exec cat'
        self._holder = subprocess.Popen(
            [*_namespace("unshare", "--mount"), *map_root, "sh", "-c", script, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != b"mounted\n":
            _, stderr = self._holder.communicate()
            raise OSError(stderr.decode(errors="replace"))
        self.root = Path(f"/proc/{self._holder.pid}/root") / str(folder).lstrip("/")

    @property
    def enter(self) -> list[str]:
        """The program that runs another one where the disk is."""
        keep = [] if os.geteuid() == 0 else ["--preserve-credentials"]
        target = f"--target={self._holder.pid}"
        go_there = ["sh", "-c", 'cd "$0" && exec "$@"', str(self.folder)]
        return [*_namespace("nsenter", target, "--mount"), *keep, *go_there]

    def fill(self) -> None:
        """Leave no room at all."""
        fileno = os.open(self.root / "filling", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            for size in (1 << 16, 1 << 12, 1):
                while os.write(fileno, bytes(size)):
                    pass
        except OSError:
            return
        finally:
            os.close(fileno)

    def make_room(self) -> None:
        """Take away what filled it."""
        (self.root / "filling").unlink()

    def close(self) -> None:
        """The disk goes when the last process that can see it has gone."""
        self._holder.communicate()


def small_disk(folder: Path) -> SmallDisk:
    """The disk; where the machine allows none the test is skipped, but not in CI that may mount."""
    tools = all(map(shutil.which, ("unshare", "nsenter", "mount")))
    try:
        if not tools:
            raise OSError("unshare, nsenter or mount is missing")
        return SmallDisk(folder)
    except OSError as error:
        if os.environ.get("CI") == "true" and int(status_field(os.getpid(), "CapEff"), 16) & _CAP_SYS_ADMIN:
            raise
        pytest.skip(f"no disk of our own on this machine: {error}")


def wait_for_file(path: Path, content: bytes, within_s: float = 30.0) -> None:
    """Wait until the file holds exactly these bytes."""
    deadline = time.monotonic() + within_s
    found = b""
    while time.monotonic() < deadline:
        found = path.read_bytes() if path.exists() else b"(not there)"
        if found == content:
            return
        time.sleep(0.02)
    raise AssertionError(f"{path} holds {found[:200]!r}")
