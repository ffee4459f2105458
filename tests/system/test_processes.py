"""No process of a job outlives its job, however it ends and whatever the job did to escape."""

import os
import re
import signal
import sys
import time
from functools import partial

import pytest

from goq.adapters.jobs.cgroups import own_group
from system.cluster import Cluster
from system.jobs import JOB_MARK, shell, tree
from system.proc import marked_pids, shepherds, status_field

TREE_SIZE = 8


def survivors(cluster: Cluster) -> list[int]:
    return marked_pids(JOB_MARK, cluster.mark)


def is_halted(pid: int) -> bool:
    """A signal has stopped it."""
    return status_field(pid, "State").startswith("T")


def has_begun_times(cluster: Cluster, times: int) -> bool:
    """The worker says so of its first job."""
    return len(re.findall("starting job 1:", cluster.daemons[1].text())) == times


def is_past(moment_s: float) -> bool:
    return time.monotonic() >= moment_s


def start_tree(cluster: Cluster) -> int:
    """Submit a job with a tree of processes below it, and wait until all of them are there."""
    ready = cluster.folder / "ready"
    job = cluster.submit(*tree(ready), env={JOB_MARK: cluster.mark})
    cluster.wait_until(lambda: ready.exists() and len(survivors(cluster)) >= TREE_SIZE)
    return job


def test_kill_takes_three_levels_of_children_within_a_second(working: Cluster) -> None:
    """Including one that has left its session, its group and its parent."""
    job = start_tree(working)
    working.done("kill", str(job))
    working.wait_until(lambda: not survivors(working), or_show=lambda: survivors(working), within_s=1.0)
    ended = working.goq("wait", str(job))

    assert 143 == ended.returncode
    assert b"job was cancelled." in ended.stdout


def test_kill_9_of_the_worker_takes_the_whole_tree_with_it(working: Cluster) -> None:
    """The server gives the job to another worker; the old tree must not go on beside it."""
    start_tree(working)
    working.daemons[1].crash()

    working.wait_until(lambda: not survivors(working), or_show=lambda: survivors(working), within_s=5.0)


def test_kill_9_of_the_shepherd_takes_the_whole_tree_and_the_worker_goes_on(working: Cluster) -> None:
    """The process between worker and job may die too: of memory, or of a wrong `kill`."""
    job = start_tree(working)
    (shepherd,) = shepherds(working.daemons[1].pid)
    signal_one(shepherd, signal.SIGKILL)
    working.wait_until(lambda: not survivors(working), or_show=lambda: survivors(working), within_s=5.0)

    assert 137 == working.status(job)
    assert b"shepherd was killed" in working.output(job)
    assert b"next\n" == working.run("echo", "next")


STUBBORN = "trap '' TERM; while :; do kill -STOP $PPID; sleep 0.02; done"


@pytest.mark.parametrize("script", ["kill -STOP $PPID; sleep 300", STUBBORN, "sleep 300"])
def test_a_job_whose_shepherd_is_stopped_can_be_killed(working: Cluster, script: str) -> None:
    """By the job, once or again and again, or by somebody: the worker insists."""
    job = working.submit(*shell(script), env={JOB_MARK: working.mark})
    working.wait_for_start(job)
    working.wait_until(lambda: survivors(working) and shepherds(working.daemons[1].pid))
    if script == "sleep 300":
        (shepherd,) = shepherds(working.daemons[1].pid)
        signal_one(shepherd, signal.SIGSTOP)
    working.wait_until(lambda: any(map(is_halted, shepherds(working.daemons[1].pid))))
    working.done("kill", str(job))

    assert 143 == working.status(job)
    assert [] == survivors(working)
    assert b"next\n" == working.run("echo", "next")


@pytest.mark.parametrize("script", ["kill -STOP $PPID; exec sleep 300", STUBBORN])
def test_a_job_that_stops_its_shepherd_ends_when_its_time_is_up(working: Cluster, script: str) -> None:
    """Its bound holds whatever it does."""
    job = working.submit("--time", "1", *shell(script), env={JOB_MARK: working.mark})

    assert working.status(job) in (124, 137, 143)
    assert [] == survivors(working)
    assert b"job was ended: its time of 1 s was up" in working.goq("wait", str(job)).stdout


