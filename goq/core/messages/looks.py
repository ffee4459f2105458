"""What people ask about limits, workers, the cluster, and why a job waits; and what they set. Pure.

Each travels as one value (adapters/wire/mirror.py), with the bounds at its fields.
"""

from typing import Annotated

from msgspec import Meta, Struct

from goq.core.values.cluster import Cluster, WorkerRow
from goq.core.values.ids import JobId
from goq.core.values.job import By
from goq.core.values.ranges import Ranges
from goq.core.values.reasons import Explained, Reason
from goq.core.values.selectors import Selector
from goq.core.values.terms import Count, Seconds
from goq.core.values.uses import Use

RANGES_LIMIT = 1000
REASONS_ASKED = 200
# A kind and a name (user:ann), a kind alone (all), or the name of a licence.
LimitName = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\A[^\s\x00-\x1f\x7f]+\Z")]
Words = Annotated[str, Meta(max_length=1000)]


class SetLimit(Struct, frozen=True, gc=False):
    """So much of it may be drawn at a time from now on; None: as much as anybody wants.

    `now`: of a host that is drained, and what runs there is handed back.
    """

    name: LimitName
    amount: Count | None
    why: Words
    by: By
    now: bool = False


class AckLimit(Struct, frozen=True, gc=False):
    """That is the limit now; so much is drawn."""

    drawn: int


class ShowLimits(Struct, frozen=True, gc=False):
    """A question: which limits are set."""


class LimitRow(Struct, frozen=True, gc=False):
    """A limit, how much of it is drawn, and who set it when, if that is known."""

    name: str
    amount: int
    drawn: int
    why: str
    by: str
    at_ns: int


class LimitsShown(Struct, frozen=True, gc=False):
    """All limits that are set, by name."""

    rows: tuple[LimitRow, ...]


class ShowWorkers(Struct, frozen=True, gc=False):
    """A question: which workers are there."""


class WorkersShown(Struct, frozen=True, gc=False):
    """All that are there, by host and process."""

    rows: tuple[WorkerRow, ...]


class ShowCluster(Struct, frozen=True, gc=False):
    """A question: how the cluster is, who has what, and what needs a hand."""


class ClusterShown(Struct, frozen=True, gc=False):
    """So it is."""

    cluster: Cluster


class AskWhy(Struct, frozen=True, gc=False):
    """A question: why those of these jobs that wait do not run, by one that stands for most; how it is with them if none does."""

    ranges: Annotated[Ranges, Meta(min_length=1, max_length=RANGES_LIMIT)]


class AskReasons(Struct, frozen=True, gc=False):
    """A question: of each of these ranges, the reason that most of its jobs share that wait."""

    of: Annotated[Ranges, Meta(max_length=REASONS_ASKED)]


class ReasonsShown(Struct, frozen=True, gc=False):
    """One for each range that was asked about; None where nothing waits."""

    rows: tuple[Reason | None, ...]


class AskWaiting(Struct, frozen=True, gc=False):
    """A question: how many jobs wait, and why."""


class WaitingShown(Struct, frozen=True, gc=False):
    """So many are `ready`; the first of those came at `since_ns`, 0 for none. Of all that wait so many for each reason (see Code)."""

    ready: int
    since_ns: int
    reasons: dict[str, int]


class AskUse(Struct, frozen=True, gc=False):
    """A question: what a job uses that runs."""

    job: Annotated[JobId, Meta(ge=1)]


class UseShown(Struct, frozen=True, gc=False):
    """That; None where nobody has said so far, or it does not run."""

    use: Use | None


class Mean(Struct, frozen=True, gc=False):
    """A question: which jobs the selector means, live or ended; names are of the owner's.

    By words those that live, or ended within `since_s` seconds.
    """

    selector: Selector
    owner: Words
    since_s: Seconds = 3600.0


class Meant(Struct, frozen=True, gc=False):
    """These."""

    ranges: Ranges


class Why(Struct, frozen=True, gc=False):
    """So it is with one of them."""

    of: Explained
