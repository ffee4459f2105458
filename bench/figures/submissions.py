"""Submissions a second, each durable before its answer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.ceilings import durable_rows
from bench.cluster import a_cluster
from bench.figure import Counts, Figure, Judged, Measure, Readings, Row, at_least
from bench.lab import Build, Lab

LINES_A_TRANSACTION = 10_000


@contextmanager
def _ready(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    with a_cluster(lab, build) as cluster:
        lines = str(cluster.write_lines("true", counts.lines))
        each = min(LINES_A_TRANSACTION, counts.lines)

        def measure() -> Readings:
            one_row = durable_rows(lab, build, counts.single_submissions, 1)
            single = cluster.simulate("submit", counts.single_submissions, "true")
            many_rows = durable_rows(lab, build, counts.lines, each)
            started = time.monotonic()
            cluster.goq("sub", "lines@", lines)
            taken_s = time.monotonic() - started
            return {
                "single": counts.single_submissions / (single["taken_ns"] / 1e9),
                "one_row": one_row,
                "lines": counts.lines / taken_s,
                "many_rows": many_rows,
            }

        yield measure


FIGURES = (
    Figure(
        "submissions",
        (
            Row(
                "durable submissions, one at a time",
                "single",
                "jobs/s",
                "one_row",
                "SQLite, synced each row",
                Judged.ITSELF,
                at_least(2_500),
            ),
            Row(
                "durable submissions, lines@, whole command",
                "lines",
                "jobs/s",
                "many_rows",
                "SQLite, synced each 10,000 rows",
                Judged.ITSELF,
                at_least(30_000),
            ),
        ),
        _ready,
    ),
)
