"""Joining with a token: one word on the standard input, and GOQ_HOME belongs to a user or a node of that cluster."""

import os
import pty
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from goq.adapters.remembered import read_remembered
from goq.adapters.token import Token, text
from goq.adapters.wire.certificates import new_key_pair
from goq.adapters.wire.keys import derive
from goq.core.messages.keys import KeyDeed
from goq.core.values.ids import QueueId
from goq.core.values.who import Role, Who
from system.cluster import GOQ, Cluster, Finished
from system.test_bad_input import complaint
from system.test_join import export_of, files

KEY, OTHER_KEY = "0123456789abcdef" * 4, "fedcba9876543210" * 4
ALICE = Who(Role.USER, "alice", 1)
TOKEN = Token(ALICE, KEY, "head.example:7", new_key_pair().certificate.strip(), QueueId(b"q" * 16))


def join(cluster: Cluster, token: Token, *words: str) -> Finished:
    """Take the token over into GOQ_HOME."""
    return cluster.goq("init", "--join", *words, stdin=f"{text(token)}\n".encode())


def joined(cluster: Cluster, token: Token, *words: str) -> str:
    """What is said of that, which must go well."""
    ended = join(cluster, token, *words)
    assert (0, b"") == (ended.returncode, ended.stderr), ended
    assert token.key not in ended.stdout.decode()
    return ended.stdout.decode()


def refused(cluster: Cluster, token: Token, *words: str) -> str:
    """What is said of a refusal, after which all is as before."""
    before = files(cluster.home)
    line = complaint(join(cluster, token, *words), 1)
    assert before == files(cluster.home)
    assert not any(key in line for key in (KEY, OTHER_KEY))
    return line


@pytest.mark.parametrize("role", [Role.USER, Role.NODE])
def test_all_that_a_token_holds_is_kept(cluster: Cluster, role: Role) -> None:
    """The key with whose it is, the certificate, the server's address, and which queue it has."""
    said = joined(cluster, replace(TOKEN, who=Who(role, "alice", 1)))
    known = read_remembered(cluster.home)

    assert "key created in " in said
    assert {"goqkey", "server", "tls.pem"} == set(files(cluster.home))
    assert f"{role}:alice:1:{KEY}\n".encode() == files(cluster.home)["goqkey"]
    assert f"{TOKEN.certificate}\n".encode() == files(cluster.home)["tls.pem"]
    assert known is not None
    assert ("head.example", 7, TOKEN.queue) == (known.host, known.port, known.joined)
    assert 0o700 == stat.S_IMODE(cluster.home.stat().st_mode)
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in cluster.home.iterdir()}


def test_without_a_certificate_there_is_none(cluster: Cluster) -> None:
    """And with the next token there may be one."""
    joined(cluster, replace(TOKEN, certificate=""))
    assert "tls.pem" not in files(cluster.home)
    assert "already joined user 'alice'" in joined(cluster, TOKEN)

    assert "tls.pem" in files(cluster.home)


def test_the_same_token_again_is_done_already(cluster: Cluster) -> None:
    """Who sets up a hundred machines by a script runs it twice."""
    joined(cluster, TOKEN)
    before = files(cluster.home)

    assert "already joined user 'alice' (key " in joined(cluster, TOKEN)
    assert before == files(cluster.home)


@pytest.mark.parametrize(
    "other",
    [
        replace(TOKEN, who=Who(Role.USER, "bob", 1), key=OTHER_KEY),
        replace(TOKEN, who=Who(Role.NODE, "alice", 1), key=OTHER_KEY),
        replace(TOKEN, who=Who(Role.USER, "alice", 2), key=OTHER_KEY, queue=QueueId(b"p" * 16)),
    ],
    ids=["user", "role", "queue"],
)
def test_another_key_is_refused_and_both_are_named(cluster: Cluster, other: Token) -> None:
    """A key that is there is in use; with --force it is given up."""
    joined(cluster, TOKEN)
    line = refused(cluster, other)

    assert "user 'alice' (key " in line
    assert f"{other.who.role} '{other.who.name}' (key " in line
    assert 2 == len(set(re.findall(r"key ([0-9a-f]{8})\b", line)))
    assert "--force" in line
    assert "changed over to" in joined(cluster, other, "--force")
    assert f"{other.secret}\n".encode() == files(cluster.home)["goqkey"]


