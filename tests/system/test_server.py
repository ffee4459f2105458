"""`goq serve`: what it keeps through its own death, in which order jobs run, and how fast."""

import itertools
import os
import re
import signal
import sqlite3
from pathlib import Path

import pytest

from system.cluster import STAMP, Cluster
from system.jobs import held_until, shell, touch

SOON_S = 0.25  # the goal is 0.05 on an idle machine; tests run beside others


# --- restarts ------------------------------------------------------------------------------------


def test_kill_9_between_sub_and_the_jobs_end_loses_nothing(working: Cluster) -> None:
    """Whoever has seen a number can rely on it."""
    gate = working.folder / "gate"
    job = working.submit(*held_until(gate, "echo result; exit 5"))
    working.wait_for_start(job)
    working.daemons[0].crash()
    working.start_server()
    touch(gate)

    assert 5 == working.status(job)
    assert working.output(job).startswith(b"result\n")
    assert job + 1 == working.submit("true")


def test_queue_running_jobs_results_and_numbers_survive_a_crash(working: Cluster) -> None:
    """All of it, as it was."""
    gate = working.folder / "gate"
    done = working.submit(*shell("echo done; exit 2"))
    working.status(done)
    running = working.submit(*held_until(gate, "echo ran"))
    waiting = working.submit_lines(["echo waited"] * 3)
    before = working.wait_for_stat(runQlen=1, waitingJobs=3)
    working.daemons[0].crash()
    server = working.start_server()
    after = working.stat()
    rows = working.done("stat")
    touch(gate)

    for key in ("runQlen", "waitingJobs", "finishedJobsCount", "cancelledJobCount", "nextJobId"):
        assert before[key] == after[key]
    assert f"[jid {done}]" in rows
    assert f"RunningJob[jid {running}]" in rows
    assert "from the journal: 1 running and 3 waiting jobs" in server.text()
    assert [2, 0, 0, 0, 0] == working.statuses([done, running, *waiting])
    assert b"ran\n" == working.output(running)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_server_cleanly(working: Cluster, number: int) -> None:
    """systemd, Ctrl-C, a terminal that is closed."""
    working.run("true")
    server = working.daemons[0]

    assert 0 == server.stop(number)
    assert "jobserver exits in response to a signal" in server.text()
    assert b"next\n" == (working.start_server() and working.run("echo", "next"))


def test_many_crashes_in_a_row_lose_and_double_nothing(working: Cluster) -> None:
    """Each job runs to its end exactly once, whenever the server dies."""
    runs = working.folder / "runs"
    jobs: list[int] = []
    for _ in range(3):
        jobs += working.submit_lines([f"sh -c 'echo $GOQ_JOB_ID >> {runs}'"] * 8)
        working.daemons[0 if len(jobs) == 8 else -1].crash()
        working.start_server()
    working.wait_for_stat(finishedJobsCount=24)

    assert "the server refused" not in working.daemons[1].text()  # it would pause for it
    assert list(range(1, 25)) == jobs
    assert jobs == sorted(int(line) for line in runs.read_text().split())


# --- a thousand jobs -----------------------------------------------------------------------------


def test_a_thousand_jobs_give_a_thousand_right_outputs(served: Cluster) -> None:
    """Distinct bytes each, over four workers, none lost, none mixed up."""
    for _ in range(4):
        served.start_worker()
    script = r"printf 'job %d\0\377\n%s' $1 $(seq $1 $(($1 + 20)) | tr '\n' ,)"
    jobs = served.submit_lines([f'bash -c "{_quoted(script)}" job {number}' for number in range(1, 1001)])
    counters = served.wait_for_stat(finishedJobsCount=1000)
    wrong = [job for job in jobs if served.output(job) != _expected(job)]

    assert [] == wrong
    assert ("0", "0", "1001") == (counters["runQlen"], counters["waitingJobs"], counters["nextJobId"])
    assert 1000 == len(os.listdir(served.here / "o"))


def _quoted(script: str) -> str:
    return script.replace("\\", "\\\\").replace('"', '\\"')


def _expected(number: int) -> bytes:
    listed = "".join(f"{each}," for each in range(number, number + 21))
    return b"job %d\0\xff\n%s" % (number, listed.encode())


# --- order and speed -----------------------------------------------------------------------------


