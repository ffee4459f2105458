"""What an agent wants done, in the order in which it says so. Pure.

Some are answered at once with an event, before the agent hears of anything else.
"""

from msgspec import Struct

from goq.core.messages import Done
from goq.core.values.job import Claim, Job
from goq.core.values.result import Result
from goq.core.worker.events import Stopped
from goq.core.worker.talk import Saying


class Ask(Struct, frozen=True, gc=False):
    """Have the server told this, until `Answered` comes of it."""

    number: int
    question: Saying


class Drop(Struct, frozen=True, gc=False):
    """The answer to the question of that number is of no interest any more."""

    number: int


class Start(Struct, frozen=True, gc=False):
    """Have the shepherd start the job, in an empty spool, when those before it have ended.

    Answered by `NotStarted` when there is no spool.
    """

    claim: Claim
    job: Job


class Kill(Struct, frozen=True, gc=False):
    """Send a signal to the job that is on, and SIGKILL to what is left of it after the grace."""

    claim: Claim
    signal: int
    grace_s: float


class Direct(Struct, frozen=True, gc=False):
    """Stop the job that is on, or let it go on, and end it when it has run for so long, not counting that."""

    claim: Claim
    paused: bool
    time_limit_s: float


class Relaunch(Struct, frozen=True, gc=False):
    """Have a new shepherd in place of the one that died. Answered by another `ShepherdDied` when there is none."""


class GiveUp(Struct, frozen=True, gc=False):
    """The whole worker is to stop, and to end as a failure, for this reason."""

    why: str


class Withdraw(Struct, frozen=True, gc=False):
    """Have the shepherd start nothing of what waits with it; `Unstarted` tells later what that was."""


class Collect(Struct, frozen=True, gc=False):
    """Write a line under the output of a job that ended badly, and see if it is short.

    Of an attempt that is forgotten already that line is all the output there is. `name` is for that line, and `told` the signal that the server wanted it killed with, 0 if
    none. Answered by `Collected`.
    """

    claim: Claim
    how: Stopped
    name: str
    told: int


class Measure(Struct, frozen=True, gc=False):
    """See how long the output is so far. Answered by `Measured`."""

    claim: Claim


class Deliver(Struct, frozen=True, gc=False):
    """Bring the output to the server as it grows, from now on so often; `Delivered` tells when that has come to an end."""

    claim: Claim
    every_s: float


class Finish(Struct, frozen=True, gc=False):
    """Bring the rest of the output, and the result after it."""

    claim: Claim
    result: Result


class Halt(Struct, frozen=True, gc=False):
    """Bring no more of the output."""

    claim: Claim


class Forget(Struct, frozen=True, gc=False):
    """Nothing of the attempt is wanted here any more; its spool may serve another."""

    claim: Claim


class Keep(Struct, frozen=True, gc=False):
    """Put the result on the disk, so that it outlives this process. Answered by `Kept`."""

    done: Done


class Unkeep(Struct, frozen=True, gc=False):
    """The server has what was kept: remove it."""

    claim: Claim


class Say(Struct, frozen=True, gc=False):
    """One line for people, with the kind of event, and what it is about, for programs."""

    text: str
    event: str
    about: dict[str, int | str] = {}


Instruction = (
    Ask
    | Drop
    | Start
    | Kill
    | Direct
    | Relaunch
    | GiveUp
    | Withdraw
    | Collect
    | Measure
    | Deliver
    | Finish
    | Halt
    | Forget
    | Keep
    | Unkeep
    | Say
)
