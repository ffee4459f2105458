"""What a server needs of whatever keeps its records. Decisions are not made here, so it is little.

A store takes records and tells the story that leads to the same state again. Each promises:
what was committed is told, all of a batch or none; reading changes nothing; what ended, and which
submissions came, is recalled by number until it is forgotten, and the nonces for long after.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from goq.core.dispatch.decision import Asked, Bygone, Past
from goq.core.messages import (
    AddBlob,
    AddItems,
    AskWhy,
    Cancel,
    CancelEach,
    Observe,
    ObserveEach,
    Report,
    Request,
    Submit,
)
from goq.core.state.records import Record
from goq.core.values.blobs import Blob
from goq.core.values.ids import JobId, Nonce
from goq.core.values.job import Submission
from goq.core.values.ranges import Ranges
from goq.core.values.result import OUT, Ended, OutputKey, Reserved, Starts

NONCE_DAYS = 365  # a spooled submission may sleep for long in a machine that is off
DAY_NS = 86_400 * 10**9


class Cleaning(Struct):
    """One look through a store: what had ended before `before_ns` is forgotten.

    `jobs` counts them. Submissions below the number `start` have been looked at.
    """

    before_ns: int
    now_ns: int
    jobs: int = 0
    start: int = 0

    @property
    def nonces_before_ns(self) -> int:
        """Nonces of forgotten submissions that are older than that are forgotten as well."""
        return self.now_ns - NONCE_DAYS * DAY_NS


class Store(Protocol):
    """Where a server's records are. One server at a time has it."""

    def close(self) -> None:
        """Let another server have it."""

    def replay(self) -> Iterator[Record]:
        """The shortest story that leads to the state: totals, then every job that has not ended."""

    def commit(self, records: Sequence[Record]) -> None:
        """Make the records durable, all or none; returns only then. Raises JournalFull."""

    @property
    def last_event(self) -> int:
        """The number of the latest event; it never becomes lower."""

    def clean(self, cleaning: Cleaning) -> bool:
        """Forget a little more of what is old; False when there was nothing left to do."""

    def recall(self, request: Request) -> Past:
        """What is known of the jobs or the submission that a request is about."""

    def gone(self, asked: Asked) -> Bygone:
        """What is asked of submissions that have ended, and of what has ended of others; too many of them are none."""

    def lines(self, ranges: Ranges) -> dict[JobId, bytes]:
        """The lines of these jobs, as far as they are there, and not too much at a time."""

    def blob_part(self, blob: Blob, offset: int) -> bytes:
        """FETCH_BYTES of a blob from there on, or what there is to its end; b"" when that is not here."""

    def ended(self, job: JobId) -> Ended | None:
        """The final state of a job, if it has one."""

    def submission_of(self, job: JobId) -> Submission | None:
        """The submission that the job is of, if it is known."""

    def unsaved_outputs(self) -> list[OutputKey]:
        """The short outputs, in order, that may not be in their files yet."""

    def output(self, job: JobId, attempt: int = 1, stream: int = OUT) -> bytes:
        """A short output that is not in its file yet."""

    def output_starts(self) -> Starts:
        """Where outputs begin that were appended to a file, from which attempt on."""

    def named_outputs(self) -> list[Reserved]:
        """The outputs in files with names of their own that are not all there yet, in the order in which they lie."""


def submission_asked_about(request: Request) -> Nonce | None:
    """The submission that a request may repeat or go on with, by its nonce."""
    match request.question:
        case Submit():
            return request.nonce
        case AddItems(submission) | AddBlob(submission):
            return submission
        case _:
            return None


def asked_about(request: Request) -> Sequence[JobId]:
    """The jobs whose ends a request may be about."""
    match request.question:
        case Observe(job) | Cancel(job, _):
            return (job,)
        case AskWhy(ranges):
            return (ranges[0][0],)
        case ObserveEach(jobs) | CancelEach(jobs, _):
            return jobs
        case Report() as report:
            return [done.claim.job for done in report.ended]
        case _:
            return ()
