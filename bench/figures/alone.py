"""The server alone: simulated workers say that they have run what they were given, at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench.ceilings import round_trips
from bench.cluster import Cluster, a_cluster, cpu_s
from bench.figure import Counts, Figure, Judged, Measure, Readings, Row, at_least
from bench.lab import Build, Lab

WORKERS = 8


def pass_through(lab: Lab, build: Build, count: int, workers: int, *, separately: bool) -> Readings:
    """Jobs on their way through a fresh server.

    `rate` is jobs a second from the first submission to the last end; `cpu` is jobs a second
    of the server's processor time.
    """
    with a_cluster(lab, build) as cluster:
        cluster.start_simulation("work", workers, 3600)
        cluster.wait_for_workers(workers)
        since = cluster.journal.last_event()
        used_s = cpu_s(cluster.server.pid)
        _submit(cluster, count, separately=separately)
        cluster.wait_for_count(since, count, count)
        used_s = cpu_s(cluster.server.pid) - used_s
        taken_s = (cluster.journal.finish_ns(since, count) - cluster.journal.submission_ns(1)) / 1e9
        return {"rate": count / taken_s, "cpu": count / max(used_s, 0.01)}


def _submit(cluster: Cluster, count: int, *, separately: bool) -> None:
    if separately:
        cluster.simulate("fill", count, "true")
    else:
        cluster.goq("sub", "lines@", str(cluster.write_lines("true", count)))


@contextmanager
def _ready(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    def measure() -> Readings:
        ceiling = round_trips(lab, build, counts.round_trips)
        lines = pass_through(lab, build, counts.jobs, WORKERS, separately=False)
        separate = pass_through(lab, build, counts.jobs, WORKERS, separately=True)
        return {
            "lines": lines["rate"],
            "lines_cpu": lines["cpu"],
            "separate": separate["rate"],
            "separate_cpu": separate["cpu"],
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
