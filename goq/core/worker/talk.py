"""What one place of a worker says, and is told, inside its process: `conversation` makes reports of it. Pure."""

from msgspec import Struct

from goq.core.messages import AckGoodbye, AskAgain, Done, Goodbye, Refused, Returned
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import STRAIGHT_ON, Claim, Course, Job, Worker
from goq.core.values.result import SIGKILL
from goq.core.values.room import ANYTHING, Offer


class RequestForWork(Struct, frozen=True, gc=False):
    """The place is free, and asks for a job; it is willing to wait for one."""

    worker: Worker
    patience_s: float
    offer: Offer = ANYTHING


class FinishedWork(Struct, frozen=True, gc=False):
    """Attempts of the place have ended.

    `returned` were not started, and are to be queued again. `kept` it still holds, started or
    not. With `wants` above 0 the answer may carry so many jobs, to be run one after the other;
    no new ones when some are returned.
    """

    worker: WorkerId
    reports: tuple[Done, ...]
    returned: tuple[Returned, ...] = ()
    kept: tuple[JobId, ...] = ()
    wants: int = 0


class Heartbeat(Struct, frozen=True, gc=False):
    """The place still has the job, which has begun; answered when something else is wanted of it.

    `told` is the signal that it was told to kill the job with, 0 if none; `course` what else it knows to be wanted.
    """

    claim: Claim
    told: int = 0
    course: Course = STRAIGHT_ON


class DelegateToWorker(Struct, frozen=True, gc=False):
    """Run these jobs, one after the other."""

    jobs: tuple[Job, ...]


class ShutdownWorker(Struct, frozen=True, gc=False):
    """The place is to end."""


class AckFinished(Struct, frozen=True, gc=False):
    """The place may forget what it told, and run these jobs next. `refused` had been given up."""

    refused: tuple[JobId, ...] = ()
    jobs: tuple[Job, ...] = ()


class CarryOn(Struct, frozen=True, gc=False):
    """The job is still yours."""


class CancelWip(Struct, frozen=True, gc=False):
    """Kill the job, beginning with this signal.

    `lost` says that it is no longer yours and its result not wanted.
    """

    job: JobId
    lost: bool
    signal: int = SIGKILL


class Steer(Struct, frozen=True, gc=False):
    """That is wanted of the job now."""

    job: JobId
    course: Course


Saying = RequestForWork | FinishedWork | Heartbeat | Goodbye
Told = (
    DelegateToWorker
    | AskAgain
    | ShutdownWorker
    | AckFinished
    | CarryOn
    | CancelWip
    | Steer
    | AckGoodbye
    | Refused
)
