"""Each GOQ_* variable: what it does, and that a bad value is refused by the variable's name."""

from pathlib import Path

import pytest

from system.cluster import Cluster
from system.test_bad_input import complaint, tree_of

NUMBERS = ["x", "-1", "1e999", "nan", "1" + "0" * 400, "9" * 5000, "1,5", "0", "65536", "80.5"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *[("GOQ_JSERV_PORT", value) for value in NUMBERS],
        *[("GOQ_SENDTIMEOUT_MSEC", value) for value in ("x", "0", "1.5")],
        *[("GOQ_HEARTBEAT_SEC", value) for value in ("x", "0", "inf")],
        *[("GOQ_LEASE_SEC", value) for value in ("x", "-1", "1e999")],
        *[("GOQ_KILL_GRACE_SEC", value) for value in ("x", "-1")],
        *[
            ("GOQ_JSERV_IP", value)
            for value in ("1.2.3", "256.1.1.1", "192.0.2.7:1776", "a b", "::g", "[::1")
        ],
        *[("GOQ_DEBUGMODE", value) for value in ("yes", "2")],
    ],
)
def test_a_bad_value_is_refused_by_its_variables_name(cluster: Cluster, variable: str, value: str) -> None:
    """The original took the default silently, and its user looked for the fault elsewhere."""
    line = complaint(cluster.goq("serve", cwd=cluster.here, env={variable: value}), 1)

    assert f"goq: {variable} is " in line
    assert {} == tree_of(cluster.here, cluster.home.parent)


def test_a_lease_shorter_than_two_heartbeats_is_refused(cluster: Cluster) -> None:
    """Every job would be taken for lost."""
    line = complaint(cluster.goq("stat", env={"GOQ_LEASE_SEC": "5", "GOQ_HEARTBEAT_SEC": "4"}), 1)

    assert "GOQ_LEASE_SEC" in line
    assert "GOQ_HEARTBEAT_SEC" in line


@pytest.mark.parametrize("variable", ["GOQ_HOME", "GOQ_JOURNAL"])
def test_a_folder_that_cannot_be_is_told(cluster: Cluster, variable: str) -> None:
    """A file stands where the folder should be."""
    blocked = cluster.folder / "file"
    blocked.write_text("in the way")
    for path in (blocked, blocked / "below"):
        line = complaint(cluster.goq("serve", cwd=cluster.here, env={variable: str(path)}), 1)

        assert str(blocked) in line
    assert "in the way" == blocked.read_text()


def test_an_empty_variable_means_its_default(cluster: Cluster) -> None:
    """`GOQ_ODIR= goq serve` is how a shell says `unset`."""
    empty = dict.fromkeys(("GOQ_ODIR", "GOQ_JOURNAL", "GOQ_LEASE_SEC", "GOQ_DEBUGMODE", "GOQ_CLUSTERID"), "")
    cluster.start_server(env=empty)
    cluster.start_worker(env=empty)

    assert b"done\n" == cluster.run("echo", "done")


def test_goq_journal_says_where_the_journal_is(cluster: Cluster) -> None:
    """It may belong on another disk than the outputs."""
    elsewhere = cluster.folder / "elsewhere" / "deep"
    cluster.start_server(env={"GOQ_JOURNAL": str(elsewhere)})

    assert (elsewhere / "journal.sqlite").exists()
    assert not (cluster.here / ".goq").exists()


def test_goq_sendtimeout_msec_is_how_long_an_idle_worker_stays(served: Cluster) -> None:
    """The README: it stops after so much inactivity."""
    worker = served.start("work", env={"GOQ_SENDTIMEOUT_MSEC": "600"})

    assert 0 == worker.wait(within_s=5)
    assert "no work came in 600 msec" in worker.text()


# --- where the cluster id comes from -----------------------------------------------------------


@pytest.mark.parametrize("in_file", [True, False])
@pytest.mark.parametrize("in_variable", [True, False])
def test_serve_takes_the_file_then_the_variable_then_makes_one(
    cluster: Cluster, in_file: bool, in_variable: bool
) -> None:
    """The README's order, and the id is in the file afterwards, private, in every case."""
    path = cluster.here / ".goqclusterid"
    if in_file:
        path.write_text("a" * 40 + "\n")
        path.chmod(0o600)
    cluster.start_server(env={"GOQ_CLUSTERID": "b" * 40 if in_variable else None})
    written = path.read_text().strip()

    assert 0o600 == path.stat().st_mode & 0o777
    assert written == (cluster.home / "goqclusterid").read_text().strip()
    assert 40 == len(written)
    if in_file:
        assert "a" * 40 == written
    elif in_variable:
        assert "b" * 40 == written
    assert 1 == cluster.submit("true")


