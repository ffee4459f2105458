"""What jobs, workers and messages are called, and how words become one value.

Pure. Whatever a user wrote (arguments, folders, environment) is bytes; times are nanoseconds
since the epoch and are only shown, never compared.
"""

from typing import NewType

from msgspec import Struct

from goq.core.values.who import ADMINISTRATOR, Who

JobId = NewType("JobId", int)

WorkerId = NewType("WorkerId", str)

Nonce = NewType("Nonce", bytes)

QueueId = NewType("QueueId", bytes)

Argv = NewType("Argv", bytes)

Environment = NewType("Environment", bytes)

NONCE_BYTES = 16
QUEUE_BYTES = 16


def worker_of(place: WorkerId) -> WorkerId:
    """The worker process that the place is of: all but the number behind the last hyphen."""
    return WorkerId(place.rpartition("-")[0] or place)


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


DRAW_BITS = 63


class Epoch(Struct, frozen=True, gc=False):
    """The time from one start of a queue's server to the next: no two starts of a queue share one.

    `queue` are 128 random bits, made with the journal; `number` counts the starts. A copy of the journal
    counts the same: `draw` are 63 random bits that each start draws, 0 where they are not known.
    """

    queue: QueueId
    number: int
    draw: int = 0

    def differs(self, other: "Epoch") -> bool:
        """The other bears the same number, and is of another start: one of them served a copy."""
        same = (self.queue, self.number) == (other.queue, other.number)
        return same and bool(self.draw and other.draw) and self.draw != other.draw


NO_EPOCH = Epoch(QueueId(b""), 0)


class Handle(Struct, frozen=True, gc=False):
    """Where the answer to one request goes, and for whose eyes. The transport made it; nobody else looks inside."""

    peer: int
    header: bytes
    who: Who = ADMINISTRATOR


class Now(Struct, frozen=True, gc=False):
    """The time of one turn of the loop: seconds for leases, wall clock for people."""

    attended_s: float
    wall_ns: int
