"""A worker's end of its shepherd: start a job, kill it, hear of its end."""

from pathlib import Path

from msgspec import Struct

from goq.adapters.link import Link
from goq.adapters.processes import start_shepherd
from goq.core.model import Argv, Environment, split_argv, split_environment

SHEPHERD_MODULE = "goq.adapters.shepherd"


class Started(Struct, frozen=True, gc=False):
    """The job runs."""

    pid: int
    at_ns: int


class Stopped(Struct, frozen=True, gc=False):
    """No process of the job is left. `problem` says why it could not start, or is empty."""

    exit_code: int
    signal: int
    problem: str
    at_ns: int
    cpu_s: float
    peak_kib: int


class ShepherdDied(Struct, frozen=True, gc=False):
    """The shepherd was killed, and the job that it had, if any, with it. A new one has started."""


Event = Started | Stopped | ShepherdDied


class Executor:
    """Runs one job at a time, in a shepherd of its own that does not outlive this process."""

    def __init__(self, environment: dict[bytes, bytes]) -> None:
        self._environment = environment
        self._launch()

    def _launch(self) -> None:
        self._process, end = start_shepherd(SHEPHERD_MODULE, self._environment)
        self._link = Link(end)

    def fileno(self) -> int:
        """Readable when `events` has something."""
        return self._link.fileno()

    def start(
        self, argv: Argv, folder: bytes, environment: Environment, extra: dict[bytes, bytes], output: Path
    ) -> None:
        """Have a job started; `events` will tell how that went."""
        variables = split_environment(environment) | extra
        self._link.send(("start", split_argv(argv), folder, variables, bytes(output)))

    def kill(self, number: int, grace_s: float) -> None:
        """Send a signal to every process of the job, and SIGKILL to what is left after the grace."""
        self._link.send(("kill", int(number), grace_s))

    @property
    def pid(self) -> int:
        """The shepherd's pid."""
        return self._process.pid

    def events(self) -> list[Event]:
        """What has happened since the last call."""
        events: list[Event] = []
        for message in self._link.receive():
            match message:
                case ("started", pid, at_ns):
                    events.append(Started(pid, at_ns))
                case ("ended", exit_code, signal, problem, at_ns, cpu_s, peak_kib):
                    events.append(Stopped(exit_code, signal, problem, at_ns, cpu_s, peak_kib))
        if self._link.closed:
            self.close()
            self._launch()
            events.append(ShepherdDied())
        return events

    def close(self) -> None:
        """Let the shepherd go, and with it everything that it still herds."""
        self._link.close()
        self._process.wait()
