"""`goq up` and `goq down`: a queue with nothing set up, as real processes."""

import json as text_json
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from msgspec import json

from goq.adapters.kept import Pair
from goq.adapters.machine import host_file_name
from system.cluster import MARK, Cluster
from system.jobs import held_until, touch
from system.proc import marked_pids
from system.test_bad_input import complaint


@pytest.fixture(autouse=True)
def _ended(cluster: Cluster) -> Iterator[None]:
    """What a test that failed has left in the background goes with it."""
    yield
    for pid in [each.pid for each in (pair_of(cluster).server, pair_of(cluster).worker) if each]:
        if pid in marked_pids(MARK, cluster.mark):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


def workers(cluster: Cluster) -> list[int]:
    """The pids of those that the server knows."""
    return [row["pid"] for row in text_json.loads(cluster.done("workers", "--json"))["rows"]]


def pair_of(cluster: Cluster) -> Pair:
    """What `goq up` has kept."""
    path = cluster.home / f"up.{host_file_name()}"
    return json.decode(path.read_bytes(), type=Pair) if path.exists() else Pair()


def pids(cluster: Cluster) -> tuple[int, int]:
    """Of the server and of the worker."""
    pair = pair_of(cluster)
    assert pair.server
    assert pair.worker
    return pair.server.pid, pair.worker.pid


def is_gone(pid: int) -> bool:
    """It has ended; who reaps it does not matter."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "ZX"


def crash(pid: int) -> None:
    """kill -9 to a process that `goq up` of this test has started."""
    os.kill(pid, signal.SIGKILL)


def output(cluster: Cluster, job: int) -> bytes:
    return (cluster.home / "queue" / "o" / f"out.{job:05d}").read_bytes()


def test_a_queue_comes_from_nothing_and_runs_a_job(cluster: Cluster) -> None:
    """Two words from an empty machine to a result."""
    said = cluster.done("up", "-j", "2")
    job = cluster.submit("echo", "hello")

    queue = cluster.home / "queue"
    assert (
        f"job server started at '{cluster.address}', with its queue in '{queue}', and outputs in '{queue}/o'."
        in said
    )
    assert "worker started, with 2 jobs at once" in said
    assert 0 == cluster.status(job)
    assert b"hello\n" == output(cluster, job)
    cluster.done("down")


def test_it_may_be_said_again_and_says_what_is_there(cluster: Cluster) -> None:
    """Who does not remember says it again, and gets no second worker."""
    cluster.done("up", "-j", "2")
    before = pids(cluster)
    said = cluster.done("up", "-j", "5")

    assert "a job server is there already" in said
    assert "a worker is there already, with 2 jobs at once" in said
    assert before == pids(cluster)
    assert [before[1]] == workers(cluster)
    cluster.done("down")


def test_down_ends_just_those_and_may_be_said_again(cluster: Cluster) -> None:
    """By the pids that were kept, and nobody else's."""
    cluster.done("up", "-j", "1")
    other = cluster.start_worker()
    cluster.wait_for_stat(workerCount=2)
    server, worker = pids(cluster)
    said = cluster.done("down")

    assert is_gone(server)
    assert is_gone(worker)
    assert other.alive
    assert "1 other worker waits for it" in said
    assert "nothing that 'goq up' has started runs here" in cluster.done("down")
    assert "nothing that 'goq up' has started runs here" in cluster.done("down")


def test_what_runs_goes_back_and_runs_again_with_the_same_number(cluster: Cluster) -> None:
    """`goq down` loses no job."""
    cluster.done("up", "-j", "1")
    gate = cluster.folder / "gate"
    job = cluster.submit(*held_until(gate))
    cluster.wait_for_stat(runQlen=1)
    said = cluster.done("down")

    assert "1 job went back to the queue" in said
    assert "1 job waits in its queue" in said
    touch(gate)
    cluster.done("up", "-j", "1")
    assert 0 == cluster.status(job)
    assert job + 1 == cluster.submit("true")
    cluster.done("down")


def test_after_a_crash_of_both_it_goes_on_with_the_same_queue(cluster: Cluster) -> None:
    """As after a power cut: what was kept names processes that are no more."""
    cluster.done("up", "-j", "1")
    job = cluster.submit("true")
    assert 0 == cluster.status(job)
    before = pids(cluster)
    for pid in before:
        crash(pid)
    cluster.wait_until(lambda: all(map(is_gone, before)))
    said = cluster.done("up", "-j", "1")

    assert "job server started" in said
    assert "worker started" in said
    assert set(before).isdisjoint(pids(cluster))
    assert job + 1 == cluster.submit("true")
    cluster.done("down")


