"""A second machine joins the cluster, with and without encryption; here it is a second GOQ_HOME."""

import re
import stat
from collections.abc import Callable
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


def test_a_server_with_another_certificate_is_not_believed(cluster: Cluster) -> None:
    """An impostor at the head's address who knows the cluster id, as any node does: he hears nothing, and it is told."""
    cluster.done("init", "--tls")
    home = join(cluster)
    server = cluster.start_server()
    impostor = {"GOQ_HOME": str(cluster.folder / "impostor"), "GOQ_CLUSTERID": cluster_id_of(home)}
    server.stop()
    cluster.done("init", "--tls", env=impostor)
    false = cluster.start_server(env=impostor, cwd=cluster.away)
    ended = cluster.goq("sub", "true", env={"GOQ_HOME": str(home), "GOQ_SENDTIMEOUT_MSEC": "500"})

    assert 3 == ended.returncode
    assert "shows another certificate than the one that we know" in complaint(ended, 3)
    assert "nextJobId=1\n" in cluster.done("stat", "10", env=impostor)
    assert false.alive


def cluster_id_of(home: Path) -> str:
    return (home / "goqclusterid").read_text().strip()


def test_the_server_alone_has_the_private_key(cluster: Cluster) -> None:
    """Who has joined knows the certificate, and cannot play the server with what he has."""
    cluster.done("init", "--tls")
    exported = cluster.done("init", "--export")
    home = join(cluster)
    key = (cluster.home / "tls-key.pem").read_text().splitlines()[1]

    assert "BEGIN CERTIFICATE" in exported
    assert not any(word in exported for word in ("PRIVATE", key))
    assert not any(key.encode() in data or b"PRIVATE" in data for data in files(home).values())
    assert 0o600 == stat.S_IMODE((cluster.home / "tls-key.pem").stat().st_mode)
    refused = cluster.goq("serve", env={"GOQ_HOME": str(home)}, cwd=cluster.away)
    line = complaint(refused, 1)
    assert f"no private key in {home / 'tls-key.pem'}" in line
    assert "goq init --tls" in line
    assert [] == list(cluster.away.iterdir())


def test_clients_of_the_server_s_home_leave_its_key_alone(cluster: Cluster) -> None:
    """They would go on if they could not read it."""
    cluster.done("init", "--tls")
    cluster.start_server()
    (cluster.home / "tls-key.pem").unlink()
    (cluster.home / "tls-key.pem").mkdir()
    cluster.start_worker()

    assert 0 == cluster.status(cluster.submit("true"))


def test_a_join_that_brings_a_private_key_is_refused(cluster: Cluster) -> None:
    """It is not to travel; nothing is kept, and nothing of it is shown."""
    cluster.done("init", "--tls")
    key = (cluster.home / "tls-key.pem").read_text()
    home = cluster.folder / "second"
    brought = f"{key}{cluster.done('init', '--export')}", f"{cluster.done('init', '--export')}{key}"
    for text in brought:
        refused = cluster.goq("init", "--join", env={"GOQ_HOME": str(home)}, stdin=text.encode())
        line = complaint(refused, 1)

        assert "a private key, which is the server's alone" in line
        assert key.splitlines()[1] not in line
    assert not home.exists()


def test_a_server_s_home_takes_no_other_certificate(cluster: Cluster) -> None:
    """Its key would not fit any more, and no server could start there."""
    cluster.done("init", "--tls")
    before = files(cluster.home)
    other = {"GOQ_HOME": str(cluster.folder / "other"), "GOQ_CLUSTERID": cluster_id_of(cluster.home)}
    cluster.done("init", "--tls", env=other)
    exported = cluster.done("init", "--export", env=other).encode()

    assert "tls-key.pem" in complaint(cluster.goq("init", "--join", stdin=exported), 1)
    assert before == files(cluster.home)


@pytest.mark.parametrize("name", ["tls.pem", "tls-key.pem"])
def test_a_certificate_is_not_made_over_another(cluster: Cluster, name: str) -> None:
    """Every node knows the one that is there."""
    cluster.done("init", "--tls")
    other = {"tls.pem": "tls-key.pem", "tls-key.pem": "tls.pem"}[name]
    (cluster.home / name).unlink()
    before = files(cluster.home)

    assert other in complaint(cluster.goq("init", "--tls"), 1)
    assert before == files(cluster.home)


