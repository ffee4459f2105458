"""Jobs that do nothing, run by real workers: how close goq comes to starting processes and no more."""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager

from bench.ceilings import spawn_loop, vfork_loop
from bench.cluster import Cluster, a_cluster, children, children_cpu_s, cpu_s
from bench.figure import Counts, Figure, Judged, Measure, Readings, Row, at_least
from bench.lab import Build, Lab


def run_jobs(cluster: Cluster, count: int, workers: list[list[str]]) -> Readings:
    """Start workers on a queue that is filled.

    `rate` is jobs a second from the first start to the last end; the others are microseconds
    of processor time a job: of the server, the workers, their shepherds, and the jobs.
    """
    since, first = cluster.journal.last_event(), cluster.journal.oldest_waiting()
    used_s = cpu_s(cluster.server.pid)
    working = [cluster.work(*words) for words in workers]
    cluster.wait_for_count(since, first + count - 1, count)
    shepherds = [child for worker in working for child in children(worker.pid)]
    spent_s = {
        "server_us": cpu_s(cluster.server.pid) - used_s,
        "worker_us": sum(cpu_s(worker.pid) for worker in working),
        "shepherd_us": sum(map(cpu_s, shepherds)),
        "job_us": sum(map(children_cpu_s, shepherds)),
    }
    for worker in working:
        worker.end()
    spent_us = {name: seconds / count * 1e6 for name, seconds in spent_s.items()}
    return {"rate": cluster.journal.jobs_a_second(since, count), **spent_us}


def run_lines(lab: Lab, build: Build, count: int, workers: list[list[str]]) -> Readings:
    """The same on a fresh server, with jobs that one command has submitted."""
    with a_cluster(lab, build) as cluster:
        cluster.goq("sub", "lines@", str(cluster.write_lines("true", count)))
        return run_jobs(cluster, count, workers)


@contextmanager
def _lines(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    with a_cluster(lab, build) as deep:
        lab.say(f"queueing {counts.deep:,} jobs")
        deep.goq("sub", "lines@", str(deep.write_lines("true", counts.deep)))
        more = str(deep.write_lines("true", counts.jobs))

        def measure() -> Readings:
            deep.goq("sub", "lines@", more)
            deep.settle()
            return {
                **_within_loops(
                    lab, build, counts, lambda: run_lines(lab, build, counts.jobs, [["-j", "2"]])
                ),
                "vfork": vfork_loop(lab, counts.spawns),
                "deep": run_jobs(deep, counts.jobs, [["-j", "2"]])["rate"],
            }

        yield measure


@contextmanager
def _separate(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    def measure() -> Readings:
        with a_cluster(lab, build) as cluster:
            cluster.simulate("fill", counts.jobs, "true")
            return _within_loops(lab, build, counts, lambda: run_jobs(cluster, counts.jobs, [[], []]))

    yield measure


def _within_loops(lab: Lab, build: Build, counts: Counts, run: Measure) -> Readings:
    """A run with half of the spawn loop before it, and half after: what else goes on slows both."""
    before = spawn_loop(lab, build, counts.spawns // 2)
    readings = run()
    after = spawn_loop(lab, build, counts.spawns // 2)
    both = {
        "spawn": statistics.harmonic_mean([before["spawn"], after["spawn"]]),
        "spawn_us": statistics.mean([before["spawn_us"], after["spawn_us"]]),
    }
    return readings | both


_SPAWN = ("spawn", "spawn loop, 2 processes", Judged.RATIO)
_COSTS = (
    Row("  processor time a job: the job itself", "job_us", "us", "spawn_us", "in the spawn loop"),
    Row("  the server", "server_us", "us"),
    Row("  the workers", "worker_us", "us"),
    Row("  their shepherds", "shepherd_us", "us"),
)
FIGURES = (
    Figure(
        "lines",
        (
            Row("`true` jobs by lines@, one worker -j 2", "rate", "jobs/s", *_SPAWN, at_least(0.60)),
            Row("  beside the loop in C", "rate", "jobs/s", "vfork", "with vfork", Judged.RATIO),
            Row("  1,000,000 jobs wait", "deep", "jobs/s", "rate", "without", Judged.RATIO, at_least(0.90)),
            *_COSTS,
        ),
        _lines,
    ),
    Figure(
        "separate",
        (
            Row("`true` jobs one by one, two workers", "rate", "jobs/s", *_SPAWN, at_least(0.45)),
            *_COSTS,
        ),
        _separate,
    ),
)