def test_processes_of_another_boot_are_nobody_of_ours(cluster: Cluster) -> None:
    """After a reboot the pids are others'; not one of them may be ended."""
    cluster.done("up", "-j", "1")
    server, worker = pids(cluster)
    path = cluster.home / f"up.{host_file_name()}"
    kept = path.read_bytes()
    boots = json.decode(kept)
    for role in ("server", "worker"):
        boots[role]["boot"] = "another"
    path.write_bytes(json.encode(boots))

    assert "nothing that 'goq up' has started runs here" in cluster.done("down")
    assert not is_gone(server)
    assert not is_gone(worker)
    path.write_bytes(kept)
    cluster.done("down")
    assert is_gone(worker)


def test_a_server_that_crashed_alone_is_started_again_beside_its_worker(cluster: Cluster) -> None:
    """The worker waits for it, and is no reason for a second one."""
    cluster.done("up", "-j", "1")
    server, worker = pids(cluster)
    crash(server)
    cluster.wait_until(lambda: is_gone(server))
    said = cluster.done("up", "-j", "1")

    assert "job server started" in said
    assert "a worker is there already" in said
    assert worker == pids(cluster)[1]
    cluster.done("down")


def test_a_server_that_was_started_by_hand_is_used_and_left_alone(served: Cluster) -> None:
    """It says so, and `goq down` ends the worker only."""
    said = served.done("up", "-j", "1")

    assert "a job server is there already" in said
    assert "not started by 'goq up'" in said
    assert b"hi\n" == served.run("echo", "hi")
    served.done("down")
    assert served.daemons[0].alive


def test_it_goes_on_with_the_queue_that_was_served_by_hand_and_says_so(served: Cluster) -> None:
    """Whoever looks for it in GOQ_HOME is told where it is, and why."""
    served.submit("--hold", "true")
    served.daemons[0].stop()
    said = served.done("up", "-j", "1")

    here = served.here
    assert f"with its queue in '{here}', where it was before, and outputs in '{here}/o'." in said
    assert "1" in served.done("list", "-a").split()
    served.done("down")


def test_where_a_worker_runs_by_hand_there_is_no_second_one(working: Cluster) -> None:
    """The cpus are its already."""
    working.wait_for_stat(workerCount=1)

    assert "a worker runs here already, not started by 'goq up'" in working.done("up")
    assert [working.daemons[1].pid] == workers(working)


def test_a_worker_that_crashed_alone_is_started_again(cluster: Cluster) -> None:
    """The server may take it for one that is there."""
    cluster.done("up", "-j", "1")
    server, worker = pids(cluster)
    crash(worker)
    said = cluster.done("up", "-j", "1")

    assert "worker started" in said
    assert server == pids(cluster)[0]
    assert worker != pids(cluster)[1]
    cluster.done("down")


def test_without_a_port_that_is_set_another_users_server_is_no_hindrance(cluster: Cluster) -> None:
    """On a machine of many users somebody has 1776 already; commands find ours all the same."""
    del cluster.env["GOQ_JSERV_PORT"]
    other = {"GOQ_HOME": str(cluster.folder / "other"), "GOQ_SPOOL": str(cluster.folder / "other-spool")}
    cluster.done("up", "-j", "1", env=other)
    cluster.done("up", "-j", "1")
    theirs, ours = (
        cluster.done("config", env=env).split("jserv_port")[1].split()[0] for env in (other, cluster.env)
    )

    assert theirs != ours
    assert 1 == cluster.submit("true")
    cluster.done("down", env=other)
    assert [pids(cluster)[1]] == workers(cluster)
    cluster.done("down")


def test_what_does_not_start_says_why_in_one_line(cluster: Cluster) -> None:
    """Its complaint is in a log that nobody has looked for yet."""
    (cluster.folder / "file").write_text("in the way")
    line = complaint(cluster.goq("up", env={"GOQ_ODIR": str(cluster.folder / "file" / "o")}), 1)

    assert "'goq serve' has ended at its start: " in line
    assert "is no folder" in line


def test_a_mistyped_number_is_refused_before_anything_starts(cluster: Cluster) -> None:
    """And not found in a log."""
    ended = cluster.goq("up", "-j", "many")

    assert 2 == ended.returncode
    assert not (cluster.home / "queue").exists()


def test_others_may_join_it(cluster: Cluster) -> None:
    """The same queue becomes a cluster; there `goq up` starts a worker alone."""
    cluster.done("up", "-j", "1")
    exported = cluster.done("init", "--export")
    away = {"GOQ_HOME": str(cluster.folder / "node"), "GOQ_JSERV_IP": None, "GOQ_JSERV_PORT": None}
    joined = cluster.goq("init", "--join", env=away, stdin=exported.encode())

    assert 0 == joined.returncode, joined
    assert str(cluster.port) in cluster.done("config", env=away)
    assert "a job server is there already" in cluster.done("up", env=away)
    cluster.done("down")
