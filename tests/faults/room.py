"""The folders, the proxy, the server and the workers of one run, and what can be done to them."""

import os
import sqlite3
import subprocess
import uuid
from pathlib import Path

from ports import free_port

from faults.clocks import Clock, faking_library
from faults.enclosure import ENTERED, Cable, Node, SmallDisk, entered
from faults.machines import GOQ, Machine
from faults.proxy import Proxy, Route
from faults.timeline import Timeline

MARK = "OF_FAULT_SUITE"
LEASE_S = 2.0
SETTINGS = {
    "GOQ_LEASE_SEC": str(LEASE_S),
    "GOQ_HEARTBEAT_SEC": "0.3",
    "GOQ_KILL_GRACE_SEC": "1",
    "GOQ_SENDTIMEOUT_MSEC": "1000",
    "GOQ_JSERV_IP": "127.0.0.1",
}
NO_MOUNT = "disk full: no mount is allowed here"
NO_NETWORK = "network namespace partition: no namespace is allowed here"
NO_FAKETIME = "clock jumps: there is no faketime here"
NO_NODES = "missing folders and packages, spools read-only: no mounts and host names are allowed here"
FOLDERS = 3  # in which jobs run, each below a place of its own


class Room:
    """All that one run consists of.

    Each worker has a node of its own, and the last one a cable and no proxy, where that can be.
    """

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder = folder
        self.mark = uuid.uuid4().hex
        self.head, self.away, self.logs = (folder / name for name in ("head", "away", "joblogs"))
        self.spool = folder / "spool"
        self.projects = [self.away / f"project{at}" for at in range(FOLDERS)]
        self.folders = [project / "here" for project in self.projects]
        for each in (self.head, self.away, self.logs, *self.folders):
            each.mkdir(parents=True)
        self.spool.mkdir(mode=0o700)
        self.timeline = Timeline(folder)
        ours = entered()
        self._library = faking_library()
        self.disk = SmallDisk(self.head) if "mount" in ours else None
        self.cable = Cable() if "net" in ours else None
        self.nodes = [Node(f"node{at}") for at in range(workers)] if {"mount", "uts"} <= {*ours} else []
        means = (self.disk, self.cable, self._library, self.nodes)
        missing = dict(zip((NO_MOUNT, NO_NETWORK, NO_FAKETIME, NO_NODES), means, strict=True))
        self.left_out = [text for text, thing in missing.items() if not thing]
        outer = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GOQ_") and name != ENTERED
        }
        self.env = {
            **outer,
            **SETTINGS,
            "GOQ_HOME": str(folder / "home"),
            "GOQ_SPOOL": str(self.spool),
            MARK: self.mark,
        }
        self._port = free_port()
        self.proxy = Proxy(self._port, workers if self.cable else workers + 1)
        self.server = self._make_server()
        self.workers = [self._make_worker(at) for at in range(workers)]
        self.client_env = self.env | {"GOQ_JSERV_PORT": str(self.proxy.routes[-1].port)}

    def _make_server(self) -> Machine:
        settings = {"GOQ_JSERV_PORT": str(self._port)}
        if self.cable:
            settings["GOQ_JSERV_IP"] = "0.0.0.0"  # of a network in which nobody is but us
        return self._machine("server", ["serve"], settings, self.head)

    def _make_worker(self, at: int) -> Machine:
        words, name = ["work", "forever", "-j", "2", "--gpus", "0,1"], f"worker{at}"
        cable = self.cable if self._is_on_cable(at) else None
        if cable:
            settings = {"GOQ_JSERV_IP": Cable.NEAR, "GOQ_JSERV_PORT": str(self._port)}
        else:
            settings = {"GOQ_JSERV_PORT": str(self.proxy.routes[at].port)}
        machine = self._machine(name, words, settings, self.away)
        machine.node = self.nodes[at] if self.nodes else None
        on_node = machine.node.enter(self.away) if machine.node else []
        machine.prefix = [*(cable.enter if cable else []), *on_node]
        return machine

    def _is_on_cable(self, at: int) -> bool:
        return self.cable is not None and at == len(self.proxy.routes) - 1

    def _machine(self, name: str, words: list[str], settings: dict[str, str], cwd: Path) -> Machine:
        clock = Clock(self.folder / f"{name}.clock", self._library) if self._library else None
        log = self.folder / f"{name}.log"
        return Machine(name, words, self.env | settings, cwd, log, self.timeline, clock=clock)

    @property
    def machines(self) -> list[Machine]:
        return [self.server, *self.workers]

    @property
    def journal(self) -> Path:
        return self.head / ".goq" / "journal.sqlite"

    def route(self, worker: Machine) -> Route | None:
        """The worker's way to the server, but for the one on the cable."""
        at = self.workers.index(worker)
        return None if self._is_on_cable(at) else self.proxy.routes[at]

    def whose(self, route: Route) -> str:
        """Who goes that way: a worker, or the users and whoever else there is."""
        at = self.proxy.routes.index(route)
        return self.workers[at].name if at < len(self.workers) and not self._is_on_cable(at) else "users"

    def start(self) -> None:
        """Start all; the server first, which makes the cluster id."""
        self.server.start()
        self.server.await_listening()
        for worker in self.workers:
            worker.start()

    def count_live(self) -> int | None:
        """How many jobs have not ended; None when the journal cannot be read just now."""
        return self._ask_journal("SELECT coalesce(sum(open), 0) FROM submission")

    def last_work(self) -> int:
        """A number that grows with each delegation and each end of a job."""
        return self._ask_journal("SELECT max(seq) FROM event") or 0

    def _ask_journal(self, query: str) -> int | None:
        try:
            db = sqlite3.connect(f"{self.journal.as_uri()}?mode=ro", uri=True)
            try:
                answer: int | None = db.execute(query).fetchone()[0]
            finally:
                db.close()
        except sqlite3.OperationalError:
            return None
        return answer

    def goq(self, *words: str, folder: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one command in a folder, through the proxy, to its end."""
        return self._run(words, self.client_env, folder, stdin)

    def limit(self, name: str, amount: int) -> None:
        """Set a limit, before anything is out of order."""
        ended = self._run(("limit", name, str(amount)), self.client_env, self.head, "")
        assert not ended.returncode, ended.stderr

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

    def heal(self) -> None:
        """No more faults of what lies between the machines, or under them."""
        self.proxy.heal()
        if self.disk:
            self.disk.make_room()
        if self.cable:
            self.cable.mend()
        for node in self.nodes:
            node.heal()
        for clock in (machine.clock for machine in self.machines):
            if clock and not clock.is_right:
                clock.set_right()

    def close(self) -> None:
        """End what is left of our own."""
        for machine in self.machines:
            machine.thaw()
            machine.kill()
        self.proxy.close()
        for node in self.nodes:
            node.close()
        if self.cable:
            self.cable.close()
        if self.disk:
            self.disk.close()
