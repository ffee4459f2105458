"""A host that is not well: what it cannot start goes to others, and a shutdown is no end of a job."""

import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest

from system.cluster import Cluster, Daemon
from system.jobs import held_until, shell, touch
from system.proc import children, shepherds

# --- what every job needs ----------------------------------------------------------------------


def spool_of(worker: Daemon) -> Path:
    """The folder of a worker's outputs, which it keeps locked."""
    opened = [Path(os.readlink(f"/proc/{worker.pid}/fd/{fd}")) for fd in os.listdir(f"/proc/{worker.pid}/fd")]
    (out,) = {path.parent for path in opened if path.name.endswith(".out")}
    return out


@contextmanager
def renamed(worker: Daemon) -> Iterator[None]:
    """The worker's spool is not where it was."""
    folder = spool_of(worker)
    away = folder.with_name(f".{folder.name}.away")
    folder.rename(away)
    yield
    away.rename(folder)


@contextmanager
def replaced(worker: Daemon) -> Iterator[None]:
    """The worker's spool was removed, and its place is taken."""
    folder = spool_of(worker)
    shutil.rmtree(folder)
    folder.write_text("somebody's file")
    yield
    folder.unlink()
    folder.mkdir(mode=0o700)


@contextmanager
def without_descriptors(worker: Daemon) -> Iterator[None]:
    """What starts the worker's jobs may not open another file."""
    (shepherd,) = shepherds(worker.pid)
    before = resource.prlimit(shepherd, resource.RLIMIT_NOFILE)
    resource.prlimit(shepherd, resource.RLIMIT_NOFILE, (3, before[1]))
    yield
    resource.prlimit(shepherd, resource.RLIMIT_NOFILE, before)


Illness = Callable[[Daemon], AbstractContextManager[None]]


@pytest.mark.parametrize("ill", [renamed, replaced, without_descriptors])
def test_a_host_that_lacks_what_every_job_needs_ends_none(working: Cluster, ill: Illness) -> None:
    """Its jobs go back, it asks for none for a while, says so once, and goes on when it is well."""
    worker = working.daemons[1]
    assert b"well\n" == working.run("echo", "well")
    with ill(worker):
        jobs = working.submit_lines([f"echo {number}" for number in range(20)])
        working.wait_until(lambda: "no job can be started on this host" in worker.text())
        working.wait_for_stat(runQlen=0, waitingJobs=20)
        counters = working.stat()
    statuses = working.statuses(list(jobs))

    assert "1" == counters["finishedJobsCount"], "no job has ended because of its host"
    assert [0] * 20 == statuses
    assert [b"%d\n" % number for number in range(20)] == [working.output(job) for job in jobs]
    working.wait_until(lambda: "jobs start on this host again" in worker.text())
    assert 1 == worker.text().count("no job can be started on this host")
    assert "Traceback" not in worker.text()


@pytest.mark.parametrize("ill", [renamed, replaced])
@pytest.mark.parametrize("size", [10, 200_000])
def test_a_job_that_runs_outlives_the_spool_that_it_writes_to(
    working: Cluster, ill: Illness, size: int
) -> None:
    """What was and is written reaches the server, short or long, and the worker lives on."""
    worker = working.daemons[1]
    gate, ready = working.folder / "gate", working.folder / "ready"
    script = 'head -c $3 /dev/zero; touch "$2"; until test -e "$1"; do sleep 0.05; done; echo end'
    job = working.submit(*shell(script, gate, ready, size))
    working.wait_until(ready.exists)
    with ill(worker):
        file = working.output_file(job)
        working.wait_until(lambda: file.exists() and file.stat().st_size == size)
        touch(gate)
        status = working.status(job)

    assert 0 == status
    assert bytes(size) + b"end\n" == working.output(job)
    assert b"well\n" == working.run("echo", "well")
    assert "Traceback" not in worker.text()


def test_others_run_what_a_sick_host_cannot(working: Cluster) -> None:
    """They need not wait until it is well."""
    sick = working.daemons[1]
    working.run("true")
    with renamed(sick):
        jobs = working.submit_lines(["echo here"] * 10)
        working.wait_until(lambda: "no job can be started on this host" in sick.text())
        working.start_worker()
        statuses = working.statuses(list(jobs))

    assert [0] * 10 == statuses


# --- shepherds that die ------------------------------------------------------------------------


