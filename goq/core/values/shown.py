"""What lists and looks show of submissions and jobs: rows as values, for terminals, pages and programs alike. Pure.

Fields are named as programs read them (core/values/documents.py): times in `_at` are ns since the epoch here and
ISO 8601 there, durations in `_s` are seconds, sizes in `_bytes`. None is what is not there. Text that is no UTF-8 has
its odd bytes spelled out.
"""

from collections.abc import Mapping

from msgspec import Struct

from goq.core.values.stamps import At
from goq.core.values.states import JobState
from goq.core.values.terms import When

LAST_LINES = 10  # of an output, with a life


class Counts(Struct, frozen=True, gc=False):
    """How many jobs of a submission are in which state; they add up to its size."""

    waiting: int = 0
    held: int = 0
    running: int = 0
    paused: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    lost: int = 0
    skipped: int = 0

    @property
    def by_state(self) -> Mapping[JobState, int]:
        """The same by the states themselves."""
        return {state: getattr(self, state.value) for state in JobState}

    @property
    def size(self) -> int:
        """How many they are."""
        return sum(self.by_state.values())

    @property
    def live(self) -> int:
        """How many have not ended."""
        return self.waiting + self.held + self.running + self.paused

    @property
    def bad(self) -> int:
        """How many ended badly, and nobody had asked for that."""
        return self.failed + self.lost

    @property
    def state(self) -> JobState:
        """Where the whole is: what runs of it counts before what waits, and how it failed before how it ended well."""
        return next((state for state in _BEFORE_OTHERS if getattr(self, state.value)), JobState.DONE)


_BEFORE_OTHERS = (
    *(JobState.RUNNING, JobState.PAUSED, JobState.WAITING, JobState.HELD),
    *(JobState.FAILED, JobState.LOST, JobState.CANCELLED, JobState.SKIPPED),
)


class Needs(Struct, frozen=True):
    """What a job takes while it runs: of its machine, `licenses` of the cluster; `time_s` at most."""

    cpus: int
    mem_bytes: int | None = None
    gpus: int | None = None
    time_s: float | None = None
    resources: dict[str, int] | None = None
    licenses: dict[str, int] | None = None


class Used(Struct, frozen=True):
    """What the last attempt of a job used, as far as that is known.

    While it runs: up to `at`, when it had `mem_bytes`, the most so far at `mem_peak_at`, and lately so many `cpus` were busy.
    """

    cpu_s: float | None = None
    mem_peak_bytes: int | None = None
    mem_bytes: int | None = None
    cpus: float | None = None
    mem_peak_at: At | None = None
    at: At | None = None


class UsePoint(Struct, frozen=True):
    """Up to that time, from the point before it or the start on, so many cpus of a job were busy, and it had so much memory at most."""

    at: At
    cpus: float
    mem_bytes: int


class OutputFile(Struct, frozen=True):
    """Where an output is: below the server's folder, or absolute, at `host`; its length and digest once it is whole."""

    path: str
    bytes: int | None = None
    sha256: str | None = None
    host: str | None = None


class Behind(Struct, frozen=True):
    """What a submission waits for: jobs, each range with its first and its last number."""

    ids: tuple[tuple[int, int], ...]
    when: When
    each: bool = False


class LimitRow(Struct, frozen=True):
    """A limit that has too little left."""

    name: str
    amount: int
    drawn: int
    needs: int


class MachineRow(Struct, frozen=True):
    """A machine and what the job lacks there: cpus, memory in MiB, and so on; why it gets nothing at all there."""

    name: str
    lacks: dict[str, int]
    trouble: str | None = None


class ReasonRow(Struct, frozen=True):
    """One thing that keeps a job from running: `short` is for a table, `text` a sentence.

    Of `jobs`, each range with its first and its last number, `left` have to end. It holds until `until_at`, in `left_s`.
    """

    code: str
    short: str
    text: str
    until_at: At | None = None
    left_s: float | None = None
    jobs: tuple[tuple[int, int], ...] | None = None
    left: int | None = None
    limit: LimitRow | None = None
    machines: tuple[MachineRow, ...] | None = None
    by: str | None = None
    since_at: At | None = None


class JobRow(Struct, frozen=True):
    """One job. `array` and `item` are set of tasks of an array: people know them as `array.item`.

    `attempt` is the latest one, of 1 + `retries` that may count; None before the first. `cause` is why goq ended it,
    `problem` a sentence about that, `status` what `goq wait` gives. It is in its state since `since_at`.
    """

    id: int
    owner: str
    state: JobState
    submitted_at: At
    since_at: At
    needs: Needs
    array: int | None = None
    item: int | None = None
    name: str | None = None
    cause: str | None = None
    status: int | None = None
    signal: int | None = None
    problem: str | None = None
    attempt: int | None = None
    retries: int | None = None
    worker: str | None = None
    host: str | None = None
    gpus: tuple[str, ...] | None = None
    started_at: At | None = None
    ended_at: At | None = None
    elapsed_s: float | None = None
    used: Used | None = None
    output: OutputFile | None = None
    reason: ReasonRow | None = None

    @property
    def shown(self) -> str:
        """What people call it by."""
        return str(self.id) if self.array is None else f"{self.array}.{self.item}"


class SubmissionRow(Struct, frozen=True):
    """Jobs that were submitted together, from `id` on; `job` is the one of a single job.

    `array`: people know its jobs as tasks of `id`. It was `started_at` when its first job was, and has `ended_at` when its
    last one had. `rate_per_s` and `left_s` are computed from what ended lately. `name` and what it asks for are as submitted. Who has a
    `reason` waits, and was looked up for that.
    """

    id: int
    count: int
    owner: str
    state: JobState
    counts: Counts
    submitted_at: At
    since_at: At
    argv: tuple[str, ...]
    folder: str
    needs: Needs
    array: bool = False
    name: str | None = None
    tags: tuple[str, ...] | None = None
    priority: int | None = None
    started_at: At | None = None
    ended_at: At | None = None
    at_once: int | None = None
    after: tuple[Behind, ...] | None = None
    rate_per_s: float | None = None
    left_s: float | None = None
    output: str | None = None
    again_of: int | None = None
    reason: ReasonRow | None = None
    job: JobRow | None = None


Row = SubmissionRow | JobRow


class Attempt(Struct, frozen=True):
    """One attempt of a job: `ending` is None while it is on, else running, requeued, or the job's own end.

    `text` says why it was given up, or what went wrong; `last_words` is the last line that it wrote, if it failed.
    """

    attempt: int
    started_at: At
    worker: str | None = None
    host: str | None = None
    gpus: tuple[str, ...] | None = None
    ended_at: At | None = None
    ending: str | None = None
    cause: str | None = None
    status: int | None = None
    signal: int | None = None
    text: str | None = None
    used: Used | None = None
    last_words: str | None = None


class Event(Struct, frozen=True):
    """One thing that happened to a job after its submission; `by` whom, if a person did it."""

    seq: int
    kind: str
    at: At
    attempt: int | None = None
    worker: str | None = None
    host: str | None = None
    pid: int | None = None
    by: str | None = None
    text: str | None = None
