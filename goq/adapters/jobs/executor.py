"""A worker's end of its shepherd: start a job, kill it, hear of its end."""

import os
import signal
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import astuple

from goq.adapters.jobs.cgroups import JobCgroup
from goq.adapters.jobs.chores import Chores
from goq.adapters.jobs.insistence import NEVER, SLACK_S, Insistence, Step, Wanted
from goq.adapters.jobs.launcher import Launcher
from goq.adapters.jobs.mark import Sample
from goq.adapters.jobs.outlets import Outlets
from goq.adapters.jobs.owners import AS_ITSELF, Identity
from goq.adapters.jobs.processes import is_stopped
from goq.core.values.ids import Argv, Environment, split_argv, split_environment
from goq.core.values.quantities import show_duration
from goq.core.values.result import SIGKILL, TIME
from goq.core.values.terms import DEFAULT_UMASK, Bounds
from goq.core.worker.events import ShepherdDied, Stopped

__all__ = ["Event", "Executor", "Said", "ShepherdDied", "Stopped", "Withdrawn"]

GRACE_S = 5.0
NO_CHORES = Chores()
_WITHDRAWAL = "withdrawal"  # beside numbers of jobs, and of jobs whose time will be up


class Withdrawn(Struct, frozen=True, gc=False):
    """The jobs of these numbers were not started, and will not be."""

    numbers: list[int]


class Said(Struct, frozen=True, gc=False):
    """What a prolog or an epilog has printed, and why it was in vain."""

    chore: str
    job: int
    lines: list[str]
    problem: str


Event = Stopped | Withdrawn | ShepherdDied | Said


