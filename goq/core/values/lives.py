"""The life of one job: its attempts, what it asked for and used, and its last words. Pure."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from goq.core.values.items import NUMBER_LIMIT
from goq.core.values.shown import LAST_LINES, At, Attempt, Event, JobRow

LINES_LIMIT = 1000
LINES_BYTES = 64 * 1024  # of an output's end, that last lines are looked for in
EVENTS_LIMIT = 10_000
BEHIND_LIMIT = 100


class Life(Struct, frozen=True):
    """All that the journal knows of a job, when `seq` was the latest event.

    `terms` are those that it asked for, but those that are as usual. Behind it wait the submissions that begin with the
    numbers in `waiters`. `environment` and `events` are there when they were asked for. Why there are no last lines although
    something was written, `trouble` says.
    """

    seq: int
    row: JobRow
    argv: tuple[str, ...]
    folder: str
    submitter: str
    terms: dict[str, Any]
    attempts: tuple[Attempt, ...] = ()
    output_length: int | None = None
    last_lines: tuple[str, ...] | None = None
    trouble: str | None = None
    waiters: tuple[int, ...] | None = None
    environment: dict[str, str] | None = None
    events: tuple[Event, ...] | None = None
    submitted_at: At = 0


class LifeOf(Struct, frozen=True, tag="life", forbid_unknown_fields=True):
    """The life of a job, or of the task `item` of the array that begins with it, with so many of its last lines."""

    job: Annotated[int, Meta(ge=1, le=NUMBER_LIMIT)]
    item: Annotated[int, Meta(ge=0, le=NUMBER_LIMIT)] | None = None
    lines: Annotated[int, Meta(ge=0, le=LINES_LIMIT)] = LAST_LINES
    environment: bool = False
    events: bool = False

    found: ClassVar[type[Life]] = Life
