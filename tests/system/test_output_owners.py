"""A server of root's writes outputs as their owners: in their folders, with their rights, up to their quotas."""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from goq.adapters.files.rights import can_be_others
from system.cluster import Cluster
from system.disk import SmallDisk, small_disk, wait_for_file

pytestmark = pytest.mark.skipif(
    not can_be_others() or not all(map(shutil.which, ("useradd", "userdel"))),
    reason="not root, or no useradd: there is nobody else whose files could be written",
)

LONG = 300_000


@pytest.fixture(scope="module", name="ann")
def _ann() -> Iterator[pwd.struct_passwd]:
    """A user of this host, while these tests run."""
    name = f"goq{os.getpid()}"
    subprocess.run(["useradd", "--no-create-home", "--shell", "/bin/sh", name], check=True)
    yield pwd.getpwnam(name)
    subprocess.run(["userdel", name], check=True)


def submit(cluster: Cluster, owner: str, *words: str) -> int:
    """A job of that owner's."""
    return cluster.submit(*words, env={"LOGNAME": owner})


def whose(path: Path) -> tuple[int, int, int]:
    """Its owner, group, and mode."""
    found = path.lstat()
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


def test_each_owner_has_a_folder_and_files_of_his_own(working: Cluster, ann: pwd.struct_passwd) -> None:
    """Root has what it had; an owner without an account has files of root's. All of them are shown, and audited."""
    umask = os.umask(0o027)
    try:
        root_s = submit(working, "root", "-o", "logs/x", "echo", "root")
        short = submit(working, ann.pw_name, "echo", "short")
        long = submit(working, ann.pw_name, "-o", "logs/x", "sh", "-c", f"head -c {LONG} /dev/zero")
        ghost = submit(working, "nobody-knows", "echo", "ghost")
        jobs = (root_s, short, long, ghost)
        assert [0] * 4 == [working.status(each) for each in jobs]
    finally:
        os.umask(umask)
    folder = working.here / "o"
    paths = {
        root_s: folder / "logs" / "x",
        short: folder / ann.pw_name / f"out.{short:05d}",
        long: folder / ann.pw_name / "logs" / "x",
        ghost: folder / "nobody-knows" / f"out.{ghost:05d}",
    }
    working.wait_until(lambda: all(each.exists() for each in paths.values()))
    ours = ann.pw_uid, ann.pw_gid

    assert [(*ours, 0o640), (*ours, 0o640), (0, 0, 0o600)] == [whose(paths[each]) for each in jobs[1:]]
    assert [(*ours, 0o700), (*ours, 0o750)] == [
        whose(folder / ann.pw_name),
        whose(folder / ann.pw_name / "logs"),
    ]
    assert 0 == whose(paths[root_s])[0]
    assert [b"root\n", b"short\n", bytes(LONG), b"ghost\n"] == [each.read_bytes() for each in paths.values()]
    assert ["short\n", "ghost\n"] == [working.done("logs", str(each)) for each in (short, ghost)]
    assert f"5 bytes in {paths[ghost]}"[2:] in working.done("history", str(ghost), cwd=working.here)
    assert "0 violations" in working.done("audit", cwd=working.here)


def test_tricks_in_an_owner_s_folder_lead_nowhere(working: Cluster, ann: pwd.struct_passwd) -> None:
    """Neither is a file of root's written, nor one read for ann, and nobody else waits for hers."""
    first = submit(working, ann.pw_name, "echo", "first")
    assert 0 == working.status(first)
    his = working.here / "o" / ann.pw_name
    working.wait_until((his / f"out.{first:05d}").exists)
    secret = working.folder / "secret"
    secret.write_text("root's\n")
    secret.chmod(0o600)
    job = submit(working, ann.pw_name, "--hold", "-o", "late/x", "echo", "kept")
    (his / "late").mkdir()
    os.link(secret, his / "late" / "x")
    (his / f"out.{first:05d}").unlink()
    (his / f"out.{first:05d}").symlink_to(secret)
    os.chown(his / "late", ann.pw_uid, ann.pw_gid)
    working.done("release", str(job), env={"LOGNAME": ann.pw_name})
    assert 0 == working.status(job)
    working.wait_until(lambda: f"cannot write the output of job {job}" in working.daemons[0].text())
    told = working.done("stat")
    read = working.goq("logs", str(first))
    other = working.run("echo", "other", env={"LOGNAME": "root"})
    (his / "late" / "x").unlink()
    wait_for_file(his / "late" / "x", b"kept\n")

    assert "root's\n" == secret.read_text()
    assert b"root" not in read.stdout
    assert b"other\n" == other
    assert f"until '{his}' takes them" in told
    assert ann.pw_uid == whose(his / "late" / "x")[0]


@pytest.fixture(name="disk")
def _disk(cluster: Cluster, ann: pwd.struct_passwd) -> Iterator[SmallDisk]:
    """One megabyte for the outputs of one owner."""
    place = cluster.here / "o" / ann.pw_name
    place.mkdir(parents=True)
    made = small_disk(place)
    os.chown(made.root, ann.pw_uid, ann.pw_gid)
    try:
        yield made
    finally:
        for daemon in cluster.daemons:
            daemon.end_group()
        made.close()


def test_a_full_disk_stops_its_owner_s_outputs_and_nothing_else(
    cluster: Cluster, ann: pwd.struct_passwd, disk: SmallDisk
) -> None:
    """They are kept until there is room, a long one by its worker; the queue goes on, and so do all others."""
    server = cluster.start_server(prefix=[*disk.enter[:-1], str(cluster.here)])
    for _ in range(2):
        cluster.start_worker()
    disk.fill()
    short = [submit(cluster, ann.pw_name, "echo", word) for word in ("one", "two")]
    long = submit(cluster, ann.pw_name, "sh", "-c", f"head -c {LONG} /dev/zero")
    assert [0, 0] == [cluster.status(each) for each in short]
    cluster.wait_until(lambda: f"cannot write the output of job {short[0]}" in server.text())
    later = submit(cluster, ann.pw_name, "-c", "2", "sh", "-c", f"head -c {LONG} /dev/zero")
    no_room = f"the folder for {ann.pw_name}'s outputs takes none"
    cluster.wait_until(lambda: no_room in cluster.done("why", str(later)))
    cluster.done("alter", str(later), "-c", "1")
    others = [cluster.run("echo", word, env={"LOGNAME": "root"}) for word in ("three", "four")]
    told = cluster.done("stat")
    why = cluster.done("why", str(later))
    disk.make_room()
    cluster.wait_for_end(long)
    cluster.wait_for_end(later)
    contents = (b"one\n", b"two\n", bytes(LONG), bytes(LONG))
    for job, content in zip([*short, long, later], contents, strict=True):
        wait_for_file(disk.root / f"out.{job:05d}", content)

    assert [b"three\n", b"four\n"] == others
    assert f"until '{disk.folder}' takes them" in told
    assert no_room in why
    assert {ann.pw_uid} == {whose(disk.root / f"out.{job:05d}")[0] for job in (*short, long)}
