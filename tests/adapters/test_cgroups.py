"""Jobs in cgroups of their own: what outruns a kill of process by process dies all the same."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.herd import SHELL, Herd, marked
from adapters.until import wait_until
from goq.adapters.jobs.cgroups import JobCgroup, WorkerCgroup, kill_left_behind, own_group
from goq.adapters.jobs.executor import Executor, ShepherdDied, Stopped

LIFE_S = 60
# Chains of processes: each link forks the next one, in a new session, and ends.
CHAINS = f"""
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
end = time.monotonic() + {LIFE_S}
for _ in range(%d):
    if os.fork() == 0:
        while time.monotonic() < end:
            if os.fork():
                os._exit(0)
            os.setsid()
        os._exit(0)
print("lit", flush=True)
time.sleep({LIFE_S})
"""


@pytest.fixture(name="worker")
def _worker() -> Iterator[WorkerCgroup]:
    """A worker's group; where the machine allows none the test is skipped, but not in CI as root."""
    made = WorkerCgroup.make(f"test-{os.getpid()}-{os.urandom(4).hex()}")
    if made is None:
        pytest.skip("no cgroup v2 in which groups can be made")
    yield made
    made.remove()


@pytest.fixture(name="group")
def _group(worker: WorkerCgroup) -> JobCgroup:
    """A slot's group."""
    group = worker.slot(0)
    assert group is not None
    return group


@pytest.fixture(name="herd")
def _herd(tmp_path: Path, group: JobCgroup) -> Iterator[Herd]:
    """A shepherd in the group, and its jobs."""
    herd = Herd(tmp_path)
    herd.executor.close()
    herd.executor = Executor(herd.launcher, group)
    yield herd
    herd.executor.close()
    herd.launcher.close()
    wait_until(lambda: not herd.living(), "the end of all that the jobs have started")
    wait_until(lambda: not group.pids(), "an empty group")


def ended(herd: Herd) -> tuple[Stopped, bool]:
    """Wait until the job has ended; how, and whether its shepherd fell with it."""
    event = herd.heard()
    if isinstance(event, ShepherdDied):
        assert event.job is not None
        return event.job, True
    assert isinstance(event, Stopped)
    return event, False


def test_a_job_is_born_in_its_slot_s_group(herd: Herd, group: JobCgroup) -> None:
    """It need not be moved there, which would cost each job something."""
    herd.shell("sleep 60 & setsid sleep 60 & wait")

    def all_there() -> bool:  # a process that is just becoming another program has no mark for a moment
        living = herd.living()
        return (
            len(living) == 3 and {str(pid).encode() for pid in (herd.executor.pid, *living)} == group.pids()
        )

    wait_until(all_there, "the job's processes, all of them in its group")
    herd.kill()
    assert signal.SIGTERM == herd.stopped().signal


def test_a_job_that_just_sleeps_is_killed_without_its_shepherd(herd: Herd) -> None:
    """Its figures are known then, and the next job need not wait for another shepherd."""
    shepherd = herd.executor.pid
    herd.shell("trap '' TERM; echo ready; sleep 60 & wait; wait")
    herd.says(b"ready")
    herd.kill(signal.SIGKILL)

    assert signal.SIGKILL == herd.stopped().signal
    assert shepherd == herd.executor.pid
    assert 0 == herd.run("true").exit_code


@pytest.mark.parametrize("chains", [3, 80])
def test_chains_of_forking_processes_are_killed_at_once(herd: Herd, chains: int) -> None:
    """However fast they fork: looked up one by one, they are gone before they can be killed."""
    herd.python(CHAINS % chains)
    herd.says(b"lit")
    before = time.monotonic()
    herd.kill(signal.SIGKILL)
    stopped, fell = ended(herd)
    wait_until(lambda: not herd.living(), "the end of all chains")

    assert time.monotonic() - before < LIFE_S / 6
    assert fell or chains < 10
    assert (0, signal.SIGKILL, "") == (stopped.exit_code, stopped.signal, stopped.problem)
    assert 0 == herd.run("true").exit_code


def test_chains_that_a_job_leaves_behind_do_not_change_its_end(herd: Herd) -> None:
    """The job itself had ended well."""
    herd.start(
        SHELL,
        "-c",
        f'{sys.executable} -c "$1" & until grep -q lit {herd.folder}/out.1; do :; done; exit 7',
        "job",
        CHAINS % 3,
    )
    stopped, _ = ended(herd)

    assert (7, 0, "") == (stopped.exit_code, stopped.signal, stopped.problem)


def test_what_a_killed_shepherd_leaves_is_killed_with_one_write(herd: Herd) -> None:
    """It was the parent of all orphans; nobody else could find them fast enough."""
    herd.python(CHAINS % 3)
    herd.says(b"lit")
    os.kill(herd.executor.pid, signal.SIGKILL)

    lost, fell = ended(herd)

    assert (True, signal.SIGKILL, "its shepherd was killed") == (fell, lost.signal, lost.problem)
    wait_until(lambda: not herd.living(), "the end of all chains")


