"""goq's files are replaced, moved or removed under a worker that runs: an upgrade, a venv that moves."""

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

import goq
from system.cluster import Cluster, Daemon
from system.jobs import JOB_MARK, held_until, shell, touch
from system.proc import children, marked_pids, shepherds

START = """
import os, sys
sys.argv.pop(1)
sys.path[:] = ["dropped", {lib!r}, *(each for each in sys.path if not os.path.exists(each + "/goq/__init__.py"))]
from goq.__main__ import main
main()
"""


@pytest.fixture
def lib(served: Cluster) -> Path:
    """An installation of goq for the worker alone."""
    place = served.folder / "lib"
    shutil.copytree(Path(goq.__file__).parent, place / "goq", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(Path(goq.__file__).parent.parent / "schema", place / "schema")
    (served.folder / "start.py").write_text(START.format(lib=str(place)))
    return place


def start_worker(cluster: Cluster) -> Daemon:
    """A worker of that installation, at work."""
    worker = cluster.start_worker(prefix=[sys.executable, "-B", str(cluster.folder / "start.py")])
    cluster.wait_for_stat(waitingWorkers=1)
    return worker


def move(lib: Path) -> None:
    lib.rename(lib.with_name("elsewhere"))


def empty(lib: Path) -> None:
    shutil.rmtree(lib / "goq")


def upgrade(lib: Path) -> None:
    (lib / "goq" / "__init__.py").write_text('__version__ = "99.0"\n')


@pytest.mark.parametrize("befall", [move, empty, upgrade])
def test_a_worker_goes_on_without_the_files_that_it_was_started_from(
    served: Cluster, lib: Path, befall: object
) -> None:
    """Each job that it gets runs, also when its shepherd has to be replaced; none ends that never began."""
    worker = start_worker(served)
    assert callable(befall)
    befall(lib)
    for _ in range(3):
        assert b"before\n" == served.run("echo", "before")
        (shepherd,) = shepherds(worker.pid)
        os.kill(shepherd, signal.SIGKILL)
    job = served.submit(*shell("echo begun; exec sleep 300"), env={JOB_MARK: served.mark})
    served.wait_until(lambda: served.output_file(job).exists() and served.output(job) == b"begun\n")
    (shepherd,) = shepherds(worker.pid)
    os.kill(shepherd, signal.SIGKILL)

    assert 137 == served.status(job)
    assert [] == marked_pids(JOB_MARK, served.mark)
    assert b"after\n" == served.run("echo", "after")
    assert worker.alive
    assert 0 == worker.stop()


@pytest.mark.parametrize(
    ("befall", "words"),
    [(move, "goq may have been moved or removed"), (upgrade, "goq was replaced under this worker")],
)
def test_a_worker_that_can_start_nothing_any_more_says_why_and_exits(
    served: Cluster, lib: Path, befall: object, words: str
) -> None:
    """A service manager starts the new version; what it held is run by whoever is there."""
    worker = start_worker(served)
    gate = served.folder / "gate"
    assert callable(befall)
    befall(lib)
    for pid in children(worker.pid):
        os.kill(pid, signal.SIGKILL)
    worker.may_end = True
    job = served.submit(*held_until(gate, "echo $GOQ_ATTEMPT"))
    code = worker.wait(within_s=90)
    touch(gate)
    served.start_worker()

    assert 1 == code
    assert words in worker.text().splitlines()[-1]
    assert "Traceback" not in worker.text()
    assert 0 == served.status(job)


def test_a_killed_template_alone_costs_nothing(working: Cluster) -> None:
    """The files are there: another one is made of them when it is needed."""
    worker = working.daemons[1]
    working.run("true")
    (shepherd,) = shepherds(worker.pid)
    for pid in set(children(worker.pid)) - {shepherd}:
        os.kill(pid, signal.SIGKILL)
    assert b"1\n" == working.run("echo", "1")
    os.kill(shepherd, signal.SIGKILL)

    assert b"2\n" == working.run("setsid", "echo", "2")
    assert worker.alive
