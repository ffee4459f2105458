"""A server in the wrong folder: nobody's jobs end by it, and nobody starts one without meaning to."""

import os
import re
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from goq.adapters.store.file import standing
from goq.core.values.text import show_queue
from system.cluster import Cluster, Daemon
from system.jobs import shell


def mark(cluster: Cluster, name: str) -> tuple[str, ...]:
    """A job that writes down that it was started, and runs until it may end."""
    started, go = cluster.folder / f"{name}.started", cluster.folder / f"{name}.go"
    return shell('echo x >> "$2"; until test -e "$1"; do sleep 0.02; done; echo ran', go, started)


def starts(cluster: Cluster, name: str) -> int:
    path = cluster.folder / f"{name}.started"
    return path.read_text().count("x") if path.exists() else 0


def let_go(cluster: Cluster, *names: str) -> None:
    for name in names:
        (cluster.folder / f"{name}.go").touch()


def elsewhere(cluster: Cluster, name: str = "elsewhere") -> Path:
    """A folder in which no server has been."""
    folder = cluster.folder / name
    folder.mkdir()
    return folder


def start_new(cluster: Cluster, *words: str, cwd: Path) -> Daemon:
    server = cluster.start("serve", *words, cwd=cwd)
    cluster.wait_until(lambda: "listening for jobs" in server.text())
    return server


def holds(cluster: Cluster, folder: Path, *words: str) -> str:
    return cluster.done("audit", *words, cwd=folder)


def lives(cluster: Cluster, server: Daemon, worker: Daemon) -> None:
    """Wait until the worker has heard the other queue."""
    cluster.wait_until(lambda: "another queue is at" in worker.text())
    assert server.alive


def test_a_server_in_an_empty_folder_ends_no_job_of_another(cluster: Cluster) -> None:
    """All its workers hear that it knows none of their claims, and wait for their own queue."""
    server = cluster.start_server()
    worker = cluster.start_worker("forever", "-j", "3")
    jobs = [
        cluster.submit(*mark(cluster, "a")),
        cluster.submit("--no-requeue", *mark(cluster, "b")),
        cluster.submit(*mark(cluster, "c")),
    ]
    cluster.wait_until(lambda: all(starts(cluster, name) for name in "abc"))
    server.crash()
    wrong = start_new(cluster, "--new", cwd=elsewhere(cluster))
    lives(cluster, wrong, worker)
    cluster.wait_until(lambda: "wrong folder" in wrong.text())
    let_go(cluster, "c")  # one ends meanwhile, and is told to nobody
    cluster.wait_until(lambda: any(cluster.spool.rglob("*.result")))
    assert [1, 1, 1] == [starts(cluster, name) for name in "abc"]
    assert "killing" not in worker.text()
    wrong.stop()
    cluster.start_server()
    let_go(cluster, "a", "b")

    assert [0, 0, 0] == cluster.statuses(jobs)
    assert [b"ran\n"] * 3 == [cluster.output(job) for job in jobs]
    assert [1, 1, 1] == [starts(cluster, name) for name in "abc"]
    assert "the journal holds" in holds(cluster, cluster.here)
    assert 1 == worker.text().count("another queue is at")


def test_both_queues_are_named_and_a_stop_of_the_wrong_one_stops_no_worker(cluster: Cluster) -> None:
    """`goq immolateworkers` there is an order of a stranger."""
    server = cluster.start_server()
    worker = cluster.start_worker()
    job = cluster.submit(*mark(cluster, "a"))
    cluster.wait_until(lambda: starts(cluster, "a"))
    server.crash()
    wrong = start_new(cluster, "--new", cwd=elsewhere(cluster))
    lives(cluster, wrong, worker)
    ours, theirs = queues(cluster)
    cluster.done("immolateworkers")
    cluster.done("kill", str(cluster.submit("true")))
    line = next(line for line in worker.text().splitlines() if "another queue is at" in line)

    assert ours in line
    assert theirs in line
    assert worker.alive
    wrong.stop()
    cluster.start_server()
    let_go(cluster, "a")
    assert [0] == cluster.statuses([job])
    assert 1 == starts(cluster, "a")


def queues(cluster: Cluster) -> tuple[str, str]:
    """How the queues here and elsewhere are shown."""
    ours, theirs = (standing(folder / ".goq") for folder in (cluster.here, cluster.folder / "elsewhere"))
    assert ours
    assert theirs
    return show_queue(ours.queue), show_queue(theirs.queue)


