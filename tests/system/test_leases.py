"""Workers that die, hang or come back: each job ends once, and only the current attempt ends it."""

import time
from pathlib import Path

import pytest

from goq.roles.server.clock import SLACK_S
from system.cluster import SHORT_LEASES, Cluster
from system.jobs import JOB_MARK, held_until, shell, touch
from system.proc import marked_pids


@pytest.fixture
def leased(cluster: Cluster) -> Cluster:
    """A server and a worker, with leases of one second."""
    cluster.env |= SHORT_LEASES
    cluster.start_server()
    cluster.start_worker()
    return cluster


def test_the_job_of_a_worker_that_was_killed_runs_again(leased: Cluster) -> None:
    """kill -9, power loss, out of memory: the job must not be lost with the node."""
    once = leased.folder / "once"
    job = leased.submit(*shell('test -e "$1" || { touch "$1"; exec sleep 300; }; echo $GOQ_ATTEMPT', once))
    leased.wait_until(once.exists)
    leased.daemons[1].crash()
    leased.start_worker()

    assert 0 == leased.status(job)
    assert b"2\n" == leased.output(job)
    assert "worker lost" in leased.daemons[0].text()


def test_a_requeued_job_keeps_its_turn(leased: Cluster) -> None:
    """In its place by id, before everything that was submitted later."""
    order = leased.folder / "order"
    once = leased.folder / "once"
    script = 'test -e "$1" || { touch "$1"; exec sleep 300; }; echo $GOQ_JOB_ID >> "$2"'
    job = leased.submit(*shell(script, once, order))
    leased.wait_until(once.exists)
    later = leased.submit_lines([f"sh -c 'echo $GOQ_JOB_ID >> {order}'"] * 3)
    leased.daemons[1].crash()
    leased.wait_for_stat(runQlen=0, waitingJobs=4)
    leased.start_worker()
    leased.wait_for_stat(finishedJobsCount=4)

    assert [job, *later] == [int(line) for line in order.read_text().split()]


def test_a_worker_that_hung_beyond_its_lease_kills_its_attempt(leased: Cluster) -> None:
    """The job is somebody else's by then; two must not write the same files."""
    gate = leased.folder / "gate"
    job = leased.submit(*held_until(gate, "echo $GOQ_ATTEMPT"), env={JOB_MARK: leased.mark})
    (first,) = leased.wait_until(lambda: roots(leased))
    hung = leased.daemons[1]
    hung.freeze()
    leased.wait_for_stat(runQlen=0, waitingJobs=1)
    leased.start_worker()
    leased.wait_until(lambda: len(roots(leased)) == 2)
    hung.thaw()
    leased.wait_until(lambda: first not in roots(leased) and len(roots(leased)) == 1)
    text = hung.text()
    touch(gate)

    assert "lost the lease of job 1" in text
    assert 0 == leased.status(job)
    assert b"2\n" == leased.output(job)


def test_a_late_result_is_refused(leased: Cluster) -> None:
    """The attempt that was given up must not end the job over the one that runs."""
    gate = leased.folder / "gate"
    ended = leased.folder / "ended"
    first_only = 'test $GOQ_ATTEMPT = 1 || { until test -e "$1"; do sleep 0.02; done; }'
    job = leased.submit(
        *shell(f'{first_only}; echo $GOQ_ATTEMPT; until test -e "$2"; do sleep 0.02; done', gate, ended),
        env={JOB_MARK: leased.mark},
    )
    leased.wait_until(lambda: roots(leased))
    late = leased.daemons[1]
    late.freeze()
    touch(ended)
    leased.wait_until(lambda: not roots(leased))  # the first attempt has ended; its worker hangs
    leased.wait_for_stat(runQlen=0, waitingJobs=1)
    leased.start_worker()
    leased.wait_for_stat(runQlen=1)
    late.thaw()
    leased.wait_until(lambda: "refused" in late.text() or "lost the lease" in late.text())
    still = leased.stat()
    touch(gate)

    assert "1" == still["runQlen"]
    assert "0" == still["finishedJobsCount"]
    assert 0 == leased.status(job)
    assert b"2\n" == leased.output(job)


def test_leases_outlast_a_server_that_is_away(cluster: Cluster) -> None:
    """A worker never kills a job because the head node is down."""
    lease_s = 2.0
    cluster.env |= {"GOQ_LEASE_SEC": str(lease_s), "GOQ_HEARTBEAT_SEC": "0.2"}
    server = cluster.start_server()
    cluster.start_worker()
    gate = cluster.folder / "gate"
    job = cluster.submit(*held_until(gate, "echo $GOQ_ATTEMPT"), env={JOB_MARK: cluster.mark})
    cluster.wait_until(lambda: roots(cluster))
    server.freeze()
    pass_time(cluster, lease_s + 1)
    server.thaw()
    cluster.stat()
    server.crash()
    cluster.start_server()
    touch(gate)

    assert 0 == cluster.status(job)
    assert b"1\n" == cluster.output(job), cluster.show()


