"""Jobs that wait for others: `goq sub --after` and the like, over restarts of the server."""

import time

from system.cluster import Cluster
from system.jobs import held_until, shell, touch


def submitted(cluster: Cluster, *words: object) -> str:
    """The number that `goq sub -q` prints."""
    return cluster.done("sub", "-q", *map(str, words)).strip()


def complaint(cluster: Cluster, *words: object) -> str:
    """Why it queued nothing."""
    refused = cluster.goq("sub", *map(str, words))
    assert refused.returncode
    assert b"" == refused.stdout
    return refused.stderr.decode()


def restart(cluster: Cluster) -> None:
    """The server is killed, and another goes on."""
    server = next(daemon for daemon in reversed(cluster.daemons) if daemon.name.endswith("serve"))
    server.crash()
    cluster.start_server()


def history(cluster: Cluster, job: str) -> str:
    """What the journal tells of the job."""
    return cluster.done("history", job, cwd=cluster.here)


def audit(cluster: Cluster) -> None:
    """No law is broken."""
    cluster.done("audit", cwd=cluster.here)


def status(cluster: Cluster, *jobs: object) -> int:
    """What `goq wait` ends with."""
    return cluster.goq("wait", *map(str, jobs)).returncode


def test_a_chain_runs_in_its_order_through_restarts(served: Cluster) -> None:
    """Whatever the server remembers is in its journal."""
    log, last = served.away / "log", ""
    for name in "abcd":
        after = ["--after-ok", last] if last else []
        last = submitted(served, *after, *shell('echo "$1" >>"$2"', name, log))
    restart(served)
    served.start_worker()

    assert 0 == status(served, "1-4")
    assert "a\nb\nc\nd\n" == log.read_text()
    audit(served)


def test_what_can_never_run_is_skipped_with_the_reason(working: Cluster) -> None:
    """And so is whoever waits for that; who waits for any end goes on."""
    gate = working.away / "gate"
    first = submitted(working, *held_until(gate, "exit 3"))
    second = submitted(working, "--after-ok", first, "true")
    third = submitted(working, "--after-ok", second, "true")
    cleaning = submitted(working, "--after", f"{first},{third}", "true")
    alarm = submitted(working, "--after-fail", first, "true")
    quiet = submitted(working, "--after-fail", cleaning, "true")
    touch(gate)

    assert [3, 255, 255, 0, 0, 255] == [
        status(working, job) for job in (first, second, third, cleaning, alarm, quiet)
    ]
    said = working.goq("wait", second).stdout.decode()
    assert "job was skipped: job 1, which it waits for, failed with exit status 3." in said
    assert "job 2, which it waits for, was skipped" in history(working, third)
    assert "did not fail" in history(working, quiet)
    assert "3" == working.stat()["skippedJobCount"]
    audit(working)


def test_an_array_is_followed_task_by_task(served: Cluster) -> None:
    """A task that failed skips its own follower alone, also while the server is away."""
    log = served.away / "log"
    one = submitted(served, "--array", "1-6", *shell("test $GOQ_TASK_ID != 4"))
    two = submitted(
        served, "--array", "11-16", "--after-each-ok", one, *shell('echo $GOQ_TASK_ID >>"$1"', log)
    )
    three = submitted(served, "--after", two, *shell('echo all >>"$1"', log))
    restart(served)
    served.start_worker()

    assert 0 == status(served, three)
    lines = log.read_text().split()
    assert ["11", "12", "13", "15", "16"] == sorted(lines[:-1])
    assert "all" == lines[-1]
    assert 255 == status(served, "7-12")
    audit(served)


def test_what_has_ended_is_known(working: Cluster) -> None:
    """By number however long ago, by name for an hour; over a restart."""
    good = submitted(working, "--name", "good", "true")
    bad = submitted(working, "--name", "bad", "--tag", "night", *shell("exit 3"))
    array = submitted(working, "--array", "1-3", *shell("test $GOQ_TASK_ID != 2"))
    assert 3 == status(working, f"{good}-{bad}")
    assert 1 == status(working, "3-5")
    restart(working)
    for fine in ("1", "good", "g*d", "1,good"):
        assert 0 == status(working, submitted(working, "--after-ok", fine, "true"))
    for fine in (bad, "tag:night", array):
        assert 0 == status(working, submitted(working, "--after-fail", fine, "true"))

    failed = "job 2 failed with exit status 3, and --after-ok waits for a good end; nothing was queued"
    for word in ("2", "bad", "tag:night", "1-2"):
        assert failed in complaint(working, "--after-ok", word, "true")
    assert "job 4 failed with exit status 1" in complaint(working, "--after-ok", array, "true")
    assert "job 1 has ended well, and --after-fail waits" in complaint(working, "--after-fail", "1", "true")
    assert "job 99 is not known; nothing was queued" in complaint(working, "--after", "99", "true")
    assert "'nobody' names no job" in complaint(working, "--after", "nobody", "true")
    audit(working)


def test_what_need_not_be_there(working: Cluster) -> None:
    """A cron job that follows yesterday's, if there was one."""
    job = submitted(working, "--after-ok", "nobody", "--after", "99", "--after-maybe", "true")

    assert 0 == status(working, job)


def test_what_fits_nothing_is_refused(served: Cluster) -> None:
    """One line that names the bad word."""
    submitted(served, "--array", "1-6", "true")
    other = complaint(served, "--array", "1-5", "--after-each", "1", "true")
    assert (
        "--after-each needs as many jobs on both sides; 1-6 are 6, and these 5; nothing was queued" in other
    )
    for words, part in (
        (("--after", "20-12"), "'20-12' is the wrong way round"),
        (("--after", ""), "names no jobs"),
        (("--after-maybe",), "--after-maybe needs something"),
        (("--keep",), "--keep is for what waits for others"),
        (("--after", "1", "--spool"), "--spool does without"),
        (("--at", "1999-01-01"), "is past"),
        (("--at", "soon"), "no moment"),
        (("--in", "soon"), "no duration"),
        (("--in", "9", "--at", "9:00"), "choose one"),
        (("--after", "1.9"), "no array that has such tasks"),
    ):
        assert part in complaint(served, *words, "true")
    assert "7" == submitted(served, "true")


def test_a_kill_of_what_is_waited_for_skips(served: Cluster) -> None:
    """Nobody waits for ever; with --keep it waits for a person."""
    first = submitted(served, "sleep", "60")
    skipped = submitted(served, "--after-ok", first, "true")
    kept = submitted(served, "--after-ok", first, "--keep", "true")
    after = submitted(served, "--after", first, "true")
    served.done("kill", first)
    assert 255 == status(served, skipped)
    restart(served)
    served.start_worker()

    assert 0 == status(served, after)
    told = history(served, kept)
    assert "held (job 1, which it waits for, was cancelled)" in told
    assert "it is waiting" in told
    audit(served)


def test_a_job_waits_for_its_moment_or_a_word(working: Cluster) -> None:
    """`--in` and `--hold`."""
    begun = time.time()
    held = submitted(working, "--hold", "true")
    later = submitted(working, "--in", "1.5s", "true")

    assert 0 == status(working, later)
    assert 1.4 < time.time() - begun
    assert "it is waiting" in history(working, held)
    audit(working)
