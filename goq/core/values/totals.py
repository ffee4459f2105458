"""What many jobs took together, by whom and where; how many came and went over time. Pure.

Much of it is asked for in parts: each answer says where the next part begins.
"""

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from goq.core.values.moments import NS
from goq.core.values.selectors import Selector
from goq.core.values.stamps import At
from goq.core.values.terms import NAME_LIMIT

STEPS_LIMIT = 2000

Large = Annotated[int, Meta(ge=0)]
Step = Annotated[int, Meta(ge=1, le=366 * 86400)]
Word = Annotated[str, Meta(max_length=NAME_LIMIT)]


class Spent(Struct, frozen=True):
    """What jobs of one owner and name took that ended at one host on one day, counted in days since 1970.

    `attempts` ran, and `jobs` ended, of which so many `failed`, or were lost. They waited and ran for so many seconds together; `cpu_s`
    is that for each cpu that they had, of which `used_cpu_s` were used. Memory is the most that one asked for and used, in bytes.
    """

    owner: str
    host: str
    day: int
    name: str | None = None
    tags: tuple[str, ...] | None = None
    attempts: int = 0
    jobs: int = 0
    failed: int = 0
    cancelled: int = 0
    waited_s: float = 0.0
    ran_s: float = 0.0
    cpu_s: float = 0.0
    used_cpu_s: float = 0.0
    mem_asked_bytes: int = 0
    mem_peak_bytes: int = 0


class Busy(Struct, frozen=True):
    """In the step that begins at `at`, jobs of an owner had so many cpus of a host, on average."""

    at: At
    host: str
    owner: str
    cpus: float


class Spents(Struct, frozen=True):
    """A part of what was spent; equal keys in several parts are to be added up. `following` is None with the last part."""

    seq: int
    rows: tuple[Spent, ...] = ()
    busy: tuple[Busy, ...] = ()
    following: int | None = None


class SpentOf(Struct, frozen=True, tag="spent", forbid_unknown_fields=True):
    """What the jobs that the selector means took that ended in a span of time, in ns since the epoch.

    As with `Rows`, of `user`, and at `host`, where they are named. Days begin `offset_s` seconds before those of UTC. With
    `step_s`, how many cpus were busy in each step. Raises ValueError when these are too many.
    """

    begin_ns: Large
    end_ns: Large
    selector: Selector = Selector()
    owner: Word = ""
    user: Word = ""
    host: Word = ""
    offset_s: Annotated[int, Meta(ge=-86400, le=86400)] = 0
    step_s: Step | None = None
    after: Large = 0

    found: ClassVar[type[Spents]] = Spents

    def __post_init__(self) -> None:
        if self.step_s and self.end_ns - self.begin_ns > STEPS_LIMIT * self.step_s * NS:
            raise ValueError(f"these are more than {STEPS_LIMIT} steps; ask for longer ones")


class Minute(Struct, frozen=True):
    """What happened in the step that begins at `at`, and how many jobs waited, and ran, at its end."""

    at: At
    submitted: int = 0
    started: int = 0
    requeued: int = 0
    ended: int = 0
    failed: int = 0
    unstarted: int = 0


class Totals(Struct, frozen=True):
    """A part of the steps in which something happened; `following` as in Spents. So many jobs wait now, and run."""

    seq: int
    waiting: int
    running: int
    steps: tuple[Minute, ...] = ()
    following: int | None = None


class TotalsOf(Struct, frozen=True, tag="totals", forbid_unknown_fields=True):
    """What happened from then on until now, in steps of so many seconds: how many came, began, and ended."""

    begin_ns: Large
    step_s: Step = 60
    after: Large | None = None

    found: ClassVar[type[Totals]] = Totals


class Waiting(Struct, frozen=True):
    """How many jobs waited, and ran, at the end of a step."""

    at: At
    waiting: int
    running: int


def curve_of(steps: list[Minute], waiting: int, running: int) -> list[Waiting]:
    """How many waited and ran at the end of each step, of all that happened up to now, when so many do."""
    found = []
    for step in reversed(steps):
        found.append(Waiting(step.at, waiting, running))
        waiting += step.started + step.unstarted - step.submitted - step.requeued
        running += step.ended + step.requeued - step.started
    return found[::-1]


def steps_of(parts: list[Totals]) -> list[Minute]:
    """The steps of all parts, in order, each once."""
    found: dict[int, Minute] = {}
    for step in (step for part in parts for step in part.steps):
        known = found.get(step.at)
        if known is None:
            found[step.at] = step
        else:
            pairs = zip(_counts(known), _counts(step), strict=True)
            found[step.at] = Minute(step.at, *(one + other for one, other in pairs))
    return [found[at] for at in sorted(found)]


def _counts(step: Minute) -> tuple[int, ...]:
    return (step.submitted, step.started, step.requeued, step.ended, step.failed, step.unstarted)