def test_jobs_run_in_the_order_of_their_submission(served: Cluster) -> None:
    """First in, first out."""
    order = served.folder / "order"
    jobs = [*served.submit_lines([f"sh -c 'echo $GOQ_JOB_ID >> {order}'"] * 10), served.submit("true")]
    served.start_worker()
    served.status(jobs[-1])

    assert jobs[:-1] == [int(line) for line in order.read_text().split()]


def test_a_job_behind_another_starts_soon_after_its_end(working: Cluster) -> None:
    """A queue of short jobs must not be a queue of pauses."""
    times = [
        [float(time) for time in output.split()]
        for output in working.run_all(*[shell("echo $EPOCHREALTIME; echo $EPOCHREALTIME")] * 12)
    ]
    gaps_s = sorted(after[0] - before[1] for before, after in itertools.pairwise(times))
    print(f"next job after {gaps_s[0] * 1000:.1f} ms at best, {gaps_s[5] * 1000:.1f} ms in the middle")

    assert gaps_s[0] < SOON_S


def test_an_idle_worker_starts_a_new_job_soon(working: Cluster) -> None:
    """From the server's acceptance, as its journal has it, to the job's first instruction."""
    working.wait_for_stat(waitingWorkers=1)
    jobs = []
    for _ in range(4):
        jobs.append(working.submit(*shell("echo $EPOCHREALTIME")))
        working.status(jobs[-1])
    with sqlite3.connect(f"file:{working.here}/.goq/journal.sqlite?mode=ro", uri=True) as db:
        accepted_s = [at_ns / 1e9 for (at_ns,) in db.execute("SELECT at_ns FROM submission ORDER BY first")]
    db.close()
    delays_s = sorted(float(working.output(job)) - at for job, at in zip(jobs, accepted_s, strict=True))
    print(f"an idle worker after {delays_s[0] * 1000:.1f} ms at best, {delays_s[2] * 1000:.1f} in the middle")

    assert delays_s[0] < SOON_S


# --- its files -----------------------------------------------------------------------------------


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_what_holds_secrets_is_private_from_birth(cluster: Cluster) -> None:
    """The journal holds environments, and people keep passwords there."""
    os.umask(os.umask(0))  # only to see that the test's own is not stricter
    server = cluster.start_server()
    cluster.start_worker()
    cluster.run("true")
    journal = cluster.here / ".goq"

    assert 0o700 == mode(journal)
    assert {0o600} == {mode(path) for path in journal.iterdir()}
    assert 0o600 == mode(cluster.here / ".goqclusterid")
    assert 0o700 == mode(cluster.home)
    assert 0o600 == mode(cluster.home / "goqclusterid")
    assert 0o700 == mode(cluster.spool)
    assert server.alive


def test_an_output_file_that_is_there_is_appended_to(cluster: Cluster) -> None:
    """It may be of a queue before this one; nobody has asked for it to be thrown away."""
    old = cluster.output_file(1)
    old.parent.mkdir()
    old.write_bytes(b"from before\n")
    (old.parent / "out.00002").write_bytes(b"x" * 10)
    cluster.start_server()
    cluster.start_worker()
    cluster.status(cluster.submit("echo", "appended"))
    cluster.status(cluster.submit(*shell("head -c 200000 /dev/zero")))
    cluster.daemons[0].crash()
    cluster.start_server()
    cluster.run("true")

    assert b"from before\nappended\n" == old.read_bytes()
    assert b"x" * 10 + bytes(200_000) == cluster.output(2)


def test_output_files_have_at_least_five_digits(working: Cluster) -> None:
    """Names that scripts build with %05d."""
    working.run("true")

    assert ["out.00001"] == os.listdir(working.here / "o")


def test_the_log_has_a_line_an_event(working: Cluster) -> None:
    """Each begins the same way, so that it can be searched."""
    working.done("kill", str(working.submit(*shell("sleep 300"))))
    working.goq("wait", "1")
    working.goq("shutdown")
    server = working.daemons[0]
    server.wait()
    lines = server.text().splitlines()

    assert all(re.match(STAMP + rf"\*\*\*\* \[jobserver pid {server.pid}\] \S", line) for line in lines)
    assert "jobserver exits in response to shutdown request." in lines[-1]
