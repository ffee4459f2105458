"""A long output between a worker's disk and the server's: it arrives whole, or the job says that it did not."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from system.cluster import Cluster
from system.disk import small_disk
from system.jobs import shell, touch
from system.proc import cpu_s
from system.tap import Tap

FIRST, REST = 150_000, 90_000
DAMAGED = 74
MIB = 1 << 20


def in_two_parts(gate: Path, status: int = 0) -> tuple[str, ...]:
    """A job that writes, waits until the file is there, and writes again."""
    return shell(
        'head -c "$1" /dev/zero | tr "\\0" a; until test -e "$3"; do sleep 0.02; done;'
        ' head -c "$2" /dev/zero | tr "\\0" b; exit "$4"',
        FIRST,
        REST,
        gate,
        status,
    )


def spool_of(cluster: Cluster, job: int) -> Path:
    """Where a worker keeps the job's output, once it is on its way."""
    found = cluster.wait_until(lambda: list(cluster.folder.rglob(f"{job}.1.out")))
    return found[0]


def half_way(cluster: Cluster, status: int = 0) -> tuple[int, Path]:
    """A job whose first part is at the server; touch the file for the rest."""
    gate = cluster.folder / "gate"
    job = cluster.submit(*in_two_parts(gate, status))
    cluster.wait_until(lambda: size_of(cluster.output_file(job)) == FIRST)
    return job, gate


def size_of(path: Path) -> int:
    """So long it is by now."""
    return path.stat().st_size if path.exists() else 0


def verdict(cluster: Cluster, job: int) -> str:
    """What `goq wait` says."""
    return cluster.goq("wait", str(job)).stdout.decode()


def check_service(cluster: Cluster) -> None:
    """The worker goes on with other jobs."""
    assert b"next\n" == cluster.run("echo", "next")
    assert bytes(FIRST) == cluster.run("head", "-c", str(FIRST), "/dev/zero")


# --- the worker's file -------------------------------------------------------------------------