def test_jobs_behind_one_that_stops_its_shepherd_run_elsewhere(working: Cluster) -> None:
    """They are given back as from any job that takes long."""
    jobs = working.submit_lines(["bash -c 'kill -STOP $PPID; sleep 300'", *["true"] * 5])
    working.start_worker("forever")

    assert [0] * 5 == working.statuses(jobs[1:])
    working.done("kill", str(jobs[0]))


@pytest.mark.parametrize("script", [STUBBORN, STUBBORN.replace("sleep 0.02; ", "")], ids=["again", "always"])
def test_a_worker_whose_shepherd_is_stopped_can_be_ended(working: Cluster, script: str) -> None:
    """By SIGTERM, as any: the job goes back to the queue, and nothing of it stays."""
    job = working.submit(*shell(script), env={JOB_MARK: working.mark})
    working.wait_for_start(job)
    working.daemons[1].stop()
    working.wait_until(lambda: not survivors(working), or_show=lambda: survivors(working))

    working.wait_for_stat(waitingJobs=1)


@pytest.mark.parametrize("script", ["sleep 0.3; kill -KILL $PPID; sleep 300", "sleep 300", "exec sleep 300"])
def test_a_job_whose_shepherd_was_killed_has_run(working: Cluster, script: str) -> None:
    """Since when, and for how long, is known; it has failed, and --retries tries it again."""
    job = working.submit("--retries", "1", *shell(script), env={JOB_MARK: working.mark})
    for attempt in (1, 2):
        has_begun = partial(has_begun_times, working, attempt)
        working.wait_until(has_begun)
        if "KILL" not in script:
            elapsed = partial(is_past, time.monotonic() + 0.3)
            working.wait_until(elapsed)
            signal_one(shepherds(working.daemons[1].pid)[0], signal.SIGKILL)
    said = working.goq("wait", str(job))

    assert 137 == said.returncode
    assert b"job failed: its shepherd was killed" in said.stdout
    took = re.search(rf"\[jid {job}\] total-time: ([\d.]+)", working.done("stat"))
    assert took
    assert 0.2 < float(took[1]) < 20


def test_children_that_a_job_leaves_behind_end_with_it(working: Cluster) -> None:
    """A job that ended well still may not leave anything on the node."""
    leave = 'setsid sleep 300 & (setsid sleep 300 &); (sleep 300 &) ; echo "left"'
    job = working.submit(*shell(leave), env={JOB_MARK: working.mark})

    assert 0 == working.status(job)
    assert b"left\ngoq: job 1: ended 3 processes left behind: " in working.output(job)
    assert [] == survivors(working)


def test_what_a_job_leaves_behind_may_tidy_up(working: Cluster) -> None:
    """Leftovers get SIGTERM before SIGKILL, as the job itself would."""
    ready = working.folder / "ready"
    leftover = 'exec 2>&-; trap "echo tidied; exit" TERM; touch "$1"; sleep 300 & wait'
    leave = f'bash -c \'{leftover}\' left "$1" & until test -e "$1"; do sleep 0.02; done; echo ended'
    job = working.submit(*shell(leave, ready))
    working.status(job)

    assert re.fullmatch(
        rb"ended\ntidied\ngoq: job 1: ended \d process(es)? left behind: [a-z, ]+\n", working.output(job)
    )


def test_a_job_that_ignores_sigterm_dies_after_its_grace(cluster: Cluster) -> None:
    """A grace is a grace and not a way out."""
    cluster.start_server()
    cluster.start_worker(env={"GOQ_KILL_GRACE_SEC": "0.5"})
    started = cluster.folder / "started"
    stubborn = shell('trap "" TERM; touch "$1"; while true; do sleep 0.1; done', started)
    job = cluster.submit(*stubborn, env={JOB_MARK: cluster.mark})
    cluster.wait_until(started.exists)
    before = time.monotonic()
    cluster.done("kill", str(job))
    status = cluster.status(job)
    took_s = time.monotonic() - before

    assert 143 == status
    assert "signal 9" in cluster.done("history", str(job), cwd=cluster.here)
    assert 0.5 <= took_s < 5.0
    assert [] == survivors(cluster)


