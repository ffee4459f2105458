"""Throughput over the length of the queue and over the number of workers: what the picture shows."""

from contextlib import ExitStack
from dataclasses import dataclass

from bench.ceilings import spawn_loop
from bench.cluster import Cluster, a_cluster
from bench.figure import FULL, TINY, Counts
from bench.figures.alone import pass_through
from bench.figures.lines import run_jobs, run_lines
from bench.lab import Build, Lab
from bench.table import shown

Curve = dict[str, list[float]]  # by the place on the axis, the rates of all repetitions


@dataclass(frozen=True, slots=True)
class Places:
    """Where on the axes it is measured, and with how many jobs each."""

    lengths: tuple[int, ...]
    slots: tuple[int, ...]
    simulated: tuple[int, ...]
    jobs: int


def places(counts: Counts) -> Places:
    """As many as the counts stand for."""
    if counts is TINY:
        return Places((10, 20), (1, 2), (1, 2), 10)
    longest = counts.deep
    lengths = tuple(10**power for power in range(3, 7) if 10**power <= longest)
    jobs = 2_000 if counts is FULL else 500
    return Places(lengths, (1, 2, 4, 8, 16), (1, 2, 4, 8, 16, 64, 256), jobs)


def measure(lab: Lab, build: Build, counts: Counts, times: int) -> dict[str, Curve]:
    """All points, each once a repetition."""
    where = places(counts)
    curves: dict[str, Curve] = {"queue": {}, "slots": {}, "processes": {}, "simulated": {}, "spawn": {"": []}}
    with ExitStack() as stack:
        long = {length: stack.enter_context(a_cluster(lab, build)) for length in where.lengths}
        for length, cluster in long.items():
            lab.say(f"queueing {length:,} jobs")
            _fill(cluster, length)
        for number in range(1, times + 1):
            lab.say(f"curves {number}/{times}")
            curves["spawn"][""].append(spawn_loop(lab, build, counts.spawns)["spawn"])
            for length, cluster in long.items():
                _note(lab, curves, "queue", length, _from_queue(cluster, min(length, where.jobs)))
            for slots in where.slots:
                one = run_lines(lab, build, where.jobs, [["-j", str(slots)]])
                _note(lab, curves, "slots", slots, one["rate"])
                many = run_lines(lab, build, where.jobs, [[]] * slots)
                _note(lab, curves, "processes", slots, many["rate"])
            for workers in where.simulated:
                passed = pass_through(lab, build, where.jobs, workers, separately=False)
                _note(lab, curves, "simulated", workers, passed["rate"])
    return curves


def _note(lab: Lab, curves: dict[str, Curve], curve: str, place: int, rate: float) -> None:
    lab.say(f"{curve} {place:,}: {shown(rate)} jobs/s")
    curves[curve].setdefault(str(place), []).append(rate)


def _fill(cluster: Cluster, count: int) -> None:
    cluster.goq("sub", "lines@", str(cluster.write_lines("true", count)))


def _from_queue(cluster: Cluster, jobs: int) -> float:
    cluster.settle()
    rate = run_jobs(cluster, jobs, [["-j", "2"]])["rate"]
    _fill(cluster, jobs)
    return rate