def test_an_idle_worker_goes_over_to_the_queue_that_is_there(cluster: Cluster) -> None:
    """It has nothing to lose, and who begins a queue wants workers. It says so, once."""
    cluster.start_server().crash()
    server = cluster.start_server()
    worker = cluster.start_worker()
    cluster.run("true")
    server.stop()
    second = start_new(cluster, "--new", cwd=elsewhere(cluster))
    job = cluster.submit("echo", "here")
    cluster.wait_until(lambda: f" finished job {job}," in second.text())
    second.stop()

    assert b"here\n" == (cluster.folder / "elsewhere" / "o" / f"out.{job:05d}").read_bytes()
    assert 1 == worker.text().count("working for the new one")
    cluster.start_server()
    assert b"back\n" == cluster.run("echo", "back")


def test_results_of_a_dead_worker_wait_for_their_own_queue(cluster: Cluster) -> None:
    """The next worker on the machine inherits them, and the wrong server does not get them."""
    server = cluster.start_server()
    worker = cluster.start_worker()
    job = cluster.submit(*mark(cluster, "a"))
    cluster.wait_until(lambda: starts(cluster, "a"))
    server.crash()
    wrong = start_new(cluster, "--new", cwd=elsewhere(cluster))
    lives(cluster, wrong, worker)
    let_go(cluster, "a")
    cluster.wait_until(lambda: any(cluster.spool.rglob("*.result")))
    worker.crash()
    heir = cluster.start_worker()
    cluster.wait_until(lambda: "wait here until it is back" in heir.text())
    assert b"there\n" == cluster_run_at(cluster, "elsewhere", "echo", "there")
    wrong.stop()
    cluster.start_server()

    assert [0] == cluster.statuses([job])
    assert 1 == starts(cluster, "a")
    assert "the journal holds" in holds(cluster, cluster.here)


def cluster_run_at(cluster: Cluster, name: str, *words: str) -> bytes:
    path = cluster.folder / name / "o" / f"out.{cluster.submit(*words):05d}"
    cluster.wait_until(lambda: path.exists() and path.stat().st_size)
    return path.read_bytes()


def test_goq_wait_waits_on_for_its_own_queue(cluster: Cluster) -> None:
    """Another queue has a job of that number too, or has none."""
    server = cluster.start_server()
    cluster.start_worker()
    job = cluster.submit(*mark(cluster, "a"))
    cluster.wait_until(lambda: starts(cluster, "a"))
    waiter = cluster.start("wait", str(job))
    cluster.wait_until(lambda: "waiting for jobid" in waiter.text())
    server.crash()
    wrong = start_new(cluster, "--new", cwd=elsewhere(cluster))
    cluster.wait_until(lambda: "another queue is at" in waiter.text())
    wrong.stop()
    cluster.start_server()
    let_go(cluster, "a")

    assert 0 == waiter.wait()


# --- an old copy -----------------------------------------------------------------------------


def test_an_old_copy_of_the_journal_ends_no_job(cluster: Cluster) -> None:
    """It knows nothing of what was given since; both it and the workers say so."""
    cluster.start_server().stop()
    copy = cluster.folder / "copy"
    shutil.copytree(cluster.here, copy)
    cluster.start_server().stop()
    server = cluster.start_server()
    worker = cluster.start_worker()
    job = cluster.submit(*mark(cluster, "a"))
    cluster.wait_until(lambda: starts(cluster, "a"))
    server.crash()
    refused = cluster.goq("serve", cwd=copy)
    assert (1, 1) == (refused.returncode, refused.stderr.count(b"\n"))
    assert b"old copy" in refused.stderr
    (cluster.home / "server").unlink()  # GOQ_HOME of another machine knows nothing of it
    cluster.here.rename(kept := cluster.folder / "kept")  # nor is the original there
    old = cluster.start_server(cwd=copy)
    cluster.wait_until(lambda: "an old copy of queue" in worker.text())
    cluster.wait_until(lambda: "this journal is an old copy" in old.text())
    old.stop()
    shutil.move(kept, cluster.here)
    (cluster.home / "server").unlink()
    cluster.start_server()
    let_go(cluster, "a")

    assert [0] == cluster.statuses([job])
    assert 1 == starts(cluster, "a")
    assert "the journal holds" in holds(cluster, cluster.here)


# --- where a server may be started -----------------------------------------------------------


def refusal(cluster: Cluster, cwd: Path, *words: str) -> str:
    """What a server says that does not start."""
    ended = cluster.goq("serve", *words, cwd=cwd)
    assert (1, 1) == (ended.returncode, ended.stderr.count(b"\n")), ended
    return ended.stderr.decode()


