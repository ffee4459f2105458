"""All figures, in the order of the table."""

from bench.figure import Figure
from bench.figures import (
    alone,
    arrays,
    commands,
    crowded,
    herd,
    latency,
    lines,
    logs,
    output,
    submissions,
    waiting,
    watched,
)

ALL: tuple[Figure, ...] = (
    *lines.FIGURES,
    *watched.FIGURES,
    *alone.FIGURES,
    *arrays.FIGURES,
    *crowded.FIGURES,
    *submissions.FIGURES,
    *commands.FIGURES,
    *latency.FIGURES,
    *logs.FIGURES,
    *waiting.FIGURES,
    *herd.FIGURES,
    *output.FIGURES,
)
