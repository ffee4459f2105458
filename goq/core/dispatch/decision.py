"""What goes into a decision of the dispatcher, and what comes out. Pure."""

from collections import Counter

from msgspec import Struct, field

from goq.core.messages import AckSubmit, FetchBlob, Follow, Look, News, OutputChunk, Reply
from goq.core.state.parts import Part
from goq.core.state.records import Record
from goq.core.values.blobs import Blob
from goq.core.values.flows import Stopwatch
from goq.core.values.ids import JobId, Nonce
from goq.core.values.job import Submission
from goq.core.values.ranges import Ranges
from goq.core.values.result import Ended
from goq.core.values.selectors import Named, Owned, Tagged
from goq.core.values.states import JobState
from goq.core.waits.parking import Parked

GONE_LIMIT = 1000  # submissions
Copies = tuple[
    tuple[JobId, JobId, JobId], ...
]  # jobs up to an end, and the first that these were again, in its order
Kinds = tuple[tuple[JobState, Ranges], ...]  # those of some jobs that ended, and not well, by how they did


class Gone(Struct, frozen=True):
    """A submission all of which has ended, the jobs in `bad` not well; how the first of these did.

    By `kinds`, all of these; `retried` were submitted again, as the `copies` say. Ranges of its jobs had the terms in
    `parts`.
    """

    submission: Submission
    bad: Ranges = ()
    worst: Ended | None = None
    kinds: Kinds = ()
    retried: Ranges = ()
    parts: tuple[Part, ...] = ()
    copies: Copies = ()


class Asked(Struct, frozen=True):
    """What is asked of the journal: the submissions of these numbers that have ended, and those that words mean.

    Of words: with a job that ended since then, the latest ones, of `owner` where they are names. `most`: not more.
    Of the submissions `live`, by their first numbers, how those of their jobs ended that have. With `behind`, also
    what is behind any of these. What came of the `nonce` when it was here before. And which of these `blobs` are here.
    """

    ranges: Ranges = ()
    words: tuple[Named | Tagged | Owned, ...] = ()
    owner: str = ""
    since_ns: int = 0
    most: int = GONE_LIMIT
    live: Ranges = ()
    behind: bool = False
    nonce: Nonce | None = None
    blobs: tuple[Blob, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.ranges or self.words or self.live or self.nonce or self.blobs)


class LiveEnds(Struct, frozen=True):
    """Of the live submission that begins with `first`: as in Gone."""

    first: JobId
    kinds: Kinds
    parts: tuple[Part, ...] = ()
    copies: Copies = ()


class Bygone(Struct, frozen=True):
    """The submissions that have ended, of those that were asked about; all, unless there are too many.

    `around` are those that are behind them, and what these are behind. `lines` are of the jobs that were asked for.
    `again` is what came of the same request before: what was submitted, and what that was again.
    `blobs` are here as a whole, of those that were asked about, and those that all of these need.
    """

    gone: tuple[Gone, ...] = ()
    is_all: bool = True
    live: tuple[LiveEnds, ...] = ()
    around: tuple[Gone, ...] = ()
    lines: dict[JobId, bytes] = {}
    again: tuple[tuple[Submission, Ranges], ...] = ()
    blobs: frozenset[Blob] = frozenset()


Past = AckSubmit | Bygone | tuple[Ended, ...]  # what the journal knows of what a request is about


class Rules(Struct, frozen=True, gc=False):
    """The times, in seconds, that the dispatcher goes by."""

    heartbeat_s: float = 5.0
    lease_s: float = 60.0
    observe_s: float = 20.0
    crash_limit: int = 5
    is_open: bool = False  # whoever sees a job may read what it was given, and what it writes
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
    queries: list[tuple[Parked, Look | News | Follow]] = []
    replies: list[Reply] = []
    notes: list[Note] = []
    stop: bool = False


class Counts(Struct):
    """What a server counts since it started: messages of strangers, nonsense, late results; how long commits took, and what came of looks."""

    dropped_bad_signatures: int = 0
    bad_messages: int = 0
    stale_results: int = 0
    denied: int = 0  # to a key that has no right to it
    commits: Stopwatch = field(default_factory=Stopwatch)
    looks: Counter[str] = field(default_factory=Counter)  # found, refused, late, lost
