"""A job, whoever runs it, and the right to do so. Pure values, all frozen."""

from functools import lru_cache

from msgspec import Struct

from goq.core.values.blobs import NO_BLOB, Blob
from goq.core.values.ids import NO_EPOCH, Argv, Environment, Epoch, JobId, Nonce, WorkerId
from goq.core.values.items import Commands, EachLine, Items, Numbers, fill
from goq.core.values.room import NO_GRANT, Grant, Need, need_of
from goq.core.values.terms import DEFAULT_TERMS, Terms


@lru_cache(maxsize=1000)
def owner_of(submitter: str) -> str:
    """The user in `user@host`."""
    return submitter.rpartition("@")[0] or submitter


class Origin(Struct, frozen=True, weakref=True):
    """What the jobs of one submission share: where, with which variables, and from whom.

    `folder` is what the submitter calls it; `physical` is its path without symbolic links, for
    hosts on which the other leads nowhere, and b"" where they are the same. `script` is the text
    of the program, where that was taken along; the first word of each command is its name then. `stdin` is
    the standard input of each job, where that was piped.
    """

    folder: bytes
    environment: Environment
    submitter: str
    physical: bytes = b""
    script: Blob = NO_BLOB
    stdin: Blob = NO_BLOB

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """What a job needs beside what a message holds, each once."""
        if not self.stdin or self.stdin == self.script:
            return (self.script,) if self.script else ()
        return (self.script, self.stdin) if self.script else (self.stdin,)

    @property
    def owner(self) -> str:
        """Whose the jobs are."""
        return owner_of(self.submitter)


class Job(Struct, frozen=True, gc=False):
    """One command to be run once.

    `attempts` counts how often it was handed to a worker, `crashes` how many of these workers
    were lost with it. `epoch` is that of the attempt that is on; a job that waits has none. A single
    job is no `task`. While it runs, the `grant` is its own. It `outlived` so many workers, whose lifetimes were over before it
    had ended; those that run jobs do not hear of that.
    """

    id: JobId
    argv: Argv
    origin: Origin
    submitted_ns: int
    attempts: int = 0
    crashes: int = 0
    terms: Terms = DEFAULT_TERMS
    epoch: Epoch = NO_EPOCH
    task: "Task | None" = None
    grant: Grant = NO_GRANT
    outlived: int = 0

    @property
    def need(self) -> Need:
        """What it takes of its worker."""
        return need_of(self.terms, self.outlived) if self.outlived else need_of(self.terms)

    @property
    def shown(self) -> str:
        """What people call it by: its number, or that of its array and its own in that."""
        is_task = self.task is not None and self.task.is_array
        return f"{self.task.array}.{self.task.number}" if self.task and is_task else str(self.id)


class Submission(Struct, frozen=True):
    """Jobs that were submitted together: those from `first` on, `count` of them.

    Without `items`, `argv` is the command of a single job; b"" when each job of several has a line
    that is its command. With `items`, all have the command `argv`, and each an item that goes with it.
    """

    first: JobId
    count: int
    nonce: Nonce
    argv: Argv
    origin: Origin
    terms: Terms
    at_ns: int
    items: Items | None = None

    @property
    def end(self) -> JobId:
        """The number behind its last."""
        return JobId(self.first + self.count)

    @property
    def has_lines(self) -> bool:
        """Each job has a line of its own."""
        return isinstance(self.items, EachLine) or not self.argv

    @property
    def is_array(self) -> bool:
        """Its first number stands for all its jobs, which people know as its tasks."""
        return isinstance(self.items, Numbers | EachLine)

    def __contains__(self, job: object) -> bool:
        return isinstance(job, int) and self.first <= job < self.first + self.count

    def job(self, job: JobId, line: bytes = b"", attempts: int = 0, crashes: int = 0) -> "Job":
        """One of its jobs, as it waits."""
        argv, task = self.argv, None
        if self.count > 1 or self.items:
            task = self._task(job, line)
            if isinstance(self.items, EachLine):
                argv = fill(argv, line, self.items)
            elif self.has_lines:
                argv = Argv(line)
        return Job(job, argv, self.origin, self.at_ns, attempts, crashes, self.terms, NO_EPOCH, task)

    def _task(self, job: JobId, line: bytes) -> "Task":
        index = job - self.first
        match self.items:
            case Numbers() as numbers:
                which = (numbers.number(index), numbers.first, numbers.last, numbers.step)
                return Task(self.first, *which)
            case EachLine(numbers=Numbers() as numbers):
                which = (numbers.number(index), numbers.first, numbers.last, numbers.step)
                return Task(self.first, *which, line=line)
            case EachLine():
                return Task(self.first, index + 1, 1, self.count, line=line)
            case Commands(numbers):
                which = (numbers.number(index), numbers.first, numbers.last, numbers.step)
                return Task(self.first, *which, is_array=False)
            case _:
                return Task(self.first, index + 1, 1, self.count, is_array=False)


class Task(Struct, frozen=True, gc=False):
    """Which job of several it is: its number among those that were submitted together, from `first` to `last`.

    `array` is the first of the jobs. Of lines the number is the line's, from 1. `line` is the item that
    goes with the command, b"" where the line is the command, or there is none. What is no array
    is a list of commands, whose jobs people know by their own numbers only.
    """

    array: JobId
    number: int
    first: int
    last: int
    step: int = 1
    line: bytes = b""
    is_array: bool = True


class Worker(Struct, frozen=True, gc=False):
    """A worker, which is a process, or one place of it, that runs one job at a time; a place has a number behind its id."""

    id: WorkerId
    host: str
    pid: int


class Course(Struct, frozen=True, gc=False):
    """What is wanted of a job that runs, beside its end: the server compares it with what the worker was told.

    It is to be stopped while it is `paused`, and handed `back`, and to end when it has run for so many seconds,
    0 for never; those in which it is paused do not count. While it is `followed`, what it writes is to come at once.
    """

    paused: bool = False
    back: bool = False
    time_limit_s: float = 0.0
    followed: bool = False

    @property
    def steering(self) -> tuple[bool, bool, float]:
        """What of it is for the job itself."""
        return self.paused, self.back, self.time_limit_s


STRAIGHT_ON = Course()


class By(Struct, frozen=True, gc=False):
    """Who did something: a person, at which host, and the process that asked."""

    owner: str
    host: str
    pid: int


NOBODY = By("", "", 0)  # the server itself, or somebody who did not say


class Claim(Struct, frozen=True, gc=False):
    """The right to run a job: only its holder may finish the job. No two that were given are equal.

    `epoch` is that of the server that gave it.
    """

    epoch: Epoch
    job: JobId
    attempt: int
    worker: WorkerId


def about_claim(claim: Claim) -> dict[str, int | str]:
    """An attempt, for programs that read a log."""
    return {"job": claim.job, "attempt": claim.attempt, "worker": claim.worker}
