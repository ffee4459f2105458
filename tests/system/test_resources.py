"""Cpus, memory, GPUs, named resources, licences and limits, with real workers; why a job waits, and drains."""

import json
import os
import re
import socket
from typing import Any

import pytest
from namespaces import on_host

from goq.api.person import user_name
from system.cluster import Cluster
from system.jobs import held_until, touch

HOST = socket.gethostname()


def worker_of(served: Cluster, *options: str) -> None:
    """A worker, which has asked for work."""
    served.start_worker("forever", *options)
    served.wait_until(lambda: "waitingWorkers=0" not in served.show() and "ready" in served.done("workers"))


def rows(served: Cluster) -> list[dict[str, Any]]:
    """What is known of the workers."""
    found: list[dict[str, Any]] = json.loads(served.done("workers", "--json"))["rows"]
    return found


def await_workers(served: Cluster, count: int) -> None:
    """Until so many have asked for work."""
    served.wait_until(lambda: len(rows(served)) == count)


def row(served: Cluster) -> dict[str, Any]:
    """What is known of the one worker."""
    (only,) = rows(served)
    return only


def test_jobs_have_what_they_asked_for(served: Cluster) -> None:
    """And know it by its variables."""
    worker_of(served, "-j", "4", "--gpus", "a1,b2", "--resource", "disk=3")
    asked = ("-c", "2", "--gpus", "1", "--resource", "disk=2")
    shown = 'echo "$GOQ_CPUS $OMP_NUM_THREADS $GOQ_GPUS $CUDA_VISIBLE_DEVICES"'

    assert b"2 2 a1 a1\n" == served.run(*asked, "sh", "-c", shown)
    assert b"1 1  \n" == served.run("sh", "-c", shown), "who asked for no GPU sees none"
    assert b"2 7  \n" == served.run("-c", "2", "-e", "OMP_NUM_THREADS=7", "sh", "-c", shown), (
        "unless it is set"
    )


def test_no_more_runs_than_fits(served: Cluster) -> None:
    """Two jobs of three cpus each on four: one after the other, and a small one beside the first."""
    gate = served.folder / "gate"
    worker_of(served, "-j", "4")
    first = served.submit("-c", "3", *held_until(gate))
    second = served.submit("-c", "3", *held_until(gate))
    served.wait_for_start(first)

    assert {"cpus": 3} == row(served)["used"]
    assert (
        f"{second} waits for room: it needs 3 cpus in one machine. {HOST} keeps room for it; 2 more cpus"
        in served.done("why", str(second))
    )
    small = served.submit("-p", "1", "echo", "small")
    assert 0 == served.status(small)
    touch(gate)
    assert [0, 0] == served.statuses([first, second])
    assert {} == row(served)["used"]


def test_gpus_are_in_one_job_at_a_time_over_a_restart_of_the_server(served: Cluster) -> None:
    """What is given is in the journal."""
    gate = served.folder / "gate"
    worker_of(served, "-j", "4", "--gpus", "2")
    words = held_until(gate, "echo $GOQ_GPUS")
    first = served.submit("--gpus", "1", *words)
    served.wait_for_start(first)
    served.daemons[0].crash()
    served.start_server()
    second, third = (served.submit("--gpus", "1", *words) for _ in range(2))
    served.wait_for_start(second)
    assert "gpus" in served.done("why", str(third))
    touch(gate)
    assert [0, 0, 0] == served.statuses([first, second, third])

    assert {b"0\n", b"1\n"} == {served.output(first), served.output(second)}
    assert "the journal holds" in served.done("audit")


def test_four_workers_of_one_host_share_what_it_has(served: Cluster) -> None:
    """A GPU that is offered already is refused by its number, and the rest is used; pinned jobs never meet."""
    gate, ready = served.folder / "gate", served.folder / "ready"
    for count, gpus in enumerate(("0,1", "1,2", "2,", "0,3"), start=1):
        served.start_worker("forever", "-j", "4", "--gpus", gpus)
        await_workers(served, count)
    refused = re.findall(r"offers GPUs that another worker of its host has: (.*)\.", served.daemons[0].text())
    assert ["1", "2", "0"] == refused
    assert ["", "0", "1", "2"] == sorted(",".join(row.get("refused", [])) for row in rows(served))
    assert "another worker has GPU 1" in served.done("workers")
    cpus = len(os.sched_getaffinity(0))
    shown = f"echo $GOQ_GPUS $(taskset -cp $$ | cut -d: -f2) >> {ready}"
    words = ("sh", "-c", f"{shown}; until [ -e {gate} ]; do sleep 0.05; done")
    jobs = [served.submit("--gpus", "1", *words) for _ in range(4)]
    pinned = [served.submit("--pin", *words) for _ in range(cpus)]
    served.wait_until(lambda: ready.exists() and len(ready.read_text().splitlines()) == 4 + cpus)
    late = served.submit("--pin", "true")
    assert "of its own" in served.done("why", str(late))
    touch(gate)
    assert {0} == {*served.statuses([*jobs, *pinned, late])}

    lines = [line.split() for line in ready.read_text().splitlines()]
    assert ["0", "1", "2", "3"] == sorted(words[0] for words in lines if len(words) > 1)
    assert sorted(map(str, os.sched_getaffinity(0))) == sorted(words[0] for words in lines if len(words) == 1)
    assert "the journal holds" in served.done("audit")


