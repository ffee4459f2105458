"""Process 1 of a container gets the orphans of everybody in it, and has to bury them."""

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence

import pytest

from system.cluster import Cluster, Daemon
from system.jobs import JOB_MARK, shell
from system.proc import children, marked_pids, shepherds, zombies_of

UNSHARE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]


@pytest.fixture
def as_first() -> list[str]:
    """What starts a program as process 1; where the machine lets nobody do that the test is skipped."""
    how = UNSHARE if os.geteuid() == 0 else [UNSHARE[0], "--user", "--map-root-user", *UNSHARE[1:]]
    tools = all(map(shutil.which, ("unshare", "nsenter")))
    if not tools or subprocess.run([*how, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no process namespace of our own")
    return how


def first_of(daemon: Daemon, cluster: Cluster) -> int:
    """The pid, as seen from here, of the goq that is process 1 there."""
    (pid,) = cluster.wait_until(lambda: children(daemon.pid))
    return pid


def leave_orphans(first: int, cluster: Cluster, ours: Sequence[int]) -> None:
    """Have a program there leave three children behind, as `docker exec` does: two end soon, one later."""
    user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
    enter = ["nsenter", f"--target={first}", *user, "--pid", "--mount"]
    script = "sleep 0.1 & sleep 0.2 & sleep 0.5 & exit 0"
    subprocess.run(
        [*enter, "sh", "-c", script], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert len(set(children(first)) - set(ours)) > 0, "they are its children now"


def test_a_server_that_is_process_1_reaps_orphans(cluster: Cluster, as_first: list[str]) -> None:
    """Else their number grows until the container has no process left."""
    server = cluster.start_server(prefix=as_first)
    first = first_of(server, cluster)
    cluster.start_worker()
    for _ in range(3):
        leave_orphans(first, cluster, ())
        cluster.wait_until(lambda: children(first) == [], or_show=lambda: zombies_of(first))

    assert b"served\n" == cluster.run("echo", "served")
    server.may_end = True
    os.kill(first, signal.SIGTERM)
    assert 0 == server.wait()


def test_a_worker_that_is_process_1_reaps_orphans_and_keeps_its_own_accounts(
    served: Cluster, as_first: list[str]
) -> None:
    """Its shepherds' ends are not taken for strangers', nor strangers' for theirs."""
    worker = served.start_worker("forever", "-j", "2", prefix=as_first)
    first = first_of(worker, served)
    assert b"1\n" == served.run("sh", "-c", "echo $$ > /dev/null; echo 1")
    ours = children(first)
    for _ in range(2):
        leave_orphans(first, served, ours)
        assert b"amid\n" == served.run("echo", "amid")
        served.wait_until(lambda: set(children(first)) == set(ours), or_show=lambda: zombies_of(first))
    job = served.submit(*shell("(setsid sleep 300 &); exec sleep 301"), env={JOB_MARK: served.mark})
    served.wait_until(lambda: len(marked_pids(JOB_MARK, served.mark)) == 2)
    doomed = shepherds(first)  # an orphan that has not become its program yet looks like one
    leave_orphans(first, served, ours)
    for shepherd in doomed:
        os.kill(shepherd, signal.SIGKILL)

    assert 137 == served.status(job)
    served.wait_until(lambda: not marked_pids(JOB_MARK, served.mark))
    assert b"after\n" == served.run("echo", "after")
    served.wait_until(lambda: not zombies_of(first), or_show=lambda: zombies_of(first))
    worker.may_end = True
    os.kill(first, signal.SIGTERM)
    assert 0 == worker.wait()