def test_a_server_that_was_away_hears_what_was_said_meanwhile(cluster: Cluster) -> None:
    """A lease that was nearly over is not judged before the word that lies in the machine was read."""
    lease_s, silent_s = 3.0, 2.3
    cluster.env |= {"GOQ_LEASE_SEC": str(lease_s), "GOQ_HEARTBEAT_SEC": "0.2"}
    server, worker = cluster.start_server(), cluster.start_worker()
    gate = cluster.folder / "gate"
    job = cluster.submit(*held_until(gate, "echo $GOQ_ATTEMPT"), env={JOB_MARK: cluster.mark})
    cluster.wait_until(lambda: roots(cluster))
    worker.freeze()
    pass_time(cluster, silent_s)
    server.freeze()
    worker.thaw()
    cluster.wait_until(lambda: unread_bytes(cluster.port))
    pass_time(cluster, 2 * SLACK_S)  # of which that counts, and so the lease is over
    server.thaw()
    touch(gate)

    assert 0 == cluster.status(job)
    assert b"1\n" == cluster.output(job), cluster.show()


def test_the_output_of_an_attempt_that_was_given_up_is_replaced(leased: Cluster) -> None:
    """Half of attempt 1 under the whole of attempt 2 would be nobody's output."""
    once = leased.folder / "once"
    script = 'test -e "$1" || { head -c 300000 /dev/zero; touch "$1"; exec sleep 300; }; echo whole'
    job = leased.submit(*shell(script, once))
    leased.wait_until(lambda: once.exists() and leased.output_file(job).exists())
    leased.wait_until(lambda: leased.output_file(job).stat().st_size == 300_000)
    leased.daemons[1].crash()
    leased.start_worker()

    assert 0 == leased.status(job)
    assert b"whole\n" == leased.output(job)


def test_a_result_outlives_its_worker(working: Cluster) -> None:
    """It ended, the server was away, the worker died: the next worker here brings the result home."""
    gate = working.folder / "gate"
    runs = working.folder / "runs"
    script = f"echo run >> {runs}; echo kept; exit 7"
    job = working.submit(*held_until(gate, script), env={JOB_MARK: working.mark})
    working.wait_until(lambda: roots(working))
    server, worker = working.daemons[:2]
    server.crash()
    touch(gate)
    working.wait_until(lambda: list(working.spool.rglob("*.result")))
    worker.crash()
    working.start_server()
    working.start_worker()

    assert 7 == working.status(job)
    assert working.output(job).startswith(b"kept\n")
    assert "run\n" == runs.read_text()


def test_a_job_that_is_killed_after_its_workers_death_never_runs_again(leased: Cluster) -> None:
    """Nobody is there to be told; the wish must hold all the same."""
    runs = leased.folder / "runs"
    job = leased.submit(*shell(f"echo $GOQ_ATTEMPT >> {runs}; exec sleep 300"))
    leased.wait_until(lambda: runs.exists() and runs.read_text())
    leased.daemons[1].crash()
    leased.done("kill", str(job))
    leased.start_worker()
    ended = leased.goq("wait", str(job))

    assert ended.returncode > 128  # nobody saw which signal it was
    assert b"job was cancelled" in ended.stdout  # by now it may be waiting again
    assert b"next\n" == leased.run("echo", "next")
    assert "1\n" == runs.read_text()


def test_a_goodbye_of_a_worker_without_a_job_is_quick(leased: Cluster) -> None:
    """A node that is shut down must not hang on its idle workers."""
    leased.wait_for_stat(waitingWorkers=1)
    code = leased.daemons[1].stop()

    assert 0 == code
    assert "0" == leased.stat()["waitingWorkers"]


def pass_time(cluster: Cluster, seconds: float) -> None:
    """The time is what the test is about; whoever dies meanwhile is noticed."""
    until = time.monotonic() + seconds
    cluster.wait_until(lambda: time.monotonic() > until)


def unread_bytes(port: int) -> int:
    """How much lies in the machine for the server that listens there, and has not been read."""
    count = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, _, queues, *_ = line.split()
        count += int(queues.partition(":")[2], 16) if int(local.partition(":")[2], 16) == port else 0
    return count


def roots(cluster: Cluster) -> list[int]:
    """The first processes of the jobs that run: those whose parent is of no job."""
    pids = set(marked_pids(JOB_MARK, cluster.mark))
    return [pid for pid in pids if _parent(pid) not in pids | {0}]


def _parent(pid: int) -> int:
    """0 of a process that has ended meanwhile."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0