def test_a_worker_with_a_lifetime_ends_by_itself(served: Cluster) -> None:
    """What it cannot end it does not begin, and what has not said how long it takes goes back, and counts as nothing."""
    gate = served.folder / "gate"
    long = served.submit("--time", "1h", "true")
    lasting = served.submit(*held_until(gate, "echo attempt $GOQ_ATTEMPT"))
    for _ in range(2):
        worker = served.start_worker("forever", "--lifetime", "6s")
        assert 0 == worker.wait()
        assert "its lifetime of 6 s is over; handing back" in worker.text()
    served.start_worker("forever", "--lifetime", "50m")
    served.wait_until(lambda: "ends in" in served.done("workers"))
    assert "it may run for 1h, and the last worker ends in" in served.done("why", str(long))
    assert "it outlived 2 workers" in served.done("why", str(lasting))
    assert "its worker's lifetime was over" in served.done("history", str(lasting))
    served.start_worker("forever")
    served.wait_for_start(lasting)
    touch(gate)
    assert 0 == served.status(lasting)
    assert b"attempt 3\n" == served.output(lasting)
    assert 0 == served.status(long)
    assert "the journal holds" in served.done("audit")


def test_a_node_that_is_not_well_is_drained_by_its_worker(served: Cluster) -> None:
    """By the first check already, before it asks for work; and the next worker that finds it well takes that back."""
    job = served.submit("true")
    worker = served.start_worker("forever", "--health", "echo so far; echo /scratch is full; exit 1")
    served.wait_until(lambda: "/scratch is full" in served.done("workers"))
    assert "'/scratch is full'" in served.done("why", str(job)).replace(
        ": /scratch is full", ": '/scratch is full'"
    )
    assert "by health" in served.done("limit")
    assert "this node is not well: /scratch is full; it is drained" in worker.text()
    assert f"node '{HOST}' is drained by its health: /scratch is full." in served.daemons[0].text()
    worker.stop()
    served.start_worker("forever", "--health", "exit 0")
    assert 0 == served.status(job)
    assert f"node '{HOST}' is drained no more by its health" in served.daemons[0].text()
    served.done("drain", HOST)
    served.start_worker("forever", "--health", "exit 0")
    await_workers(served, 2)

    assert "by health" not in served.done("limit")
    assert 1 == served.done("limit").count(f"node:{HOST}")


def test_a_host_that_swallows_jobs_is_shown_and_drained(served: Cluster) -> None:
    """An array that does well on one host, and fails at once on another that lacks something."""
    served.done(
        "sub", "--array", "1-60", "--retries", "60", "--backoff", "0", "sh", "-c", f"[ $(uname -n) = {HOST} ]"
    )
    hole = served.start_worker("forever", prefix=on_host(b"hole"))
    served.wait_until(lambda: served.daemons[0].text().count("exit status 1") > 30)
    served.start_worker()
    served.wait_until(lambda: "node 'hole' swallows jobs: its last 20 jobs" in served.daemons[0].text())
    assert "'goq limit blackhole 20' drains such hosts" in served.daemons[0].text()
    served.done("limit", "blackhole", "20")
    served.statuses(range(1, 61))
    served.submit("-p", "5", "true")
    served.wait_until(lambda: "its last 20 jobs failed within 5 s each" in served.done("workers"))

    assert "by blackhole" in served.done("limit")
    assert hole.alive


def test_what_nobody_can_hold_waits_and_says_so(served: Cluster) -> None:
    """It is accepted: a larger worker may come."""
    served.submit("--gpus", "5", "true")
    assert "no worker is there" in served.done("why", "1")
    worker_of(served, "-j", "2", "--gpus", "1")

    assert "it asks 5 gpus, no machine has more than 1" in served.done("why", "1")
    assert b"beside\n" == served.run("echo", "beside")


