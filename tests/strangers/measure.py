"""What a flood and a crowd cost: measured at a real server, from the outside.

The honest side is a client that asks one question after the other (answers a second), and a
worker with more short jobs than it can run (jobs a second). Quiet and flooded times alternate,
and medians are compared, because a machine is rarely quiet for long.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from threading import Event, Thread

from system.cluster import Cluster
from system.proc import cpu_s, open_files, resident_kib

from strangers.others import Other

COMMANDS = 8  # descriptors of the honest commands of the moment
JOBS_A_SECOND = 2000  # more than a worker can run
BUNDLE = 50_000


@dataclass(frozen=True, slots=True)
class Slice:
    """Some seconds of honest work."""

    answers_a_second: float
    slowest_answer_s: float
    jobs_a_second: float
    server_cores: float


@dataclass(frozen=True, slots=True)
class Flooding:
    """What a flood did while it lasted."""

    frames_a_second: float
    cores: float


@dataclass
class FloodReport:
    """Alternating slices, and what the floods did."""

    quiet: list[Slice] = field(default_factory=list)
    flooded: list[Slice] = field(default_factory=list)
    floods: list[Flooding] = field(default_factory=list)
    refusing_cores: float = 0.0  # what the flood alone costs the server
    grown_kib: int = 0
    dropped: int = 0

    @property
    def cores(self) -> float:
        """What the flood takes of one core: for sending, and for being refused."""
        return median(flood.cores for flood in self.floods) + self.refusing_cores

    @property
    def share(self) -> float:
        """What the flood takes of the processor time that it and the server get together.

        On a machine with other work the server gets less than a core, and misses more of it.
        """
        sending = median(flood.cores for flood in self.floods)
        return self.cores / (sending + median(_all("server_cores", self.flooded)))

    def fall(self, figure: str) -> float:
        """By which part a figure is lower under the flood."""
        return 1 - median(_all(figure, self.flooded)) / median(_all(figure, self.quiet))

    def falls_too_far(self, figure: str) -> bool:
        """By more than the flood takes, and more than quiet times differ from each other."""
        return max(_all(figure, self.flooded)) < (1 - self.share) * min(_all(figure, self.quiet))

    def text(self) -> str:
        """For people."""
        rate = median(flood.frames_a_second for flood in self.floods)
        takes = (
            f"takes {self.cores:.1%} of a core ({self.refusing_cores:.1%} in the server),"
            f" {self.share:.1%} of what it and the server get"
        )
        lines = [f"flood of {rate:.0f} frames/s {takes}; dropped {self.dropped}, grown {self.grown_kib} KiB"]
        for figure in ("answers_a_second", "jobs_a_second", "slowest_answer_s", "server_cores"):
            quiet, flooded = (
                " ".join(f"{value:.4g}" for value in _all(figure, slices))
                for slices in (self.quiet, self.flooded)
            )
            lines.append(f"{figure}: quiet {quiet}; flooded {flooded}; falls by {self.fall(figure):.1%}")
        return "\n".join(lines)


def _all(figure: str, slices: list[Slice]) -> list[float]:
    return [getattr(one, figure) for one in slices]


def measure_flood(cluster: Cluster, rate: int, seconds: float, rounds: int) -> FloodReport:
    """Quiet and flooded slices in turn, `rounds` of each."""
    server = cluster.daemons[0].pid
    report = FloodReport()
    jobs = round(2 * rounds * (seconds + 1) * JOBS_A_SECOND)
    for done in range(0, jobs, BUNDLE):
        cluster.submit_lines(["true"] * min(BUNDLE, jobs - done))
    cluster.start_worker()
    cluster.wait_until(lambda: cluster.stat()["finishedJobsCount"] != "0", every_s=0.1)
    for _ in range(rounds):
        report.quiet.append(_slice(cluster, seconds))
        memory = resident_kib(server)
        with Other(cluster, "flood", cluster.port, rate) as flood:
            report.flooded.append(_slice(cluster, seconds))
            report.floods.append(_flooding(flood.end()))
        report.grown_kib = max(report.grown_kib, resident_kib(server) - memory)
    cluster.daemons[1].stop()
    report.refusing_cores = _cores_of_refusing(cluster, rate, seconds)
    report.dropped = int(cluster.stat()["droppedBadSigCount"])
    return report


def _slice(cluster: Cluster, seconds: float) -> Slice:
    """A client at work, and the worker that was there before."""
    server = cluster.daemons[0].pid
    ended, cpu, began = int(cluster.stat()["finishedJobsCount"]), cpu_s(server), time.monotonic()
    with Other(cluster, "honest", seconds) as client:
        told = client.told()
    elapsed_s, server_cpu_s = time.monotonic() - began, cpu_s(server) - cpu
    jobs = int(cluster.stat()["finishedJobsCount"]) - ended
    return Slice(
        told["answers"] / told["elapsed_s"], told["slowest_s"], jobs / elapsed_s, server_cpu_s / elapsed_s
    )


def _cores_of_refusing(cluster: Cluster, rate: int, seconds: float) -> float:
    """What the server uses when it has nothing else to do."""
    server = cluster.daemons[0].pid
    cpu = cpu_s(server)
    with Other(cluster, "flood", cluster.port, rate) as flood:
        time.sleep(seconds)
        told = flood.end()
    return float((cpu_s(server) - cpu) / told["elapsed_s"])


def _flooding(told: dict[str, float]) -> Flooding:
    return Flooding(told["frames"] / told["elapsed_s"], told["cpu_s"] / told["elapsed_s"])


# --- crowds ----------------------------------------------------------------------------------


@dataclass
class CrowdReport:
    """What an honest client met while a crowd came, stayed and was sent away."""

    peak_files: int = 0
    grown_kib: int = 0
    jobs_s: list[float] = field(default_factory=list)  # each from submission to the end
    given_back_s: float = 0.0  # from the last arrival until they were sent away
    held: list[dict[str, int]] = field(default_factory=list)  # by the second

    def text(self) -> str:
        """For people."""
        return (
            f"crowd: the server held up to {self.peak_files} descriptors and grew by {self.grown_kib} KiB;"
            f" {len(self.jobs_s)} honest jobs meanwhile, median {median(self.jobs_s):.3f} s,"
            f" slowest {max(self.jobs_s):.3f} s; given back after {self.given_back_s:.1f} s"
        )


def measure_crowd(
    cluster: Cluster, counts: list[int], *, until: int, within_s: float, tls: bool = False
) -> CrowdReport:
    """A crowd that stays as long as it is let; ends when the server holds so many of it, or fewer."""
    server = cluster.daemons[0].pid
    report, stop = CrowdReport(), Event()
    cluster.run("true")
    files, memory = open_files(server), resident_kib(server)

    def work_honestly() -> None:
        while not stop.is_set():
            began = time.monotonic()
            cluster.run("true")
            report.jobs_s.append(time.monotonic() - began)
            report.peak_files = max(report.peak_files, open_files(server))
            report.grown_kib = max(report.grown_kib, resident_kib(server) - memory)

    honest = Thread(target=work_honestly)
    with Other(cluster, "crowd", cluster.port, *counts, *(["tls"] if tls else [])) as crowd:
        honest.start()
        try:
            assert crowd.line() == "here\n"
            came = time.monotonic()
            for held in _by_the_second(crowd, came + within_s):
                report.held.append(held)
                if sum(held.values()) <= until and open_files(server) <= files + until + COMMANDS:
                    break
            report.given_back_s = time.monotonic() - came
        finally:
            stop.set()
            honest.join()
    return report


def _by_the_second(crowd: Other, deadline: float) -> Iterator[dict[str, int]]:
    while time.monotonic() < deadline:
        yield json.loads(crowd.line())
    raise AssertionError("the server keeps the crowd")
