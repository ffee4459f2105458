"""What the repetitions of a figure gave, and what they say: medians, spreads, goals."""

import math
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figure import Readings, Row


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle and the ends of some numbers."""

    median: float
    low: float
    high: float


def spread(numbers: list[float]) -> Spread:
    """The spread of at least one number."""
    return Spread(statistics.median(numbers), min(numbers), max(numbers))


def percentile(numbers: list[float], percent: float) -> float:
    """The number that so many per cent are not above."""
    at = max(0, math.ceil(len(numbers) * percent / 100) - 1)
    return sorted(numbers)[at]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row with all its repetitions."""

    figure: str
    row: Row
    repetitions: list[Readings]

    @property
    def value(self) -> Spread:
        """What goq did."""
        return spread([each[self.row.value] for each in self.repetitions])

    @property
    def beside(self) -> Spread | None:
        """What stands beside it."""
        if not self.row.beside:
            return None
        return spread([each[self.row.beside] for each in self.repetitions])

    @property
    def number(self) -> Spread:
        """What the goal speaks of."""
        return spread([self.row.number(each) for each in self.repetitions])

    @property
    def is_met(self) -> bool | None:
        """Whether the median meets the goal; None without one."""
        return None if self.row.goal is None else self.row.goal.is_met(self.number.median)

    def as_json(self) -> dict[str, Any]:
        """All of it, for a file."""
        row, beside = self.row, self.beside
        return {
            "figure": self.figure,
            "title": row.title.strip(),
            "unit": row.unit,
            "value": _as_json(self.value),
            "beside": None if beside is None else {"title": row.beside_title, **_as_json(beside)},
            "judged": row.judged.value,
            "number": _as_json(self.number),
            "goal": None if row.goal is None else str(row.goal),
            "met": self.is_met,
            "repetitions": [
                {key: each[key] for key in (row.value, row.beside) if key} for each in self.repetitions
            ],
        }


def _as_json(numbers: Spread) -> dict[str, float]:
    return {"median": numbers.median, "min": numbers.low, "max": numbers.high}


def machine() -> dict[str, str]:
    """On what it was measured."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    memory = Path("/proc/meminfo").read_text().split()[1]
    return {
        "cpu": f"{len(os.sched_getaffinity(0))} x {model}",
        "memory": f"{int(memory) / 1024 / 1024:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": sys.version.split()[0],
        "load": f"{os.getloadavg()[0]:.2f} when it began",
    }


def revision(root: Path) -> str:
    """What git calls the checkout."""
    told = subprocess.run(
        ["git", "-C", str(root), "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"
