"""What a person waits for: whole commands, over the start of Python and of the libraries."""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager

from bench.cluster import a_cluster
from bench.figure import Counts, Figure, Judged, Measure, Readings, Row, at_most
from bench.lab import Build, Lab

IMPORTS = "import pynng, capnp, click"


def _argvs(build: Build) -> dict[str, list[str]]:
    return {
        "bare": [build.python, "-c", "pass"],
        "imports": [build.python, "-c", IMPORTS],
        "sub": [build.goq, "sub", "true"],
        "help": [build.goq, "--help"],
        "stat": [build.goq, "stat"],
    }


@contextmanager
def _ready(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    with a_cluster(lab, build) as cluster:
        argvs = _argvs(build)
        for argv in argvs.values():  # so that all is compiled and in memory
            cluster.wall_s(argv)

        def measure() -> Readings:
            rounds = [
                {name: cluster.wall_s(argv) * 1000 for name, argv in argvs.items()}
                for _ in range(counts.command_runs)
            ]
            return {name: statistics.median(each[name] for each in rounds) for name in argvs}

        yield measure


_FLOOR = ("imports", "python with the three imports", Judged.RATIO)
FIGURES = (
    Figure(
        "commands",
        (
            Row("goq sub true", "sub", "ms", *_FLOOR, at_most(1.20)),
            Row("goq sub true", "sub", "ms", "bare", "bare python", Judged.RATIO, at_most(5)),
            Row("goq --help", "help", "ms", *_FLOOR, at_most(1.2)),
            Row("goq stat", "stat", "ms", *_FLOOR, at_most(1.3)),
        ),
        _ready,
    ),
)
