"""`goq sub -i -`: what is piped is the standard input of the jobs, as often as they are started."""

import hashlib
import sqlite3
from pathlib import Path

import pytest

from goq.core.values.blobs import BLOB_LIMIT, PIECE_BYTES
from system.cluster import SHORT_LEASES, Cluster
from system.jobs import held_until, shell, touch
from system.test_bad_input import IMPATIENT, complaint

PATIENT = {"GOQ_SENDTIMEOUT_MSEC": "20000"}
LARGE = bytes(range(256)) * (5 * PIECE_BYTES // 512) + b"end"  # two and a half pieces


def kept(cluster: Cluster) -> int:
    """How many bytes of blobs there are in the journal."""
    with sqlite3.connect(cluster.here / ".goq" / "journal.sqlite") as db:
        (count,) = db.execute("SELECT coalesce(sum(length(data)), 0) FROM piece").fetchone()
    db.close()
    return int(count)


def blobs_of(cluster: Cluster) -> list[Path]:
    """Those that lie in the spools of workers."""
    return sorted(cluster.spool.rglob("*.blob"))


def test_a_job_reads_what_was_piped(working: Cluster) -> None:
    """A regular private file, that can be read from any place; it is gone when nobody needs it."""
    look = 'sha256sum; stat -L -c "%F %a" /dev/stdin; tail -c 3 < /dev/stdin; wc -c < /dev/stdin'
    ended = working.goq("sub", "-q", "-i", "-", *shell(look), stdin=LARGE)
    working.wait_for_end(1)
    digest = hashlib.sha256(LARGE).hexdigest()

    assert b"1\n" == ended.stdout
    assert f"{digest}  -\nregular file 400\nend{len(LARGE)}\n".encode() == working.output(1)
    working.wait_until(lambda: not kept(working))
    assert b"" == working.goq("sub", "-q", "-i", "-", "--wait", "cat", stdin=b"").stdout.replace(b"2\n", b"")


def test_it_is_the_same_for_all_tasks_and_attempts(working: Cluster) -> None:
    """Fetched once by a worker, though it is read by many; what one reads is missing to none."""
    count = "head -c 2; cat > /dev/null; test $GOQ_ATTEMPT = 2 || exit 1"
    words = ("--array", "1-5", "--retries", "1", "--backoff", "0", "-i", "-")
    working.goq("sub", *words, *shell(count), stdin=b"ab" * PIECE_BYTES)
    for job in range(1, 6):
        working.wait_for_end(job)

        assert 2 == working.output(job).count(b"ab")
    working.wait_until(lambda: not kept(working))
    assert 1 == len(blobs_of(working))


def test_what_is_there_is_not_sent_again(served: Cluster) -> None:
    """It is asked for by its digest."""
    for _ in range(2):
        served.goq("sub", "-i", "-", "cat", stdin=LARGE)

    assert len(LARGE) == kept(served)
    served.done("kill", "1")
    assert len(LARGE) == kept(served)
    served.done("kill", "2")
    assert 0 == kept(served)
    served.done("audit", cwd=served.here)


def test_it_survives_a_restart_of_the_server_and_a_lost_worker(served: Cluster) -> None:
    """The next attempt reads it from the start."""
    served.env.update(SHORT_LEASES)
    gate = served.folder / "gate"
    served.goq("sub", "-i", "-", *held_until(gate, "tail -c 3"), stdin=LARGE)
    served.daemons[0].crash()
    served.start_server()
    worker = served.start_worker()
    served.wait_for_start(1)
    worker.crash()
    touch(gate)
    served.start_worker()
    served.wait_for_end(1)

    assert b"end" == served.output(1)
    served.wait_until(lambda: not kept(served))


def test_too_much_is_refused_and_nothing_queued(served: Cluster) -> None:
    """In one line, that says what to do."""
    line = complaint(served.goq("sub", "-i", "-", "cat", stdin=bytes(BLOB_LIMIT + 1)), 2)

    assert f"-i -: what is piped is more than {BLOB_LIMIT} bytes" in line
    assert "Nothing was queued." in line
    assert "1" == served.stat()["nextJobId"]
    assert 0 == served.goq("sub", "-i", "-", "cat", stdin=bytes(BLOB_LIMIT)).returncode
    assert BLOB_LIMIT == kept(served)


def test_a_pipe_is_read_once(served: Cluster) -> None:
    """A script that comes from it cannot say that its input does."""
    ended = served.goq("sub", "-i", "-", "--script", "-", stdin=b"cat\n")

    assert "-i - and --script - read the same pipe; name a file for one" in complaint(ended, 2)
    assert "1" == served.stat()["nextJobId"]


@pytest.mark.parametrize("who", ["client", "server"])
def test_it_goes_on_where_it_was(served: Cluster, who: str) -> None:
    """After kill -9 of either: the same is the same job."""
    server = served.daemons[0]
    (served.away / "data").write_bytes(bytes(range(128)) * (BLOB_LIMIT // 128))
    from_data = ["bash", "-c", 'exec "$@" < data', "-"]
    client = served.start(
        "sub", "-i", "-", "wc", "-c", prefix=from_data, env=PATIENT if who == "server" else None
    )
    served.wait_until(lambda: kept(served) > PIECE_BYTES)
    if who == "client":
        client.crash()
        assert 0 == served.goq_by(from_data, "sub", "-i", "-", "wc", "-c").returncode
    else:
        server.crash()
        served.start_server()
        assert 0 == client.wait()
    served.start_worker()
    served.wait_for_end(1)

    assert f"{BLOB_LIMIT}\n".encode() == served.output(1)
    assert "2" == served.stat()["nextJobId"]


def test_a_spooled_one_is_delivered_with_it(cluster: Cluster) -> None:
    """Its pieces wait beside it."""
    cluster.done("init")
    said = cluster.goq("sub", "--spool", "-i", "-", "tail", "-c", "3", stdin=LARGE, env=IMPATIENT)
    assert b"spooled" in said.stdout
    assert 3 == len(list((cluster.spool).rglob("*.blob")))
    cluster.start_server()
    cluster.start_worker()
    cluster.wait_for_end(1)

    assert b"end" == cluster.output(1)
    cluster.wait_until(lambda: not list(cluster.spool.rglob("outbox/*")))


def test_what_was_piped_is_not_there_for_a_retry(working: Cluster) -> None:
    """It was kept until the job had ended; its script is there still."""
    (working.away / "x.sh").write_text("cat; exit 3\n")
    working.done("sub", "--script", "x.sh")
    working.goq("sub", "-i", "-", "--script", "x.sh", stdin=b"hello\n")
    for job in (1, 2):
        working.wait_for_end(job)
    working.done("retry", "1")
    line = complaint(working.goq("retry", "2"), 1)

    assert "what was piped to job 2 was kept until it had ended; name a file, as goq retry -i FILE 2" in line
    assert "name a file, as -i input.txt" in complaint(working.goq("retry", "-i", "-", "2"), 2)
    (working.away / "input").write_text("other\n")
    working.done("retry", "-i", "input", "2")
    working.wait_for_end(4)
    assert b"other\n" == working.output(4)[:6]
    working.wait_for_end(3)
    assert working.output(3).endswith(b": exit status 3\n")
    assert b"hello\n" == working.output(2)[:6]
