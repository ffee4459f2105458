"""Namespaces for tests: another name of the host, another boot, mounts that nobody else sees.

What the kernel does not let us have is asked for once; tests that need it are skipped then, and
say what they could not prove.
"""

import os
import subprocess
import sys
import uuid
from functools import cache
from pathlib import Path

import pytest

# A name may be any bytes, so it comes in hexadecimal digits; what follows it is run.
_RENAMED = """
import os, socket, sys
socket.sethostname(bytes.fromhex(sys.argv[1]))
os.execvp(sys.argv[2], sys.argv[2:])
"""


def on_host(name: bytes) -> list[str]:
    """What to put before a command for it to run on a host of that name."""
    return [*_unshare("uts"), sys.executable, "-c", _RENAMED, name.hex()]


def mounted(script: str, *arguments: Path | str) -> list[str]:
    """What to put before a command for it to run where a script has mounted something.

    The arguments are $1, $2, ... of the script, which is one for sh.
    """
    probe = "mount -t tmpfs none /mnt"
    command = [*_unshare("mount", probe=probe), "sh", "-c"]
    return [*command, f'{script} && shift {len(arguments)} && exec "$@"', "sh", *map(str, arguments)]


def booted_again(folder: Path) -> list[str]:
    """What to put before commands for them to run after another boot: on this kernel, by another id."""
    told = folder / f"boot-{uuid.uuid4().hex}"
    told.write_text(f"{uuid.uuid4()}\n")
    return mounted('mount --bind "$1" /proc/sys/kernel/random/boot_id', told)


def in_container() -> list[str]:
    """What to put before a command for it to run with process ids of its own, as in a container."""
    return [*_unshare("pid", probe="true", more=("--fork", "--kill-child", "--mount-proc"))]


def _unshare(kind: str, probe: str = "true", more: tuple[str, ...] = ()) -> list[str]:
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", *as_root, f"--{kind}", *more]
    if refusal := _refusal((*command, "sh", "-c", probe)):
        pytest.skip(f"not provable on this machine, which gives us no namespace ({kind}): {refusal}")
    return command


@cache
def _refusal(command: tuple[str, ...]) -> str:
    """Why the command fails; "" when it does not."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stderr.strip() or f"exit status {done.returncode}") if done.returncode else ""
