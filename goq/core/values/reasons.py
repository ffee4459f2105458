"""Why a job waits, as data: what programs read, and what sentences are made of (goq/views/sentences.py). Pure.

Amounts are as in needs and offers (core/values/room.py): memory in MiB, time in seconds; None is without bound.
"""

from typing import Literal, get_args

from msgspec import Struct

from goq.core.values.ids import JobId
from goq.core.values.ranges import Ranges
from goq.core.values.room import Need
from goq.core.values.states import JobState
from goq.core.values.terms import When

NO_JOB = JobId(0)
PLACES = "places"  # what a machine lacks that runs as many jobs as it may

# The one that lasts longest first, as far as anybody can say.
Code = Literal[
    "removed",  # it is about to end
    "changing",  # somebody is just changing it, with many others
    "delivery",  # the list that it is of, or its program, is not all here
    "held",
    "no_workers",
    "nowhere",  # no machine that is there is large enough
    "after",  # others have to end
    "until",  # its time has not come
    "retry",  # its last attempt failed, and the next one comes later
    "limit",
    "outputs",  # the owner's folder takes none
    "node",  # those that are large enough get no jobs, or none of its kind
    "room",  # nowhere is enough free
    "kept",  # where enough is free it is kept for another
    "turn",  # another is next
]
RANK: tuple[Code, ...] = get_args(Code)
_FOR_EVER = ("held", "no_workers", "nowhere")


class Lack(Struct, frozen=True, omit_defaults=True):
    """What is missing most: the job needs so much of it, and the most that one has, or has free, is `most`, at `hosts`.

    Where none has any free it is `busy`; all have `total` of it then.
    """

    name: str
    needs: int
    most: int
    hosts: tuple[str, ...] = ()
    busy: bool = False
    total: int = 0


class LimitMet(Struct, frozen=True, omit_defaults=True):
    """A limit that has too little left: it is `amount`, of which `drawn` is drawn, and the job needs so much."""

    name: str
    amount: int
    drawn: int
    needs: int

    @property
    def is_closed(self) -> bool:
        """The job cannot run before somebody raises it."""
        return self.amount < self.needs


class HeldBy(Struct, frozen=True, omit_defaults=True):
    """Who held it and since when, in ns; why, in the words of whoever did. Nobody, where that is not known."""

    by: str = ""
    since_ns: int = 0
    why: str = ""


class Again(Struct, frozen=True, omit_defaults=True):
    """A job that waits for another attempt had so many; of these `failed` count, and `retries` may be."""

    attempts: int
    failed: int
    retries: int
    status: int | None = None  # of the last one, where that is known


class Reason(Struct, frozen=True, omit_defaults=True):
    """One thing that keeps a job from running.

    `until_ns`, of the wall clock: it does so no longer; 0 when nobody can say. `jobs` have to end, `left` of `total`
    of them, and where they are all of one submission its `name` is known; or it is for the first of them that room is kept,
    at `hosts`; or it is next, and `owner`'s. Of what is delivered so many lines are `left`, 0 when it is a program.
    `trouble` is why `hosts` get nothing. `more` reasons hold at once.
    """

    code: Code
    until_ns: int = 0
    jobs: Ranges = ()
    name: str = ""
    left: int = 0
    total: int = 0
    when: When = "any"
    owner: str = ""
    need: Need = ()
    lack: Lack | None = None
    limit: LimitMet | None = None
    hold: HeldBy | None = None
    again: Again | None = None
    hosts: tuple[str, ...] = ()
    trouble: str = ""
    more: int = 0

    @property
    def is_for_ever(self) -> bool:
        """It holds until somebody does something."""
        return self.code in _FOR_EVER or (self.limit is not None and self.limit.is_closed)

    @property
    def rank(self) -> tuple[bool, int]:
        """Where it stands among others of the same job: what lasts longest comes first."""
        return not self.is_for_ever, RANK.index(self.code)


class Machine(Struct, frozen=True, omit_defaults=True):
    """A worker process as a job that waits sees it: what of it is free, and what is missing for the job.

    It is too `small` when even without anything else the job had no room. `trouble` is why it gets nothing, or nothing
    of this kind; it may be `drained`. Room is kept there for the job that `keeps` names.
    """

    name: str
    pid: int
    holds: dict[str, int | None]
    free: dict[str, int | None]
    lacks: dict[str, int] = {}
    small: bool = False
    drained: bool = False
    trouble: str = ""
    keeps: JobId = NO_JOB


class Turn(Struct, frozen=True, omit_defaults=True):
    """Who goes before a job: so many that are ready have a `higher` priority, so many of its owner are `older`.

    Its owner has so many `cpus` now; `fewest` when nobody else who waits with this priority has a smaller share, of so
    many `rivals`.
    """

    priority: int
    higher: int
    older: int
    cpus: int
    fewest: bool
    rivals: int = 0
    next_job: JobId = NO_JOB
    next_owner: str = ""


class Sooner(Struct, frozen=True, omit_defaults=True):
    """With so much of that, instead of what it asks for, the job would start now on that machine."""

    name: str
    amount: int
    host: str


class Whereabouts(Struct, frozen=True, omit_defaults=True):
    """Of a job that waits no more: the latest attempt, its state, and what came of it.

    It may be being killed by the signal `killed`, or handed `back`. `status` is what `goq wait` gives. Where nothing was heard
    of its worker for `silent_s`, it counts as lost there in `left_s`.
    """

    state: JobState
    host: str = ""
    attempt: int = 0
    since_ns: int = 0
    ended_ns: int = 0
    killed: int = 0
    back: bool = False
    status: int = 0
    signal: int = 0
    cause: str = ""
    problem: str = ""
    silent_s: float = 0.0
    left_s: float = 0.0


class Explained(Struct, frozen=True, omit_defaults=True):
    """A job, and what keeps it from running, with what lasts longest first; where it waits no more, `where` it is.

    `shown` is what people call it by, `name` what its submitter does. Of an array it stands for the `waiting` tasks of
    those that were asked about, `array` says which array; 0 for none. Then the proof: what it needs, each machine (`hidden`
    ones are not named), who goes before it, and what would start now.
    """

    job: JobId
    shown: str
    owner: str = ""
    name: str = ""
    waiting: int = 1
    array: JobId = NO_JOB
    reasons: tuple[Reason, ...] = ()
    where: Whereabouts | None = None
    need: Need = ()
    machines: tuple[Machine, ...] = ()
    hidden: int = 0
    turn: Turn | None = None
    sooner: tuple[Sooner, ...] = ()
