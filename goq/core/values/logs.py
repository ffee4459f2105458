"""What jobs have written: how far they are with it, which part somebody wants, and that part. Pure.

Of a job that runs, the server knows how much has come (Stand); all else is in the journal and in files.
"""

from enum import Enum
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from goq.core.values.ids import JobId
from goq.core.values.items import NUMBER_LIMIT
from goq.core.values.result import ERR, OUT

PART_LIMIT = 1024 * 1024  # bytes
STANDS_LIMIT = 1000
LENGTH_LIMIT = 2**62
TRIED_AGAIN, GIVEN_UP = "tried again", "given up"

JobNumber = Annotated[int, Meta(ge=1, le=NUMBER_LIMIT)]
AttemptNumber = Annotated[int, Meta(ge=0, le=2**31)]
Length = Annotated[int, Meta(ge=0, le=LENGTH_LIMIT)]
Stream = Annotated[int, Meta(ge=OUT, le=ERR)]


class Phase(Enum):
    """Where a job is with what it writes."""

    UNSEEN = "unseen"  # as who asks for the first time says
    WAITS = "waits"
    RUNS = "runs"
    OVER = "over"  # it has ended

    @property
    def is_live(self) -> bool:
        """There may be more of it."""
        return self is not Phase.OVER


class Stand(Struct, frozen=True, array_like=True, gc=False):
    """How far a job is with a stream: its latest attempt, 0 for none, has brought so many bytes while it runs."""

    job: JobNumber
    attempt: AttemptNumber = 0
    phase: Phase = Phase.UNSEEN
    length: Length = 0
    stream: Stream = OUT

    def tells_more_than(self, seen: "Stand") -> bool:
        """Somebody who has seen that wants to hear of this."""
        return (self.attempt, self.phase) != (seen.attempt, seen.phase) or self.length > seen.length


class Attempt(Struct, frozen=True, gc=False):
    """One of the attempts of a job, 1 to `latest`; 0 when none has begun.

    `ending` is empty while it is on, TRIED_AGAIN or, with its worker lost, GIVEN_UP when another one is to come, else how the job ended; `status` is
    then that of the job. `begun_ns` and `ended_ns` are of the wall clock, 0 if unknown.
    """

    latest: int
    number: int
    host: str = ""
    begun_ns: int = 0
    ended_ns: int = 0
    ending: str = ""
    status: int = 0
    exit_code: int = 0
    signal: int = 0
    cause: str = ""
    problem: str = ""

    @property
    def is_last(self) -> bool:
        """The job has ended with it."""
        return self.ending not in ("", TRIED_AGAIN, GIVEN_UP)


class LogPart(Struct, frozen=True, gc=False):
    """A part of what an attempt of a job wrote.

    `length` is that of the whole stream, as far as it is known. The file is `path`, below the server's folder for
    outputs, or absolute at the attempt's host. Why there are no bytes although there were some, `trouble` says.
    """

    job: JobId
    at: Attempt
    path: str
    offset: int = 0
    data: bytes = b""
    length: int = 0
    trouble: str = ""
    name: str = ""
    array: int = 0  # the number of the array that it is a task of, 0: of none
    item: int = 0

    @property
    def shown(self) -> str:
        """What people call the job by."""
        return f"{self.array}.{self.item}" if self.array else str(self.job)

    @property
    def is_elsewhere(self) -> bool:
        """It is in a file of the attempt's own host."""
        return self.path.startswith("/")

    @property
    def end(self) -> int:
        """Where the next part begins."""
        return self.offset + len(self.data)


class AskLog(Struct, frozen=True, tag="log", forbid_unknown_fields=True):
    """A part of a stream of an attempt, from `offset` on; below 0, so many bytes before its end.

    Attempt 0 is the latest. Of one that runs, `upto` says how much is there (Stand); LENGTH_LIMIT: whatever is in its
    file. Raises ValueError.
    """

    found: ClassVar[type[LogPart]] = LogPart

    job: JobNumber
    attempt: AttemptNumber = 0
    stream: Stream = OUT
    offset: Annotated[int, Meta(ge=-LENGTH_LIMIT, le=LENGTH_LIMIT)] = 0
    limit: Annotated[int, Meta(ge=0, le=PART_LIMIT)] = PART_LIMIT
    upto: Length = 0
