"""An idle worker's way from acceptance to first instruction, and a job's from `goq kill` to death."""

import os
import select
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.cluster import Cluster, a_cluster
from bench.figure import Counts, Figure, Judged, Measure, Readings, Row, at_most
from bench.figures.commands import IMPORTS
from bench.lab import HERE, Build, Lab
from bench.results import percentile


def _first_instruction_job(lab: Lab) -> str:
    """A program that prints the time at once; date where there is no compiler."""
    return str(lab.program("first") or "/bin/date")


@contextmanager
def _start(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    program = _first_instruction_job(lab)
    with a_cluster(lab, build) as cluster:
        cluster.work()
        cluster.wait_for_workers(1)

        def measure() -> Readings:
            floors = lab.run_json([build.python, str(HERE / "starting.py"), program, str(counts.latencies)])
            accepted = cluster.simulate("pace", counts.latencies, program, "+%s%N")
            taken_ms = [(int(cluster.output(job).read_text()) - at_ns) / 1e6 for job, at_ns in accepted]
            return {
                "p50": statistics.median(taken_ms),
                "p99": percentile(taken_ms, 99),
                "floor_p50": statistics.median(floors),
                "floor_p99": percentile(floors, 99),
            }

        yield measure


@contextmanager
def _kill(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    with a_cluster(lab, build) as cluster:
        cluster.work()
        cluster.wait_for_workers(1)

        def measure() -> Readings:
            rounds = [_kill_one(cluster) for _ in range(counts.kills)]
            return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}

        yield measure


def _kill_one(cluster: Cluster) -> Readings:
    """One job from its start to its death: milliseconds."""
    noted = cluster.folder / "pid"
    noted.unlink(missing_ok=True)
    cluster.goq("sub", "sh", "-c", f"echo $$ > {noted}.new && mv {noted}.new {noted}; exec sleep 1000")
    cluster.wait_until(noted.exists, "the job has started")
    imports_ms = cluster.wall_s([cluster.build.python, "-c", IMPORTS]) * 1000
    job = str(cluster.journal.last_job())
    started = time.perf_counter()
    command = cluster.start("kill", job)
    died, returned = _ends([int(noted.read_text()), command.pid])
    cluster.wait_until(lambda: command.has_ended, "goq kill has ended")
    cluster.wait_for_workers(1)
    return {
        "after_return": (died - returned) * 1000,
        "from_start": (died - started) * 1000,
        "imports": imports_ms,
    }


def _ends(pids: list[int]) -> list[float]:
    """When each of these processes has ended, in seconds of the performance counter."""
    at: dict[int, float] = {}
    poll = select.poll()
    fds = {pid: os.pidfd_open(pid) for pid in pids}
    for fd in fds.values():
        poll.register(fd, select.POLLIN)
    while len(at) < len(pids):
        for fd, _ in poll.poll():
            at[fd] = time.perf_counter()
            poll.unregister(fd)
    for fd in fds.values():
        os.close(fd)
    return [at[fds[pid]] for pid in pids]


_FLOOR = "bare posix_spawn"
FIGURES = (
    Figure(
        "start",
        (
            Row(
                "acceptance to first instruction, idle worker, p50",
                "p50",
                "ms",
                "floor_p50",
                _FLOOR,
                goal=at_most(3),
            ),
            Row(
                "acceptance to first instruction, idle worker, p99",
                "p99",
                "ms",
                "floor_p99",
                _FLOOR,
                goal=at_most(15),
            ),
        ),
        _start,
    ),
    Figure(
        "kill",
        (
            Row("kill: the command's return to the process's death", "after_return", "ms", goal=at_most(15)),
            Row(
                "  from the command's start",
                "from_start",
                "ms",
                "imports",
                "python with the three imports",
                Judged.EXCESS,
            ),
        ),
        _kill,
    ),
)
