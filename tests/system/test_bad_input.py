"""Bad input: one clear line on stderr, the right exit code, and nothing changed."""

import concurrent.futures
import os
import socket
from pathlib import Path

import pytest
from ports import free_port

from system.cluster import Cluster, Finished

STRANGER = "5" * 40
IMPATIENT = {"GOQ_SENDTIMEOUT_MSEC": "300"}


def complaint(ended: Finished, code: int) -> str:
    """The one line on stderr of a command that must have ended with this code."""
    assert code == ended.returncode, ended
    assert b"" == ended.stdout, ended
    assert 1 == ended.stderr.count(b"\n"), ended
    assert ended.stderr.startswith(b"goq: "), ended
    return ended.stderr.decode()


def tree_of(*folders: Path) -> dict[str, bytes]:
    """All files below the folders, with what is in them."""
    files = [path for folder in folders for path in sorted(folder.rglob("*"))]
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in files}


# --- no server, or not ours ------------------------------------------------------------------


def test_without_a_server_every_command_says_so(cluster: Cluster) -> None:
    """The user must learn that nothing was done, and what to do."""
    cluster.done("init")
    commands = ("sub true", "stat", "kill 1", "shutdown", "reset", "immolateworkers", "work")
    with concurrent.futures.ThreadPoolExecutor(len(commands)) as shells:
        all_ended = list(shells.map(lambda words: cluster.goq(*words.split(), env=IMPATIENT), commands))

    for ended in all_ended:
        line = complaint(ended, 3)
        assert f"no job server at {cluster.address}" in line
        assert "goq serve" in line


def test_with_another_clusters_id_nothing_happens_but_a_count(served: Cluster) -> None:
    """One message, one count; no job, no kill, no shutdown."""
    job = served.submit("echo", "untouched")
    before = served.stat()
    env = {"GOQ_CLUSTERID": STRANGER, "GOQ_SENDTIMEOUT_MSEC": "500"}
    commands = ("sub true", "stat", "wait 1", "kill 1", "shutdown", "reset", "immolateworkers")
    with concurrent.futures.ThreadPoolExecutor(len(commands)) as shells:
        all_ended = list(shells.map(lambda words: served.goq(*words.split(), env=env), commands))
    after = served.stat()

    for words, ended in zip(commands, all_ended, strict=True):
        assert (69 if words.startswith("wait") else 3) == ended.returncode
        assert 1 == ended.stderr.count(b"\n")
        assert b"another cluster id" in ended.stderr
    assert {**before, "droppedBadSigCount": str(len(commands))} == after
    assert f"WaitingJob[jid {job}]" in served.done("stat")


def test_in_debug_mode_the_stranger_is_told_that_he_is_one(cluster: Cluster) -> None:
    """Who develops wants to know; who attacks must not."""
    cluster.start_server(env={"GOQ_DEBUGMODE": "true"})
    ended = cluster.goq("sub", "true", env={"GOQ_CLUSTERID": STRANGER, **IMPATIENT})

    assert "has another cluster id" in complaint(ended, 3)
    assert "1" == cluster.stat()["nextJobId"]


def test_without_any_cluster_id_a_command_says_where_to_get_one(cluster: Cluster) -> None:
    """The first error on a new node of a cluster."""
    line = complaint(cluster.goq("sub", "true", env=IMPATIENT), 1)

    assert "GOQ_CLUSTERID" in line
    assert str(cluster.home) in line


# --- the cluster id's files ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("serve", ""),
        ("serve", "12345"),
        ("serve", "z" * 40),
        ("serve", "5" * 40 + "\n" + "6" * 40),
        ("stat", "\xff" * 40),
    ],
)
def test_a_malformed_id_file_is_refused_by_its_name(cluster: Cluster, command: str, text: str) -> None:
    """A server with a truncated secret would lock its whole cluster out."""
    path = cluster.here / ".goqclusterid"
    path.write_text(text, encoding="latin-1")
    path.chmod(0o600)
    before = tree_of(cluster.here, cluster.home.parent)
    line = complaint(cluster.goq(command, cwd=cluster.here), 1)

    assert ".goqclusterid does not hold a cluster id" in line
    assert before == tree_of(cluster.here, cluster.home.parent)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_an_id_file_that_others_can_read_is_refused(cluster: Cluster, mode: int) -> None:
    """Who can read the id can submit jobs as its owner."""
    path = cluster.here / ".goqclusterid"
    path.write_text(STRANGER + "\n")
    path.chmod(mode)
    line = complaint(cluster.goq("serve", cwd=cluster.here), 1)

    assert "others can read .goqclusterid" in line
    assert "chmod 600" in line
    assert [".goqclusterid"] == os.listdir(cluster.here)


