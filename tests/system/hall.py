"""A hall of four machines with people of real accounts: a head and a node of root's, a node of ann's and one of bob's.

Each machine is a network namespace with a name of its own; they share the table of users, as the machines of a lab do.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from msgspec import Struct
from namespaces import on_host
from networks import Network

from system.accounts import an_account, home_of
from system.cluster import Cluster, Daemon, Finished

CHECKOUT = Path(__file__).resolve().parents[2]
STRANGER, THIEF = 47111, 47112  # nobody's numbers: without a key, and with the one of a node
HEAD, NODE = "head", "n1"
ADDRESSES = {HEAD: "10.9.0.1", NODE: "10.9.0.2", "n2": "10.9.0.3", "n3": "10.9.0.4"}
NO_WAY = "set -e; at=$(mktemp -d); mount -t tmpfs -o mode=0755 none $at"


class Person(Struct, frozen=True):
    """Somebody: called so, with these numbers for setpriv, and these variables."""

    name: str
    ids: tuple[str, ...]
    env: Mapping[str, str | None]

    @property
    def by(self) -> list[str]:
        """What to put before a command for this one to run it."""
        return ["setpriv", *self.ids, "--"] if self.ids else []

    def can(self, *command: str) -> bool:
        """It goes well by that one's hand, without goq."""
        return self.run(*command).returncode == 0

    def run(self, *command: str) -> Finished:
        """The same, and what it says."""
        return subprocess.run([*self.by, *command], capture_output=True, cwd="/", check=False, timeout=30)


class Hall:
    """The machines, and who is there. Root is the administrator, whose machine is the head."""

    def __init__(self, cluster: Cluster, ground: Path, networks: Mapping[str, Network]) -> None:
        self.cluster = cluster
        self.ground = ground  # everybody gets there, and root alone writes there
        self.all = ground / "all"  # where all may write
        self.all.mkdir()
        self.all.chmod(0o1777)
        self.networks = networks
        self.people: dict[str, Person] = {}
        self.desk = ground / "desk"  # where root serves
        self.root, self.node = self._of_root("desk"), self._of_root("node")
        self.stranger = self._with_number(STRANGER)
        self.thief = self._with_number(THIEF)

    @property
    def outputs(self) -> Path:
        """The server's folder for outputs."""
        return self.desk / "o"

    def account(self, name: str) -> Person:
        """The person of an account, at home in the account's home."""
        found = pwd.getpwnam(name)
        ids = (f"--reuid={found.pw_uid}", f"--regid={found.pw_gid}", "--init-groups")
        self.people[name] = Person(name, ids, _at(Path(found.pw_dir), name))
        return self.people[name]

    def _of_root(self, name: str) -> Person:
        """Root, with what is goq's in a folder that everybody may pass, so that its own modes count."""
        home = self.ground / name
        home.mkdir()
        return Person("root", (), {**_at(home, "root"), "GOQ_HOME": str(home / ".goq")})

    def _with_number(self, uid: int) -> Person:
        home = self.ground / str(uid)
        home.mkdir(mode=0o700)
        os.chown(home, uid, uid)
        ids = (f"--reuid={uid}", f"--regid={uid}", "--clear-groups")
        return Person(str(uid), ids, _at(home, str(uid)))

    def goq(self, person: Person, *words: str, at: str = HEAD, stdin: bytes = b"") -> Finished:
        """A command of that one at that machine."""
        prefix = [*self.networks[at].enter, *person.by]
        return self.cluster.goq(*words, env=person.env, cwd=self.all, stdin=stdin, prefix=prefix)

    def done(self, person: Person, *words: str, at: str = HEAD, stdin: bytes = b"") -> str:
        """What it prints; it must go well."""
        ended = self.goq(person, *words, at=at, stdin=stdin)
        assert 0 == ended.returncode, f"{ended}\n{self.cluster.show()}"
        return ended.stdout.decode()

    def refused(self, person: Person, *words: str, at: str = HEAD) -> str:
        """Why it is refused, in one line."""
        ended = self.goq(person, *words, at=at)
        lines = ended.stderr.decode().splitlines()
        assert ended.returncode != 0, ended
        assert 1 == len(lines), lines
        return lines[0]

    def start(self, person: Person, *words: str, at: str, **more: str) -> Daemon:
        """A server or a worker of that one's at that machine."""
        prefix = [*self.networks[at].enter, *on_host(at.encode()), *person.by]
        folder = self.desk if words[0] == "serve" else self.all
        return self.cluster.start(*words, env={**person.env, **more}, cwd=folder, prefix=prefix)

    def serve(self) -> Daemon:
        """Root starts the server, by the head's name."""
        server = self.start(self.root, "serve", at=HEAD, GOQ_JSERV_IP=HEAD)
        self.cluster.wait_until(lambda: "listening for jobs" in server.text())
        return server

    def join(self, person: Person, token: str, at: str = HEAD) -> None:
        """Paste the token."""
        self.done(person, "init", "--join", at=at, stdin=token.encode())

    def submit(self, person: Person, *words: str) -> int:
        """A job of that one's, where all may write; its number."""
        return int(self.done(person, "sub", "-q", *words))

    def status(self, person: Person, job: int) -> int:
        """How it ended."""
        return self.goq(person, "wait", str(job)).returncode

    def run(self, person: Person, *words: str) -> str:
        """A job that must end well, and what it wrote."""
        job = self.submit(person, *words)
        assert 0 == self.status(person, job), (
            f"{self.done(self.root, 'show', str(job))}\n{self.cluster.show()}"
        )
        return self.done(person, "logs", str(job))

    def output_of(self, person: Person, job: int) -> Path:
        """The file."""
        return self.outputs / person.name / f"out.{job:05d}"