def test_a_server_does_not_start_beside_a_queue_that_has_jobs(cluster: Cluster) -> None:
    """Both folders are named, and what to do; nothing is made there."""
    server = cluster.start_server()
    cluster.submit("true")
    server.stop()
    empty = elsewhere(cluster)
    said = refusal(cluster, empty)

    assert str(empty / ".goq") in said
    assert str(cluster.here / ".goq") in said
    assert "1 job that" in said
    assert "--new" in said
    assert [] == os.listdir(empty)
    start_new(cluster, "--new", cwd=empty).stop()
    assert "holds a journal already" in refusal(cluster, empty, "--new")
    assert "moved" not in cluster.start_server().text()


def test_a_queue_is_not_forgotten_for_a_later_one(cluster: Cluster) -> None:
    """After a second one, begun by mistake, there or by a variable."""
    server = cluster.start_server()
    cluster.submit("true")
    server.stop()
    start_new(cluster, "--new", cwd=elsewhere(cluster)).stop()
    start_new(cluster, "--new", cwd=elsewhere(cluster, "second")).stop()
    third = elsewhere(cluster, "third")
    said = refusal(cluster, third)
    ended = cluster.goq("serve", env={"GOQ_JOURNAL": str(third / ".goq")}, cwd=cluster.folder)

    assert f"in '{cluster.here}/.goq' has 1 job" in said
    assert ended.stderr.decode() == said
    assert "moved" not in cluster.start_server().text()


def emptied(text: str) -> str:
    return text[:0]


def cut(text: str) -> str:
    """After the address, as if no queue had been served."""
    return text[: text.index("queue ")]


def scribbled(text: str) -> str:
    return text.replace("queue ", "queue x")


@pytest.mark.parametrize("harm", [emptied, cut, scribbled])
def test_a_damaged_memory_ends_no_protection_unsaid(cluster: Cluster, harm: Callable[[str], str]) -> None:
    """Whether another queue has jobs is not known then."""
    server = cluster.start_server()
    cluster.submit("true")
    server.stop()
    memory = cluster.home / "server"
    memory.write_text(harm(memory.read_text()))
    said = refusal(cluster, elsewhere(cluster))

    assert str(memory) in said
    assert "--new" in said
    server = cluster.start_server()
    assert 1 == server.text().count("is written anew")
    server.stop()
    assert "is written anew" not in cluster.start_server().text()


def test_a_queue_whose_jobs_have_all_ended_is_in_nobodys_way(cluster: Cluster) -> None:
    """A line says that there is another one."""
    server = cluster.start_server()
    cluster.start_worker("forever")
    cluster.run("true")
    server.stop()
    second = cluster.start_server(cwd=elsewhere(cluster))

    assert "has no job that waits or runs" in second.text()


def test_a_moved_folder_goes_on(cluster: Cluster) -> None:
    """One line says from where, and jobs go on."""
    server = cluster.start_server()
    worker = cluster.start_worker()
    job = cluster.submit(*mark(cluster, "a"))
    cluster.wait_until(lambda: starts(cluster, "a"))
    server.stop()
    place = cluster.folder / "moved"
    cluster.here.rename(place)
    moved = cluster.start_server(cwd=place)
    let_go(cluster, "a")
    cluster.wait_for_end(job)

    assert 1 == moved.text().count("has moved")
    assert str(cluster.here / ".goq") in moved.text()
    assert "another queue" not in worker.text()
    moved.stop()
    assert "has moved" not in cluster.start_server(cwd=place).text()


def test_a_copy_of_the_folder_is_not_gone_on_with_unsaid(cluster: Cluster) -> None:
    """Two servers with one queue would each give the same attempts."""
    server = cluster.start_server()
    cluster.submit("true")
    server.stop()
    copy = cluster.folder / "copy"
    shutil.copytree(cluster.here, copy)
    said = refusal(cluster, copy)

    assert str(copy / ".goq") in said
    assert str(cluster.here / ".goq") in said
    assert "--restored" in said
    restored = start_new(cluster, "--restored", cwd=copy)
    assert "goes on with a copy, in epoch 1000001" in restored.text()


def test_another_name_of_the_folder_is_no_other_place(cluster: Cluster) -> None:
    """A symbolic link says the same folder."""
    cluster.start_server().stop()
    link = cluster.folder / "link"
    link.symlink_to(cluster.here)
    server = cluster.start_server(cwd=link, env={"PWD": str(link)})
    server.stop()
    named = cluster.start_server(cwd=cluster.folder, env={"GOQ_JOURNAL": str(link / ".goq")})

    assert "moved" not in server.text() + named.text()
    assert "copy" not in server.text() + named.text()