@pytest.mark.parametrize("text", [b"", b"nonsense\n", b"\xff\xfe\n", b"5" * 40 + b"\nno certificate\n"])
def test_a_bad_export_is_refused_and_nothing_is_kept(cluster: Cluster, text: bytes) -> None:
    """A pipe that broke half-way must not leave half a key."""
    complaint(cluster.goq("init", "--join", stdin=text), 1)

    assert not (cluster.home / "goqclusterid").exists()
    assert not (cluster.home / "tls.pem").exists()


def export_of(cluster_id: str, *lines: str) -> bytes:
    return "".join(f"{line}\n" for line in (cluster_id, *lines)).encode()


def files(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.iterdir() if path.is_file()}


@pytest.mark.parametrize("tls", [False, True])
def test_joining_takes_the_server_s_address_along(cluster: Cluster, tls: bool) -> None:
    """No variable in any shell of any node."""
    cluster.done("init", *(["--tls"] if tls else []))
    cluster.start_server()
    for name in ("GOQ_JSERV_IP", "GOQ_JSERV_PORT"):
        del cluster.env[name]
    home = join(cluster)
    cluster.env["GOQ_HOME"] = str(home)
    cluster.start_worker()
    job = cluster.submit("echo", "found")

    assert 0 == cluster.status(job)
    assert f"127.0.0.1:{cluster.port}" in (home / "server").read_text()


def test_joining_again_is_done_already(cluster: Cluster) -> None:
    """Whoever sets up a hundred nodes by a script runs it twice."""
    cluster.done("init", "--tls")
    home = join(cluster)
    before = files(home)
    exported = cluster.done("init", "--export").encode()
    again = cluster.goq("init", "--join", env={"GOQ_HOME": str(home)}, stdin=exported)

    assert (0, b"") == (again.returncode, again.stderr)
    assert b"already joined" in again.stdout
    assert before == files(home)


def test_joining_again_takes_what_is_new(cluster: Cluster) -> None:
    """The server has moved, and the cluster has a certificate since."""
    cluster.done("init")
    home = join(cluster)
    cluster.done("init", "--tls")
    moved = cluster.goq("init", "--export", env={"GOQ_JSERV_IP": "head.example", "GOQ_JSERV_PORT": "7"})
    again = cluster.goq("init", "--join", env={"GOQ_HOME": str(home)}, stdin=moved.stdout)

    assert (0, b"") == (again.returncode, again.stderr)
    assert "address head.example:7\nend\n" == (home / "server").read_text()
    assert files(cluster.home)["tls.pem"] == files(home)["tls.pem"]


def test_an_id_alone_is_enough_and_takes_nothing_away(cluster: Cluster) -> None:
    """`goq clusterid --current | goq init --join` on a node that has a certificate."""
    cluster.done("init", "--tls")
    home = join(cluster)
    before = files(home)
    again = cluster.goq(
        "init", "--join", env={"GOQ_HOME": str(home)}, stdin=cluster.done("clusterid", "--current").encode()
    )

    assert 0 == again.returncode
    assert before == files(home)


def test_another_cluster_s_export_is_refused_and_both_are_named(cluster: Cluster) -> None:
    """A key that is there is in use. Neither of the secrets is shown."""
    cluster.done("init", "--tls")
    before = files(cluster.home)
    ours = before["goqclusterid"].decode().strip()
    line = complaint(cluster.goq("init", "--join", stdin=export_of("5" * 40, "address other:1")), 1)
    names = re.findall(r"cluster ([0-9a-f]{8})\b", line)

    assert before == files(cluster.home)
    assert cluster.done("clusterid", "--fingerprint").strip() == names[0]
    assert 2 == len(set(names))
    assert "--force" in line
    assert "delete" not in line
    assert not any(secret in line for secret in (ours, "5" * 40))


