"""What failed of many jobs, by how; and how long those took, and what they used, that ended well. Pure."""

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from goq.core.values.ids import JobId
from goq.core.values.items import NUMBER_LIMIT
from goq.core.values.shown import SubmissionRow
from goq.core.values.states import JobState

RANGES_LIMIT = 1000  # of jobs that are asked about
GROUPS_LIMIT = 50
WHICH_LIMIT = 1000  # ranges of a group
HOSTS_LIMIT = 100
READ = 100  # outputs of a group that last words are looked for in
WORDS_CHARACTERS = 200  # of the end of a line
READ_BYTES = 4096  # of the end of an output: behind the job's words there may be a line of ours
JOBS_LIMIT = 100_000  # that failed, and that are looked at
SAMPLE = 5_000  # jobs that medians are computed from
BINS = 20

Number = Annotated[int, Meta(ge=1, le=NUMBER_LIMIT + 1)]
Asked = Annotated[tuple[tuple[Number, Number], ...], Meta(min_length=1, max_length=RANGES_LIMIT)]


class FailureGroup(Struct, frozen=True):
    """Jobs that failed alike: `count` of them, with the numbers in the ranges `ids`, each its first and its last.

    `items` are the same as tasks of their array, where they are of one. `cause` is why goq ended them; `last_words` is the
    last line that most of those have written that were looked at, `problem` what goq says of them. `mem_peak_bytes` is the
    most that one used.
    """

    count: int
    state: JobState
    status: int
    ids: tuple[tuple[int, int], ...]
    cause: str | None = None
    signal: int | None = None
    items: tuple[tuple[int, int], ...] | None = None
    hosts: tuple[str, ...] = ()
    problem: str | None = None
    last_words: str | None = None
    mem_peak_bytes: int | None = None


class Failures(Struct, frozen=True):
    """The groups, the largest first, of the jobs that failed or are lost, when `seq` was the latest event.

    `failed` is how many these are; when it is more than JOBS_LIMIT, groups are of the first ones. Of all that are asked
    about so many have `ended`, and so many have not.
    """

    seq: int
    failed: int
    ended: int
    live: int
    groups: tuple[FailureGroup, ...] = ()
    array: int | None = None


class FailuresOf(Struct, frozen=True, tag="failures", forbid_unknown_fields=True):
    """What failed of the jobs in these ranges, each from its first up to, and without, its end; `words`: with last words."""

    ranges: Asked
    words: bool = True

    found: ClassVar[type[Failures]] = Failures


class Spread(Struct, frozen=True):
    """How a quantity is spread over jobs: its least, its median, what nine in ten do not exceed, and its most.

    `bins` count jobs in equal steps from the least to the most.
    """

    least: float
    median: float
    most_of_ten: float
    most: float
    bins: tuple[int, ...] = ()


class Medians(Struct, frozen=True):
    """Of `jobs` that ended well, or a sample of them: what they took. Absent is what no job has.

    Times are in seconds, memory in bytes, `cpus` how many were busy while a job ran.
    """

    seq: int
    jobs: int
    is_sample: bool = False
    run_s: Spread | None = None
    wait_s: Spread | None = None
    mem_bytes: Spread | None = None
    cpus: Spread | None = None


class MediansOf(Struct, frozen=True, tag="medians", forbid_unknown_fields=True):
    """What those of the jobs in these ranges took that ended well."""

    ranges: Asked

    found: ClassVar[type[Medians]] = Medians


class Whole(Struct, frozen=True):
    """A submission of several jobs, whole: its row, what failed of it, and what those took that ended well."""

    row: SubmissionRow
    failures: Failures
    medians: Medians


def spread_of(values: list[float]) -> Spread | None:
    """How these are spread; None of none."""
    if not values:
        return None
    ordered = sorted(values)
    least, most = ordered[0], ordered[-1]
    step = (most - least) / BINS
    bins = [0] * BINS
    for value in ordered:
        bins[min(BINS - 1, int((value - least) / step)) if step else 0] += 1
    count = len(ordered)
    median = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    return Spread(least, median, ordered[min(count - 1, count * 9 // 10)], most, tuple(bins))


def as_ranges(jobs: list[JobId]) -> tuple[tuple[int, int], ...]:
    """Numbers in order as ranges, each its first and its last, as many as are told."""
    found: list[list[int]] = []
    for job in jobs:
        if found and job == found[-1][1] + 1:
            found[-1][1] = job
        elif len(found) == WHICH_LIMIT:
            break
        else:
            found.append([job, job])
    return tuple((first, last) for first, last in found)
