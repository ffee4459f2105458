"""What a reason lacks that the server's loop gives: who held a job, how its last attempt ended; and how today went. Pure."""

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from goq.core.values.failures import Number
from goq.core.values.reasons import HeldBy

JOBS_ASKED = 200


class Aside(Struct, frozen=True, omit_defaults=True):
    """Of one job: who held it last, if anybody did; the status that its last attempt ended with, if one did."""

    hold: HeldBy | None = None
    status: int | None = None


class Asides(Struct, frozen=True):
    """One for each job that was asked about."""

    rows: tuple[Aside, ...]


class AsidesOf(Struct, frozen=True, tag="asides", forbid_unknown_fields=True):
    """A question about jobs that wait."""

    jobs: Annotated[tuple[Number, ...], Meta(max_length=JOBS_ASKED)]

    found: ClassVar[type[Asides]] = Asides


class Today(Struct, frozen=True):
    """How many jobs ended since then, and how; what the journal has, and how much is left of its disk, in bytes."""

    done: int
    failed: int
    cancelled: int
    lost: int
    skipped: int
    journal_bytes: int
    free_bytes: int
    disk_bytes: int


class AskToday(Struct, frozen=True, tag="today", forbid_unknown_fields=True):
    """A question: how it went since that moment, in ns since the epoch."""

    since_ns: int

    found: ClassVar[type[Today]] = Today
