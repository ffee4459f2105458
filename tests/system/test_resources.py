"""Cpus, memory, GPUs, named resources, licences and limits, with real workers; why a job waits, and drains."""

import json
import socket

import pytest

from system.cluster import Cluster
from system.jobs import held_until, touch

HOST = socket.gethostname()


def worker_of(cluster: Cluster, *options: str) -> None:
    """A worker, which has asked for work."""
    cluster.start_worker("forever", *options)
    cluster.wait_until(lambda: "waitingWorkers=0" not in cluster.show() and "ok" in cluster.done("workers"))


def row(cluster: Cluster) -> dict[str, object]:
    """What is known of the one worker."""
    (only,) = json.loads(cluster.done("workers", "--json"))["rows"]
    assert isinstance(only, dict)
    return only


def test_jobs_have_what_they_asked_for(cluster: Cluster) -> None:
    """And know it by its variables."""
    worker_of(cluster, "-j", "4", "--gpus", "a1,b2", "--resource", "disk=3")
    asked = ("-c", "2", "--gpus", "1", "--resource", "disk=2")
    shown = 'echo "$GOQ_CPUS $OMP_NUM_THREADS $GOQ_GPUS $CUDA_VISIBLE_DEVICES"'

    assert b"2 2 a1 a1\n" == cluster.run(*asked, "sh", "-c", shown)
    assert b"1   \n" == cluster.run("sh", "-c", shown), "who asked for no GPU sees none"


def test_no_more_runs_than_fits(cluster: Cluster) -> None:
    """Two jobs of three cpus each on four: one after the other, and a small one beside the first."""
    gate = cluster.folder / "gate"
    worker_of(cluster, "-j", "4")
    first = cluster.submit("-c", "3", *held_until(gate))
    second = cluster.submit("-c", "3", *held_until(gate))
    cluster.wait_for_start(first)

    assert {"cpus": 3} == row(cluster)["taken"]
    assert (
        f"job {second}: no worker has room now: '{HOST}' has 1 free of 4 cpus, and it needs 3"
        in cluster.done("why", str(second))
    )
    small = cluster.submit("-p", "1", "echo", "small")
    assert 0 == cluster.status(small)
    touch(gate)
    assert [0, 0] == cluster.statuses([first, second])
    assert {} == row(cluster)["taken"]


def test_gpus_are_in_one_job_at_a_time_over_a_restart_of_the_server(cluster: Cluster) -> None:
    """What is given is in the journal."""
    gate = cluster.folder / "gate"
    worker_of(cluster, "-j", "4", "--gpus", "2")
    words = held_until(gate, "echo $GOQ_GPUS")
    first = cluster.submit("--gpus", "1", *words)
    cluster.wait_for_start(first)
    cluster.server.crash()
    cluster.start_server()
    second, third = (cluster.submit("--gpus", "1", *words) for _ in range(2))
    cluster.wait_for_start(second)
    assert "gpus" in cluster.done("why", str(third))
    touch(gate)
    assert [0, 0, 0] == cluster.statuses([first, second, third])

    assert {b"0\n", b"1\n"} == {cluster.output(first), cluster.output(second)}
    assert "the journal holds" in cluster.done("audit")


def test_what_nobody_can_hold_waits_and_says_so(cluster: Cluster) -> None:
    """It is accepted: a larger worker may come."""
    cluster.submit("--gpus", "5", "true")
    assert "no worker is there" in cluster.done("why", "1")
    worker_of(cluster, "-j", "2", "--gpus", "1")

    assert "it needs 5 gpus, and the most that one has is 1" in cluster.done("why", "1")
    assert b"beside\n" == cluster.run("echo", "beside")


def test_limits_hold_and_are_told(cluster: Cluster) -> None:
    """A licence, an array's %N, and all; who set one and why."""
    gate = cluster.folder / "gate"
    worker_of(cluster, "-j", "8")
    cluster.done("limit", "matlab", "3", "--why", "three seats")
    cluster.done("sub", "--array", "1-5%2", *held_until(gate))
    first = cluster.submit("--license", "matlab=2", *held_until(gate))
    second = cluster.submit("--license", "matlab=2", *held_until(gate))
    cluster.wait_for_stat(runQlen=3, waitingJobs=4)

    assert "the limit 'array:1' is 2" in cluster.done("why", "3")
    assert "the limit 'matlab' is 3, of which 1 is left, and it needs 2" in cluster.done("why", str(second))
    assert "matlab    2 of 3" in cluster.done("limit")
    assert "three seats" in cluster.done("limit")
    cluster.server.crash()
    cluster.start_server()
    cluster.done("limit", "matlab", "none")
    cluster.wait_for_stat(runQlen=4, waitingJobs=3)
    touch(gate)
    assert [0] * 7 == cluster.statuses([*range(1, 6), first, second])


def test_a_drained_host_gets_nothing(cluster: Cluster) -> None:
    """What runs goes on; after a restart it is drained still."""
    gate = cluster.folder / "gate"
    worker_of(cluster, "-j", "2")
    running = cluster.submit(*held_until(gate))
    cluster.wait_for_start(running)
    assert "1 jobs still run there" in cluster.done("drain", HOST, "--why", "new disk")
    waiting = cluster.submit("true")
    cluster.server.crash()
    cluster.start_server()
    cluster.wait_until(lambda: "drained: new disk" in cluster.done("workers"))
    assert "new disk" in cluster.done("why", str(waiting))
    touch(gate)
    assert 0 == cluster.status(running)
    assert "1" == cluster.stat()["waitingJobs"]
    cluster.done("undrain", HOST)

    assert 0 == cluster.status(waiting)


def test_a_higher_priority_goes_first(cluster: Cluster) -> None:
    """Among those that wait."""
    low = cluster.submit("-p", "-1", "sh", "-c", "date +%s%N")
    plain = cluster.submit("sh", "-c", "date +%s%N")
    high = cluster.submit("--priority", "10", "sh", "-c", "date +%s%N")
    worker_of(cluster)
    cluster.statuses([low, plain, high])

    assert int(cluster.output(high)) < int(cluster.output(plain)) < int(cluster.output(low))


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("sub", "-c", "0", "true"), "0"),
        (("sub", "--cpus=-1", "true"), "-1"),
        (("sub", "--resource", "disk=0", "true"), "disk=0"),
        (("sub", "--resource", "cpus=2", "true"), "cpus"),
        (("sub", "--license", "=2", "true"), "''"),
        (("sub", "-p", "1001", "true"), "1001"),
        (("work", "-j", "none"), "none"),
        (("work", "--gpus", "x"), "x"),
        (("work", "--gpus", ","), ","),
        (("work", "--mem", "much"), "much"),
        (("limit", "matlab", "many"), "many"),
        (("limit", "matlab", "-1"), "-1"),
        (("limit", "matlab"), "matlab"),
    ],
)
def test_what_is_no_amount_is_named(cluster: Cluster, words: tuple[str, ...], named: str) -> None:
    """One line that shows a right one, and nothing is queued."""
    ended = cluster.goq(*words)

    assert 2 == ended.returncode
    assert named in ended.stderr.decode()
    assert "1" == cluster.stat()["nextJobId"]