SPOOL_DAMAGE: dict[str, Callable[[Path], object]] = {
    "emptied": lambda spool: os.truncate(spool, 0),
    "cut to half": lambda spool: os.truncate(spool, FIRST // 2),
    "written anew": lambda spool: spool.write_bytes(b"something else\n"),
}


@pytest.mark.parametrize("damage", SPOOL_DAMAGE.values(), ids=SPOOL_DAMAGE)
def test_an_output_that_shrinks_at_its_worker_ends_the_job_as_a_failure(
    working: Cluster, damage: Callable[[Path], object]
) -> None:
    """It was sent for ever, by a worker and a server that did nothing else, and could not be killed."""
    job, gate = half_way(working)
    damage(spool_of(working, job))
    touch(gate)
    status, said = working.status(job), verdict(working, job)
    output = working.output(job)
    check_service(working)

    assert DAMAGED == status
    assert "job failed: its output was damaged: the worker's copy " in said
    assert output.startswith(b"a" * FIRST + b"\ngoq: job 1: its output was damaged: ")
    assert 2 == output.count(b"\n")
    assert "the journal holds" in working.done("audit", cwd=working.here)


def test_the_status_of_a_job_that_failed_is_its_own(working: Cluster) -> None:
    """It comes first; the words tell of both."""
    job, gate = half_way(working, status=3)
    os.truncate(spool_of(working, job), 0)
    touch(gate)

    assert 3 == working.status(job)
    assert "its output was damaged" in verdict(working, job)


def test_a_job_can_be_killed_while_its_output_is_damaged(working: Cluster) -> None:
    """Whatever happens to its bytes, it is a process."""
    job, _ = half_way(working)
    os.truncate(spool_of(working, job), 0)
    working.done("kill", str(job))
    said = working.wait_until(lambda: verdict(working, job))
    check_service(working)

    assert "job was cancelled" in said
    assert 128 + signal.SIGTERM == working.status(job)


def test_an_output_that_was_changed_is_found_out_when_it_is_sent_again(working: Cluster) -> None:
    """The server was started again, and has forgotten how far it was."""
    job, gate = half_way(working)
    with spool_of(working, job).open("r+b") as spool:
        spool.seek(1000)
        spool.write(b"ZZZ")
    working.daemons[0].crash()
    working.start_server()
    touch(gate)

    assert DAMAGED == working.status(job)
    assert "the worker's copy was changed after it had been read" in verdict(working, job)
    check_service(working)


def test_an_heir_says_when_an_output_is_shorter_than_it_was(working: Cluster) -> None:
    """The worker has died with a result that nobody took; somebody tidied up; another worker brings it."""
    job, gate = half_way(working)
    spool = spool_of(working, job)
    working.daemons[0].crash()
    touch(gate)
    working.wait_until(lambda: list(working.folder.rglob(f"{job}.1.result")))
    working.daemons[1].crash()
    os.truncate(spool, 5)
    working.start_server()
    working.start_worker()
    said = f"the worker's copy has 5 bytes, and had {FIRST + REST}"

    assert DAMAGED == working.status(job)
    assert said in verdict(working, job)
    assert f"aaaaa\ngoq: job 1: its output was damaged: {said}\n".encode() == working.output(job)
    check_service(working)


# --- the server's file -------------------------------------------------------------------------

FILE_DAMAGE: dict[str, Callable[[Path], object]] = {
    "emptied": lambda path: os.truncate(path, 0),
    "cut": lambda path: os.truncate(path, FIRST - 1),
    "removed": lambda path: path.unlink(),
    "moved": lambda path: path.rename(path.with_name("elsewhere")),
    "its folder removed": lambda path: shutil.rmtree(path.parent),
}


@pytest.mark.parametrize("damage", FILE_DAMAGE.values(), ids=FILE_DAMAGE)
def test_a_file_that_shrinks_at_the_server_is_written_once_more(
    working: Cluster, damage: Callable[[Path], object]
) -> None:
    """The worker has all of it still. It used to be a file with a hole, of a job that had gone well."""
    job, gate = half_way(working)
    damage(working.output_file(job))
    touch(gate)

    assert 0 == working.status(job)
    assert b"a" * FIRST + b"b" * REST == working.output(job)


def test_a_job_that_empties_its_output_at_the_server_fails_in_the_end(working: Cluster) -> None:
    """It runs beside the server, and does so all the time: nobody sends for ever."""
    script = (
        'yes | head -c 100000; (while :; do : > "$1"; done) & emptier=$!; '
        "for i in 1 2 3 4 5 6 7 8; do yes | head -c 100000; sleep 1.1; done; kill $emptier"
    )
    job = working.submit(*shell(script, working.output_file(1)))
    status = working.status(job)
    check_service(working)

    assert status in (0, DAMAGED), "it may have been quick enough"
    if status:
        assert "the server's file was changed again and again" in verdict(working, job)
        assert working.output(job).startswith(b"goq: job 1: its output was damaged: the server's file")
    else:
        assert 900_000 == len(working.output(job))


def test_a_full_disk_at_the_server_is_waited_for_in_peace(cluster: Cluster) -> None:
    """The worker keeps the output, and neither end is busy with it."""
    disk = small_disk(cluster.here)
    try:
        cluster.env["GOQ_JOURNAL"] = str(cluster.folder / "journal")
        server = cluster.start_server(prefix=disk.enter)
        worker = cluster.start_worker()
        cluster.status(cluster.submit("true"))
        disk.fill()
        size = MIB // 4 * 3
        job = cluster.submit("head", "-c", str(size), "/dev/zero")
        cluster.wait_until(lambda: "No space left" in server.text())
        before = [cpu_s(each.pid) for each in (server, worker)]
        asked = [cluster.stat() for _ in range(20)]  # some seconds, in which they are awake
        used = [cpu_s(each.pid) - was for each, was in zip((server, worker), before, strict=True)]
        disk.make_room()

        assert all(each["runQlen"] == "1" for each in asked)
        assert max(used) < 1.0
        assert 0 == cluster.status(job)
        assert bytes(size) == (disk.root / "o" / f"out.{job:05d}").read_bytes()
    finally:
        for daemon in cluster.daemons:
            daemon.end_group()
        disk.close()


# --- the way between ---------------------------------------------------------------------------


def test_bytes_that_are_changed_on_their_way_are_sent_again(served: Cluster) -> None:
    """Somebody in between bends some of them: the output is the job's, and the attempt is counted."""
    left = [5]

    def bend(data: bytes) -> bytes:
        if left[0] and data.count(b"x") == len(data):
            left[0] -= 1
            return b"X" + data[1:]
        return data

    with Tap(served.port, bend) as tap:
        served.start_worker(env={"GOQ_JSERV_PORT": str(tap.port)})
        job = served.submit(*shell(f"head -c {4 * MIB} /dev/zero | tr '\\0' x"))
        status = served.status(job)
        counted = int(served.stat()["droppedBadSigCount"])
        served.daemons[1].stop()

    assert (0, 0) == (status, left[0])
    assert b"x" * (4 * MIB) == served.output(job)
    assert counted > 0
    assert "arrives that is not what its worker signed" in served.daemons[0].text()


def test_a_server_that_is_killed_again_and_again_gets_it_whole(working: Cluster) -> None:
    """Each one begins the output anew, and none of them twice."""
    gate = working.folder / "gate"
    script = 'head -c "$1" /dev/urandom | tee "$2"; until test -e "$3"; do sleep 0.02; done; tail -c 100 "$2"'
    copy = working.folder / "copy"
    job = working.submit(*shell(script, 40 * MIB, copy, gate))
    for part in (1, MIB, 20 * MIB):
        working.wait_until(lambda part=part: part <= size_of(working.output_file(job)))  # type: ignore[misc]  # a default
        working.daemons[0 if part == 1 else -1].crash()
        working.start_server()
    touch(gate)

    assert 0 == working.status(job)
    assert copy.read_bytes() + copy.read_bytes()[-100:] == working.output(job)