def _at(home: Path, name: str) -> dict[str, str | None]:
    """The variables of somebody who has logged in, and set nothing of goq's but where his spool is."""
    return {
        "GOQ_HOME": None,
        "GOQ_SPOOL": str(home / "spool"),
        "TMPDIR": None,
        "HOME": str(home),
        "USER": name,
        "LOGNAME": name,
        "SHELL": "/bin/sh",
    }


def open_ways(network: Network) -> None:
    """Have everybody get to this Python and to goq there, wherever they are installed: below root's home, as it may be.

    A folder that others may not pass is covered, in that namespace alone, by one that has nothing but these in it.
    """
    needed = {Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), CHECKOUT}
    closed = {closed for path in needed if (closed := _closed(path))}
    for folder in sorted(closed):
        inside = sorted(path for path in needed if path.is_relative_to(folder))
        _cover(network, folder, inside)


def _closed(path: Path) -> Path | None:
    """The first folder on the way that others may not pass."""
    return next((each for each in (*reversed(path.parents), path) if not each.stat().st_mode & 0o001), None)


def _cover(network: Network, folder: Path, inside: list[Path]) -> None:
    script = [NO_WAY]
    for number, path in enumerate(inside):
        script.append(f"mkdir $at/{number}; mount --bind '{path}' $at/{number}")
    script.append(f"mount -t tmpfs -o mode=0755 none '{folder}'")
    for number, path in enumerate(inside):
        script.append(f"mkdir -p '{path}'; mount --move $at/{number} '{path}'")
    network.run("; ".join([*script, "umount $at; rmdir $at"]))


@contextmanager
def a_hall(folder: Path) -> Iterator[Hall]:
    """The machines, with nothing started yet; what was started is ended with them."""
    cluster = Cluster(folder)
    for name in ("GOQ_JSERV_IP", "GOQ_JSERV_PORT"):
        del cluster.env[name]
    ground = Path(tempfile.mkdtemp(prefix="goq-hall-", dir="/tmp"))
    ground.chmod(0o755)
    table = ground / "hosts"
    table.write_text("127.0.0.1 localhost\n" + "".join(f"{ip} {name}\n" for name, ip in ADDRESSES.items()))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, ground)
        networks = {}
        for name in ADDRESSES:
            networks[name] = Network()
            stack.callback(networks[name].close)
        for name, network in networks.items():
            network.hosts(table)
            open_ways(network)
            if name != HEAD:
                ends = ADDRESSES[HEAD], ADDRESSES[name]
                networks[HEAD].cable(network, *(f"{a} peer {b}" for a, b in (ends, ends[::-1])), name=name)
        stack.callback(cluster.close)
        yield Hall(cluster, ground, networks)


@contextmanager
def three_accounts() -> Iterator[tuple[str, str, str]]:
    """Of real people, who have nothing yet."""
    with an_account() as ann, an_account() as bob, an_account() as carl:
        for name in (ann, bob, carl):
            home_of(name).chmod(0o711)  # so that the modes of what is in them count
        yield ann, bob, carl
