"""The life of one job: its attempts, what it asked for and used, and its last words. Pure."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct
from msgspec.structs import replace

from goq.core.values.items import NUMBER_LIMIT
from goq.core.values.shown import LAST_LINES, Attempt, Event, JobRow, Used, UsePoint
from goq.core.values.stamps import At
from goq.core.values.states import JobState
from goq.core.values.uses import Use

LINES_LIMIT = 1000
LINES_BYTES = 64 * 1024  # of an output's end, that last lines are looked for in
EVENTS_LIMIT = 10_000
BEHIND_LIMIT = 100
KIB = 1024
_NS = 10**9


class Life(Struct, frozen=True):
    """All that the journal knows of a job, when `seq` was the latest event.

    `terms` are those that it asked for, but those that are as usual. Behind it wait the submissions that begin with the
    numbers in `waiters`. `environment` and `events` are there when they were asked for. Why there are no last lines although
    something was written, `trouble` says. While it runs, `curve` is what it has used so far, as far as its worker has said since the
    server began; the older, the longer are its steps.
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
    curve: tuple[UsePoint, ...] | None = None


class LifeOf(Struct, frozen=True, tag="life", forbid_unknown_fields=True):
    """The life of a job, or of the task `item` of the array that begins with it, with so many of its last lines."""

    job: Annotated[int, Meta(ge=1, le=NUMBER_LIMIT)]
    item: Annotated[int, Meta(ge=0, le=NUMBER_LIMIT)] | None = None
    lines: Annotated[int, Meta(ge=0, le=LINES_LIMIT)] = LAST_LINES
    environment: bool = False
    events: bool = False

    found: ClassVar[type[Life]] = Life


def is_on(life: Life) -> bool:
    """The job runs, and so there may be something to say of what it uses."""
    return life.row.state in (JobState.RUNNING, JobState.PAUSED)


def with_use(life: Life, use: Use | None) -> Life:
    """The life with what the job uses now, if that is known of the attempt that is on."""
    if use is None or use.attempt != life.row.attempt:
        return life
    used = Used(
        use.cpu_s,
        use.most_kib * KIB,
        use.resident_kib * KIB,
        use.cpus,
        use.most_at_ns,
        use.at_ns,
    )
    return replace(life, row=replace(life.row, used=used), curve=points_of(use))


def points_of(use: Use) -> tuple[UsePoint, ...]:
    """How many cpus were busy in each step, and how much memory it had at most."""
    points, at_ns, cpu_s = [], use.begun_ns, 0.0
    for step in use.steps:
        past_s = (step.at_ns - at_ns) / _NS
        cpus = max(0.0, step.cpu_s - cpu_s) / past_s if past_s > 0 else 0.0
        points.append(UsePoint(step.at_ns, cpus, step.resident_kib * KIB))
        at_ns, cpu_s = step.at_ns, step.cpu_s
    return tuple(points)
