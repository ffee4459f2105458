"""Thousands of idle workers: what they cost the server, and what they do to a dispatch.

Simulated in one process. Each asks again at every heartbeat, four times as often as a real
idle worker would.
"""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.cluster import Cluster, a_cluster, cpu_s
from bench.figure import Counts, Figure, Measure, Readings, Row, at_most
from bench.lab import Build, Lab
from bench.results import percentile

HEARTBEAT_S = 5
FEW = 8


def _gather(cluster: Cluster, count: int) -> None:
    cluster.start_simulation("work", count, HEARTBEAT_S, cluster.folder / "told")
    cluster.wait_for_workers(count)


def _idle_cpu(cluster: Cluster, seconds: float) -> float:
    """Per cent of a core that the server needs."""
    used_s, started = cpu_s(cluster.server.pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_s(cluster.server.pid) - used_s) / (time.monotonic() - started) * 100


def _dispatch_ms(cluster: Cluster, count: int) -> list[float]:
    """From the server's acceptance until a worker has the job."""
    accepted = cluster.simulate("pace", count, "true")
    lines = (cluster.folder / "told").read_text().splitlines()
    came = {int(job): int(at_ns) for job, at_ns in (line.split() for line in lines)}
    return [max(0.0, (came[job] - at_ns) / 1e6) for job, at_ns in accepted]


@contextmanager
def _ready(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    with a_cluster(lab, build) as few, a_cluster(lab, build) as many:
        _gather(few, FEW)
        lab.say(f"connecting {counts.herd:,} workers")
        _gather(many, counts.herd)

        def measure() -> Readings:
            beside = _idle_cpu(few, counts.herd_s / 2), _dispatch_ms(few, counts.herd_jobs)
            cpu, taken_ms = _idle_cpu(many, counts.herd_s), _dispatch_ms(many, counts.herd_jobs)
            return {
                "cpu": cpu,
                "few_cpu": beside[0],
                "p50": statistics.median(taken_ms),
                "p99": percentile(taken_ms, 99),
                "few_p99": percentile(beside[1], 99),
            }

        yield measure


FIGURES = (
    Figure(
        "herd",
        (
            Row("2,000 idle workers: the server's CPU", "cpu", "%", "few_cpu", "8 workers", goal=at_most(15)),
            Row(
                "  acceptance to a worker's hand, p99", "p99", "ms", "few_p99", "8 workers", goal=at_most(50)
            ),
        ),
        _ready,
    ),
)