def test_chains_die_with_the_worker(herd: Herd) -> None:
    """The shepherd sees that the link is closed."""
    herd.python(CHAINS % 3)
    herd.says(b"lit")
    herd.executor.close()
    wait_until(lambda: not herd.living(), "the end of all chains")


# --- groups --------------------------------------------------------------------------------


def test_a_group_is_gone_when_its_worker_goes(worker: WorkerCgroup) -> None:
    """Thousands of workers later the machine is as it was."""
    here = own_group()
    assert here is not None
    made = WorkerCgroup.make("gone")
    assert made is not None
    assert made.slot(0)
    assert made.slot(1)
    assert list(here.glob("goq.gone.*"))
    made.remove()

    assert [] == list(here.glob("goq.gone.*"))


LEAVE_BEHIND = """
import subprocess, sys
from goq.adapters.jobs.cgroups import WorkerCgroup
group = WorkerCgroup.make("dead").slot(0)
sleeper = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL)
(group.path / "cgroup.procs").write_text(str(sleeper.pid))
print(sleeper.pid, flush=True)
sys.stdin.read()
"""


def test_what_a_dead_worker_has_left_is_killed_and_what_a_living_one_has_is_not(
    worker: WorkerCgroup, group: JobCgroup
) -> None:
    """`kill -9` of a worker and of its shepherds leaves nobody else to do it."""
    here = own_group()
    assert here is not None
    dead = subprocess.Popen(
        [sys.executable, "-c", LEAVE_BEHIND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert dead.stdout is not None
    left = int(dead.stdout.readline())
    ours = subprocess.Popen(["sleep", "60"])
    try:
        (group.path / "cgroup.procs").write_text(str(ours.pid))
        kill_left_behind()
        assert is_running(left)
        dead.kill()
        dead.communicate()
        kill_left_behind()
        wait_until(lambda: not is_running(left), "the end of what was left")

        assert ours.poll() is None

        def swept() -> bool:
            kill_left_behind()
            return not list(here.glob("goq.dead.*"))

        wait_until(swept, "the end of its group")
        assert group.path.exists()
    finally:
        ours.kill()
        ours.wait()
        dead.kill()
        dead.communicate()


def is_running(pid: int) -> bool:
    """Not dead, nor waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except FileNotFoundError:
        return False


DELEGATED = """
import os, sys
from goq.adapters.jobs.cgroups import WorkerCgroup, own_group
given = own_group() / sys.argv[1]
given.mkdir()
(given / "cgroup.procs").write_text("0")
for path in (given, given / "cgroup.procs"):
    os.chown(path, 65534, 65534)
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
worker = WorkerCgroup.make("delegated")
slot = worker.slot(0)
slot.join()
print(own_group() == slot.path, slot.pids() == {str(os.getpid()).encode()}, flush=True)
slot.kill()
"""


def test_a_user_to_whom_a_group_is_delegated_makes_groups_in_it(worker: WorkerCgroup) -> None:
    """As systemd does with Delegate=yes."""
    here = own_group()
    if os.geteuid() != 0 or here is None:
        pytest.skip("only root can delegate")
    name = f"delegated-{os.getpid()}"
    try:
        ended = subprocess.run(
            [sys.executable, "-c", DELEGATED, name], capture_output=True, text=True, check=False
        )

        assert "True True\n" == ended.stdout, ended.stderr
        assert -signal.SIGKILL == ended.returncode
    finally:
        for folder, _, _ in os.walk(here / name, topdown=False):
            os.rmdir(folder)


AS_NOBODY = """
import os
from goq.adapters.jobs.cgroups import WorkerCgroup, kill_left_behind
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
print(kill_left_behind(), WorkerCgroup.make("nobody"))
"""


def test_a_user_who_may_make_no_groups_has_none() -> None:
    """All is as without cgroups then."""
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    ended = subprocess.run([sys.executable, "-c", AS_NOBODY], capture_output=True, text=True, check=False)

    assert "None None\n" == ended.stdout, ended.stderr


def test_a_shepherd_whose_group_is_not_there_works_without(tmp_path: Path) -> None:
    """As where the machine has none."""
    herd = Herd(tmp_path)
    herd.executor.close()
    herd.executor = Executor(herd.launcher, JobCgroup(tmp_path / "nowhere"))
    try:
        assert 3 == herd.run(SHELL, "-c", "exit 3").exit_code
        herd.shell("echo ready; sleep 60")
        herd.says(b"ready")
        herd.kill(signal.SIGKILL)
        assert signal.SIGKILL == herd.stopped().signal
    finally:
        herd.close()
    assert [] == marked(herd.mark)
