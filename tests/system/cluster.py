"""A cluster for one test: a folder, a port, a server, workers, all of them the installed `goq`.

Every process is started in a session of its own and remembered by its pid; only those are ever
ended. Nothing here sleeps for a fixed time: `wait_until` looks until a claim is true, and gives
up at once when one of our processes has ended that should not have.
"""

import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from ports import free_port

from goq.adapters.machine import host_name
from goq.core.values.ids import JobId
from goq.core.values.result import output_name
from system.jobs import lines_of
from system.proc import marked_pids

GOQ = str(Path(sys.executable).with_name("goq"))
MARK = "OF_CLUSTER"
LISTENING = "listening for jobs"
# How a plain line of a log begins.
STAMP = rf"\d{{4}}(-\d\d){{2}} \d\d(:\d\d){{2}} {re.escape(host_name())} "
SHORT_LEASES = {"GOQ_LEASE_SEC": "1", "GOQ_HEARTBEAT_SEC": "0.2"}
_TRACEBACK = "Traceback (most recent call last)"
_PATIENCE_S = 30.0
_SHOWN_CHARACTERS = 3000

T = TypeVar("T")
Finished = subprocess.CompletedProcess[bytes]


class Daemon:
    """A `goq` that runs on: a server, a worker, a waiting client. Its output goes to a log."""

    def __init__(self, name: str, argv: list[str], env: dict[str, str], cwd: Path, log: Path) -> None:
        self.name = name
        self.may_end = False
        self.log = log
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                argv,
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def text(self) -> str:
        """All that it has said."""
        return self.log.read_text("utf-8", "backslashreplace")

    def tell(self, number: int) -> None:
        """Send it a signal; it may end of it."""
        self.may_end = self.may_end or number not in (signal.SIGSTOP, signal.SIGCONT)
        self.process.send_signal(number)

    def freeze(self) -> None:
        """Stop it as a machine that hangs would; `thaw` lets it go on."""
        self.tell(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self.tell(signal.SIGCONT)

    def wait(self, within_s: float = _PATIENCE_S) -> int:
        """Its exit code, once it has ended."""
        self.may_end = True
        return self.process.wait(within_s)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal; its exit code."""
        self.tell(number)
        return self.wait()

    def crash(self) -> None:
        """kill -9."""
        self.stop(signal.SIGKILL)

    def end_group(self) -> None:
        """End it and whatever is left in its group, at once."""
        if self.alive:
            os.killpg(self.pid, signal.SIGKILL)
        self.wait()


class Cluster:
    """The machine room of one test. `env` holds its GOQ_* settings, and may be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = uuid.uuid4().hex
        self.port = free_port()
        self.home = folder / "home" / ".goq"
        self.spool = folder / "spool"
        self.here = folder / "head"  # where the server is started
        self.away = folder / "away"  # where jobs are submitted
        self.logs = folder / "logs"
        self.temporary = folder / "tmp"
        for each in (self.home.parent, self.here, self.away, self.logs, self.temporary):
            each.mkdir(parents=True)
        self.env: dict[str, str] = {
            "GOQ_HOME": str(self.home),
            "GOQ_SPOOL": str(self.spool),
            "TMPDIR": str(self.temporary),
            "GOQ_JSERV_IP": "127.0.0.1",
            "GOQ_JSERV_PORT": str(self.port),
        }
        self.daemons: list[Daemon] = []
        self._waiters: list[Daemon] = []
        self.stderrs: list[str] = []
        self._last_stat = "not asked for"

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.env['GOQ_JSERV_PORT']}"

    def variables(self, changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
        """The environment of our processes: the outer one without its GOQ_*, then ours.

        A change to None takes a variable away.
        """
        not_ours = ("GOQ_", "XDG_CONFIG_HOME", "NO_COLOR")
        outer = {name: value for name, value in os.environ.items() if not name.startswith(not_ours)}
        ours = {**outer, **self.env, "HOME": str(self.home.parent), MARK: self.mark, **(changes or {})}
        return {name: value for name, value in ours.items() if value is not None}

    # --- processes -----------------------------------------------------------------------

    def start(
        self,
        *words: str,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        prefix: Sequence[str] = (),
    ) -> Daemon:
        """Start a `goq` that runs on, by the program in `prefix` if there is one."""
        name = f"{len(self.daemons)}-{words[0]}"
        argv = [*prefix, GOQ, *words]
        daemon = Daemon(name, argv, self.variables(env), cwd or self.away, self.logs / name)
        self.daemons.append(daemon)
        return daemon

    def start_server(
        self,
        *,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        prefix: Sequence[str] = (),
    ) -> Daemon:
        """Start the server, and wait until it listens."""
        server = self.start("serve", env=env, cwd=cwd or self.here, prefix=prefix)
        self.wait_until(lambda: LISTENING in server.text())
        return server

    def start_worker(
        self,
        *words: str,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        prefix: Sequence[str] = (),
    ) -> Daemon:
        """Start `goq work forever`, or with other words."""
        return self.start("work", *(words or ("forever",)), env=env, cwd=cwd, prefix=prefix)

    def goq(
        self,
        *words: str,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        stdin: bytes = b"",
        timeout: float = _PATIENCE_S,
        prefix: Sequence[str] = (),
    ) -> Finished:
        """Run one command to its end. A traceback fails the test, whoever looks at the result."""
        return self._run([*prefix, GOQ, *words], self.variables(env), cwd or self.away, stdin, timeout)

    def goq_by(self, prefix: Sequence[str], *words: str) -> Finished:
        """The same by another program, which is given the command as its last arguments."""
        return self._run([*prefix, GOQ, *words], self.variables(), self.away, b"", _PATIENCE_S)

    def _run(self, argv: list[str], env: dict[str, str], cwd: Path, stdin: bytes, timeout: float) -> Finished:
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            argv, env=env, cwd=cwd, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )
        try:
            out, err = process.communicate(stdin, timeout)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        self.stderrs.append(err.decode("utf-8", "backslashreplace"))
        if _TRACEBACK.encode() in err:
            raise AssertionError(f"{argv[:5]} ended in a traceback:\n{self.stderrs[-1]}")
        return subprocess.CompletedProcess(argv, process.returncode, out, err)

    def done(self, *words: str, env: Mapping[str, str | None] | None = None, cwd: Path | None = None) -> str:
        """The standard output of a command that must succeed."""
        ended = self.goq(*words, env=env, cwd=cwd)
        if ended.returncode != 0 or ended.stderr:
            raise AssertionError(f"goq {words[:5]}: exit {ended.returncode}: {ended.stderr!r}\n{self.show()}")
        return ended.stdout.decode()

    # --- what tests ask for ----------------------------------------------------------------

    def submit(
        self, *words: str, env: Mapping[str, str | None] | None = None, cwd: Path | None = None
    ) -> int:
        """Submit one job; its number."""
        said = self.done("sub", *words, env=env, cwd=cwd)
        found = re.search(r"submitted job (\d+) to server", said)
        assert found, said
        return int(found[1])

    def submit_lines(self, lines: list[str]) -> range:
        """Submit a job a line; their numbers."""
        ended = self.goq("sub", "lines@", "-", stdin="\n".join(lines).encode())
        found = re.search(rb"\[(\d+) : (\d+)\]", ended.stdout)
        assert found, ended
        return range(int(found[1]), int(found[2]) + 1)

    def stat(self, *words: str) -> dict[str, str]:
        """The key=value lines of `goq stat`."""
        self._last_stat = self.done("stat", *(words or ("10",)))
        pairs = (line.partition("=") for line in self._last_stat.splitlines())
        return {key: value for key, equals, value in pairs if equals and key.isalpha()}

    def status(self, job: int) -> int:
        """The job's exit status, once it has ended: `goq wait`."""
        log = self.logs / f"wait-{job}-{len(self._waiters)}"
        waiter = Daemon(log.name, [GOQ, "wait", str(job)], self.variables(), self.away, log)
        self._waiters.append(waiter)
        self.wait_until(lambda: not waiter.alive, or_show=waiter.text, within_s=60)
        assert "result:" in waiter.text(), f"{waiter.text()}\n{self.show()}"
        return waiter.wait()

    def statuses(self, jobs: Sequence[int]) -> list[int]:
        """The exit statuses of several jobs, once all of them have ended: from `goq stat`."""
        found: dict[int, int] = {}

        def all_ended() -> bool:
            rows = re.findall(
                r"^finished: \[jid (\d+)\].* status: (\d+)\.", self.done("stat", "1000"), re.MULTILINE
            )
            found.update((int(job), int(status)) for job, status in rows)
            return found.keys() >= set(jobs)

        self.wait_until(all_ended, or_show=lambda: found, every_s=0.06)
        return [found[job] for job in jobs]

    def output_file(self, job: int) -> Path:
        """Where its output is: in the folder of its owner, where the server is root's and the owner somebody else."""
        folder, name = self.here / "o", output_name(JobId(job))
        return next(folder.glob(f"*/{name}"), folder / name)

    def output(self, job: int) -> bytes:
        """The bytes of a job's output file."""
        return self.output_file(job).read_bytes()

    def run(self, *words: str, env: Mapping[str, str | None] | None = None, cwd: Path | None = None) -> bytes:
        """Submit a job, wait for its end, and give its output."""
        job = self.submit(*words, env=env, cwd=cwd)
        self.wait_for_end(job)
        return self.output(job)

    def run_all(self, *commands: tuple[str, ...]) -> list[bytes]:
        """The same with several jobs, in one submission."""
        jobs = self.submit_lines(lines_of(*commands))
        for job in jobs:
            self.wait_for_end(job)
        return [self.output(job) for job in jobs]

    def wait_for_end(self, job: int) -> None:
        """Wait until a server says that the job has ended; by then its output is in its file."""
        said = f" finished job {job},", f" cancelled job {job},"
        self.wait_until(lambda: any(each in daemon.text() for daemon in self.daemons for each in said))

    def wait_until(
        self,
        claim: Callable[[], T],
        or_show: Callable[[], object] | None = None,
        within_s: float = _PATIENCE_S,
        every_s: float = 0.02,
    ) -> T:
        """Look until the claim is true, and give what it gave. Fails with all that is known."""
        deadline = time.monotonic() + within_s
        while True:
            held = claim()
            if held:
                return held
            ended = [daemon.name for daemon in self.daemons if not daemon.may_end and not daemon.alive]
            if ended or time.monotonic() > deadline:
                why = f"{ended} ended meanwhile" if ended else f"not so within {within_s} s"
                shown = f"\nshown: {or_show()}" if or_show else ""
                raise AssertionError(f"{why}{shown}\n{self.show()}")
            time.sleep(every_s)

    def wait_for_start(self, job: int) -> None:
        """Wait until a worker says that it starts the job."""
        self.wait_until(lambda: any(f"] starting job {job}:" in each.text() for each in self.daemons))

    def wait_for_stat(self, **wanted: int) -> dict[str, str]:
        """Wait until `goq stat` shows these counters."""

        def as_wanted() -> dict[str, str]:
            shown = self.stat()
            return shown if all(shown[key] == str(value) for key, value in wanted.items()) else {}

        return self.wait_until(as_wanted, or_show=lambda: wanted, every_s=0.06)

    def show(self) -> str:
        """What our processes have said, for the reader of a failed test."""
        logs = [
            f"--- {each.name}, pid {each.pid}\n{each.text()[-_SHOWN_CHARACTERS:]}" for each in self.daemons
        ]
        return "\n".join([*logs, f"--- last stat\n{self._last_stat}"])

    # --- the end ---------------------------------------------------------------------------

    def close(self) -> None:
        """End all that we started; nobody may have crashed, and nothing may live on."""
        ours = [*self.daemons, *self._waiters]
        for daemon in ours:
            daemon.end_group()
        texts = [*(daemon.text() for daemon in ours), *self.stderrs]
        crashed = [text[-_SHOWN_CHARACTERS:] for text in texts if _TRACEBACK in text]
        deadline = time.monotonic() + _PATIENCE_S
        while (left := marked_pids(MARK, self.mark)) and time.monotonic() < deadline:
            time.sleep(0.02)
        if crashed:
            raise AssertionError("\n".join(crashed))
        if left:
            raise AssertionError(f"processes of this test live on: {left}\n{self.show()}")
