"""Going on with a backup: no number is printed twice, and nothing that runs is thrown away."""

import shutil
from pathlib import Path

from system.cluster import Cluster, Daemon
from system.jobs import held_until, shell

LEAP = 1_000_000


def restore(cluster: Cluster, backup: Path, name: str = "new") -> Path:
    """A new folder with the backup as its journal, as docs/operations.md says."""
    folder = cluster.folder / name
    (folder / ".goq").mkdir(mode=0o700, parents=True)
    shutil.copy(backup, folder / ".goq" / "journal.sqlite")
    return folder


def go_on(cluster: Cluster, folder: Path) -> Daemon:
    """`goq serve --restored`."""
    server = cluster.start("serve", "--restored", cwd=folder)
    cluster.wait_until(lambda: "goes on with a copy" in server.text())
    return server


def lose(cluster: Cluster, server: Daemon) -> None:
    """The disk is gone, and the server with it."""
    server.crash()
    shutil.rmtree(cluster.here)


def output(folder: Path, job: int) -> bytes:
    name = f"out.{job:05d}" if job < 1_000_000 else f"{job // 10_000}/out.{job}"
    return (folder / "o" / name).read_bytes()


def test_the_drill(cluster: Cluster) -> None:
    """Backup, 100 more jobs, the disk gone, restore, go on."""
    gate = cluster.folder / "gate"
    backup = cluster.folder / "backup.sqlite"
    server = cluster.start_server()
    worker = cluster.start_worker("forever", "-j", "3")
    before = cluster.submit_lines(["true"] * 20)
    for job in before:
        cluster.wait_for_end(job)
    known = cluster.submit(*held_until(gate, "echo known"))
    cluster.wait_for_start(known)
    cluster.done("backup", str(backup))
    stray = cluster.submit(*held_until(gate, "echo stray"))
    long = cluster.submit(*held_until(gate, "head -c 200000 /dev/zero"))
    cluster.wait_until(lambda: f"starting job {long}:" in worker.text())
    after = cluster.submit_lines(["true"] * 100)
    lose(cluster, server)
    folder = restore(cluster, backup)
    plain = cluster.goq("serve", cwd=folder)
    assert (1, 1) == (plain.returncode, plain.stderr.count(b"\n"))
    assert b"--restored" in plain.stderr
    restored = go_on(cluster, folder)
    gate.touch()
    cluster.wait_until(lambda: restored.text().count("] stray: job") == 2)
    cluster.wait_for_end(known)
    later = cluster.submit_lines(["echo later"] * 5)
    for job in later:
        cluster.wait_for_end(job)

    assert max(*before, known, stray, long, *after) < min(later)
    assert after[0] + LEAP == later[0] + 2  # two were submitted between the backup and those
    assert b"known\n" == output(folder, known)
    assert [b"later\n"] * 5 == [output(folder, job) for job in later]
    assert b"stray\n" == (folder / "o" / "strays" / "1.1" / f"out.{stray:05d}").read_bytes()
    assert bytes(200000) == (folder / "o" / "strays" / "1.1" / f"out.{long:05d}").read_bytes()
    shown = cluster.done("audit", "--no-outputs")
    assert "the journal holds" in shown
    assert f"stray: job {stray}, attempt 1 of epoch 1" in shown
    assert f"o/strays/1.1/out.{long:05d}" in cluster.done("history", str(long))
    cluster.wait_until(lambda: not any(cluster.spool.rglob("*.result")))
    assert 1 == worker.text().count(f"starting job {known}:")
    assert 1 == worker.text().count(f"starting job {stray}:")


def test_no_number_is_given_twice_by_going_back_twice_to_one_backup(cluster: Cluster) -> None:
    """GOQ_HOME remembers that it was gone back to before."""
    backup = cluster.folder / "backup.sqlite"
    server = cluster.start_server()
    cluster.submit("true")
    cluster.done("backup", str(backup))
    lose(cluster, server)
    numbers = []
    for name in ("first", "second"):
        folder = restore(cluster, backup, name)
        server = go_on(cluster, folder)
        numbers.append(cluster.submit("true"))
        server.crash()
        shutil.rmtree(folder)

    assert [2 + LEAP, 2 + 2 * LEAP] == numbers


