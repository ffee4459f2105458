"""One job with a long output: how fast it comes to the server's disk, and in how much memory."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench.cluster import a_cluster, memory_mb
from bench.figure import Counts, Figure, Judged, Measure, Readings, Row, at_least, at_most
from bench.lab import Build, Failed, Lab


@contextmanager
def _ready(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    size = counts.output_bytes

    def measure() -> Readings:
        with a_cluster(lab, build) as cluster:
            pipe_s = cluster.wall_s(["sh", "-c", f"head -c {size} /dev/zero | cat > piped"])
            (cluster.folder / "piped").unlink()
            worker = cluster.work()
            cluster.wait_for_workers(1)
            since = cluster.journal.last_event()
            cluster.goq("sub", "head", "-c", str(size), "/dev/zero")
            cluster.wait_for_count(since, 1, 1)
            if cluster.output(1).stat().st_size != size:
                raise Failed("the output is not as long as what was written")
            cluster.output(1).unlink()
            return {
                "output": cluster.journal.jobs_a_second(since, 1) * size / 1e6,
                "pipe": size / 1e6 / pipe_s,
                "server": memory_mb(cluster.server.pid, "VmHWM"),
                "worker": memory_mb(worker.pid, "VmHWM"),
            }

    yield measure


FIGURES = (
    Figure(
        "output",
        (
            Row(
                "1 GB of output from one job",
                "output",
                "MB/s",
                "pipe",
                "cat through a pipe",
                Judged.RATIO,
                at_least(0.3),
            ),
            Row("  the server's memory, at most", "server", "MB", goal=at_most(100)),
            Row("  the worker's memory, at most", "worker", "MB", goal=at_most(100)),
        ),
        _ready,
    ),
)