def test_the_same_goes_for_the_file_in_goq_home(cluster: Cluster) -> None:
    """It holds the same secret."""
    cluster.done("init")
    (cluster.home / "goqclusterid").chmod(0o644)

    assert "others can read" in complaint(cluster.goq("stat"), 1)


def test_a_malformed_id_in_the_variable_is_refused_by_its_name(cluster: Cluster) -> None:
    """A typing error must not look like a server that does not answer."""
    line = complaint(cluster.goq("stat", env={"GOQ_CLUSTERID": "not hexadecimal"}), 1)

    assert "GOQ_CLUSTERID does not hold a cluster id" in line


# --- a server that cannot be -----------------------------------------------------------------


def test_a_taken_port_leaves_nothing_behind(cluster: Cluster) -> None:
    """A second server must not make a second id or journal on its way out."""
    with socket.create_server(("127.0.0.1", cluster.port)):
        line = complaint(cluster.goq("serve", cwd=cluster.here), 1)

    assert f"{cluster.address} is taken" in line
    assert "GOQ_JSERV_PORT" in line
    assert [] == os.listdir(cluster.here)
    assert not cluster.home.exists()


def test_two_servers_do_not_share_a_journal(served: Cluster) -> None:
    """Two writers would give one number to two jobs."""
    ended = served.goq("serve", cwd=served.here, env={"GOQ_JSERV_PORT": str(free_port())})
    line = complaint(ended, 1)

    assert f"the server with pid {served.daemons[0].pid} has the journal" in line
    assert "GOQ_JOURNAL" in line
    assert 1 == served.submit("true")


# --- jobs that cannot be ---------------------------------------------------------------------


def test_an_empty_command_is_refused(served: Cluster) -> None:
    """As the original said, and before anything was sent."""
    for words in ([], [""], ["", "argument"]):
        assert "cowardly refusing to submit empty job" in complaint(served.goq("sub", *words), 2)
    assert "1" == served.stat()["nextJobId"]


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("wait", "3-1"),
        ("wait", "0"),
        ("wait", ""),
        ("wait", "٣"),
        ("wait", "9" * 19),
        ("wait", "9" * 5000),
    ],
)
def test_what_is_no_job_number_is_refused(cluster: Cluster, command: str, word: str) -> None:
    """Before a server is asked, so that the message can say what was wrong with the word."""
    line = complaint(cluster.goq(command, word), 2)

    assert any(hint in line for hint in ("; write ", "; numbers end at ", "; their numbers begin at 1"))


@pytest.mark.parametrize("command", ["kill", "hold", "release"])
@pytest.mark.parametrize("words", [["0"], ["1.5,"], ["9-3"], ["--state", "idle", "7"], ["taag:x"], []])
def test_what_names_no_jobs_is_refused(cluster: Cluster, command: str, words: list[str]) -> None:
    """The same, with a word that would be right."""
    complaint(cluster.goq(command, *words), 2)


@pytest.mark.parametrize(
    "words", [[], ["--time", "soon"], ["--at", "25:00"], ["-p", "1001"], ["--tag", "7"], ["--mem", "1k"]]
)
def test_what_cannot_be_altered_is_refused(cluster: Cluster, words: list[str]) -> None:
    """And nothing is."""
    line = complaint(cluster.goq("alter", *words, "7"), 2)

    assert "queued" not in line


@pytest.mark.parametrize("word", ["x", "-1", "1.5", "9" * 5000])
def test_what_is_no_number_of_rows_is_refused(cluster: Cluster, word: str) -> None:
    """The same for stat."""
    complaint(cluster.goq("stat", word), 2)


def test_a_line_that_is_too_long_says_how_long_it_is(served: Cluster) -> None:
    """No program could be given it; the user must hear of it, and not wait."""
    (served.away / "long").write_bytes(b"true\necho " + b"x" * 4_000_000 + b"\n")
    line = complaint(served.goq("sub", "lines@", "long"), 2)

    assert "line 2 has 4000005 bytes" in line
    assert "1" == served.stat()["nextJobId"]


def test_a_folder_that_is_gone_is_told(served: Cluster) -> None:
    """A shell may stand in a folder that somebody has removed."""
    gone = served.folder / "gone"
    inside = served.folder / "from-gone"
    inside.write_text('mkdir "$1"; cd "$1"; rmdir "$1"; shift; exec "$@"')
    for words in (["stat"], ["sub", "true"]):
        ended = served.goq_by(["bash", str(inside), str(gone)], *words)

        assert "current folder" in complaint(ended, 1)
    assert "1" == served.stat()["nextJobId"]


def test_an_empty_key_is_refused(served: Cluster) -> None:
    """A variable of the user's script was not set; without a key the job would be queued each time."""
    line = complaint(served.goq("sub", "--unique", "", "true"), 2)

    assert "1 to" in line
    assert "1" == served.stat()["nextJobId"]