def kill_each_shepherd(cluster: Cluster, worker: Daemon, spared: int = 0) -> int:
    """Kill the worker's shepherds as they come, but for one, until it has ended; how many there were."""
    seen = {spared}

    def kill_those_there() -> bool:
        for pid in shepherds_of(worker) - seen:
            seen.add(pid)
            os.kill(pid, signal.SIGKILL)
        return not worker.alive

    cluster.wait_until(kill_those_there, within_s=60)
    return len(seen) - 1


def shepherds_of(worker: Daemon) -> set[int]:
    """The shepherds of a worker that may have ended."""
    try:
        return set(shepherds(worker.pid))
    except OSError:
        return set()


@pytest.mark.parametrize("slots", ["1", "3"])
def test_a_worker_whose_shepherds_all_die_gives_up(served: Cluster, slots: str) -> None:
    """It says why and fails, so that a service manager starts another; no job has ended because of it."""
    worker = served.start_worker("forever", "-j", slots)
    served.wait_for_stat(waitingWorkers=int(slots))
    killed = kill_each_shepherd(served, worker)
    job = served.submit("true")
    served.start_worker()

    assert 5 <= killed <= 5 + 2 * int(slots)
    assert 1 == worker.wait()
    assert "cannot go on: its processes that start jobs die before they have begun one" in worker.text()
    assert "Traceback" not in worker.text()
    assert 0 == served.status(job)


def test_what_a_dying_worker_holds_is_handed_back(served: Cluster) -> None:
    """A job that runs at another place is killed, waits, and runs elsewhere as attempt 2."""
    worker = served.start_worker("forever", "-j", "2")
    gate = served.folder / "gate"
    served.wait_for_stat(waitingWorkers=2)
    idle = shepherds_of(worker)
    job = served.submit(*held_until(gate, "echo $GOQ_ATTEMPT"))
    busy = served.wait_until(lambda: next((pid for pid in idle if children(pid)), 0))
    kill_each_shepherd(served, worker, spared=busy)
    touch(gate)
    served.start_worker()

    assert 1 == worker.wait()
    assert 0 == served.status(job)
    assert b"2\n" == served.output(job)


# --- a shutdown that begins with the jobs ------------------------------------------------------


def tree_of(pid: int) -> list[int]:
    """A process and all below it, children first."""
    return [each for child in children(pid) for each in tree_of(child)] + [pid]


WAYS = {
    "exec": 'test -e "$1" || { touch "$2"; exec sleep 1000; }; echo $GOQ_ATTEMPT',
    "child": 'test -e "$1" || { touch "$2"; sleep 1000; sleep 1000; }; echo $GOQ_ATTEMPT',
    "status": 'test -e "$1" || { sleep 1000 & touch "$2"; wait $!; exit $?; }; echo $GOQ_ATTEMPT',
    "python": f'test -e "$1" || {{ touch "$2"; exec {sys.executable} -c "import time; time.sleep(1000)"; }}; echo $GOQ_ATTEMPT',
}


@pytest.mark.parametrize("way", WAYS)
def test_a_shutdown_of_everything_at_once_hands_jobs_back(working: Cluster, way: str) -> None:
    """SIGTERM to the whole tree, children first, as some hosts do it: the job is to run elsewhere."""
    gate, ready = working.folder / "gate", working.folder / "ready"
    job = working.submit(*shell(WAYS[way], gate, ready))
    working.wait_until(ready.exists)
    worker = working.daemons[1]
    for pid in tree_of(worker.pid):
        with suppress(ProcessLookupError):  # what the job ran before has just ended
            os.kill(pid, signal.SIGTERM)
    code = worker.wait()
    counters = working.stat()
    touch(gate)
    working.start_worker()

    assert 0 == code
    assert ("0", "1") == (counters["finishedJobsCount"], counters["waitingJobs"])
    assert 0 == working.status(job)
    assert b"2\n" == working.output(job)


@pytest.mark.parametrize("script", ["kill $$", "sleep 1000 & kill $!; wait $!; exit $?", "exit 143"])
def test_a_job_that_ends_by_its_own_sigterm_has_ended(working: Cluster, script: str) -> None:
    """Nobody shuts the host down: it is what the job did."""
    job = working.submit(*shell(script))
    statuses = working.statuses([job])
    working.run("true")

    assert [143] == statuses
    assert 1 == working.daemons[1].text().count(f"starting job {job}:")
