"""What it costs to run jobs as their owners: `true` after `true` through a root's shepherd, as itself and as others, in turn.

In short turns, so that whatever else the machine does hits all ways alike; each figure is a median of pairs,
of jobs that run as their owners over jobs that run as the worker in the turn beside it. On a machine that is busy otherwise
the processor time of all three says more, the shepherd, its jobs, and who tells it what to start. Needs root.

    python scripts/owner_cost.py [--jobs 100] [--rounds 40] [--owners nobody,daemon]
"""

import argparse
import os
import select
import statistics
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

from goq.adapters.jobs.executor import Executor, Stopped
from goq.adapters.jobs.launcher import Launcher
from goq.adapters.jobs.owners import AS_ITSELF, Identity
from goq.core.values.ids import join_argv, join_environment

IN_HAND = 4  # jobs that a shepherd knows of, as when they are short
ENVIRONMENT = {b"PATH": b"/usr/local/bin:/usr/bin:/bin"}


class Herder:
    """Has one job after the other run, by these owners in turn."""

    def __init__(self, launcher: Launcher, folder: Path, identity: Identity, owners: list[str]) -> None:
        self._output = folder / f"out.{os.urandom(4).hex()}"
        scratch = folder / os.urandom(4).hex() / "0"
        scratch.parent.mkdir(mode=0o711)
        self._executor = Executor(launcher, scratch=scratch, identity=identity)
        self._owners = cycle(owners)
        self._jobs, self._cpu_s = 0, 0.0
        self.rates: list[float] = []

    def run(self, jobs: int) -> None:
        """So many, and how many a second those were."""
        before, cpu_s = time.perf_counter(), time.process_time()
        for _ in range(IN_HAND):
            self._start()
        ended, started = 0, IN_HAND
        while ended < jobs:
            select.select([self._executor], [], [])
            for event in self._executor.events():
                if not isinstance(event, Stopped) or event.problem:
                    sys.exit(f"a job could not be run: {event}")
                ended += 1
                self._cpu_s += event.cpu_s
                if started < jobs:
                    self._start()
                    started += 1
        self._jobs += jobs
        self._cpu_s += time.process_time() - cpu_s
        self.rates.append(jobs / (time.perf_counter() - before))

    def _start(self) -> None:
        argv, environment = join_argv([b"true"]), join_environment(ENVIRONMENT)
        self._executor.start(argv, b"/", environment, {}, self._output, owner=next(self._owners))
        self._executor.go()

    def cpu_us(self) -> float:
        """The processor time for each job."""
        shepherd_ns = int(Path(f"/proc/{self._executor.pid}/schedstat").read_text().split()[0])
        return (self._cpu_s * 1e6 + shepherd_ns / 1000) / self._jobs

    def close(self) -> None:
        self._executor.close()


def measure(jobs: int, rounds: int, owners: list[str], folder: Path) -> None:
    launcher = Launcher(ENVIRONMENT)
    as_owner = Identity(as_owner=True)
    ways = {
        "as the worker": Herder(launcher, folder, AS_ITSELF, owners),
        "as one owner": Herder(launcher, folder, as_owner, owners[:1]),
        "as two owners by turns": Herder(launcher, folder, as_owner, owners),
    }
    for number in range(rounds):
        for herder in ways.values() if number % 2 else reversed(ways.values()):
            herder.run(jobs)
    itself, itself_us = ways["as the worker"].rates, ways["as the worker"].cpu_us()
    for way, herder in ways.items():
        ratio = statistics.median(mine / other for mine, other in zip(herder.rates, itself, strict=True))
        rate, cpu_us = statistics.median(herder.rates), herder.cpu_us()
        print(
            f"{way:23} {rate:6.0f} jobs/s, {ratio:.3f} of as the worker;"
            f" {cpu_us:5.0f} us of processor a job, so {itself_us / cpu_us:.3f}"
        )
        herder.close()
    launcher.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--owners", default="nobody,daemon")
    given = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("only root can run jobs as others")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o711)
        measure(given.jobs, given.rounds, given.owners.split(","), Path(folder))


if __name__ == "__main__":
    main()