def test_a_renewed_key_takes_the_place_of_the_old_one_and_not_the_other_way_round(cluster: Cluster) -> None:
    """It is the same holder's, of the same queue; the earlier one counts no more."""
    renewed = replace(TOKEN, who=Who(Role.USER, "alice", 2), key=OTHER_KEY)
    joined(cluster, TOKEN)
    assert "changed over to user 'alice'" in joined(cluster, renewed)
    assert f"{renewed.secret}\n".encode() == files(cluster.home)["goqkey"]

    refused(cluster, TOKEN)


def test_a_home_with_a_cluster_id_takes_no_key(cluster: Cluster) -> None:
    """Who holds the id is the administrator, and would be less with a key."""
    cluster.done("init", "--tls")
    line = refused(cluster, TOKEN)
    assert cluster.done("clusterid", "--fingerprint").strip() in line
    assert "cluster " in line
    assert "user 'alice' (key " in line

    joined(cluster, TOKEN, "--force")
    assert {"goqkey", "server", "tls.pem"} == set(files(cluster.home))


def test_a_home_with_a_key_takes_no_cluster_id(cluster: Cluster) -> None:
    """The key would go on counting, and nobody would know why."""
    joined(cluster, TOKEN)
    before = files(cluster.home)
    line = complaint(cluster.goq("init", "--join", stdin=export_of("5" * 40)), 1)
    assert "user 'alice' (key " in line
    assert before == files(cluster.home)

    assert 0 == cluster.goq("init", "--join", "--force", stdin=export_of("5" * 40)).returncode
    assert {"goqclusterid": b"5" * 40 + b"\n"} == files(cluster.home)


def test_a_token_whose_lines_were_broken_on_its_way_is_whole(cluster: Cluster) -> None:
    """By a mail, or a terminal."""
    word = text(TOKEN)
    broken = "\r\n  ".join(word[at : at + 72] for at in range(0, len(word), 72))

    assert 0 == cluster.goq("init", "--join", stdin=broken.encode()).returncode
    assert f"{TOKEN.secret}\n".encode() == files(cluster.home)["goqkey"]


@pytest.mark.parametrize("harm", ["cut", "twice", "behind", "before"])
def test_what_is_not_one_whole_token_is_refused_and_nothing_is_kept(cluster: Cluster, harm: str) -> None:
    """A word that was cut says so. Nothing of it is shown."""
    word = text(TOKEN)
    given = {
        "cut": word[:-9],
        "twice": f"{word} {word}",
        "behind": f"{word}\nlogout",
        "before": f"Hello\n{word}",
    }
    line = complaint(cluster.goq("init", "--join", stdin=given[harm].encode()), 1)

    assert ("what a login prints" if harm == "before" else "this token is not whole") in line
    assert not any(word[at : at + 12] in line for at in range(4, len(word) - 12))
    assert not cluster.home.exists()


def test_a_token_as_an_argument_is_refused(cluster: Cluster) -> None:
    """All processes of the machine could read it."""
    complaint(cluster.goq("init", "--join", text(TOKEN)), 2)

    assert not cluster.home.exists()


def test_a_key_file_that_holds_none_is_told(cluster: Cluster) -> None:
    """It is not written over: it may be worth something to somebody."""
    cluster.home.mkdir(mode=0o700)
    (cluster.home / "goqkey").write_text("user:alice\n")
    (cluster.home / "goqkey").chmod(0o600)

    assert "does not hold a key" in refused(cluster, TOKEN)


def test_at_a_terminal_a_token_is_pasted_and_not_shown(cluster: Cluster) -> None:
    """Who looks over one's shoulder, or scrolls back, sees nothing; and Enter is enough."""
    word = text(TOKEN).encode()
    head, terminal = pty.openpty()
    with subprocess.Popen(
        [GOQ, "init", "--join"],
        env=cluster.variables(),
        cwd=cluster.away,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    ) as process:
        os.close(terminal)
        shown = b""
        while b"paste a token" not in shown:
            shown += os.read(head, 1000)
        os.write(head, word + b"\n")
        shown += _rest_of(head)
        status = process.wait(30)
    os.close(head)

    assert 0 == status, shown
    assert b"key created in " in shown
    assert word[:20] not in shown
    assert f"{TOKEN.secret}\n".encode() == files(cluster.home)["goqkey"]


