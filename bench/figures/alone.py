"""The server alone: simulated workers say that they have run what they were given, at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench.ceilings import round_trips
from bench.cluster import Cluster, a_cluster, cpu_s
from bench.figure import Counts, Figure, Judged, Measure, Readings, Row, at_least
from bench.lab import Build, Lab

WORKERS = 8


def pass_through(cluster: Cluster, count: int, *submit: str) -> tuple[float, float]:
    """Jobs a second from the first submission to the last end, and a second of the server's CPU."""
    since = cluster.journal.last_event()
    used_s = cpu_s(cluster.server.pid)
    first = _submit(cluster, count, *submit)
    cluster.wait_for_count(since, first + count - 1, count)
    used_s = cpu_s(cluster.server.pid) - used_s
    taken_s = (cluster.journal.finish_ns(since, count) - cluster.journal.submission_ns(first)) / 1e9
    return count / taken_s, count / max(used_s, 0.01)


def _submit(cluster: Cluster, count: int, *submit: str) -> int:
    if submit:
        cluster.goq("sub", *submit)
        return cluster.journal.last_job() - count + 1
    return int(cluster.simulate("fill", count, "true")["first"])


@contextmanager
def _ready(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    with a_cluster(lab, build) as cluster:
        lines = str(cluster.write_lines("true", counts.jobs))
        cluster.start_simulation("work", WORKERS, 3600)
        cluster.wait_for_workers(WORKERS)

        def measure() -> Readings:
            ceiling = round_trips(lab, build, counts.round_trips)
            by_lines, by_lines_cpu = pass_through(cluster, counts.jobs, "lines@", lines)
            separate, separate_cpu = pass_through(cluster, counts.jobs)
            return {
                "lines": by_lines,
                "lines_cpu": by_lines_cpu,
                "separate": separate,
                "separate_cpu": separate_cpu,
                "round_trips": ceiling,
            }

        yield measure


_CEILING = ("round_trips", "bare round trips/s", Judged.ITSELF)
FIGURES = (
    Figure(
        "alone",
        (
            Row("server alone, 8 simulated workers, lines@", "lines", "jobs/s", *_CEILING, at_least(6_000)),
            Row("  a second of the server's CPU", "lines_cpu", "jobs/s"),
            Row(
                "  each job submitted separately meanwhile", "separate", "jobs/s", *_CEILING, at_least(6_000)
            ),
            Row("  a second of the server's CPU", "separate_cpu", "jobs/s"),
        ),
        _ready,
    ),
)
