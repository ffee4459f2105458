"""What a figure is: how it is measured, what stands beside it, and which goal it has."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum

from bench.lab import Build, Lab

Readings = dict[str, float]
Measure = Callable[[], Readings]


class Judged(Enum):
    """Which number the goal speaks of."""

    ITSELF = "itself"
    RATIO = "ratio to what stands beside it"
    EXCESS = "excess over what stands beside it"


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound; `highest` says that the number must not be above it, else it must not be below."""

    bound: float
    highest: bool = False

    def is_met(self, number: float) -> bool:
        return number <= self.bound if self.highest else number >= self.bound

    def __str__(self) -> str:
        return f"{'≤' if self.highest else '≥'} {self.bound:,g}"


def at_least(bound: float) -> Goal:
    """The number must reach the bound."""
    return Goal(bound)


def at_most(bound: float) -> Goal:
    """The number must stay below the bound."""
    return Goal(bound, highest=True)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `value` and `beside` name readings that one repetition gives.

    A ratio or an excess is taken within each repetition; the table shows the median of these.
    """

    title: str
    value: str
    unit: str
    beside: str = ""
    beside_title: str = ""
    judged: Judged = Judged.ITSELF
    goal: Goal | None = None

    def number(self, readings: Readings) -> float:
        """What one repetition says for the goal."""
        value = readings[self.value]
        if self.judged is Judged.RATIO:
            return value / readings[self.beside]
        return value - readings[self.beside] if self.judged is Judged.EXCESS else value


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of everything one repetition does."""

    jobs: int = 10_000
    deep: int = 1_000_000
    shallow: int = 100_000
    spawns: int = 4_000
    single_submissions: int = 3_000
    lines: int = 100_000
    command_runs: int = 10
    latencies: int = 200
    kills: int = 15
    herd: int = 2_000
    herd_s: float = 10.0
    herd_jobs: int = 400
    output_bytes: int = 1_000_000_000
    round_trips: int = 10_000
    stats: int = 5
    array: int = 100_000
    lanes: int = 1_000
    dependants: int = 10_000
    pairs: int = 100_000
    stripes: int = 500_000
    places: int = 64


FULL = Counts()
QUICK = Counts(
    jobs=2_000,
    deep=100_000,
    shallow=10_000,
    spawns=1_000,
    single_submissions=500,
    lines=20_000,
    command_runs=4,
    latencies=40,
    kills=4,
    herd=400,
    herd_s=5.0,
    herd_jobs=100,
    output_bytes=100_000_000,
    round_trips=2_000,
    stats=3,
    array=5_000,
    lanes=1_000,
    dependants=2_000,
    pairs=5_000,
    stripes=20_000,
    places=16,
)
TINY = Counts(
    jobs=20,
    deep=200,
    shallow=40,
    spawns=20,
    single_submissions=10,
    lines=50,
    command_runs=1,
    latencies=3,
    kills=1,
    herd=10,
    herd_s=0.2,
    herd_jobs=5,
    output_bytes=300_000,
    round_trips=50,
    stats=1,
    array=20,
    lanes=10,
    dependants=10,
    pairs=10,
    stripes=20,
    places=3,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A group of rows that one measurement gives.

    `ready` prepares what all repetitions share, and gives what measures once.
    """

    name: str
    rows: tuple[Row, ...]
    ready: Callable[[Lab, Build, Counts], AbstractContextManager[Measure]]