def test_a_stopped_job_can_be_killed(working: Cluster) -> None:
    """SIGTERM alone does not reach a process that was stopped."""
    job = working.submit("sleep", "300", env={JOB_MARK: working.mark})
    (pid,) = working.wait_until(lambda: sleeping(working))
    signal_one(pid, signal.SIGSTOP)
    working.done("kill", str(job))

    assert 143 == working.status(job)


def test_a_job_that_forks_without_end_is_killed_whole(cluster: Cluster) -> None:
    """New processes appear while the old ones are being killed."""
    cluster.start_server()
    cluster.start_worker(env={"GOQ_KILL_GRACE_SEC": "0.5"})
    forks = 'touch "$1"; f() { sleep 0.05; f & f2=$!; sleep 0.2; }; while true; do f & sleep 0.02; done'
    started = cluster.folder / "started"
    job = cluster.submit(*shell(f"ulimit -u 4000; {forks}", started), env={JOB_MARK: cluster.mark})
    cluster.wait_until(lambda: started.exists() and len(survivors(cluster)) > 5)
    cluster.done("kill", str(job))
    cluster.status(job)

    assert [] == survivors(cluster)


def sleeping(cluster: Cluster) -> list[int]:
    """The job's one process, once it is the program that it is to be."""
    pids = survivors(cluster)
    return pids if len(pids) == 1 and _name(pids[0]) == "sleep" else []


def _name(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/comm", encoding="ascii", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""


def signal_one(pid: int, number: int) -> None:
    """A signal to one process, which this test has started."""
    os.kill(pid, number)


CHAINS = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
end = time.monotonic() + 60
for _ in range(8):
    if os.fork() == 0:
        while time.monotonic() < end:
            if os.fork():
                os._exit(0)
            os.setsid()
        os._exit(0)
print("lit", flush=True)
time.sleep(60)
"""


@pytest.fixture
def grouped(working: Cluster) -> Cluster:
    """A worker whose jobs are in a cgroup; where the machine has none the test is skipped."""
    here = own_group()
    if here is None or not os.access(here, os.W_OK):
        pytest.skip("no cgroup v2 in which groups can be made")
    return working


def test_a_job_that_forks_for_its_life_is_killed_at_once(grouped: Cluster) -> None:
    """Each process lives for a millisecond; the worker goes on with the next job."""
    job = grouped.submit(sys.executable, "-c", CHAINS, env={JOB_MARK: grouped.mark})
    grouped.wait_until(lambda: grouped.output_file(job).exists() or len(survivors(grouped)) > 5)
    grouped.done("kill", "--now", str(job))
    grouped.wait_until(lambda: not survivors(grouped), or_show=lambda: survivors(grouped), within_s=10.0)

    assert 143 == grouped.goq("wait", str(job)).returncode
    assert "signal 9" in grouped.done("history", str(job), cwd=grouped.here)
    assert b"next\n" == grouped.run("echo", "next")


def test_what_a_worker_and_its_shepherds_leave_is_killed_by_the_next_worker(grouped: Cluster) -> None:
    """Somebody has killed all that is called goq; nobody was there to see to the jobs."""
    start_tree(grouped)
    herding = shepherds(grouped.daemons[1].pid)
    for pid in (*herding, grouped.daemons[1].pid):
        os.kill(pid, signal.SIGSTOP)  # none may see to it that another one has died
    grouped.daemons[1].crash()
    for pid in herding:
        signal_one(pid, signal.SIGKILL)

    assert survivors(grouped)
    grouped.start_worker()
    grouped.wait_until(lambda: not survivors(grouped), or_show=lambda: survivors(grouped), within_s=10.0)
