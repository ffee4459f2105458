"""GOQ_SPOOL and GOQ_HOME on the disks that people have: shared, without locks, on NFS, full, read-only."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, EIO, ENOLCK, ENOSYS, ENOTSUP
from pathlib import Path

import pytest
from namespaces import booted_again, mounted, on_host
from refusals import refusing

from system.cluster import Cluster
from system.disk import SmallDisk, small_disk
from system.jobs import held_until, shell, touch
from system.test_bad_input import IMPATIENT, complaint

LONG = 300_000  # bytes of output: too long to travel inside a result
NOLOCKS = refusing("flock", ENOLCK)
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"'


def worker_folders(cluster: Cluster) -> list[Path]:
    """Those of all workers, of all hosts and boots."""
    return list(cluster.spool.glob("*/*/*.*.*.*"))


def files_in_spool(cluster: Cluster) -> list[Path]:
    return [path for path in cluster.spool.rglob("*") if not path.is_dir()]


def leave_result(cluster: Cluster, *prefix: str, script: str = "echo kept; exit 3") -> int:
    """A job whose result its worker has kept, since the server is away; the worker is killed then.

    Another server comes up. What the job has left is in the spool.
    """
    worker = cluster.start_worker(prefix=prefix)
    gate = cluster.folder / f"gate{len(cluster.daemons)}"
    job = cluster.submit(*held_until(gate, script))
    cluster.wait_for_start(job)
    cluster.daemons[0].crash()
    touch(gate)
    cluster.wait_until(lambda: list(cluster.spool.rglob(f"{job}.*.result")))
    worker.crash()
    cluster.start_server()
    return job


@contextmanager
def hiding_disk(below: Path, place: Path) -> Iterator[None]:
    """What lies at `below`, at `place` as well, where a file that is open keeps a hidden name."""
    for folder in (below, place):
        folder.mkdir()
    assert shutil.which("bindfs"), "apt-get install bindfs"
    process = subprocess.Popen(["bindfs", "-f", str(below), str(place)], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while not os.path.ismount(place):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.skip(f"not provable on this machine, which has no FUSE: {process.communicate()[1]}")
        time.sleep(0.02)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)  # which unmounts it
        process.communicate(timeout=30)


# --- whose is what is left ----------------------------------------------------------------------


@pytest.mark.parametrize("locks", [[], NOLOCKS], ids=["locks", "no locks"])
def test_a_worker_leaves_another_host_s_spool_alone(served: Cluster, locks: list[str]) -> None:
    """Two machines share GOQ_HOME and GOQ_SPOOL; what one writes there the other must not delete."""
    gate = served.folder / "gate"
    script = f"head -c {LONG} /dev/zero"
    job = served.submit(*shell(f'{script}; until test -e "$1"; do sleep 0.02; done; {script}', gate))
    served.start_worker(prefix=[*on_host(b"node1"), *locks])
    served.wait_until(lambda: served.output_file(job).exists() and len(served.output(job)) == LONG)
    others = [served.start_worker(prefix=[*on_host(b"node2"), *locks]) for _ in range(2)]
    served.wait_for_stat(waitingWorkers=2)
    touch(gate)

    assert 0 == served.status(job)
    assert bytes(2 * LONG) == served.output(job)
    assert "attempt 2" not in served.daemons[0].text()
    assert [0, 0] == [other.stop() for other in others]


@pytest.mark.parametrize("locks", [[], NOLOCKS], ids=["locks", "no locks"])
def test_what_an_earlier_boot_left_is_delivered_at_once(
    served: Cluster, tmp_path: Path, locks: list[str]
) -> None:
    """A node loses power while the head node is away: its job has been run, and is not run again."""
    job = leave_result(served, *locks)
    worker = served.start_worker(prefix=[*booted_again(tmp_path), *locks])
    status = served.status(job)
    code = worker.stop()

    assert (3, 0) == (status, code)
    assert b"kept\n" == served.output(job)[:5]
    assert f"inherited the result of job {job}" in worker.text()
    assert [] == files_in_spool(served)


def test_what_another_host_left_waits_for_that_host(served: Cluster) -> None:
    """Its worker may be alive, as far as anybody here can tell."""
    job = leave_result(served, *on_host(b"node1"), script="echo kept")
    other = served.start_worker(prefix=on_host(b"node2"))
    served.wait_for_stat(waitingWorkers=1)
    kept = [path.read_bytes() for path in served.spool.rglob(f"{job}.1.out")]
    same = served.start_worker(prefix=on_host(b"node1"))

    assert 0 == served.status(job)
    assert [b"kept\n"] == kept
    assert f"inherited the result of job {job}" not in other.text()
    served.wait_until(lambda: f"the inherited result of job {job} is delivered" in same.text())


def test_a_second_cluster_on_the_machine_takes_nothing_of_the_first(served: Cluster, tmp_path: Path) -> None:
    """One user, one GOQ_SPOOL, two clusters: the other server would refuse the result, and it would be lost."""
    job = leave_result(served)
    second = Cluster(tmp_path / "second")
    second.env["GOQ_SPOOL"] = str(served.spool)
    try:
        second.start_server()
        worker = second.start_worker()
        second.run("true")
        text = worker.text()
    finally:
        second.close()
    served.start_worker()

    assert 3 == served.status(job)
    assert "inherited" not in text


def test_hundreds_of_results_are_inherited_with_few_descriptors(served: Cluster) -> None:
    """A worker with many slots died while the head node was away for long."""
    worker = served.start_worker("forever", "-j", "3")
    served.run("true")
    gate = served.folder / "gate"
    held = [served.submit(*held_until(gate)) for _ in range(3)]
    for job in held:
        served.wait_for_start(job)
    served.daemons[0].crash()
    touch(gate)
    served.wait_until(lambda: len(list(served.spool.rglob("*.result"))) == 3)
    worker.crash()
    (folder,) = worker_folders(served)
    for job in held:
        for copy in range(100):  # as of attempts that were given up
            for kind in ("out", "result"):
                shutil.copy(folder / f"{job}.1.{kind}", folder / f"{job}.{copy + 2}.{kind}")
    served.start_server()
    few = ["sh", "-c", 'ulimit -n 150; exec "$@"', "sh"]
    heir = served.start_worker(prefix=few)

    assert [0] * 3 == served.statuses(held)
    served.wait_until(lambda: not files_in_spool(served), or_show=lambda: files_in_spool(served))
    assert 0 == heir.stop()


# --- GOQ_SPOOL in a folder where everybody may make one --------------------------------------------

VAR_TMP = "mount -t tmpfs -o mode=1777 none /var/tmp"
OURS = "/var/tmp/goq-$(id -u)"
SQUATTERS = {
    "a link": f"mkdir -m 700 /var/tmp/theirs && ln -s theirs {OURS}",
    "another user's": f"mkdir -m 700 {OURS} && chown 65534 {OURS}",
    "open to others": f"mkdir {OURS} && chmod 1777 {OURS}",
    "a file": f"touch {OURS}",
}


def test_the_default_place_is_on_the_node_and_private(served: Cluster) -> None:
    """Nobody has to set anything."""
    del served.env["GOQ_SPOOL"]
    served.start_worker(prefix=mounted(VAR_TMP))
    seen = served.run(*shell(f'stat -c "%a %u" {OURS}; ls /var/tmp'))

    assert f"700 {os.geteuid()}\ngoq-{os.geteuid()}\n" == seen.decode()
    assert not any(path.is_dir() for path in served.home.iterdir())


@pytest.mark.parametrize("squatter", SQUATTERS)
def test_what_somebody_else_put_in_its_place_is_refused(served: Cluster, squatter: str) -> None:
    """He could read outputs, and have his files taken for ours. Who needs no spool is not held up."""
    if squatter == "another user's" and os.geteuid() != 0:
        pytest.skip("only root can make a folder another user's")
    del served.env["GOQ_SPOOL"]
    squatted = mounted(f"{VAR_TMP} && {SQUATTERS[squatter]}")
    submitted = served.goq_by(squatted, "sub", "true")
    refused = [complaint(served.goq_by(squatted, "work", *words), 1) for words in ((), ("forever",))]
    served.daemons[0].stop()
    served.env |= IMPATIENT
    unspooled = complaint(served.goq_by(squatted, "sub", "--spool", "true"), 1)
    forgotten = complaint(served.goq_by(squatted, "sub", "true"), 3)

    assert (0, b"") == (submitted.returncode, submitted.stderr)
    for line in (*refused, unspooled, forgotten):
        assert f"GOQ_SPOOL is /var/tmp/goq-{os.geteuid()}" in line or squatter == "a file"
        assert f"/var/tmp/goq-{os.geteuid()}" in line
    assert "cannot be spooled" in unspooled
    assert "cannot be remembered" in forgotten


# --- disks that keep hidden names of open files, as an NFS client does -----------------------------


@pytest.fixture
def hiding(cluster: Cluster) -> Iterator[Path]:
    """A folder on a file system that renames an open file instead of removing it."""
    below, place = cluster.folder / "below", cluster.folder / "hiding"
    with hiding_disk(below, place):
        yield place
        for daemon in cluster.daemons:
            daemon.end_group()


@pytest.mark.parametrize("slots", ["1", "4"])
def test_a_worker_on_a_disk_that_hides_open_files_ends_cleanly(
    cluster: Cluster, hiding: Path, slots: str
) -> None:
    """Homes are on NFS almost everywhere; each end of a worker was a traceback there."""
    cluster.env |= {"GOQ_HOME": str(hiding / "home"), "GOQ_SPOOL": str(hiding / "spool")}
    cluster.spool = hiding / "spool"
    cluster.start_server()
    worker = cluster.start_worker("forever", "-j", slots)
    cluster.run("echo", "short")
    cluster.run(*shell(f"head -c {LONG} /dev/zero"))
    code = worker.stop()

    assert 0 == code
    assert [] == worker_folders(cluster)


def test_three_workers_killed_on_a_disk_that_hides_open_files_hold_up_nobody(
    cluster: Cluster, hiding: Path
) -> None:
    """The next three starts died of what they had left."""
    cluster.env |= {"GOQ_HOME": str(hiding / "home"), "GOQ_SPOOL": str(hiding / "spool")}
    cluster.spool = hiding / "spool"
    cluster.start_server()
    workers = [cluster.start_worker() for _ in range(3)]
    jobs = [cluster.submit(*shell(f"head -c {LONG} /dev/zero; sleep 300")) for _ in workers]
    for job in jobs:
        cluster.wait_for_start(job)
    with (worker_folders(cluster)[0] / "held").open("wb"):  # somebody has a file open there
        for worker in workers:
            worker.crash()
        after = [cluster.start_worker() for _ in range(3)]
        cluster.wait_for_stat(waitingWorkers=3)
        codes = [worker.stop() for worker in after]
    last = cluster.start_worker()
    cluster.wait_for_stat(waitingWorkers=1)

    assert [0] * 3 == codes
    assert 0 == last.stop()
    assert [] == worker_folders(cluster)


def test_what_cannot_go_does_not_decide_how_a_worker_ends(working: Cluster) -> None:
    """The same without such a disk: something is in the worker's folder that it cannot remove."""
    working.wait_for_stat(waitingWorkers=1)
    (folder,) = worker_folders(working)
    in_the_way = folder / "in" / "the way"
    in_the_way.mkdir(parents=True)
    codes = [working.daemons[1].stop()]
    for _ in range(2):
        worker = working.start_worker("forever", "-j", "2")
        working.run("true")
        codes.append(worker.stop())
    left = worker_folders(working)
    shutil.rmtree(folder / "in")
    working.start_worker()
    working.wait_for_stat(waitingWorkers=1)
    (living,) = worker_folders(working)

    assert [0, 0, 0] == codes
    assert [folder] == left
    assert folder != living


