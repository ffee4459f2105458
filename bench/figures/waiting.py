"""A long queue: what it costs in memory, and what it does to `goq stat` and to a restart.

Each repetition fills a server of its own, by separate submissions of one environment.
"""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.cluster import Cluster, a_cluster, memory_mb
from bench.figure import Counts, Figure, Judged, Measure, Readings, Row, at_most
from bench.figures.commands import IMPORTS
from bench.lab import Build, Lab


def _stat(cluster: Cluster, count: int) -> Readings:
    """`goq stat` and, alternately, its start-up, in seconds."""
    rounds = [
        (
            cluster.wall_s([cluster.build.python, "-c", IMPORTS]),
            cluster.wall_s([cluster.build.goq, "stat"]),
        )
        for _ in range(count)
    ]
    return {
        "imports": statistics.median(floor for floor, _ in rounds),
        "stat": statistics.median(stat for _, stat in rounds),
    }


def restart_s(cluster: Cluster) -> float:
    """From the start of the server to its first answer."""
    cluster.server.end()
    started_ns = time.monotonic_ns()
    cluster.start_server()
    cluster.wait_until(cluster.listens, "the server listens")
    return (int(cluster.simulate("ask", 1)["answered_ns"]) - started_ns) / 1e9


@contextmanager
def _ready(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    def measure() -> Readings:
        with a_cluster(lab, build) as cluster:
            empty = memory_mb(cluster.server.pid)
            empty_restart = restart_s(cluster)
            cluster.simulate("fill", counts.shallow, "true")
            shallow = memory_mb(cluster.server.pid)
            lab.say(f"filling up to {counts.deep:,} jobs")
            cluster.simulate("fill", counts.deep - counts.shallow, "true")
            deep = memory_mb(cluster.server.pid)
            stat = _stat(cluster, counts.stats)
            restart = restart_s(cluster)
            again = memory_mb(cluster.server.pid)
        memory = {"empty": empty, "shallow": shallow, "deep": deep, "again": again}
        return memory | stat | {"restart": restart, "empty_restart": empty_restart}

    yield measure


_BESIDE = ("empty", "without jobs")
FIGURES = (
    Figure(
        "waiting",
        (
            Row("memory of the server, no jobs", "empty", "MB", goal=at_most(60)),
            Row("  100,000 separately submitted jobs wait", "shallow", "MB", *_BESIDE, goal=at_most(120)),
            Row("  1,000,000 wait", "deep", "MB", *_BESIDE, goal=at_most(500)),
            Row("  1,000,000 wait, after a restart", "again", "MB", *_BESIDE),
            Row(
                "goq stat, 1,000,000 wait",
                "stat",
                "s",
                "imports",
                "python with the three imports",
                Judged.EXCESS,
                at_most(0.3),
            ),
            Row(
                "restart to first answer, 1,000,000 wait",
                "restart",
                "s",
                "empty_restart",
                "without jobs",
                goal=at_most(8),
            ),
        ),
        _ready,
    ),
)
