"""Copies of a queue: two servers of one queue never give the same, and an old journal ends no job."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from system.cluster import Cluster, Daemon
from system.jobs import held_until

LEAP = 1_000_000


def other_home(cluster: Cluster) -> Path:
    """A GOQ_HOME of the same cluster that remembers no queue."""
    home = cluster.folder / "other"
    shutil.copytree(cluster.home, home)
    (home / "server").unlink(missing_ok=True)
    return home


def refusal(cluster: Cluster, cwd: Path, home: Path, **more: str) -> str:
    ended = cluster.goq("serve", cwd=cwd, env={"GOQ_HOME": str(home), **more})
    assert (1, 1) == (ended.returncode, ended.stderr.count(b"\n")), ended
    return ended.stderr.decode()


def stop(server: Daemon) -> None:
    server.stop()


def crash(server: Daemon) -> None:
    server.crash()


# --- beside the original -----------------------------------------------------------------------


@pytest.mark.parametrize("end", [stop, crash])
def test_a_copy_is_seen_though_this_home_remembers_nothing(
    cluster: Cluster, end: Callable[[Daemon], None]
) -> None:
    """The journal knows its own place, and the original is there."""
    server = cluster.start_server()
    cluster.submit("--no-requeue", "true")
    end(server)
    home, copy = other_home(cluster), cluster.folder / "copy"
    shutil.copytree(cluster.here, copy)
    cluster.start_server()
    said = refusal(cluster, copy, home, GOQ_JSERV_PORT="1")
    named = refusal(cluster, cluster.folder, home, GOQ_JOURNAL=str(copy / ".goq"))

    assert said == named
    assert f"'{copy}/.goq'" in said
    assert f"'{cluster.here}/.goq'" in said
    assert "--restored" in said


def test_a_copy_is_not_gone_on_with_beside_a_living_server(cluster: Cluster) -> None:
    """Nor as a deed: both would give out jobs."""
    cluster.start_server()
    home, copy = other_home(cluster), cluster.folder / "copy"
    shutil.copytree(cluster.here, copy)
    ended = cluster.goq("serve", "--restored", cwd=copy, env={"GOQ_HOME": str(home)})

    assert 1 == ended.returncode
    assert b"stop that one first" in ended.stderr


def test_a_moved_folder_goes_on_with_any_home(cluster: Cluster) -> None:
    """Moved in order, or after a crash: it is the same file. Once one line says it."""
    cluster.start_server().crash()
    home, place = other_home(cluster), cluster.folder / "moved"
    cluster.here.rename(place)
    first = cluster.start_server(cwd=place, env={"GOQ_HOME": str(home)})
    first.stop()
    again = cluster.start_server(cwd=place, env={"GOQ_HOME": str(home)})

    assert 1 == first.text().count("has moved")
    assert "has moved" not in again.text()


def test_a_copy_of_a_stopped_server_whose_original_is_gone_has_moved(cluster: Cluster) -> None:
    """As from one disk to another."""
    cluster.start_server().stop()
    home, place = other_home(cluster), cluster.folder / "moved"
    shutil.copytree(cluster.here, place)
    shutil.rmtree(cluster.here)

    assert "has moved" in cluster.start_server(cwd=place, env={"GOQ_HOME": str(home)}).text()


# --- in the place of the original --------------------------------------------------------------


def swap(cluster: Cluster, snap: Path) -> None:
    cluster.here.rename(cluster.folder / "old")
    snap.rename(cluster.here)


def copy_back(cluster: Cluster, snap: Path) -> None:
    shutil.rmtree(cluster.here)
    shutil.copytree(snap, cluster.here)


def copy_the_journal_back(cluster: Cluster, snap: Path) -> None:
    shutil.rmtree(cluster.here / ".goq")
    shutil.copytree(snap / ".goq", cluster.here / ".goq")


def write_over(cluster: Cluster, snap: Path) -> None:
    """The same files, with what was in them then."""
    for path in (cluster.here / ".goq").iterdir():
        saved = snap / ".goq" / path.name
        path.write_bytes(saved.read_bytes() if saved.exists() else b"")


@pytest.mark.parametrize("put_back", [swap, copy_back, copy_the_journal_back])
def test_a_snapshot_of_a_served_queue_is_not_gone_on_with_unsaid(
    cluster: Cluster, put_back: Callable[[Cluster, Path], None]
) -> None:
    """It is of the same epoch, and knows nothing of what was given since."""
    gate, snap = cluster.folder / "gate", cluster.folder / "snap"
    server = cluster.start_server()
    worker = cluster.start_worker("forever", "-j", "3")
    cluster.run("true")
    shutil.copytree(cluster.here, snap)
    jobs = [cluster.submit(*words, *held_until(gate)) for words in ((), ("--no-requeue",))]
    for job in jobs:
        cluster.wait_for_start(job)
    server.crash()
    put_back(cluster, snap)
    said = refusal(cluster, cluster.here, cluster.home)
    assert "made while a server had it" in said
    assert "--restored" in said
    restored = cluster.start("serve", "--restored", cwd=cluster.here)
    cluster.wait_until(lambda: "goes on with a copy" in restored.text())
    gate.touch()
    cluster.wait_until(lambda: restored.text().count("] stray: job") == 2)

    assert "killing" not in worker.text()
    assert cluster.submit("true") > LEAP


def test_what_workers_hold_shows_that_a_journal_is_old(cluster: Cluster) -> None:
    """Written over in place it looks like itself; the claims of its own epochs are the proof."""
    gate, snap = cluster.folder / "gate", cluster.folder / "snap"
    server = cluster.start_server()
    worker = cluster.start_worker("forever", "-j", "3")
    cluster.run("true")
    shutil.copytree(cluster.here, snap)
    jobs = [cluster.submit(*words, *held_until(gate, "echo ran")) for words in ((), ("--no-requeue",))]
    for job in jobs:
        cluster.wait_for_start(job)
    server.crash()
    write_over(cluster, snap)
    old = cluster.start_server()
    cluster.wait_until(lambda: "is an old copy of queue" in old.text())
    assert "is an old copy of queue" in cluster.done("stat")
    later = cluster.submit("echo", "later")
    gate.touch()
    cluster.wait_until(lambda: old.text().count("] stray: job") == 2)
    cluster.wait_for_end(later)

    assert max(jobs) < LEAP < later
    assert "killing" not in worker.text()
    strays = cluster.here / "o" / "strays" / "1.1"
    assert [b"ran\n"] * 2 == [(strays / f"out.{job:05d}").read_bytes() for job in jobs]
    shown = cluster.done("audit", "--no-outputs")
    assert "old journal: job" in shown
    assert "the journal holds" in shown
    assert 1 == old.text().count("is an old copy of queue")


def test_a_result_alone_shows_it_too(cluster: Cluster) -> None:
    """A job that ended while no server was there; short and long output."""
    gate, snap = cluster.folder / "gate", cluster.folder / "snap"
    server = cluster.start_server()
    cluster.start_worker("forever", "-j", "2")
    cluster.run("true")
    shutil.copytree(cluster.here, snap)
    short = cluster.submit(*held_until(gate, "echo ran"))
    long = cluster.submit(*held_until(gate, "head -c 200000 /dev/zero"))
    for job in (short, long):
        cluster.wait_for_start(job)
    server.crash()
    gate.touch()
    cluster.wait_until(lambda: len(list(cluster.spool.rglob("*.result"))) == 2)
    write_over(cluster, snap)
    old = cluster.start_server()
    cluster.wait_until(lambda: old.text().count("] stray: job") == 2)

    strays = cluster.here / "o" / "strays" / "1.1"
    assert b"ran\n" == (strays / f"out.{short:05d}").read_bytes()
    assert bytes(200000) == (strays / f"out.{long:05d}").read_bytes()
    assert cluster.submit("true") > LEAP
