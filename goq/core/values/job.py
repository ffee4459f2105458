"""A job, whoever runs it, and the right to do so. Pure values, all frozen."""

from msgspec import Struct

from goq.core.values.ids import NO_EPOCH, Argv, Environment, Epoch, JobId, Nonce, WorkerId
from goq.core.values.terms import DEFAULT_TERMS, Terms


class Origin(Struct, frozen=True, weakref=True):
    """What the jobs of one submission share: where, with which variables, and from whom.

    `folder` is what the submitter calls it; `physical` is its path without symbolic links, for
    hosts on which the other leads nowhere, and b"" where they are the same. `script` is the text
    of the program, where that was taken along; the first word of each command is its name then.
    """

    folder: bytes
    environment: Environment
    submitter: str
    physical: bytes = b""
    script: bytes = b""


class Job(Struct, frozen=True, gc=False):
    """One command to be run once.

    `attempts` counts how often it was handed to a worker, `crashes` how many of these workers
    were lost with it. `epoch` is that of the attempt that is on; a job that waits has none.
    """

    id: JobId
    argv: Argv
    origin: Origin
    submitted_ns: int
    attempts: int = 0
    crashes: int = 0
    terms: Terms = DEFAULT_TERMS
    epoch: Epoch = NO_EPOCH


class Delivery(Struct, frozen=True, gc=False):
    """A list of jobs that is still being brought: of those from `first` on the commands of `here` are there."""

    nonce: Nonce
    first: JobId
    count: int
    here: int
    origin: Origin
    terms: Terms
    at_ns: int

    @property
    def end(self) -> JobId:
        """The number behind its last."""
        return JobId(self.first + self.count)

    @property
    def to_come(self) -> int:
        """How many commands are missing."""
        return self.count - self.here

    def __contains__(self, job: object) -> bool:
        return job in range(self.first, self.end)


class Worker(Struct, frozen=True, gc=False):
    """One slot that runs one job at a time. A process has as many as it may run at once."""

    id: WorkerId
    host: str
    pid: int

    def is_beside(self, other: "Worker") -> bool:
        """Both are slots of one process."""
        return (self.host, self.pid) == (other.host, other.pid)


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
