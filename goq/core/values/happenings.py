"""What happened to a queue, in order: submissions, what became of jobs, limits that were set. Pure.

Each has a number, which only rises. Who has seen all up to one asks for those behind it, and so misses nothing and meets
nothing twice, over restarts of the server too; of a limit only the latest setting is kept, and what is forgotten is gone.
"""

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from goq.core.values.stamps import At

PAGE_LIMIT = 1000
PAGE_BYTES = 1024 * 1024  # of texts
SUBMITTED, LIMIT_SET = "submitted", "limit set"

Seq = Annotated[int, Meta(ge=0)]


class Happening(Struct, frozen=True):
    """One thing that happened, to the jobs from `job` to `last`; to be behind it is to be behind `seq`.

    `by` whom, where a person did it. When jobs were submitted it says whose they are and what they are called. When they ended
    `state` is done, failed, cancelled, lost or skipped, `status` what `goq wait` gives and `cause` why goq ended it. Of a
    limit `name` and `amount`; None: as much as anybody wants. `text` says why.
    """

    seq: int
    event: str
    at: At
    job: int | None = None
    last: int | None = None
    name: str | None = None
    owner: str | None = None
    attempt: int | None = None
    worker: str | None = None
    host: str | None = None
    pid: int | None = None
    by: str | None = None
    state: str | None = None
    status: int | None = None
    cause: str | None = None
    amount: int | None = None
    text: str | None = None


class Happenings(Struct, frozen=True):
    """A page of them, in order. What comes behind is asked for with `seq`; `is_all`: there is nothing yet."""

    seq: int
    rows: tuple[Happening, ...] = ()
    is_all: bool = True


class HappeningsSince(Struct, frozen=True, tag="happenings", forbid_unknown_fields=True):
    """What happened behind that number, so many at most."""

    since: Seq
    limit: Annotated[int, Meta(ge=1, le=PAGE_LIMIT)] = PAGE_LIMIT

    found: ClassVar[type[Happenings]] = Happenings


class EndedRow(Struct, frozen=True):
    """A submission that has ended, the last of its jobs with the event `seq`; how many ended how, and the worst status.

    `status` is that of the lowest number that did not end well, 0 when all did.
    """

    seq: int
    id: int
    count: int
    owner: str
    name: str
    ended_at: At
    done: int
    failed: int
    cancelled: int
    lost: int
    skipped: int
    status: int
