"""What an agent hears: answers, ends, and what came of its instructions. Pure.

Jobs are named by their claims. Who carries instructions out tells of each end in the order of
the starts.
"""

from msgspec import Struct

from goq.core.messages import Answer
from goq.core.values.job import Claim
from goq.core.values.result import Result
from goq.core.worker.talk import Told


class Begin(Struct, frozen=True, gc=False):
    """Everything is there: ask for work."""


class Tick(Struct, frozen=True, gc=False):
    """Something may be due."""


class GoAlong(Struct, frozen=True, gc=False):
    """A report is made: what has ended and is not told yet may go with it."""


class Leave(Struct, frozen=True, gc=False):
    """Somebody wants the worker to stop: hand back what runs, deliver what has ended, and go.

    `outlived`: nobody does, but its lifetime is over.
    """

    outlived: bool = False


class NoTime(Struct, frozen=True, gc=False):
    """The process ends now: what the server has not taken must outlive it."""


class Connection(Struct, frozen=True, gc=False):
    """The connection to the server has come up, or is lost."""

    is_up: bool


class Answered(Struct, frozen=True, gc=False):
    """The answer to the question of that number; it is open no more."""

    number: int
    answer: Told


class Stopped(Struct, frozen=True, gc=False):
    """No process of the job is left. `problem` says why it could not start, or is empty.

    `trouble`: it may well start elsewhere, since what is lacking is this host's (FOLDER_TROUBLE, NODE_TROUBLE).
    `cause`: why it was ended, one of CAUSES; `problem` has the words for it. `peak_kib` is 0 when
    it is not known: then it was less than the shepherd's own.
    """

    pid: int
    started_ns: int
    exit_code: int
    signal: int
    problem: str
    ended_ns: int
    cpu_s: float
    peak_kib: int
    trouble: str = ""
    cause: str = ""


class Unstarted(Struct, frozen=True, gc=False):
    """The shepherd has not started these, and will not: it was told to withdraw them, or they lay too long."""

    claims: tuple[Claim, ...]


class NotStarted(Struct, frozen=True, gc=False):
    """What came of a `Start` that could not be: there is no spool for the job's output."""

    claim: Claim
    problem: str


class ShepherdDied(Struct, frozen=True, gc=False):
    """The shepherd was killed, and the job that it had on, if any, went so.

    What it had not begun is told as `Unstarted`, before this or by it. `Relaunch` makes a new one;
    `problem` says why that could not be.
    """

    job: Stopped | None
    problem: str = ""


class Collected(Struct, frozen=True, gc=False):
    """What `Collect` found: the result with its whole output, unless that `is_long`."""

    claim: Claim
    result: Result
    is_long: bool


class Measured(Struct, frozen=True, gc=False):
    """What `Measure` found: so many bytes of output."""

    claim: Claim
    size: int


class Delivering(Struct, frozen=True, gc=False):
    """The whole of a long output is with the server, and the result itself on its way; or is so no more."""

    claim: Claim
    is_result: bool


class Delivered(Struct, frozen=True, gc=False):
    """The answer that ends the way of a long output."""

    claim: Claim
    answer: Answer


class Kept(Struct, frozen=True, gc=False):
    """What came of `Keep`: the report is on the disk, or the disk did not take it."""

    claim: Claim
    is_on_disk: bool


Event = (
    Begin
    | Tick
    | GoAlong
    | Leave
    | NoTime
    | Connection
    | Answered
    | Stopped
    | Unstarted
    | NotStarted
    | ShepherdDied
    | Collected
    | Measured
    | Delivering
    | Delivered
    | Kept
)
