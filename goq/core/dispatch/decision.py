"""What goes into a decision of the dispatcher, and what comes out. Pure."""

from msgspec import Struct

from goq.core.messages import AckSubmit, FetchBlob, OutputChunk, Reply
from goq.core.state.records import Record
from goq.core.values.blobs import Blob
from goq.core.values.job import Submission
from goq.core.values.ranges import Ranges
from goq.core.values.result import Ended
from goq.core.waits.parking import Parked


class Gone(Struct, frozen=True):
    """A submission all of which has ended, the jobs in `bad` not well; how the first of these did."""

    submission: Submission
    bad: Ranges = ()
    worst: Ended | None = None


class Bygone(Struct, frozen=True):
    """The submissions that have ended, of the numbers that were asked about; all, unless there are too many.

    `blobs` are those that are here as a whole, of those that a submission needs.
    """

    gone: tuple[Gone, ...] = ()
    is_all: bool = True
    blobs: frozenset[Blob] = frozenset()


Past = AckSubmit | Bygone | tuple[Ended, ...]  # what the journal knows of what a request is about


class Rules(Struct, frozen=True, gc=False):
    """The times, in seconds, that the dispatcher goes by."""

    heartbeat_s: float = 5.0
    lease_s: float = 60.0
    observe_s: float = 20.0
    patience_limit_s: float = 20.0
    crash_limit: int = 5
    delivery_s: float = 3600.0  # how long a submission that is not all here is waited for without news


class Note(Struct, frozen=True, gc=False):
    """What is worth a line in the log and is no record: in words, its kind, and what it is about."""

    text: str
    event: str
    about: dict[str, int | str]


class Outcome(Struct):
    """What one turn decided; the caller does it in the order of the fields."""

    records: list[Record] = []
    chunks: list[tuple[Parked, OutputChunk]] = []
    fetches: list[tuple[Parked, FetchBlob]] = []
    replies: list[Reply] = []
    notes: list[Note] = []
    stop: bool = False


class Counts(Struct):
    """What came to nothing since the server started: messages of strangers, nonsense, late results."""

    dropped_bad_signatures: int = 0
    bad_messages: int = 0
    stale_results: int = 0