def test_a_restored_queue_stays_so(cluster: Cluster) -> None:
    """Started again, it still lets strays finish; and it needs the word no more."""
    gate = cluster.folder / "gate"
    backup = cluster.folder / "backup.sqlite"
    server = cluster.start_server()
    cluster.done("backup", str(backup))
    worker = cluster.start_worker()
    stray = cluster.submit(*held_until(gate, "echo stray"))
    cluster.wait_for_start(stray)
    lose(cluster, server)
    folder = restore(cluster, backup)
    go_on(cluster, folder).stop()
    server = cluster.start_server(cwd=folder)
    gate.touch()
    cluster.wait_until(lambda: "] stray: job" in server.text())

    assert 2 + LEAP == cluster.submit("true") + 1
    assert "lost the lease" not in worker.text()
    assert b"stray\n" == (folder / "o" / "strays" / "1.1" / f"out.{stray:05d}").read_bytes()


def test_what_the_backup_believes_waiting_is_given_as_another_attempt(cluster: Cluster) -> None:
    """The one that was given since goes on as a stray; what must not start twice does not."""
    gate, count = cluster.folder / "gate", cluster.folder / "count"
    backup = cluster.folder / "backup.sqlite"
    server = cluster.start_server()
    twice = cluster.submit(
        *shell('echo x >> "$2"; until test -e "$1"; do sleep 0.02; done; echo $GOQ_ATTEMPT', gate, count)
    )
    once = cluster.submit("--no-requeue", *held_until(gate, "echo once"))
    cluster.done("backup", str(backup))
    worker = cluster.start_worker("forever", "-j", "2")
    cluster.wait_for_start(twice)
    cluster.wait_for_start(once)
    lose(cluster, server)
    folder = restore(cluster, backup)
    restored = go_on(cluster, folder)
    other = cluster.start_worker()
    cluster.wait_until(lambda: count.read_text().count("x") == 2)
    gate.touch()
    cluster.wait_until(lambda: restored.text().count("] stray: job") == 2)
    cluster.wait_for_end(twice)

    assert b"1\n" == output(folder, twice)
    strays = folder / "o" / "strays" / "1.1"
    assert [b"1\n", b"once\n"] == [(strays / f"out.{job:05d}").read_bytes() for job in (twice, once)]
    assert [255] == cluster.statuses([once])
    assert [1, 0] == [each.text().count(f"starting job {once}:") for each in (worker, other)]
    assert "the journal holds" in cluster.done("audit", "--no-outputs")
    assert "may have been started" in cluster.done("history", str(once))


def test_a_result_that_a_dead_worker_left_is_a_stray_too(cluster: Cluster) -> None:
    """The next worker brings it, and gets rid of it."""
    gate = cluster.folder / "gate"
    backup = cluster.folder / "backup.sqlite"
    server = cluster.start_server()
    cluster.done("backup", str(backup))
    worker = cluster.start_worker()
    stray = cluster.submit(*held_until(gate, "echo stray"))
    cluster.wait_for_start(stray)
    lose(cluster, server)
    gate.touch()
    cluster.wait_until(lambda: any(cluster.spool.rglob("*.result")))
    worker.crash()
    folder = restore(cluster, backup)
    restored = go_on(cluster, folder)
    cluster.start_worker()
    cluster.wait_until(lambda: "] stray: job" in restored.text())
    cluster.wait_until(lambda: not any(cluster.spool.rglob("*.result")))

    assert b"stray\n" == (folder / "o" / "strays" / "1.1" / f"out.{stray:05d}").read_bytes()


def test_restored_needs_a_journal(cluster: Cluster) -> None:
    """An empty folder is nothing to go back to; nor is `--new` a way of going back."""
    ended = cluster.goq("serve", "--restored")

    assert (1, 1) == (ended.returncode, ended.stderr.count(b"\n"))
    assert b"holds no journal" in ended.stderr
    assert 2 == cluster.goq("serve", "--restored", "--new").returncode