# --- disks that cannot be written ------------------------------------------------------------------


class Disk:
    """How GOQ_SPOOL cannot be written: what to put before commands, and the word for it."""

    def __init__(self, prefix: list[str], word: str) -> None:
        self.prefix = prefix
        self.word = word


@pytest.fixture(params=["read-only", "full", "over quota", "failing"])
def unwritable(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[Disk]:
    """The spool of a user who has used it before, and can no more."""
    cluster.done("init")
    cluster.env |= IMPATIENT
    cluster.goq("sub", "false")  # which leaves a try that could be taken up, and the folder for it
    if request.param == "read-only":
        yield Disk(mounted(READ_ONLY, cluster.spool), "Read-only file system")
    elif request.param == "full":
        shutil.move(cluster.spool, cluster.folder / "used")
        cluster.spool.mkdir(mode=0o700)
        disk = small_disk(cluster.spool)
        try:
            shutil.copytree(cluster.folder / "used", disk.root, dirs_exist_ok=True)
            disk.root.chmod(0o700)
            disk.fill()
            yield Disk(disk.enter, "No space left on device")
        finally:
            for daemon in cluster.daemons:
                daemon.end_group()
            disk.close()
    else:
        error = EDQUOT if request.param == "over quota" else EIO
        yield Disk(refusing("fsync", error), os.strerror(error))  # NFS says it so late


def test_submitting_needs_no_disk(cluster: Cluster, unwritable: Disk) -> None:
    """Remembering a try is a help, not a condition: with a server there is nothing to remember."""
    cluster.start_server()
    submitted = cluster.goq_by(unwritable.prefix, "sub", "true")

    assert (0, b"") == (submitted.returncode, submitted.stderr)
    assert b"submitted job 1 " in submitted.stdout


def test_a_try_that_cannot_be_remembered_is_told_and_is_a_try(cluster: Cluster, unwritable: Disk) -> None:
    """No server is no server: exit status 3, in one line."""
    line = complaint(cluster.goq_by(unwritable.prefix, "sub", "true"), 3)

    assert f"no job server at {cluster.address}" in line
    assert "cannot be remembered" in line
    assert unwritable.word in line


def test_what_cannot_be_spooled_is_an_error_that_says_so(cluster: Cluster, unwritable: Disk) -> None:
    """Its user believes that the job will run, else."""
    line = complaint(cluster.goq_by(unwritable.prefix, "sub", "--spool", "true"), 1)
    cluster.start_server()
    cluster.start_worker()
    cluster.run("true")

    assert "cannot be spooled" in line
    assert unwritable.word in line
    assert "2" == cluster.stat()["nextJobId"]


@pytest.mark.parametrize("words", [(), ("forever",), ("forever", "-j", "4")])
def test_a_worker_that_cannot_write_its_spool_ends_at_its_start(
    cluster: Cluster, unwritable: Disk, words: tuple[str, ...]
) -> None:
    """In one line, before it takes a job."""
    cluster.start_server()
    line = complaint(cluster.goq_by(unwritable.prefix, "work", *words), 1)

    assert f"cannot write in {cluster.spool}" in line or f"cannot make the folder {cluster.spool}" in line
    assert unwritable.word in line


def test_an_earlier_try_that_cannot_be_taken_up_is_told(cluster: Cluster) -> None:
    """The disk has become read-only meanwhile: the job is another one, and its user hears of it."""
    cluster.done("init")
    cluster.env |= IMPATIENT
    assert 3 == cluster.goq_by(mounted("true"), "sub", "true").returncode  # from the same environment
    (remembered,) = cluster.spool.rglob("*.retry")
    cluster.start_server()
    submitted = cluster.goq_by(mounted(READ_ONLY, cluster.spool), "sub", "true")

    assert 0 == submitted.returncode
    assert 1 == submitted.stderr.count(b"\n")
    assert b"an earlier try of this cannot be taken up" in submitted.stderr
    assert remembered.exists()


def test_many_lines_that_cannot_be_spooled_leave_none_behind(cluster: Cluster) -> None:
    """Half of them would run, though all were said to be lost."""
    cluster.done("init")
    cluster.env |= IMPATIENT
    disk = small_disk_at(cluster)
    try:
        lines = cluster.folder / "lines"
        lines.write_text("".join(f"echo {'x' * 100} {number}\n" for number in range(25_000)))
        line = complaint(cluster.goq_by(disk.enter, "sub", "--spool", "lines@", str(lines)), 1)
        left = [path.name for path in disk.root.rglob("*.zjob")]
    finally:
        disk.close()

    assert "No space left on device" in line
    assert [] == left


def small_disk_at(cluster: Cluster) -> SmallDisk:
    """One megabyte for GOQ_SPOOL."""
    cluster.spool.mkdir(mode=0o700)
    return small_disk(cluster.spool)


HOMES: dict[str, dict[str, str | None]] = {
    "is not there and cannot be": {"GOQ_HOME": "/proc/no/home"},
    "of a user without HOME": {"HOME": None},
    "of a user with no HOME that is there": {"GOQ_HOME": None, "HOME": "/nonexistent"},
    "with no folder for temporary files": {"TMPDIR": "/nonexistent"},
}


@pytest.mark.parametrize("home", HOMES)
def test_what_has_its_id_from_a_variable_needs_no_home(served: Cluster, home: str) -> None:
    """Service accounts have none, or one that nobody made."""
    key = (served.here / ".goqclusterid").read_text().strip()
    env: dict[str, str | None] = {"GOQ_CLUSTERID": key, **HOMES[home]}
    served.start_worker(env=env)

    assert b"done\n" == served.run("echo", "done", env=env)
    assert "finishedJobsCount=1" in served.done("stat", env=env)


def test_a_home_that_cannot_be_written_is_enough_to_work(served: Cluster) -> None:
    """It holds the id; nobody has to write there once it does."""
    prefix = mounted(READ_ONLY, served.home)
    worker = served.start_worker(prefix=prefix)
    submitted = served.goq_by(prefix, "sub", "true")

    assert (0, b"") == (submitted.returncode, submitted.stderr)
    assert 0 == served.status(1)
    assert 0 == worker.stop()


# --- file systems without locks ----------------------------------------------------------------------


@pytest.mark.parametrize("error", [ENOLCK, ENOTSUP, ENOSYS])
def test_a_server_says_that_its_journal_needs_locks(cluster: Cluster, error: int) -> None:
    """Two servers with one journal would be worse than none."""
    line = complaint(cluster.goq_by(refusing("flock", error), "serve"), 1)

    assert f"the file system of {cluster.away}/.goq has no locks ({os.strerror(error)})" in line
    assert "GOQ_JOURNAL" in line


@pytest.mark.parametrize("error", [ENOLCK, ENOTSUP, ENOSYS])
def test_a_worker_says_once_that_there_are_no_locks_and_works(served: Cluster, error: int) -> None:
    """And its neighbours leave its spool alone all the same."""
    nolocks = refusing("flock", error)
    first = served.start_worker(prefix=nolocks)
    served.run("true")
    second = served.start_worker(prefix=nolocks)
    served.wait_for_stat(waitingWorkers=2)
    folders = len(worker_folders(served))
    outputs = [served.run("echo", str(number)) for number in range(3)]
    codes = [worker.stop() for worker in (first, second)]

    assert [b"0\n", b"1\n", b"2\n"] == outputs
    assert 2 == folders
    assert [0, 0] == codes
    for worker in (first, second):
        assert 1 == worker.text().count("locks")
        assert f"the file system of '{served.spool}" in worker.text()


def test_locks_that_are_interrupted_are_locks(cluster: Cluster) -> None:
    """Over a network a lock takes its time, and a signal may come meanwhile."""
    interrupted = [
        "strace",
        "-D",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "trace=flock",
        "-e",
        "inject=flock:error=EINTR:when=1..3",
    ]
    assert shutil.which("strace"), "apt-get install strace"
    if subprocess.run([*interrupted, "true"], capture_output=True, check=False).returncode:
        pytest.skip("not provable on this machine, which lets nobody trace processes")
    cluster.start_server(prefix=interrupted)
    worker = cluster.start_worker(prefix=interrupted)

    assert b"done\n" == cluster.run("echo", "done")
    assert "has no locks" not in worker.text()
    assert 0 == worker.stop()
    assert [] == worker_folders(cluster)


@pytest.mark.parametrize(
    "script", ["echo first; {}; echo second", "echo first; {}", "echo first; {}; exit 3"]
)
@pytest.mark.parametrize("cut", [": > {}", "truncate -s 2 {}"])
def test_a_spool_that_somebody_empties_is_no_success(working: Cluster, script: str, cut: str) -> None:
    """The output is not what the job wrote: 74 and a line, or the job's own status; and no zeros."""
    file = working.folder / "name"
    emptied = f'until grep -lr first "{working.spool}" > "{file}"; do sleep 0.05; done; {cut.format(f"$(cat {file})")}'
    job = working.submit(*shell(script.format(emptied)))

    assert (3 if "exit" in script else 74) == working.status(job)
    output = working.output(job)
    assert b"\0" not in output
    assert b"second" in output or "second" not in script
    assert b"lost what was in it: somebody cut it off at" in output
    assert "job failed: its output was damaged: " in working.goq("wait", str(job)).stdout.decode()
    assert b"next\n" == working.run("echo", "next")