def test_limits_hold_and_are_told(served: Cluster) -> None:
    """A licence, an array's %N, and all; who set one and why."""
    gate = served.folder / "gate"
    worker_of(served, "-j", "8")
    served.done("limit", "matlab", "3", "--why", "three seats")
    served.done("sub", "--array", "1-5%2", *held_until(gate))
    first = served.submit("--license", "matlab=2", *held_until(gate))
    second = served.submit("--license", "matlab=2", *held_until(gate))
    served.wait_for_stat(runQlen=3, waitingJobs=4)

    assert "1: 3 tasks wait, it runs 2 at once" in served.done("why", "1")
    assert "of the limit of matlab, 2 of 3 are in use" in served.done("why", str(second))
    assert "matlab    2 of 3" in served.done("limit")
    assert "three seats" in served.done("limit")
    served.daemons[0].crash()
    served.start_server()
    served.done("limit", "matlab", "none")
    served.wait_for_stat(runQlen=4, waitingJobs=3)
    touch(gate)
    assert [0] * 7 == served.statuses([*range(1, 6), first, second])


def test_a_drained_host_gets_nothing(served: Cluster) -> None:
    """What runs goes on; after a restart it is drained still."""
    gate = served.folder / "gate"
    worker_of(served, "-j", "2")
    running = served.submit(*held_until(gate))
    served.wait_for_start(running)
    assert "1 jobs still run there" in served.done("drain", HOST, "--why", "new disk")
    waiting = served.submit("true")
    served.daemons[0].crash()
    served.start_server()
    served.wait_until(lambda: "new disk" in served.done("workers"))
    assert "new disk" in served.done("why", str(waiting))
    touch(gate)
    assert 0 == served.status(running)
    assert "1" == served.stat()["waitingJobs"]
    served.done("undrain", HOST)

    assert 0 == served.status(waiting)


def test_what_a_user_may_ask_for_is_bounded(served: Cluster) -> None:
    """`goq limit priority:`, `queued:`; in one line that names it, and nothing is queued."""
    me = user_name()
    served.done("limit", f"priority:{me}", "5")
    served.done("limit", f"queued:{me}", "2")
    refused = served.goq("sub", "-p", "6", "true")
    assert (1, 1) == (refused.returncode, refused.stderr.count(b"\n"))
    assert f"{me} may ask for a priority of 5 at most" in refused.stderr.decode()
    served.done("sub", "-p", "5", "true")
    served.done("sub", "-p", "-900", "true")
    refused = served.goq("sub", "true")
    assert (1, 1) == (refused.returncode, refused.stderr.count(b"\n"))
    assert f"2 jobs of {me} may wait ('goq limit'), 2 do, and these are 1" in refused.stderr.decode()
    refused = served.goq("alter", "-p", "6", "1")
    assert (1, 1) == (refused.returncode, refused.stderr.count(b"\n"))
    served.done("limit", f"queued:{me}", "none")
    served.done("sub", "true")

    assert "4" == served.stat()["nextJobId"]


def test_a_weight_is_a_number_of_shares(served: Cluster) -> None:
    """Who has three times the weight has three times as many jobs running, whoever came first."""
    gate = served.folder / "gate"
    served.done("limit", "weight:bob", "3")
    for name in ("ann", "bob"):
        assert 0 == served.goq("sub", "--array", "1-9", *held_until(gate), env={"LOGNAME": name}).returncode
    worker_of(served, "-j", "8")
    served.wait_for_stat(runQlen=8)
    running = [int(job) for job in re.findall(r"RunningJob\[jid (\d+)", served.done("stat", "100"))]

    assert (2, 6) == (sum(job < 10 for job in running), sum(job >= 10 for job in running))
    touch(gate)


def test_a_higher_priority_goes_first(served: Cluster) -> None:
    """Among those that wait."""
    low = served.submit("-p", "-1", "sh", "-c", "date +%s%N")
    plain = served.submit("sh", "-c", "date +%s%N")
    high = served.submit("--priority", "10", "sh", "-c", "date +%s%N")
    worker_of(served)
    served.statuses([low, plain, high])

    assert int(served.output(high)) < int(served.output(plain)) < int(served.output(low))


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
        (("work", "--lifetime", "long"), "long"),
        (("work", "--lifetime", "0"), "0"),
        (("limit", "matlab", "many"), "many"),
        (("limit", "matlab", "-1"), "-1"),
        (("limit", "array:abc", "3"), "array:abc"),
        (("limit", "cpus", "3"), "cpus"),
        (("drain", ""), "goq workers"),
    ],
)
def test_what_is_no_amount_is_named(served: Cluster, words: tuple[str, ...], named: str) -> None:
    """One line that shows a right one, and nothing is queued."""
    ended = served.goq(*words)

    assert 2 == ended.returncode
    assert named in ended.stderr.decode()
    assert "1" == served.stat()["nextJobId"]