def test_a_home_with_another_id_is_kept_and_told(cluster: Cluster) -> None:
    """One user may have two clusters; the second must not take the first's key away."""
    cluster.done("init")
    kept = (cluster.home / "goqclusterid").read_bytes()
    path = cluster.here / ".goqclusterid"
    path.write_text("a" * 40 + "\n")
    path.chmod(0o600)
    server = cluster.start_server()

    assert "another cluster's id" in server.text()
    assert kept == (cluster.home / "goqclusterid").read_bytes()
    assert 1 == cluster.submit("true", cwd=cluster.here)


def test_nothing_but_the_address_is_needed_from_another_folder(served: Cluster) -> None:
    """One user on one machine sets no secret anywhere."""
    job = served.submit("true", env={"GOQ_HOME": None})

    assert 1 == job


@pytest.mark.parametrize(("variable", "command"), [("GOQ_SPOOL", "work"), ("GOQ_ODIR", "serve")])
def test_a_folder_that_cannot_be_one_is_refused_at_the_start(
    cluster: Cluster, variable: str, command: str
) -> None:
    """By the variable's name, before a job is lost in it: no traceback, and not "File exists"."""
    file, loop, dangling = (cluster.folder / name for name in ("file", "loop", "dangling"))
    file.touch()
    loop.symlink_to(loop)
    dangling.symlink_to(cluster.folder / "nowhere")
    long = cluster.folder / ("x" * 300)
    places = [file, file / "below", loop, loop / "below", dangling, long, long / "below", Path("/dev/null")]
    for path in places:
        line = complaint(cluster.goq(command, cwd=cluster.here, env={variable: str(path)}), 1)

        assert f"goq: {variable}" in line
        assert "File exists" not in line
    assert {} == tree_of(cluster.here, cluster.home.parent)


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (words, files)
        for words in (("stat",), ("sub", "true"), ("serve",), ("work",))
        for files in (
            10,
            12,
            14,
            20,
            31 if words == ("work",) else 63,
        )  # above it a worker says what it needs itself
    ],
)
def test_too_few_open_files_are_told(cluster: Cluster, words: tuple[str, ...], files: int) -> None:
    """In one line that says how many are needed."""
    ended = cluster.goq_by(["prlimit", f"--nofile={files}:{files}"], *words)

    assert (1, b"") == (ended.returncode, ended.stdout)
    assert (
        f"goq: goq needs 64 open files, and here a process may have {files}; say: ulimit -n 1024\n".encode()
        == ended.stderr
    )


def test_enough_open_files_are_enough(cluster: Cluster) -> None:
    """What is asked for as the least does."""
    few = ["prlimit", "--nofile=64:64"]
    cluster.start_server(prefix=few)
    cluster.start_worker(prefix=few)

    assert b"done\n" == cluster.run("echo", "done")
    assert 0 == cluster.goq_by(few, "stat").returncode


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("127.0.0.1:1776", "the port goes into GOQ_JSERV_PORT"),
        ("head:1776", "the port goes into GOQ_JSERV_PORT"),
        ("[::1]:1776", "the port goes into GOQ_JSERV_PORT"),
        ("fe80::1", "must name the interface too, as 'fe80::1%eth0'"),
        ("[fe80::1]", "must name the interface too, as 'fe80::1%eth0'"),
        ("FEA0::1:2", "must name the interface too, as 'fe80::1%eth0'"),
    ],
)
def test_what_is_nearly_an_address_is_told_what_it_lacks(cluster: Cluster, value: str, words: str) -> None:
    """The hint that helps, and not one on another variable."""
    for command in ("serve", "stat"):
        line = complaint(cluster.goq(command, cwd=cluster.here, env={"GOQ_JSERV_IP": value}), 1)

        assert f"goq: GOQ_JSERV_IP is '{value}'" in line
        assert words in line


@pytest.mark.parametrize("name", ["nosuch.invalid", "no-such-host", "a.b.invalid"])
def test_a_name_that_nobody_knows_is_told(cluster: Cluster, name: str) -> None:
    """To look whether goq runs on a machine that has no such name helps nobody."""
    cluster.done("init")
    ended = cluster.goq("stat", env={"GOQ_JSERV_IP": name})

    assert 3 == ended.returncode
    assert b"see that GOQ_JSERV_IP is the server's name or address" in ended.stderr
    assert b"goq serve" not in ended.stderr
