"""What a shepherd costs, and its cgroup: jobs started and seen to their end a second, `true` each.

In short turns, so that whatever else the machine does hits all of them: a bare loop that starts
the job itself, a shepherd, and a shepherd in a cgroup; with one job at a time, and with two.

    python scripts/shepherd_cost.py [--jobs 100] [--rounds 50]
"""

import argparse
import os
import select
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from goq.adapters.jobs.cgroups import WorkerCgroup
from goq.adapters.jobs.executor import Executor, Stopped
from goq.adapters.jobs.launcher import Launcher
from goq.adapters.jobs.spawning import spawn
from goq.core.values.ids import join_argv, join_environment

IN_HAND = 4  # jobs that a shepherd knows of, as when they are short
ENVIRONMENT = {b"PATH": b"/usr/local/bin:/usr/bin:/bin"}


def bare(slots: int, jobs: int, folder: Path) -> None:
    """A loop in a process of its own for each slot."""
    loops = []
    for slot in range(slots):
        loop = os.fork()
        if not loop:
            bare_loop(jobs // slots, bytes(folder / f"out.{slot}"))
            os._exit(0)
        loops.append(loop)
    for loop in loops:
        os.waitpid(loop, 0)


def bare_loop(jobs: int, output: bytes) -> None:
    for _ in range(jobs):
        fileno = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.wait4(spawn([b"true"], b"/", ENVIRONMENT, fileno), 0)
        os.close(fileno)


def herded(executors: list[Executor], jobs: int, folder: Path) -> None:
    """One shepherd a slot; this process tells them what to start, as a worker does."""
    by_fileno = {executor.fileno(): executor for executor in executors}
    poll = select.poll()
    for fileno, executor in by_fileno.items():
        poll.register(fileno, select.POLLIN)
        for _ in range(IN_HAND):
            start(executor, folder)
    started, ended = IN_HAND * len(executors), 0
    while ended < jobs:
        for fileno, _ in poll.poll():
            executor = by_fileno[fileno]
            ends = [event for event in executor.events() if isinstance(event, Stopped)]
            ended += len(ends)
            for _ in ends:
                if started < jobs:
                    start(executor, folder)
                    started += 1


def start(executor: Executor, folder: Path) -> None:
    output = folder / f"out.{executor.pid}"
    executor.start(join_argv([b"true"]), b"/", join_environment(ENVIRONMENT), {}, output)
    executor.go()


def rate(jobs: int, run: Callable[[], None]) -> float:
    before = time.perf_counter()
    run()
    return jobs / (time.perf_counter() - before)


def measure(slots: int, jobs: int, rounds: int, folder: Path) -> None:
    group = WorkerCgroup.make(f"cost-{os.getpid()}")
    launcher = Launcher(ENVIRONMENT)
    plain = [Executor(launcher) for _ in range(slots)]
    grouped = [Executor(launcher, group.slot(slot)) for slot in range(slots)] if group else []
    ways: dict[str, Callable[[], None]] = {
        "bare loop": lambda: bare(slots, jobs, folder),
        "shepherd": lambda: herded(plain, jobs, folder),
    }
    if grouped:
        ways["shepherd in a cgroup"] = lambda: herded(grouped, jobs, folder)
    rates: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, run in ways.items():
            rates[way].append(rate(jobs, run))
    floor = statistics.median(rates["bare loop"])
    for way, found in rates.items():
        middle = statistics.median(found)
        spread = f"{min(found):.0f} .. {max(found):.0f}"
        print(
            f"{slots} at a time, {way:20} {middle:6.0f}/s ({spread}), {middle / floor:.2f} of the bare loop"
        )
    for executor in (*plain, *grouped):
        executor.close()
    launcher.close()
    if group:
        group.remove()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for slots in (1, 2):
            measure(slots, given.jobs, given.rounds, Path(folder))


if __name__ == "__main__":
    main()
