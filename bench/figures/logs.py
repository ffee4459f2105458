"""A line's way from the job that writes it to the terminal of who follows it."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.cluster import Cluster, a_cluster
from bench.figure import Counts, Figure, Measure, Readings, Row, at_most
from bench.lab import Build, Lab
from bench.results import percentile

_WARM = 20  # lines, until the reader is there, and the worker knows of it
_WRITER = """
import random, sys, time
for _ in range(int(sys.argv[1])):
    print(time.time_ns(), flush=True)
    time.sleep(random.uniform(0.02, 0.3))
"""


@contextmanager
def _ready(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    with a_cluster(lab, build) as cluster:
        cluster.work()
        cluster.wait_for_workers(1)

        def measure() -> Readings:
            taken_ms = _follow(cluster, counts.latencies + _WARM)[_WARM:]
            return {"p50": percentile(taken_ms, 50), "p95": percentile(taken_ms, 95)}

        yield measure


def _follow(cluster: Cluster, count: int) -> list[float]:
    """How long each line took, in milliseconds."""
    job = cluster.goq("sub", "-q", cluster.build.python, "-c", _WRITER, str(count)).strip()
    argv = [cluster.build.goq, "logs", "-f", job]
    taken_ms: list[float] = []
    with subprocess.Popen(argv, env=cluster.env, cwd=cluster.folder, stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        rest = b""
        while piece := os.read(reader.stdout.fileno(), 65536):
            now_ns = time.time_ns()
            *lines, rest = (rest + piece).split(b"\n")
            taken_ms += [(now_ns - int(line)) / 1e6 for line in lines]
    return taken_ms


FIGURES = (
    Figure(
        "logs",
        (
            Row("goq logs -f: from a job's write to the reader, median", "p50", "ms"),
            Row("goq logs -f: from a job's write to the reader, 95 of 100", "p95", "ms", goal=at_most(300)),
        ),
        _ready,
    ),
)
