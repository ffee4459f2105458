"""Disks that do not take what is written: nothing is lost, and all goes on when there is room."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from goq.core.values.result import DAMAGED_STATUS
from system.cluster import Cluster
from system.disk import SmallDisk, small_disk, wait_for_file
from system.jobs import held_until, shell, touch
from system.test_bad_input import complaint

LONG = 300_000  # bytes of output: too long to travel inside a result


@pytest.fixture
def disk(cluster: Cluster) -> Iterator[SmallDisk]:
    """One megabyte, at the folder where the server is started."""
    made = small_disk(cluster.here)
    try:
        yield made
    finally:
        for daemon in cluster.daemons:
            daemon.end_group()
        made.close()


def acknowledged(cluster: Cluster, attempts: int) -> list[int]:
    """Submit jobs until one is not accepted; the numbers of those that were."""
    cluster.env["GOQ_SENDTIMEOUT_MSEC"] = "500"
    jobs: list[int] = []
    for _ in range(attempts):
        ended = cluster.goq("sub", "sh", "-c", "echo $GOQ_JOB_ID")
        if ended.returncode:
            assert 3 == ended.returncode
            assert 1 == ended.stderr.count(b"\n")
            return jobs
        jobs.append(int(ended.stdout.split()[4]))
    raise AssertionError("the disk is full, and all is accepted")


# --- an output folder that cannot be -----------------------------------------------------------


def test_outputs_are_kept_until_their_folder_can_be_made(cluster: Cluster) -> None:
    """A wrong GOQ_ODIR costs no result: the server stays up and writes when it can."""
    in_the_way = cluster.here / "in-the-way"
    cluster.env["GOQ_ODIR"] = str(in_the_way / "o")
    server = cluster.start_server()
    if in_the_way.exists():
        shutil.rmtree(in_the_way)
    in_the_way.write_text("a file")
    cluster.start_worker()
    job = cluster.submit("echo", "kept")
    status = cluster.status(job)
    cluster.wait_until(lambda: "cannot write the output of job 1" in server.text())
    in_the_way.unlink()

    assert 0 == status
    wait_for_file(in_the_way / "o" / "out.00001", b"kept\n")
    assert server.alive


def test_kept_outputs_survive_a_crash_of_the_server(cluster: Cluster) -> None:
    """They are in the journal until they are in their files."""
    in_the_way = cluster.here / "in-the-way"
    cluster.env["GOQ_ODIR"] = str(in_the_way / "o")
    server = cluster.start_server()
    if in_the_way.exists():
        shutil.rmtree(in_the_way)
    in_the_way.write_text("a file")
    cluster.start_worker()
    cluster.status(cluster.submit("echo", "kept"))
    server.crash()
    in_the_way.unlink()
    cluster.start_server()

    wait_for_file(in_the_way / "o" / "out.00001", b"kept\n")


def test_a_long_output_stays_with_its_worker_until_the_server_can_write(cluster: Cluster) -> None:
    """It is too long for the journal, so nobody may call the job finished before."""
    in_the_way = cluster.here / "in-the-way"
    cluster.env["GOQ_ODIR"] = str(in_the_way / "o")
    server = cluster.start_server()
    if in_the_way.exists():
        shutil.rmtree(in_the_way)
    in_the_way.write_text("a file")
    cluster.start_worker()
    job = cluster.submit(*shell(f"head -c {LONG} /dev/zero"))
    cluster.wait_until(lambda: "its worker keeps it" in server.text())
    before = cluster.stat()["finishedJobsCount"]
    in_the_way.unlink()

    assert "0" == before
    assert 0 == cluster.status(job)
    assert bytes(LONG) == (in_the_way / "o" / "out.00001").read_bytes()


def test_an_output_folder_that_is_taken_away_is_made_again(working: Cluster) -> None:
    """Somebody tidies up while the server runs."""
    working.run("echo", "one")
    working.output_file(1).unlink()
    (working.here / "o").rmdir()

    assert b"two\n" == working.run("echo", "two")


# --- a full disk -------------------------------------------------------------------------------


def test_a_full_disk_under_the_journal_loses_nothing_that_was_acknowledged(
    cluster: Cluster, disk: SmallDisk
) -> None:
    """The server accepts nothing, says so, and goes on by itself."""
    server = cluster.start_server(prefix=disk.enter)
    cluster.start_worker()
    cluster.status(cluster.submit("true"))
    disk.fill()
    jobs = acknowledged(cluster, attempts=100)
    text = server.text()
    disk.make_room()
    cluster.wait_until(lambda: cluster.goq("stat", timeout=5).returncode == 0)
    jobs.append(cluster.submit("sh", "-c", "echo $GOQ_JOB_ID"))
    statuses = cluster.statuses(jobs)
    server.crash()
    cluster.start_server(prefix=disk.enter)

    assert "nothing is accepted until there is room" in text
    assert {0} == set(statuses)
    for job in jobs:
        wait_for_file(disk.root / "o" / f"out.{job:05d}", b"%d\n" % job)
    assert jobs[-1] + 1 == int(cluster.stat()["nextJobId"])


def test_a_server_can_be_stopped_while_its_disk_is_full(cluster: Cluster, disk: SmallDisk) -> None:
    """Its keeper must be able to reboot the machine, and then find everything."""
    server = cluster.start_server(prefix=disk.enter)
    first = cluster.submit("sh", "-c", "echo $GOQ_JOB_ID")
    disk.fill()
    jobs = [first, *acknowledged(cluster, attempts=100)]
    code = server.stop()
    disk.make_room()
    cluster.start_server(prefix=disk.enter)
    cluster.start_worker()

    assert 1 == code
    assert "cannot write the journal" in server.text().splitlines()[-1]
    assert {0} == set(cluster.statuses(jobs))


def test_a_server_does_not_start_on_a_full_disk(cluster: Cluster, disk: SmallDisk) -> None:
    """It could accept nothing."""
    disk.fill()
    line = complaint(cluster.goq_by(disk.enter, "serve"), 1)

    assert "No space left on device" in line


def test_outputs_wait_for_room_while_the_journal_has_some(cluster: Cluster, disk: SmallDisk) -> None:
    """Outputs may lie on another disk than the journal; short and long ones are all kept."""
    cluster.env["GOQ_JOURNAL"] = str(cluster.folder / "journal")
    cluster.start_server(prefix=disk.enter)
    cluster.start_worker("forever", "-j", "2")
    cluster.status(cluster.submit("true"))
    disk.fill()
    short = cluster.submit("echo", "short")
    long = cluster.submit(*shell(f"head -c {LONG} /dev/zero"))
    cluster.status(short)
    cluster.wait_until(lambda: "No space left" in cluster.daemons[0].text())
    disk.make_room()

    assert 0 == cluster.status(long)
    wait_for_file(disk.root / "o" / f"out.{short:05d}", b"short\n")
    wait_for_file(disk.root / "o" / f"out.{long:05d}", bytes(LONG))


# --- the worker's own disk -----------------------------------------------------------------------


def worker_on(cluster: Cluster, disk: SmallDisk) -> None:
    """A worker that keeps its outputs on the small disk; the server is elsewhere."""
    server_folder = cluster.folder / "elsewhere"
    server_folder.mkdir()
    cluster.start_server(cwd=server_folder)
    cluster.here = server_folder
    cluster.start_worker(env={"GOQ_SPOOL": str(disk.folder)}, prefix=disk.enter)


def test_a_job_that_fills_its_workers_disk_fails_alone(cluster: Cluster, disk: SmallDisk) -> None:
    """The worker, and the jobs after it, must not pay for it."""
    worker_on(cluster, disk)
    job = cluster.submit(*shell("head -c 3000000 /dev/zero; exec sleep 300"))

    assert 143 == cluster.status(job)
    output, _, line = cluster.output(job).rpartition(b"\ngoq: ")
    assert 500_000 < len(output) < 3_000_000
    assert line.startswith(b"job 1: ")
    assert line.endswith(
        f": the spool of {socket.gethostname()} was full: No space left on device\n".encode()
    )
    assert b"next\n" == cluster.run("echo", "next")


def test_a_job_is_not_done_whose_output_was_not_kept(cluster: Cluster, disk: SmallDisk) -> None:
    """It says that all is well; half of what it wrote is gone. And its own failure stays what it was."""
    worker_on(cluster, disk)
    tidy = "trap 'exit 0' TERM; head -c 3000000 /dev/zero; while :; do sleep 0.1; done"
    failing = "trap 'exit 5' TERM; head -c 3000000 /dev/zero; while :; do sleep 0.1; done"

    assert DAMAGED_STATUS == cluster.status(cluster.submit(*shell(tidy)))
    assert 5 == cluster.status(cluster.submit(*shell(failing)))


def test_a_job_that_does_not_end_when_its_spool_is_full_is_killed(cluster: Cluster, disk: SmallDisk) -> None:
    """After the grace that any kill has (GOQ_KILL_GRACE_SEC)."""
    cluster.env["GOQ_KILL_GRACE_SEC"] = "0.5"
    worker_on(cluster, disk)
    job = cluster.submit(*shell("trap '' TERM; cat /dev/zero"))

    assert 137 == cluster.status(job)
    assert b"was full: No space left on device\n" in cluster.output(job)


def test_a_worker_whose_disk_others_have_filled_ends_no_job(cluster: Cluster, disk: SmallDisk) -> None:
    """Each job that it takes would fail, and it would take the next one, and so all."""
    worker_on(cluster, disk)
    cluster.wait_for_stat(waitingWorkers=1)
    disk.fill()
    jobs = cluster.submit_lines(["sh -c 'seq 1000; echo $GOQ_JOB_ID'"] * 10)
    cluster.wait_for_stat(pausedHosts=1)
    assert "10" == cluster.stat()["waitingJobs"]
    disk.make_room()

    assert [0] * 10 == [cluster.status(job) for job in jobs]
    assert "0" == cluster.stat()["failedJobsCount"]


def test_the_last_line_needs_no_room_on_the_workers_disk(cluster: Cluster, disk: SmallDisk) -> None:
    """It says why there is no output."""
    worker_on(cluster, disk)
    gate = cluster.folder / "gate"
    job = cluster.submit(*held_until(gate, "echo something; exec sleep 300"))
    cluster.wait_for_start(job)
    disk.fill()
    touch(gate)

    assert 143 == cluster.status(job)
    assert cluster.output(job).endswith(b"was full: No space left on device\n")


def test_a_result_on_a_full_workers_disk_waits_for_the_server(cluster: Cluster, disk: SmallDisk) -> None:
    """Full disk and absent server at once: the worker holds on to what it has."""
    worker_on(cluster, disk)
    gate = cluster.folder / "gate"
    job = cluster.submit(*held_until(gate, "head -c 3000000 /dev/zero; exec sleep 300"))
    cluster.wait_for_start(job)
    cluster.daemons[0].crash()
    touch(gate)
    cluster.wait_until(lambda: _full(disk.root))
    cluster.start_server()

    assert 143 == cluster.status(job)
    assert cluster.output(job).startswith(bytes(1000))
    assert cluster.output(job).endswith(b"was full: No space left on device\n")


def _full(root: Path) -> bool:
    return sum(path.stat().st_blocks * 512 for path in root.rglob("*")) > 900_000


def test_a_worker_whose_spool_was_taken_away_has_another(working: Cluster) -> None:
    """Something clears old files away, and does not ask whose they are."""
    working.wait_for_stat(waitingWorkers=1)
    shutil.rmtree(working.spool)

    assert b"short\n" == working.run("echo", "short")
    assert bytes(LONG) == working.run(*shell(f"head -c {LONG} /dev/zero"))
    assert 0o700 == working.spool.stat().st_mode & 0o777
    assert 0 == working.daemons[1].stop()


def test_a_job_whose_output_was_taken_away_under_it_ends_well(working: Cluster) -> None:
    """It was long on its way when somebody tidied up."""
    gate = working.folder / "gate"
    head = f"head -c {LONG} /dev/zero"
    job = working.submit(*shell(f'{head}; until test -e "$1"; do sleep 0.02; done; {head}; exit 3', gate))
    working.wait_for_start(job)
    working.wait_until(lambda: working.output_file(job).exists() and len(working.output(job)) == LONG)
    shutil.rmtree(working.spool)
    touch(gate)

    assert 3 == working.status(job)
    assert bytes(2 * LONG) == working.output(job)[: 2 * LONG]
