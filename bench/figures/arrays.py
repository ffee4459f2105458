"""Submissions of very many jobs: what it takes to accept them, to keep them, to run them, to start again."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench.cluster import Cluster, a_cluster, memory_mb
from bench.figure import Counts, Figure, Judged, Measure, Readings, Row, at_least, at_most
from bench.figures.alone import WORKERS
from bench.figures.lines import run_jobs, run_lines
from bench.figures.waiting import restart_s
from bench.lab import Build, Lab

_TWO_PLACES = [["-j", "2"]]


def _submit(cluster: Cluster, count: int, *words: str) -> Readings:
    """One command submits so many jobs: its wall time, the memory of one that waits, and a restart with them."""
    empty = memory_mb(cluster.server.pid)
    floor_s = cluster.wall_s([cluster.build.goq, "sub", "--hold", "true"])
    taken_s = cluster.wall_s([cluster.build.goq, "sub", *words])
    memory = memory_mb(cluster.server.pid) - empty
    return {"s": taken_s, "floor_s": floor_s, "bytes": memory * 1e6 / count, "restart": restart_s(cluster)}


def _mostly_ended_s(lab: Lab, build: Build, count: int) -> float:
    """A restart with an array of which nine of ten tasks have ended, each for itself."""
    with a_cluster(lab, build) as cluster:
        cluster.goq("sub", "--array", f"1-{count}", "true")
        cluster.goq("hold", f"1.{count * 9 // 10 + 1}-{count}")
        cluster.start_simulation("work", WORKERS, 3600)
        cluster.wait_for_count(0, count * 9 // 10, count * 9 // 10)
        return restart_s(cluster)


@contextmanager
def _ready(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    def measure() -> Readings:
        with a_cluster(lab, build) as cluster:
            array = _submit(cluster, counts.deep, "--array", f"1-{counts.deep}", "true")
        with a_cluster(lab, build) as cluster:
            path = str(cluster.write_lines("true", counts.deep))
            lines = _submit(cluster, counts.deep, "lines@", path)
        ended = _mostly_ended_s(lab, build, counts.deep)
        array = {f"array_{name}": value for name, value in array.items()}
        return array | {f"lines_{name}": value for name, value in lines.items()} | {"ended": ended}

    yield measure


@contextmanager
def _running(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    def measure() -> Readings:
        plain = run_lines(lab, build, counts.array, _TWO_PLACES)
        with a_cluster(lab, build) as cluster:
            cluster.goq("sub", "--array", f"1-{counts.array}", "true")
            array = run_jobs(cluster, counts.array, _TWO_PLACES)
        return {"array": array["rate"], "plain": plain["rate"]}

    yield measure


_COMMAND = ("goq sub true", Judged.EXCESS)
FIGURES = (
    Figure(
        "arrays",
        (
            Row("goq sub --array 1-1000000", "array_s", "s", "array_floor_s", *_COMMAND, goal=at_most(0.1)),
            Row(
                "goq sub lines@, 1,000,000 lines", "lines_s", "s", "lines_floor_s", *_COMMAND, goal=at_most(2)
            ),
            Row("memory of a task of an array that waits", "array_bytes", "bytes", goal=at_most(1)),
            Row("  of a line", "lines_bytes", "bytes", goal=at_most(60)),
            Row(
                "restart to first answer, an array of 1,000,000 waits",
                "array_restart",
                "s",
                goal=at_most(0.5),
            ),
            Row("  a list of 1,000,000", "lines_restart", "s", goal=at_most(2)),
            Row("  an array, 900,000 of which have ended", "ended", "s", goal=at_most(1.5)),
        ),
        _ready,
    ),
    Figure(
        "array",
        (
            Row(
                "an array of 100,000 `true`, one worker -j 2",
                "array",
                "jobs/s",
                "plain",
                "by lines@",
                Judged.RATIO,
                at_least(0.97),
            ),
        ),
        _running,
    ),
)
