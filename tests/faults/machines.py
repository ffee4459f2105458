"""The processes under fault: a server and workers, each in a group of its own, and only ours."""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from faults.proxy import Proxy, Route

GOQ = str(Path(sys.executable).with_name("goq"))
MARK = "OF_FAULT_SUITE"
LEASE_S = 2.0
SETTINGS = {
    "GOQ_LEASE_SEC": str(LEASE_S),
    "GOQ_HEARTBEAT_SEC": "0.3",
    "GOQ_KILL_GRACE_SEC": "1",
    "GOQ_SENDTIMEOUT_MSEC": "1000",
    "GOQ_JSERV_IP": "127.0.0.1",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def children(pid: int) -> list[int]:
    """Every process below this one."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
        direct = [
            int(child)
            for task in tasks
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split()
        ]
    except OSError:
        return []
    return [*direct, *(below for child in direct for below in children(child))]


@dataclass(eq=False)
class Machine:
    """A server or a worker: what it is started with, and how it is now."""

    name: str
    words: list[str]
    env: dict[str, str]
    cwd: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None
    state: str = "down"  # down, up, frozen, leaving
    frozen: list[int] = field(default_factory=list)

    def start(self) -> None:
        with self.log.open("ab") as file:
            self.process = subprocess.Popen(
                [GOQ, *self.words],
                env=self.env,
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.state = "up"

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    @property
    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def kill(self) -> None:
        """kill -9, of this process alone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.state = "down"

    def terminate(self) -> None:
        if self.process is not None:
            self.process.terminate()
        self.state = "leaving"

    def freeze(self, *, tree: bool) -> None:
        self.frozen = [self.pid, *(children(self.pid) if tree else [])]
        self._signal(signal.SIGSTOP)
        self.state = "frozen"

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)
        self.frozen = []
        if self.state == "frozen":
            self.state = "up"

    def _signal(self, number: int) -> None:
        for pid in self.frozen:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def wait(self, within_s: float) -> bool:
        """It has ended in time."""
        try:
            if self.process is not None:
                self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            return False
        self.state = "down"
        return True


class Room:
    """The folders, the proxy, the server and the workers of one run."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder = folder
        self.mark = uuid.uuid4().hex
        self.head, self.away, self.logs = (folder / name for name in ("head", "away", "joblogs"))
        for each in (self.head, self.away, self.logs):
            each.mkdir(parents=True)
        port = free_port()
        self.proxy = Proxy(port, workers + 1)
        outer = {name: value for name, value in os.environ.items() if not name.startswith("GOQ_")}
        self.env = {**outer, **SETTINGS, "GOQ_HOME": str(folder / "home"), MARK: self.mark}
        self.server = self._machine("server", ["serve"], port, self.head)
        routes = self.proxy.routes
        self.workers = [
            self._machine(f"worker{at}", ["work", "forever", "-j", "2"], routes[at].port, self.away)
            for at in range(workers)
        ]
        self.client_env = self.env | {"GOQ_JSERV_PORT": str(routes[-1].port)}

    def _machine(self, name: str, words: list[str], port: int, cwd: Path) -> Machine:
        env = self.env | {"GOQ_JSERV_PORT": str(port)}
        return Machine(name, words, env, cwd, self.folder / f"{name}.log")

    @property
    def machines(self) -> list[Machine]:
        return [self.server, *self.workers]

    def route(self, worker: Machine) -> Route:
        return self.proxy.routes[self.workers.index(worker)]

    def start(self) -> None:
        """Start all; the server first, which makes the cluster id."""
        self.server.start()
        deadline = time.monotonic() + 20
        while "listening for jobs" not in self.server.log.read_text():
            if self.server.ended or time.monotonic() > deadline:
                raise AssertionError(self.server.log.read_text())
            time.sleep(0.02)
        for worker in self.workers:
            worker.start()

    def goq(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one command, through the proxy, to its end."""
        return self._run(words, self.client_env, self.away, stdin)

    def audit(self) -> subprocess.CompletedProcess[str]:
        """goq audit, where the server keeps its journal."""
        return self._run(("audit",), self.env, self.head, "")

    def _run(
        self, words: tuple[str, ...], env: dict[str, str], cwd: Path, stdin: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [GOQ, *words],
            env=env,
            cwd=cwd,
            input=stdin,
            text=True,
            capture_output=True,
            timeout=120,
            check=False,
        )

    def left_over(self) -> list[int]:
        """The processes of this run that live, but for the machines themselves."""
        wanted = f"{MARK}={self.mark}".encode()
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                if wanted in Path("/proc", entry, "environ").read_bytes().split(b"\0"):
                    found.append(int(entry))
            except OSError:
                continue
        return found

    def close(self) -> None:
        """End what is left of our own."""
        for machine in self.machines:
            machine.thaw()
            machine.kill()
        self.proxy.close()
