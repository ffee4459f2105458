"""A second machine joins the cluster, with and without encryption; here it is a second GOQ_HOME."""

import stat
from pathlib import Path

import pytest

from system.cluster import Cluster
from system.test_bad_input import complaint


def join(cluster: Cluster) -> Path:
    """Set up a second home from what the first one exports."""
    home = cluster.folder / "second" / ".goq"
    exported = cluster.done("init", "--export")
    joined = cluster.goq("init", "--join", env={"GOQ_HOME": str(home)}, stdin=exported.encode())
    assert (0, b"") == (joined.returncode, joined.stderr), joined
    return home


@pytest.mark.parametrize("tls", [False, True])
def test_a_machine_that_joined_submits_and_works(cluster: Cluster, tls: bool) -> None:
    """What the README tells to type on the second machine is all that it takes."""
    cluster.done("init", *(["--tls"] if tls else []))
    server = cluster.start_server()
    home = join(cluster)
    cluster.start_worker(env={"GOQ_HOME": str(home)})
    job = cluster.submit("echo", "from afar", env={"GOQ_HOME": str(home)})
    private = {stat.S_IMODE(path.stat().st_mode) for path in home.iterdir() if path.is_file()}

    assert 0 == cluster.status(job)
    assert b"from afar\n" == cluster.output(job)
    assert ("tls+tcp://" in server.text()) == tls
    assert {0o600} == private


def test_without_the_certificate_nobody_speaks_to_an_encrypted_server(cluster: Cluster) -> None:
    """The cluster id alone is not enough there, and never travels in the clear."""
    cluster.done("init", "--tls")
    cluster.start_server()
    plain = cluster.folder / "plain"
    plain.mkdir(mode=0o700)
    (plain / "goqclusterid").write_bytes((cluster.home / "goqclusterid").read_bytes())
    (plain / "goqclusterid").chmod(0o600)
    ended = cluster.goq("sub", "true", env={"GOQ_HOME": str(plain), "GOQ_SENDTIMEOUT_MSEC": "300"})

    assert 3 == ended.returncode
    assert 1 == ended.stderr.count(b"\n")
    assert "1" == cluster.stat()["nextJobId"]


def test_another_clusters_certificate_is_refused(cluster: Cluster) -> None:
    """Both ends show that they have the one certificate of the cluster."""
    cluster.done("init", "--tls")
    cluster.start_server()
    other = {"GOQ_HOME": str(cluster.folder / "other"), "GOQ_SENDTIMEOUT_MSEC": "500"}
    cluster.done("init", "--tls", env=other)
    ended = cluster.goq("stat", env=other)

    assert 3 == ended.returncode
    assert 1 == ended.stderr.count(b"\n")


@pytest.mark.parametrize("text", [b"", b"nonsense\n", b"\xff\xfe\n", b"5" * 40 + b"\nno certificate\n"])
def test_a_bad_export_is_refused_and_nothing_is_kept(cluster: Cluster, text: bytes) -> None:
    """A pipe that broke half-way must not leave half a key."""
    complaint(cluster.goq("init", "--join", stdin=text), 1)

    assert not (cluster.home / "goqclusterid").exists()
    assert not (cluster.home / "tls.pem").exists()


def test_joining_twice_keeps_the_first_key(cluster: Cluster) -> None:
    """A key that is there is in use."""
    cluster.done("init")
    key = (cluster.home / "goqclusterid").read_bytes()
    line = complaint(cluster.goq("init", "--join", stdin=b"5" * 40 + b"\n"), 1)

    assert "already exists" in line
    assert key == (cluster.home / "goqclusterid").read_bytes()
