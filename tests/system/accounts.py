"""Real accounts for a test, and keys: two users, of whom each has one, and a node whose worker runs jobs as their owners."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from goq.adapters.clusterid import KEY_FILE
from goq.adapters.files.trees import remove_tree
from goq.adapters.wire.keys import derive, secret_of
from goq.core.values.who import FIRST_GENERATION, Role, Who
from system.cluster import Cluster, Daemon

_PATIENCE_S = 30.0
_ADD_KEY = """
import sys
from goq import Client
from goq.core.messages.keys import KeyDeed
from goq.core.values.who import Role
with Client() as client:
    client.set_key(Role(sys.argv[1]), sys.argv[2], KeyDeed.ADD)
"""


def why_not() -> str:
    """Why there can be no accounts here; "" when there can."""
    if os.geteuid() != 0:
        return "only root can make accounts, and run jobs as others"
    return "" if shutil.which("useradd") and shutil.which("userdel") else "there is no useradd here"


@contextmanager
def an_account() -> Iterator[str]:
    """A new user with a home that nobody else can enter; gone afterwards, with it."""
    name = f"goqt{uuid.uuid4().hex[:8]}"
    home = Path(tempfile.gettempdir(), f"home.{name}")
    _change("useradd", "--create-home", "--home-dir", str(home), "--shell", "/bin/bash", name)
    try:
        home.chmod(0o700)
        yield name
    finally:
        _change("userdel", name)
        shutil.rmtree(home)


def _change(*command: str) -> None:
    """Somebody else may be changing the table of users at this moment."""
    deadline = time.monotonic() + _PATIENCE_S
    while (done := subprocess.run(command, capture_output=True, text=True, check=False)).returncode:
        assert "lock" in done.stderr, done
        assert time.monotonic() < deadline, done
        time.sleep(0.1)


def home_of(user: str) -> Path:
    """Where he is at home."""
    return Path(pwd.getpwnam(user).pw_dir)


class Lab:
    """A server, and holders of keys beside whoever has the cluster id."""

    def __init__(self, cluster: Cluster, ground: Path) -> None:
        self.cluster = cluster
        self.ground = ground  # a folder that everybody gets to
        self.temporary = ground / "tmp"  # of nodes
        self.homes: dict[str, Path] = {}

    def add(self, role: Role, name: str) -> None:
        """Have somebody have a key."""
        run = [sys.executable, "-c", _ADD_KEY, role, name]
        subprocess.run(run, env=self.cluster.variables(), cwd=self.cluster.away, check=True)
        who = Who(role, name, FIRST_GENERATION)
        cluster_id = (self.cluster.home / "goqclusterid").read_text().strip()
        home = self.homes[name] = self.cluster.folder / f"{role}-{name}"
        home.mkdir(mode=0o700)
        key = home / KEY_FILE
        key.touch(mode=0o600)
        key.write_text(secret_of(who, derive(cluster_id, who)))

    def by(self, name: str) -> dict[str, str | None]:
        """The variables of whoever holds that key."""
        return {"GOQ_HOME": str(self.homes[name])}

    def start_node(self, *words: str, name: str = "node7") -> Daemon:
        """A worker of root's with that node's key."""
        if name not in self.homes:
            self.add(Role.NODE, name)
        self.temporary.mkdir(exist_ok=True)
        variables = self.by(name) | {"TMPDIR": str(self.temporary)}
        return self.cluster.start_worker("forever", *words, env=variables, cwd=self.ground)

    def submit(self, user: str, *words: str) -> int:
        """A job of the user's, in the folder of all."""
        return self.cluster.submit(*words, env=self.by(user), cwd=self.ground)

    def run(self, user: str, *words: str) -> str:
        """The same, and what it wrote."""
        job = self.submit(user, *words)
        self.cluster.wait_for_end(job)
        return self.output(job)

    def output(self, job: int) -> str:
        """What it wrote, as whoever holds the cluster id reads it: the file itself is the user's."""
        return self.cluster.done("logs", str(job))


@contextmanager
def a_lab(cluster: Cluster) -> Iterator[tuple[Lab, str, str]]:
    """A served cluster with two users of accounts and keys."""
    ground = Path(tempfile.mkdtemp(prefix="goq-test-", dir="/tmp"))
    ground.chmod(0o1777)
    with an_account() as ann, an_account() as bob:
        try:
            lab = Lab(cluster, ground)
            for user in (ann, bob):
                lab.add(Role.USER, user)
            yield lab, ann, bob
            for daemon in cluster.daemons:
                daemon.end_group()
        finally:
            remove_tree(bytes(ground))  # at which shepherds that end may just be as well
