"""A real goq cluster on 127.0.0.1, for one figure: server, workers, commands, journal."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.journal import Journal
from bench.lab import Build, Failed, Lab, Running

_LISTENING = "listening for jobs"
_PATIENCE_S = 3600.0
_LOOK_EVERY_S = 0.002
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Cluster:
    """One folder, one port, one server, and what it takes to load it."""

    def __init__(self, lab: Lab, build: Build) -> None:
        self.lab = lab
        self.build = build
        self.folder = lab.folder("cluster")
        self.journal = Journal(self.folder / ".goq" / "journal.sqlite")
        self.port = _free_port()
        self.env = _environment(build, self.folder, self.port)
        self._server: Running | None = None
        self._started: list[Running] = []

    # --- processes -----------------------------------------------------------------------

    @property
    def server(self) -> Running:
        """The server that runs."""
        assert self._server is not None
        return self._server

    def serve(self) -> None:
        """Start the server, and wait until it has read its journal and listens."""
        self._server = self.start("serve")
        self.wait_until(lambda: _LISTENING in self.server.log.read_text(), "the server listens")

    def start_server(self) -> None:
        """Start the server, and do not wait."""
        self._server = self.start("serve")

    def work(self, *words: str) -> Running:
        """Start `goq work forever`, with more words if you like."""
        return self.start("work", "forever", *words)

    def goq(self, *words: str) -> str:
        """Run one command to its end: what it prints."""
        return self.lab.run([self.build.goq, *words], self.env, self.folder)

    def simulate(self, *words: object) -> Any:
        """Have something done in goq's own protocol, by a process without jobs: what it tells."""
        return self.lab.run_json(self._simulated(*words), self.env)

    def start_simulation(self, *words: object) -> Running:
        """The same, going on."""
        return self.launch("simulated", self._simulated(*words))

    def _simulated(self, *words: object) -> list[str]:
        return [self.build.python, str(self.build.simulated), *map(str, words)]

    def start(self, *words: str) -> Running:
        """Start one command, and do not wait for its end."""
        return self.launch(words[0], [self.build.goq, *words])

    def launch(self, name: str, argv: list[str]) -> Running:
        """Start any program, and do not wait for its end."""
        log = self.folder / f"{len(self._started)}-{name}.log"
        running = self.lab.start(argv, self.env, self.folder, log)
        self._started.append(running)
        return running

    def close(self) -> None:
        """End all that was started. Its files stay as long as the lab: deleting slows what comes next."""
        for running in self._started:
            if running is not self._server:
                running.end()
        if self._server:
            self._server.kill()  # it would sync what nobody reads

    def wall_s(self, argv: list[str]) -> float:
        """How long a program takes here, from before its start to after its end."""
        started = time.perf_counter()
        self.lab.run(argv, self.env, self.folder)
        return time.perf_counter() - started

    # --- what is done with it --------------------------------------------------------------

    def write_lines(self, line: str, count: int) -> Path:
        """A file for `goq sub lines@`."""
        path = self.folder / f"lines.{count}"
        path.write_text(f"{line}\n" * count)
        return path

    def output(self, job: int) -> Path:
        """The output file of a job: in the folder of its owner, where the server is root's and has one for each."""
        folder, name = self.folder / "o", f"out.{job:05d}"
        return next(folder.glob(f"*/{name}"), folder / name)

    def listens(self) -> bool:
        """Somebody listens on the server's port."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def wait_for_count(self, since: int, last: int, count: int) -> None:
        """Wait until that job has ended, and `count` jobs have since that event of the journal."""
        waiting = self.start("wait", str(last))
        # Looking seldom: the journal has the times, and the processors are to be left to what is measured.
        self.wait_until(lambda: waiting.has_ended, f"job {last} has ended", every_s=0.05)
        self.wait_until(
            lambda: self.journal.finished_since(since) >= count, f"{count} jobs have finished", every_s=0.02
        )

    def settle(self) -> None:
        """Wait until the server has synced the outputs that it has written: it does so when idle."""
        self.wait_until(lambda: not self.journal.unsaved_outputs(), "all outputs are synced", every_s=0.1)

    def wait_for_workers(self, count: int) -> None:
        """Wait until so many workers are idle."""
        self.wait_until(lambda: f"waitingWorkers={count}\n" in self.goq("stat", "0"), f"{count} idle workers")

    def wait_until(self, claim: Callable[[], object], text: str, every_s: float = _LOOK_EVERY_S) -> None:
        """Look until the claim is true. Raises Failed when it is not for long, or one of us has failed."""
        deadline = time.monotonic() + _PATIENCE_S
        while not claim():
            failed = [each.log.read_text()[-2000:] for each in self._started if each.has_failed]
            if failed or time.monotonic() > deadline:
                raise Failed("\n".join([f"not so: {text}", *failed]))
            time.sleep(every_s)


@contextmanager
def a_cluster(lab: Lab, build: Build, *, serving: bool = True) -> Iterator[Cluster]:
    """A cluster for the time of a figure."""
    cluster = Cluster(lab, build)
    try:
        if serving:
            cluster.serve()
        yield cluster
    finally:
        cluster.close()


def cpu_s(pid: int) -> float:
    """The processor time that a process has used so far, its threads included."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS


def children_cpu_s(pid: int) -> float:
    """The processor time of the children that a process has waited for."""
    fields = _stat(pid)
    return (int(fields[13]) + int(fields[14])) / _CLOCK_TICKS


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def children(pid: int) -> list[int]:
    """The living children of a process."""
    lists = (each.joinpath("children").read_text() for each in Path(f"/proc/{pid}/task").iterdir())
    return [int(child) for line in lists for child in line.split()]


def memory_mb(pid: int, field: str = "VmRSS") -> float:
    """A memory field of /proc/PID/status: what is resident now, or with VmHWM was at most."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise Failed(f"no {field} of process {pid}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(build: Build, folder: Path, port: int) -> dict[str, str]:
    # As a plain shell has it: PYTHONDONTWRITEBYTECODE, say, would have goq compiled at each command.
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("GOQ_", "PYTHON"))}
    return {
        **outer,
        "PATH": f"{build.bin}:{os.environ['PATH']}",
        "HOME": str(folder),
        "GOQ_HOME": str(folder / "home"),
        "GOQ_SPOOL": str(folder / "spool"),
        "GOQ_JSERV_IP": "127.0.0.1",
        "GOQ_JSERV_PORT": str(port),
        "GOQ_SENDTIMEOUT_MSEC": "60000",  # what takes long is to be measured, not given up
    }