class Executor:
    """Runs one job after the other, in a shepherd of its own that does not outlive this process.

    `kill_strays` ends what a shepherd that was killed has left to this process. `grace_s` is for
    jobs whose time is up, or whose output cannot be kept. `scratch` is the folder for temporary files
    of each of them. `chores` come before and after each. `identity` says who they run as.
    """

    def __init__(
        self,
        launcher: Launcher,
        cgroup: JobCgroup | None = None,
        kill_strays: Callable[[], None] = lambda: None,
        grace_s: float = GRACE_S,
        scratch: Path | None = None,
        chores: Chores = NO_CHORES,
        identity: Identity = AS_ITSELF,
    ) -> None:
        """Raises CannotLaunch."""
        self._identity = identity
        self._launcher = launcher
        self._cgroup = cgroup
        self._kill_strays = kill_strays
        self._grace_s = grace_s
        self._scratch = scratch
        self._chores = chores
        self._before: dict[
            int, tuple[Environment, dict[bytes, bytes], str]
        ] = {}  # variables, where one may owe an epilog
        self._owed: tuple[Environment, dict[bytes, bytes], str, int] | None = None
        self._number = 0
        self._limits: dict[int, float] = {}  # seconds that jobs with the shepherd may take
        self._pending: deque[int] = deque()  # told to the shepherd, and not heard of
        self.relaunch()

    def relaunch(self) -> None:
        """Have a new shepherd, at the beginning or after one has died. Raises CannotLaunch."""
        self._doomed: Stopped | None = None
        self._insistence = Insistence()
        self.pid, self._link, self._mark = self._launcher.launch(self._cgroup)
        self._is_alive = True
        self._told_environment: Environment | None = None
        if self._identity.as_owner:  # first of all
            self._link.put(("owners", self._identity.allow_root))
        self._link.put(("grace", self._grace_s))
        if self._scratch:
            self._link.put(("scratch", bytes(self._scratch)))
        if self._chores != NO_CHORES:
            self._link.put(("chores", *astuple(self._chores)))
        if self._owed:
            self._pay(*self._owed)

    def _pay(self, environment: Environment, extra: dict[bytes, bytes], owner: str, status: int) -> None:
        """The job that went with its shepherd has had no epilog."""
        self._owed = None
        self._tell_environment(environment)
        self._link.send(("epilog", extra, status, owner))

    def _tell_environment(self, environment: Environment) -> None:
        if environment != self._told_environment:
            self._link.put(("environment", split_environment(environment)))
            self._told_environment = environment

    @property
    def has_jobs(self) -> bool:
        """The shepherd has some whose ends were not told."""
        return bool(self._pending)

    def sample(self) -> tuple[int, Sample] | None:
        """What the job that is on has used, behind its number; None while its shepherd has not looked."""
        number = self._pending[0] if self._pending else 0
        sample = self._mark.sample(number) if number else None
        return (number, sample) if sample else None

    def fileno(self) -> int:
        """Readable when `events` has something; changes with `relaunch`."""
        return self._link.fileno()

    def start(
        self,
        argv: Argv,
        folder: bytes,
        environment: Environment,
        extra: dict[bytes, bytes],
        output: Path | Outlets,
        physical: bytes = b"",
        umask: int = DEFAULT_UMASK,
        stdin: bytes = b"",
        bounds: Bounds = (),
        cpus: tuple[int, ...] = (),
        owner: str = "",
        own: tuple[bytes, ...] = (),
    ) -> int:
        """Have a job started once those before it have ended; its number, to `kill` it by.

        It runs on these `cpus`, or, without any, on all that this process may. It is on its way after `go`. Where jobs run
        as their owners, it is the `owner`'s, and the files `own` are given to him. `events` tells in the same order how each went.
        """
        self._tell_environment(environment)
        self._number += 1
        self._pending.append(self._number)
        if bounds and bounds[0]:
            self._limits[self._number] = bounds[0]
            self._mind_time()
        if self._chores.epilog:
            self._before[self._number] = environment, extra, owner
        outlets = bytes(output) if isinstance(output, Path) else output
        job = (split_argv(argv), folder, physical, umask, stdin, bounds, cpus, extra, outlets, owner, own)
        self._link.put(("start", self._number, *job))
        return self._number

    def go(self) -> None:
        """See that what was started gets on its way."""
        self._link.flush()

    def kill(self, number: int, signal_number: int, grace_s: float) -> None:
        """Send a signal to every process of the job if it is on, and SIGKILL to what is left after the grace."""
        if number in self._pending:
            self._insistence.want(number, Wanted(time.monotonic() + grace_s + SLACK_S))
        self._wake()
        self._link.send(("kill", number, int(signal_number), grace_s))

    def hurry(self) -> None:
        """Kill the job that is on, without any grace."""
        if self._pending:
            self._link.send(("kill", self._pending[0], int(SIGKILL), 0.0))

    def direct(self, number: int, limit_s: float, *, paused: bool) -> None:
        """Stop every process of the job, or let them go on; it may run for so long, 0 for ever."""
        self._wake()
        self._link.send(("direct", number, paused, limit_s))
        self._insistence.done((TIME, number))
        self._limits.pop(number, None)
        if limit_s and not paused and number in self._pending:  # it may have had some of it already
            self._limits[number] = limit_s
            self._mind_time()

    def withdraw(self) -> None:
        """Start nothing that waits; `events` tells which those were."""
        self._insistence.want(_WITHDRAWAL, Wanted(time.monotonic() + SLACK_S))
        self._link.send(("withdraw",))

    @property
    def insists_s(self) -> float:
        """The monotonic second by which `insist` is wanted."""
        return self._insistence.due_s

    def insist(self) -> None:
        """Wake a shepherd that has not done what it was to do, and end one that does not wake."""
        if not self._is_alive or self._insistence.due_s == NEVER:
            return
        match self._insistence.step(time.monotonic(), lambda: is_stopped(self.pid)):
            case Step.ASK:
                self._wake()
                self._link.send(("sign",))
            case Step.END:
                os.kill(self.pid, signal.SIGKILL)

    def _wake(self) -> None:
        """It goes on, if somebody has stopped it."""
        if self._is_alive:
            os.kill(self.pid, signal.SIGCONT)

    def _mind_time(self) -> None:
        """Of the job that is on, which may have begun a moment ago, the time may be bounded."""
        number = self._pending[0] if self._pending else 0
        if limit_s := self._limits.get(number, 0.0):
            problem = f"its time of {show_duration(limit_s)} was up"
            wanted = Wanted(time.monotonic() + limit_s + SLACK_S, problem, TIME)
            self._insistence.want((TIME, number), wanted)

    def _settle(self, number: int) -> None:
        """Nothing is wanted of that job any more."""
        self._before.pop(number, None)
        self._insistence.done(number)
        if self._limits.pop(number, None):
            self._insistence.done((TIME, number))

    def events(self) -> list[Event]:
        """What has happened since the last call."""
        events: list[Event] = []
        if not self._is_alive:
            return events
        for message in self._link.receive():
            match message:
                case ("ended", *how):
                    self._doomed = None  # it was not, after all
                    self._settle(self._pending.popleft())
                    self._mind_time()
                    events.append(Stopped(*how))
                case ("doomed", *how):
                    self._doomed = Stopped(*how)
                case ("withdrawn", numbers):
                    self._pending = deque(each for each in self._pending if each not in numbers)
                    self._insistence.done(_WITHDRAWAL)
                    for number in numbers:
                        self._settle(number)
                    self._mind_time()
                    events.append(Withdrawn(numbers))
                case ("here",):
                    self._insistence.heard(time.monotonic())
                case ("said", chore, job, lines, problem):
                    events.append(Said(chore, job, lines, problem))
        if self._link.closed:
            events += self._bury()
        return events

    def _bury(self) -> list[Event]:
        """The shepherd is dead: make sure of its job."""
        if self._cgroup:
            self._cgroup.kill()
        self.close()
        self._kill_strays()
        died = None
        begun, root, started_ns = self._mark.get()
        if self._pending and begun == self._pending[0]:
            number = self._pending.popleft()
            # Who fell for its job has said how that ended.
            died = self._doomed or self._killed(number, root, started_ns)
            if number in self._before:
                status = 128 + died.signal if died.signal else died.exit_code
                self._owed = *self._before.pop(number), status
        unstarted, self._pending = list(self._pending), deque()
        self._before.clear()
        self._limits.clear()
        self._insistence = Insistence()
        withdrawn: list[Event] = [Withdrawn(unstarted)] if unstarted else []
        return [*withdrawn, ShepherdDied(died)]

    def _killed(self, number: int, root: int, started_ns: int) -> Stopped:
        """How the job has ended that was on; without a `root` not even its first process was there."""
        now_ns, why = time.time_ns(), self._insistence.why((TIME, number))
        problem, cause = "its shepherd was killed", ""
        if why and time.monotonic() >= why.by_s:
            problem, cause = f"{why.problem}, and {problem}", why.cause
        sample = self._mark.sample(number)
        used = (sample.cpu_s, sample.resident_kib) if sample else (0.0, 0)
        how = (SIGKILL, problem, now_ns, *used)
        return Stopped(root, started_ns if root else now_ns, 0, *how, cause=cause)

    def close(self) -> None:
        """Let the shepherd go, and with it everything that it still herds."""
        if self._is_alive:
            self._is_alive = False
            self._link.close()
            self._launcher.bury(self.pid)