def test_a_queue_on_a_disk_that_is_not_there_is_not_taken_for_gone(cluster: Cluster) -> None:
    """Its jobs may run."""
    cluster.start_server().stop()
    memory = cluster.home / "server"
    disk = cluster.folder / "disk"
    text = memory.read_text().replace(f"{cluster.here}/.goq", f"{disk}/.goq")
    memory.write_text(re.sub(r"(?m)^mount .*$", f"mount {disk}", text))
    empty = elsewhere(cluster)

    assert f"nothing is mounted at '{disk}'" in refusal(cluster, empty)
    start_new(cluster, "--new", cwd=empty)


def test_a_journal_that_cannot_be_read_is_not_taken_for_empty(cluster: Cluster) -> None:
    """It may be damaged, and its jobs run."""
    cluster.start_server().stop()
    (cluster.here / ".goq" / "journal.sqlite").write_bytes(b"no journal" * 1000)

    assert "cannot be seen" in refusal(cluster, elsewhere(cluster))


def test_a_deleted_folder_is_in_nobodys_way(cluster: Cluster) -> None:
    """Somebody has thrown that queue away."""
    server = cluster.start_server()
    cluster.submit("true")
    server.stop()
    shutil.rmtree(cluster.here)

    assert "this is a new one" in cluster.start_server(cwd=elsewhere(cluster)).text()


# --- where the journal is, and where to start a server ------------------------------------------


def test_the_journal_is_found_from_anywhere(cluster: Cluster) -> None:
    """GOQ_HOME remembers its folder, and that of the outputs."""
    cluster.start_server(env={"GOQ_ODIR": "outputs"})
    cluster.start_worker()
    job = cluster.submit("echo", "hi")
    cluster.wait_for_end(job)
    backup = cluster.folder / "backup.sqlite"

    assert f"{cluster.here}/outputs/out.00001" in cluster.done("history", str(job))
    cluster.wait_until(lambda: "the journal holds" in cluster.goq("audit").stdout.decode())
    assert "1 checked outputs" in cluster.done("audit")
    assert str(cluster.here) in cluster.done("backup", str(backup))
    assert backup.exists()
    assert "0 jobs" in cluster.done("clean", "--keep-days", "1", "--dry-run")


def test_another_host_says_where_the_journal_is(cluster: Cluster) -> None:
    """A shared GOQ_HOME tells the folder and the host; one that has joined knows the address."""
    cluster.start_server().stop()
    memory = cluster.home / "server"
    text = memory.read_text()
    memory.write_text(re.sub(r"(?m)^host .*$", "host head", text))
    for words in (("history", "1"), ("audit",), ("backup", "b")):
        ended = cluster.goq(*words)
        assert (1, 1) == (ended.returncode, ended.stderr.count(b"\n"))
        assert f"it is on head, in {cluster.here}/.goq".encode() in ended.stderr
    memory.write_text("address 192.0.2.7:1776\n")
    ended = cluster.goq("audit", env={"GOQ_JSERV_IP": None, "GOQ_JSERV_PORT": None})

    assert b"the server is at 192.0.2.7:1776" in ended.stderr


def test_the_folder_itself_and_variables_come_first(cluster: Cluster) -> None:
    """Who stands in a server's folder means it."""
    cluster.start_server().stop()
    second = elsewhere(cluster)
    start_new(cluster, cwd=second).stop()
    backup = cluster.folder / "b"

    assert str(cluster.here) in cluster.done("backup", str(backup), cwd=cluster.here)
    backup.unlink()
    named = {"GOQ_JOURNAL": str(cluster.here / ".goq")}
    assert str(cluster.here) in cluster.done("backup", str(backup), env=named)
    backup.unlink()
    assert str(second) in cluster.done("backup", str(backup))


def test_who_finds_no_server_hears_where_it_was(cluster: Cluster) -> None:
    """A new one beside it would be the wrong one."""
    cluster.start_server().stop(signal.SIGTERM)
    ended = cluster.goq("stat")
    assert 3 == ended.returncode
    assert f"in '{cluster.here}'".encode() in ended.stderr
    (cluster.home / "server").unlink()
    assert b"start one with 'goq serve'" in cluster.goq("stat").stderr
    away = cluster.goq("stat", env={"GOQ_JSERV_IP": "192.0.2.7", "GOQ_SENDTIMEOUT_MSEC": "200"})
    assert b"start one with" not in away.stderr
    assert b"on that machine" in away.stderr
