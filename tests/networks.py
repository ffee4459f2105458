"""Networks of a test's own: Linux network namespaces, each with a mount table for its own /etc/hosts.

Nothing outside sees them, and they go with the process that holds them. Where the machine does not
allow them, `require` skips the test and says so; that they can be made is probed once.
"""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

_AS_ROOT = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
_UNSHARE = ["unshare", *_AS_ROOT, "--net", "--mount"]
_TRIAL = "ip link set lo up && ip link add near type veth peer name far && ip link del near && mount --bind /etc /etc"
TOOLS = ("unshare", "nsenter", "ip")


@cache
def refusal() -> str:
    """Why there can be none here; "" when there can."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    assert not missing, f"{missing} must be installed: util-linux and iproute2"
    trial = subprocess.run([*_UNSHARE, "sh", "-c", _TRIAL], capture_output=True, text=True, check=False)
    return trial.stderr.strip()


def require() -> None:
    """Skip the test where the kernel gives us no network of our own."""
    if reason := refusal():
        pytest.skip(f"no network namespace is allowed here ({reason}), so this was not shown")


class Network:
    """One network namespace, with loopback up. `enter` is the program that runs another one in it."""

    def __init__(self, *commands: str) -> None:
        require()
        script = "; ".join(["set -e", "ip link set lo up", *commands, "echo up", "exec cat"])
        pipe = subprocess.PIPE
        self._holder = subprocess.Popen([*_UNSHARE, "sh", "-c", script], stdin=pipe, stdout=pipe, stderr=pipe)
        assert self._holder.stdout is not None
        said = self._holder.stdout.readline()
        assert said == b"up\n", self._holder.communicate()
        spaces = f"/proc/{self._holder.pid}/ns"
        user = [f"--user={spaces}/user", "--preserve-credentials"] if _AS_ROOT else []
        self.enter = ["nsenter", *user, f"--net={spaces}/net", f"--mount={spaces}/mnt", "--wd=."]

    @property
    def pid(self) -> int:
        """Of the process that holds it."""
        return self._holder.pid

    def run(self, command: str) -> str:
        """Run a shell command in it; what it prints. It must succeed."""
        done = subprocess.run(
            [*self.enter, "sh", "-ec", command], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def hosts(self, file: Path) -> None:
        """Have this file be its /etc/hosts; what is written to it later counts as well."""
        self.run(f"mount --bind {file} /etc/hosts")

    def cable(self, other: "Network", here: str, there: str, *, name: str = "cable") -> None:
        """Connect the two, with an address for each end. The far end goes by the same name."""
        self.run(f"ip link add {name} type veth peer name {name} netns {other.pid}")
        for network, address in ((self, here), (other, there)):
            nodad = "nodad" if ":" in address else ""
            network.run(f"ip address add {address} dev {name} {nodad}; ip link set {name} up")

    def close(self) -> None:
        """It goes, with all that is in it."""
        self._holder.communicate()
