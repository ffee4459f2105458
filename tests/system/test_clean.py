"""Forgetting what ended long ago: with GOQ_KEEP_DAYS, and by `goq clean`."""

import os
import shutil

import pytest

from system.cluster import Cluster
from system.jobs import held_until, touch
from system.test_bad_input import complaint

A_SECOND = str(1 / 86_400)


def test_a_server_forgets_what_it_is_not_to_keep(cluster: Cluster) -> None:
    """A server that runs for years has a journal of a few weeks."""
    server = cluster.start_server(env={"GOQ_KEEP_DAYS": A_SECOND})
    cluster.start_worker()
    gate = cluster.folder / "gate"
    held = cluster.submit(*held_until(gate))
    ended = cluster.submit("echo", "kept")
    cluster.start_worker()
    cluster.wait_for_end(ended)
    cluster.wait_until(lambda: "forgot 1 jobs" in server.text())

    assert f"no job {ended} " in complaint(cluster.goq("history", str(ended), cwd=cluster.here), 1)
    assert b"kept\n" == cluster.output(ended)
    assert "the journal holds" in cluster.done("audit", cwd=cluster.here)
    touch(gate)
    assert 0 == cluster.status(held)


def test_a_forgotten_job_is_as_unknown_as_one_that_never_was(working: Cluster) -> None:
    """In the same words; and its number is not given again."""
    working.run("true")
    said = working.done("clean", "--keep-days", "0", cwd=working.here)
    working.done("reset")

    assert "forgot 1 jobs." in said
    assert b"no job 1 at" in working.goq("wait", "1").stderr
    assert "no job 1 at" in complaint(working.goq("kill", "1"), 1)
    working.daemons[0].stop()
    working.start_server()
    assert b"no job 1 at" in working.goq("wait", "1").stderr
    assert 2 == working.submit("true")


def test_clean_leaves_alone_what_lives(working: Cluster) -> None:
    """Beside a server that runs jobs and takes in more."""
    gate = working.folder / "gate"
    held = working.submit(*held_until(gate, "echo ran"))
    waiting = working.submit_lines(["echo waited"] * 3)
    working.wait_for_start(held)

    assert "forgot 0 jobs." in working.done("clean", "--keep-days", "0", cwd=working.here)
    touch(gate)
    assert [0, 0, 0, 0] == working.statuses([held, *waiting])
    assert "forgot 4 jobs." in working.done("clean", "--keep-days", "0", cwd=working.here)
    assert "4 forgotten" in working.done("audit", cwd=working.here)
    assert b"ran\n" == working.output(held)


def test_clean_works_without_a_server_and_says_before_what_it_would_do(working: Cluster) -> None:
    """Nobody likes to find out afterwards."""
    working.run_all(("true",), ("true",))
    working.daemons[0].stop()
    clean = ("clean", "--keep-days", "0")
    late = working.done("clean", "--keep-days", "1", "--dry-run", cwd=working.here)
    would = working.done(*clean, "--dry-run", cwd=working.here)
    did = working.done(*clean, cwd=working.here)
    again = working.done(*clean, cwd=working.here)

    assert "] 0 jobs would be forgotten." in late
    assert "] 2 jobs would be forgotten." in would
    assert "] forgot 2 jobs." in did
    assert "] forgot 0 jobs." in again
    assert "the journal holds" in working.done("audit", cwd=working.here)


def test_clean_keeps_as_long_as_the_setting_says(working: Cluster) -> None:
    """What the server does every hour, now."""
    working.run("true")
    by_day = working.done("clean", cwd=working.here, env={"GOQ_KEEP_DAYS": "1"})

    assert "forgot 0 jobs." in by_day
    assert "how long are jobs to be kept" in complaint(working.goq("clean", cwd=working.here), 2)
    assert "--keep-days" in complaint(working.goq("clean", "--keep-days", "-1", cwd=working.here), 2)
    assert "GOQ_KEEP_DAYS is 'soon'" in complaint(
        working.goq("clean", cwd=working.here, env={"GOQ_KEEP_DAYS": "soon"}), 1
    )


def test_clean_without_a_journal_makes_none(cluster: Cluster) -> None:
    """A slip in the folder is a line, not a new journal."""
    assert "no journal in" in complaint(cluster.goq("clean", "--keep-days", "0"), 1)
    assert [] == os.listdir(cluster.away)


def test_a_spooled_submission_that_comes_again_after_its_job_was_forgotten_makes_none(
    cluster: Cluster,
) -> None:
    """Its answer was lost, and the machine was off for a month."""
    cluster.start_server().stop()
    cluster.done("sub", "--spool", "echo", "once")
    (spooled,) = cluster.spool.rglob("*.zjob")
    shutil.copy(spooled, cluster.folder / "copy")
    cluster.start_server()
    cluster.start_worker()
    cluster.wait_for_end(1)
    cluster.done("clean", "--keep-days", "0", cwd=cluster.here)
    cluster.daemons[1].stop()
    shutil.copy(cluster.folder / "copy", spooled)
    cluster.start_server()
    cluster.wait_until(lambda: not spooled.exists())

    assert 2 == cluster.submit("true")


@pytest.mark.parametrize("crash", [False, True])
def test_a_server_that_ends_while_it_is_asked_is_not_waited_for(working: Cluster, *, crash: bool) -> None:
    """Whoever asked then does the work: the journal is free."""
    working.run("true")
    server = working.daemons[0]
    working.wait_until(lambda: " 0 pending outputs" in working.done("audit", cwd=working.here))
    server.freeze()
    cleaning = working.start("clean", "--keep-days", "0", cwd=working.here)
    working.wait_until((working.here / ".goq" / "clean").exists)
    server.crash() if crash else server.thaw()

    assert 0 == cleaning.wait()
    assert "forgot 1 jobs." in cleaning.text()
    assert not (working.here / ".goq" / "clean").exists()