def test_with_force_the_other_cluster_is_taken_and_nothing_of_the_old_one_is_left(cluster: Cluster) -> None:
    """Its certificate and its address would lead astray."""
    cluster.done("init", "--tls")
    cluster.start_server()
    said = cluster.goq("init", "--join", "--force", stdin=export_of("5" * 40))

    assert (0, b"") == (said.returncode, said.stderr)
    assert {"goqclusterid": b"5" * 40 + b"\n"} == files(cluster.home)
    assert b"5" * 40 not in said.stdout
    again = cluster.goq("init", "--join", "--force", stdin=export_of("5" * 40, "address head:1"))
    assert b"already joined" in again.stdout


@pytest.mark.parametrize("words", [["--force"], ["--force", "--tls"], ["--join", "--export"]])
def test_options_that_make_no_sense_together_are_refused(cluster: Cluster, words: list[str]) -> None:
    """Nothing is touched."""
    complaint(cluster.goq("init", *words), 2)

    assert not cluster.home.exists()


@pytest.mark.parametrize("line", ["address", "address :", "address head", "address head:x", "address a b:1"])
def test_an_address_that_is_none_is_refused_and_nothing_is_kept(cluster: Cluster, line: str) -> None:
    """As with half a key."""
    complaint(cluster.goq("init", "--join", stdin=export_of("5" * 40, line)), 1)

    assert not cluster.home.exists()


def test_an_address_of_one_machine_only_is_told(cluster: Cluster) -> None:
    """It is of no use on another one."""
    cluster.done("init")
    said = cluster.goq("init", "--join", stdin=cluster.done("init", "--export").encode())

    assert b"which is that machine only" in said.stdout


def test_init_does_not_advise_to_destroy_a_cluster(cluster: Cluster) -> None:
    """It used to say: delete it."""
    cluster.done("init")
    line = complaint(cluster.goq("init"), 1)

    assert "it is kept" in line
    assert "delete" not in line


@pytest.mark.parametrize("tls", [False, True])
def test_a_worker_that_waits_for_a_cluster_takes_all_that_joining_brings(cluster: Cluster, tls: bool) -> None:
    """It was started first; the address and the certificate come with the id."""
    cluster.done("init", *(["--tls"] if tls else []))
    cluster.start_server()
    exported = cluster.done("init", "--export").encode()
    for name in ("GOQ_JSERV_IP", "GOQ_JSERV_PORT"):
        del cluster.env[name]
    second = {"GOQ_HOME": str(cluster.folder / "second" / ".goq")}
    worker = cluster.start_worker(env=second)
    cluster.wait_until(lambda: "no cluster id yet" in worker.text())
    joined = cluster.goq("init", "--join", env=second, stdin=exported)
    job = cluster.submit("echo", "at last")

    assert 0 == joined.returncode
    assert 0 == cluster.status(job)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda _: "", "is empty"),
        (lambda _: "\n \n", "is empty"),
        (lambda text: f"Welcome to head!\n{text}", "begins with 'Welcome to head!'"),
        (lambda text: f"{text}\n{text}", "more than one cluster id"),
        (lambda text: text.replace("address", "ADDRESS"), "holds 'ADDRESS tcp"),
        (lambda text: f"{text.splitlines()[0]}\nlogout\n", "holds 'logout'"),
        (lambda text: text[1:32] + "!", "begins with something else"),
    ],
    ids=["nothing", "blank", "banner", "twice", "capitals", "behind", "half a secret"],
)
def test_what_is_no_export_is_refused_with_what_came(
    cluster: Cluster, harm: Callable[[str], str], words: str
) -> None:
    """And with the right way to do it. No secret is shown."""
    cluster.done("init")
    exported = cluster.done("init", "--export")
    secret = exported.split("\n")[0]
    exported = f"{secret}\naddress tcp 127.0.0.1\n" if words.startswith("holds 'ADDRESS") else exported
    home = str(cluster.folder / "second" / ".goq")
    joined = cluster.goq("init", "--join", env={"GOQ_HOME": home}, stdin=harm(exported).encode())

    assert (1, 1) == (joined.returncode, joined.stderr.count(b"\n"))
    assert words in joined.stderr.decode()
    assert "goq init --export" in joined.stderr.decode()
    assert secret[1:20] not in joined.stderr.decode()
