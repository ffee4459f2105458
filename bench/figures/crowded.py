"""A queue in which jobs differ: many lanes; jobs that wait for others; changes of very many at once."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.cluster import Cluster, a_cluster
from bench.figure import Counts, Figure, Judged, Measure, Readings, Row, at_least, at_most
from bench.figures.alone import WORKERS, pass_through
from bench.figures.commands import IMPORTS
from bench.lab import Build, Lab, Running

_CHANGES = {
    "hold": ["hold"],
    "release": ["release"],
    "alter": ["alter", "--time", "1h"],
    "kill": ["kill", "--yes"],
}


def _rate(cluster: Cluster, count: int) -> float:
    """Jobs a second through simulated workers that come to a queue which is there."""
    since = cluster.journal.last_event()
    workers = cluster.start_simulation("work", WORKERS, 3600)
    cluster.wait_until(
        lambda: cluster.journal.finished_since(since) >= count, f"{count} jobs have finished", every_s=0.02
    )
    workers.end()
    return cluster.journal.jobs_a_second(since, count)


@contextmanager
def _lanes(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    with a_cluster(lab, build) as cluster, a_cluster(lab, build) as plain:
        lab.say(f"queueing {counts.deep:,} jobs in {counts.lanes:,} lanes, and as many in one")
        cluster.simulate("lanes", counts.lanes, counts.deep // counts.lanes)
        plain.goq("sub", "--array", f"1-{counts.deep}", "true")

        def measure() -> Readings:
            return {"lanes": _rate(cluster, counts.jobs), "plain": _rate(plain, counts.jobs)}

        yield measure


def _opened_ms(lab: Lab, build: Build, count: int) -> float:
    """From the end of a job until the first of those that waited for it has ended as well."""
    with a_cluster(lab, build) as cluster:
        first = int(cluster.goq("sub", "-q", "true").strip())
        cluster.goq("hold", str(first))
        cluster.simulate("behind", count, first)
        cluster.work("-j", "2")
        cluster.goq("release", str(first))
        cluster.wait_until(lambda: cluster.journal.finished_since(0) >= 2, "a second job has ended")
        return (cluster.journal.finish_ns(0, 2) - cluster.journal.finish_ns(0, 1)) / 1e6


def _pairs(lab: Lab, build: Build, count: int) -> float:
    """Jobs a second of an array, and of another whose tasks wait for those of the first."""
    with a_cluster(lab, build) as cluster:
        cluster.goq("sub", "--array", f"1-{count}", "true")
        cluster.goq("sub", "--array", f"1-{count}", "--after-each", "1", "true")
        return _rate(cluster, 2 * count)


@contextmanager
def _behind(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    def measure() -> Readings:
        return {
            "opened": _opened_ms(lab, build, counts.dependants),
            "pairs": _pairs(lab, build, counts.pairs),
            "plain": pass_through(lab, build, 2 * counts.pairs, WORKERS, separately=False)["rate"],
        }

    yield measure


def _longest_ms(cluster: Cluster, meanwhile: list[str]) -> tuple[float, float]:
    """How long a command takes; and how long, at the most, the server gave no answer to others meanwhile."""
    watch: Running = cluster.start_simulation("pulse", 0, cluster.folder / "pulse")
    pulse = cluster.folder / "pulse"
    cluster.wait_until(pulse.exists, "the server is asked again and again")
    started = time.perf_counter()
    cluster.goq(*meanwhile)
    taken_ms = (time.perf_counter() - started) * 1000
    watch.end()
    longest_ms = max(float(line) for line in pulse.read_text().splitlines())
    pulse.unlink()
    return taken_ms, longest_ms


@contextmanager
def _changes(lab: Lab, build: Build, counts: Counts) -> Iterator[Measure]:
    with a_cluster(lab, build) as striped:
        lab.say(f"queueing {counts.stripes:,} pairs of tasks")
        striped.simulate("stripes", counts.stripes)

        def measure() -> Readings:
            readings: Readings = {}
            with a_cluster(lab, build) as cluster:
                cluster.goq("sub", "--array", f"1-{counts.deep}", "true")
                floor = [cluster.wall_s([build.python, "-c", IMPORTS]) * 1000 for _ in range(counts.stats)]
                for name, words in _CHANGES.items():
                    readings[name] = cluster.wall_s([build.goq, *words, "1"]) * 1000
            readings["imports"] = statistics.median(floor)
            for words in (["hold"], ["release"]):
                taken_ms, longest_ms = _longest_ms(striped, [*words, "tag:second"])
                readings["striped"] = max(taken_ms, readings.get("striped", 0))
                readings["slice"] = max(longest_ms, readings.get("slice", 0))
            return readings

        yield measure


_FLOOR = ("imports", "python with the three imports", Judged.EXCESS)
FIGURES = (
    Figure(
        "lanes",
        (
            Row(
                "server alone, 1,000,000 wait in 1,000 lanes",
                "lanes",
                "jobs/s",
                "plain",
                "in one lane",
                Judged.RATIO,
                at_least(0.6),
            ),
        ),
        _lanes,
    ),
    Figure(
        "behind",
        (
            Row("10,000 wait for one job: from its end to the next one", "opened", "ms", goal=at_most(50)),
            Row(
                "server alone, 100,000 pairs, element by element",
                "pairs",
                "jobs/s",
                "plain",
                "without",
                Judged.RATIO,
                at_least(0.5),
            ),
        ),
        _behind,
    ),
    Figure(
        "changes",
        (
            *(
                Row(f"goq {name} of an array of 1,000,000", name, "ms", *_FLOOR, at_most(200))
                for name in _CHANGES
            ),
            Row("goq hold of every second of 500,000 pairs", "striped", "ms"),
            Row("  the longest time without an answer meanwhile", "slice", "ms", goal=at_most(20)),
        ),
        _changes,
    ),
)
