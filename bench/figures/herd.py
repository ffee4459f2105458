"""Many idle workers, and workers with many places: what they cost the server, and what they do to a dispatch.

Thousands are simulated in one process: each asks again at every heartbeat, four times as often as a
real idle worker would. Places are those of a real worker.
"""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.cluster import Cluster, a_cluster, cpu_s
from bench.figure import Counts, Figure, Judged, Measure, Readings, Row, at_most
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


def _places_cpu(lab: Lab, build: Build, places: int, counts: Counts) -> tuple[float, float]:
    """One worker with so many places: per cent of a core that the server needs while they are idle; us a job."""
    jobs = 2 * counts.places
    with a_cluster(lab, build) as cluster:
        cluster.work("-j", str(places))
        cluster.wait_for_workers(places)
        idle = _idle_cpu(cluster, counts.herd_s)
        used_s, since = cpu_s(cluster.server.pid), cluster.journal.last_event()
        cluster.goq("sub", "--array", f"1-{jobs}", "sleep", "1" if places > 1 else f"{1 / counts.places:.3f}")
        cluster.wait_for_count(since, jobs, jobs)
        return idle, (cpu_s(cluster.server.pid) - used_s) / jobs * 1e6


@contextmanager
def _places(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    def measure() -> Readings:
        one, many = (_places_cpu(lab, build, places, counts) for places in (1, counts.places))
        return {"one": max(one[0], 0.1), "many": max(many[0], 0.1), "one_us": one[1], "many_us": many[1]}

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
    Figure(
        "places",
        (
            Row(
                "64 idle places in one worker: the server's CPU",
                "many",
                "%",
                "one",
                "one place",
                Judged.RATIO,
                at_most(1.2),
            ),
            Row(
                "  a job that sleeps: the server's processor time",
                "many_us",
                "us",
                "one_us",
                "one after the other",
                Judged.RATIO,
                at_most(1.0),
            ),
        ),
        _places,
    ),
)
