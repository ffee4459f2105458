"""What is to be written in one transaction, as it is gathered from records. Pure."""

from collections import defaultdict
from collections.abc import Container, Sequence
from typing import Any

from msgspec import Struct, field

from goq.core.state.submissions import NO_PAST, Past
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim, Worker

NO_WORKER = Worker(WorkerId(""), "", 0)

Row = tuple[Any, ...]
Write = tuple[str, Sequence[Row]]  # a statement, and the rows to run it with


class Place(Struct):
    """What becomes of a job's row in `live`: its newest attempt, and what it adds to its past."""

    claim: Claim
    worker: Worker = NO_WORKER
    at_ns: int = 0
    signal: int = 0
    more: Past = NO_PAST
    gpus: str = ""


class Batch(Struct):
    """What is to be written in one transaction, by what is done with it, in the order of the records."""

    seq: int
    environments: Container[bytes]
    writes: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    interned: set[tuple[str, bytes | str]] = set()
    places: dict[JobId, Place] = {}
    signals: dict[JobId, int] = {}
    gone: list[JobId] = []
    gone_ranges: list[tuple[JobId, JobId]] = []
    endings: dict[str, int] = {}
    holds: list[Write] = []  # in the order of the records
