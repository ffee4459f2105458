"""What goq talks about: jobs, workers, attempts, results.

Pure values, all frozen. Whatever a user wrote (arguments, folders, environment, output) is
bytes; times are nanoseconds since the epoch and are only shown, never compared.
"""

from enum import Enum
from typing import NewType

from msgspec import Struct

JobId = NewType("JobId", int)
WorkerId = NewType("WorkerId", str)
Nonce = NewType("Nonce", bytes)
Argv = NewType("Argv", bytes)
Environment = NewType("Environment", bytes)

NONCE_BYTES = 16
INLINE_OUTPUT_BYTES = 64 * 1024
CANCELLED_STATUS = 143  # as if by SIGTERM: of what was cancelled and has no other
UNKNOWN_STATUS = 255
SIGTERM, SIGKILL = 15, 9


def join_argv(words: list[bytes]) -> Argv:
    """Words as one value, separated by NUL as in /proc/PID/cmdline."""
    return Argv(b"\0".join(words))


def split_argv(argv: Argv) -> list[bytes]:
    """The words of a command; the first is the program."""
    return argv.split(b"\0")


def join_environment(variables: dict[bytes, bytes]) -> Environment:
    """Variables as one value: K=V entries separated by NUL, as in /proc/PID/environ."""
    return Environment(b"\0".join(b"%b=%b" % pair for pair in variables.items()))


def split_environment(environment: Environment) -> dict[bytes, bytes]:
    """The variables of an environment; an entry without '=' is left out."""
    entries = (entry.partition(b"=") for entry in environment.split(b"\0"))
    return {name: value for name, equals, value in entries if name and equals}


class Handle(Struct, frozen=True, gc=False):
    """Where the answer to one request goes. The transport made it; nobody else looks inside."""

    peer: int
    header: bytes


class Now(Struct, frozen=True, gc=False):
    """The time of one turn of the loop: seconds for leases, wall clock for people."""

    attended_s: float
    wall_ns: int


class Origin(Struct, frozen=True, weakref=True):
    """What the jobs of one submission share: where, with which variables, and from whom."""

    folder: bytes
    environment: Environment
    submitter: str


class Terms(Struct, frozen=True, gc=False):
    """What the submitter asked for beyond the command.

    `requeue`: a lost attempt may be followed by another. `unique`: no other live job may have
    this key, "" for none.
    """

    requeue: bool = True
    unique: str = ""


DEFAULT_TERMS = Terms()


def shared_terms(*, requeue: bool, unique: str) -> Terms:
    """These terms; the usual ones as the one object that a million jobs can share."""
    return Terms(requeue, unique) if unique or not requeue else DEFAULT_TERMS


class Job(Struct, frozen=True, gc=False):
    """One command to be run once.

    `attempts` counts how often it was handed to a worker, `crashes` how many of these workers
    were lost with it.
    """

    id: JobId
    argv: Argv
    origin: Origin
    submitted_ns: int
    attempts: int = 0
    crashes: int = 0
    terms: Terms = DEFAULT_TERMS


class Worker(Struct, frozen=True, gc=False):
    """One slot that runs one job at a time. A process has as many as it may run at once."""

    id: WorkerId
    host: str
    pid: int

    def is_beside(self, other: "Worker") -> bool:
        """Both are slots of one process."""
        return (self.host, self.pid) == (other.host, other.pid)


class Claim(Struct, frozen=True, gc=False):
    """The right to run a job: only its holder may finish the job."""

    job: JobId
    attempt: int
    worker: WorkerId


class Result(Struct, frozen=True, gc=False):
    """How an attempt ended, and what it cost.

    `exit_code` counts when `signal` is 0. `problem` says why the command could not be
    started, and is empty otherwise. `output` is the whole output when it is short; a longer
    one (`output_length` > len(output)) was streamed before. `peak_kib` is the largest
    resident set of a process of the job.
    """

    exit_code: int = 0
    signal: int = 0
    problem: str = ""
    host: str = ""
    pid: int = 0
    started_ns: int = 0
    ended_ns: int = 0
    cpu_s: float = 0.0
    peak_kib: int = 0
    output: bytes = b""
    output_length: int = 0
    output_sha256: bytes = b""

    @property
    def status(self) -> int:
        """The exit status as a shell gives it: 128+n for a job that signal n ended."""
        return 128 + self.signal if self.signal else self.exit_code

    @property
    def streamed(self) -> bool:
        """The output went ahead in chunks, and is not in this value."""
        return self.output_length > len(self.output)


class Ending(Enum):
    """The kinds of final state."""

    FINISHED = "finished"
    CANCELLED = "cancelled"
    LOST = "lost"  # its worker vanished, and it must not or may not be run again


class Ended(Struct, frozen=True, gc=False):
    """The final state of a job. One that was cancelled while it waited has attempt 0."""

    job: JobId
    attempt: int
    ending: Ending
    result: Result

    @property
    def status(self) -> int:
        """The exit status that `goq wait` gives."""
        if self.ending is Ending.LOST:
            return UNKNOWN_STATUS
        if self.ending is Ending.CANCELLED:
            return self.result.status or CANCELLED_STATUS
        return self.result.status

    @property
    def elapsed_s(self) -> float:
        """How long the last attempt ran, in seconds; 0 for a job that never did."""
        result = self.result
        return (result.ended_ns - result.started_ns) / 1e9 if self.attempt and result.started_ns else 0.0
