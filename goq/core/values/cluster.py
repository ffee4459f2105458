"""What the machines of a cluster have and run, who has what, and what needs a hand. Pure.

Amounts are as in offers (core/values/room.py): memory in MiB.
"""

from typing import Literal

from msgspec import Struct

from goq.core.values.flows import Timed
from goq.core.values.ids import JobId
from goq.core.values.reasons import NO_JOB, Reason
from goq.core.values.room import Gpus, Offer

NAME, STARTED = "clusterName", "serverStartNs"  # among the facts that `goq stat` shows last
WorkerState = Literal["ready", "draining", "drained", "suspect", "lost"]


class Runs(Struct, frozen=True, omit_defaults=True):
    """A job that a worker has: what people call it by, what it takes, and since when it is there.

    Lately so many cpus were `busy`, and it had so much memory `resident`, of which `most` is the most so far; None and 0 where
    that is not known.
    """

    job: JobId
    shown: str
    name: str
    owner: str
    since_ns: int
    array: JobId = NO_JOB
    attempt: int = 1
    cpus: int = 1
    memory: int = 0
    gpus: Gpus = ()
    paused: bool = False
    busy: float | None = None
    resident_kib: int = 0
    most_kib: int = 0


class WorkerRow(Struct, frozen=True, omit_defaults=True):
    """A worker process: what it offers, what of that is taken, and why it gets nothing, if it does not.

    `gpus` are taken, `refused` those that another worker of its host has. `silent_s` since its last word; what it runs
    goes to others in `left_s`, where that is known. Of `jobs` it `running` so many: those are named that there is room for.
    Who drained it, when and why, is in `drained_by` and so on. Room is kept there for the job that `kept_for` names, `kept_cpus` of those
    that are free. The worker began at `started_ns`; the `load` is its machine's, which has so much memory `in_use`: None and 0 where that is not known.
    """

    host: str
    pid: int
    offer: Offer
    running: int
    free: int
    taken: dict[str, int]
    gpus: Gpus
    refused: Gpus
    silent_s: float
    trouble: str
    state: WorkerState = "ready"
    left_s: float | None = None
    kept_for: JobId = NO_JOB
    kept_cpus: int = 0
    drained_by: str = ""
    drained_why: str = ""
    drained_ns: int = 0
    jobs: tuple[Runs, ...] = ()
    started_ns: int = 0
    load: float | None = None
    in_use_kib: int = 0


class Parts(Struct, frozen=True):
    """What all machines have of something, in parts that add up to all of it.

    `free` is what a job may have now, `kept` what frees there is for another; what is `drained` nobody gets.
    """

    busy: int = 0
    kept: int = 0
    free: int = 0
    drained: int = 0

    @property
    def usable(self) -> int:
        """All of it but what is drained."""
        return self.all - self.drained

    @property
    def all(self) -> int:
        """All of it."""
        return self.busy + self.kept + self.free + self.drained


class UserRow(Struct, frozen=True, omit_defaults=True):
    """Who has how much, and what most of their jobs wait for that wait, by one of them."""

    owner: str
    cpus: int
    gpus: int
    running: int
    waiting: int
    reason: Reason | None = None
    reason_of: JobId = NO_JOB
    name: str = ""  # of that job


class NeedsLook(Struct, frozen=True, omit_defaults=True):
    """Something that needs a hand: what kind of thing, and what words are made of.

    `silent` and `lost`: the `worker`, since when it is `silent_s`, its `jobs`, and how long it has `left_s`. `nowhere`:
    the `job`, which a `reason` keeps. `failed`: of `total` jobs of the submission `job` so many have. `closed`: the limit `name`,
    which is 0. `trouble`: a sentence of the server's. `no_workers`: so many `jobs` wait. `disk`: so much is left of it.
    """

    code: Literal["no_workers", "silent", "lost", "disk", "nowhere", "closed", "trouble", "failed"]
    worker: str = ""
    silent_s: float = 0
    left_s: float | None = None
    jobs: int = 0
    job: JobId = NO_JOB
    name: str = ""
    reason: Reason | None = None
    total: int = 0
    text: str = ""
    free_bytes: int = 0


class Cluster(Struct, frozen=True, omit_defaults=True):
    """A cluster at one moment: `held` are among `waiting`, and `paused` among `running`.

    `started_ns` is when its server began; of those `workers` are ready, or draining. `hidden` users are not named.
    So long took the server's `commits` since then, and so many `looks` into the journal came to what: found, refused, late, lost.
    """

    name: str
    address: str
    started_ns: int
    waiting: int
    held: int
    running: int
    paused: int
    workers: int
    cpus: Parts
    gpus: Parts
    memory: Parts
    users: tuple[UserRow, ...] = ()
    hidden: int = 0
    look: tuple[NeedsLook, ...] = ()
    commits: Timed = Timed()
    looks: dict[str, int] = {}