def test_at_a_terminal_an_export_ends_with_ctrl_d(cluster: Cluster) -> None:
    """Several lines are pasted; the terminal is as before at the end."""
    head, terminal = pty.openpty()
    with subprocess.Popen(
        [GOQ, "init", "--join"],
        env=cluster.variables(),
        cwd=cluster.away,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        assert b"Ctrl-D" in process.stderr.readline()
        os.write(head, export_of("5" * 40, "address head:7") + b"\x04")
        said, _ = process.communicate(timeout=30)
    os.write(head, b"seen?\n")
    echoed = os.read(head, 1000)
    for end in (head, terminal):
        os.close(end)

    assert b"key created in " in said
    assert b"5" * 40 not in echoed
    assert b"seen?" in echoed
    assert {"goqclusterid", "server"} == set(files(cluster.home))


def _rest_of(terminal: int) -> bytes:
    """What is shown until the other side has closed the terminal."""
    shown = b""
    while True:
        try:
            more = os.read(terminal, 1000)
        except OSError:  # so Linux says that nobody has it open any more
            return shown
        shown += more


@pytest.mark.parametrize("words", [["init"], ["init", "--tls"], ["serve"]])
def test_no_cluster_begins_in_a_home_with_a_key(cluster: Cluster, words: list[str]) -> None:
    """Commands would go on with the key."""
    joined(cluster, TOKEN)
    before = files(cluster.home)

    assert "belongs to user 'alice' (key " in complaint(cluster.goq(*words), 1)
    assert before == files(cluster.home)
    assert [] == list(cluster.away.iterdir())


def token_of(cluster: Cluster, name: str, deed: KeyDeed) -> Token:
    """What an administrator makes for a user of a cluster whose server runs."""
    script = (
        "import sys, goq; from goq.core.messages.keys import KeyDeed; from goq.core.values.who import Role\n"
        "with goq.Client() as client: print(client.set_key(Role.USER, sys.argv[1], KeyDeed(sys.argv[2])).generation)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, name, deed],
        env=cluster.variables(),
        cwd=cluster.away,
        capture_output=True,
        text=True,
        check=True,
    )
    who = Who(Role.USER, name, int(done.stdout))
    known = read_remembered(cluster.home)
    assert known is not None
    assert known.served is not None
    certificate = cluster.home / "tls.pem"
    return Token(
        who,
        derive((cluster.home / "goqclusterid").read_text().strip(), who),
        known.address,
        certificate.read_text().strip() if certificate.exists() else "",
        known.served.queue,
    )


@pytest.mark.parametrize("tls", [False, True])
def test_who_has_joined_with_a_token_submits_and_works(cluster: Cluster, tls: bool) -> None:
    """A word is all that a user needs; the worker was started before, and has waited for it."""
    cluster.done("init", *(["--tls"] if tls else []))
    server = cluster.start_server()
    token = token_of(cluster, "alice", KeyDeed.ADD)
    for name in ("GOQ_JSERV_IP", "GOQ_JSERV_PORT"):
        del cluster.env[name]
    administrator, cluster.home = cluster.home, cluster.folder / "alice" / ".goq"
    cluster.env["GOQ_HOME"] = str(cluster.home)
    worker = cluster.start_worker()
    cluster.wait_until(lambda: "no cluster id yet" in worker.text())
    joined(cluster, token)
    job = cluster.submit("echo", "by a key")

    assert 0 == cluster.status(job)
    assert b"by a key\n" == cluster.output(job)
    assert ("tls+tcp://" in server.text()) == tls
    assert b"alice" in cluster.goq("show", str(job), env={"GOQ_HOME": str(administrator)}).stdout
    assert "this needs the cluster id" in complaint(cluster.goq("init", "--export"), 1)


def test_after_a_renewal_the_new_token_counts_and_the_old_one_does_not(cluster: Cluster) -> None:
    """Whoever has found the old one has nothing."""
    cluster.done("init", "--tls")
    cluster.start_server()
    first = token_of(cluster, "alice", KeyDeed.ADD)
    home = {"GOQ_HOME": str(cluster.folder / "alice" / ".goq")}
    assert 0 == cluster.goq("init", "--join", env=home, stdin=text(first).encode()).returncode
    assert 0 == cluster.goq("sub", "true", env=home).returncode
    second = token_of(cluster, "alice", KeyDeed.RENEW)
    assert first.key != second.key
    assert 0 != cluster.goq("sub", "true", env=home).returncode
    assert 0 == cluster.goq("init", "--join", env=home, stdin=text(second).encode()).returncode

    assert 0 == cluster.goq("sub", "true", env=home).returncode


def test_a_home_that_holds_a_key_remembers_its_queue_when_joined_again(cluster: Cluster) -> None:
    """Else a renewed key would not be known for one."""
    joined(cluster, TOKEN)
    joined(cluster, replace(TOKEN, address="elsewhere:8"))
    known = read_remembered(Path(cluster.home))

    assert known is not None
    assert ("elsewhere", TOKEN.queue) == (known.host, known.joined)
