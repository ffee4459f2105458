"""What went wrong in the original, each as a test: its two ages' lists of defects, in their order.

The numbers are those of the first goq's list; the second half is the later goq's.
"""

import itertools
import re
import signal
from pathlib import Path

import pytest

from system.cluster import GOQ, SHORT_LEASES, Cluster
from system.jobs import JOB_MARK, held_until, shell, touch
from system.proc import marked_pids, peak_kib

# --- the first goq -------------------------------------------------------------------------


def test_1_killing_a_running_job_kills_it_and_the_server_lives(working: Cluster) -> None:
    """The original killed nothing, and its server panicked when the job ended later."""
    started = working.folder / "started"
    job = working.submit(*shell('touch "$1"; exec sleep 300', started), env={JOB_MARK: working.mark})
    working.wait_until(started.exists)
    working.done("kill", str(job))

    assert 128 + signal.SIGTERM == working.status(job)
    assert [] == marked_pids(JOB_MARK, working.mark)
    assert working.daemons[0].alive


def test_2_a_waiting_job_is_taken_from_between_others(served: Cluster) -> None:
    """The original's list surgery panicked with others in the queue."""
    jobs = served.submit_lines([f"echo {number}" for number in range(1, 6)])
    for job in (jobs[2], jobs[0], jobs[4]):
        served.done("kill", str(job))
    left = served.stat()
    served.start_worker()
    served.wait_for_stat(finishedJobsCount=2, cancelledJobCount=3)

    assert ("2", "3") == (left["waitingJobs"], left["cancelledJobCount"])
    assert [143, 0, 143, 0, 143] == served.statuses(jobs)
    assert (b"2\n", b"4\n") == (served.output(jobs[1]), served.output(jobs[3]))


def test_2_killing_a_running_job_while_others_wait_touches_no_other(working: Cluster) -> None:
    """The original looked for it among those that wait, and panicked."""
    running = working.submit("sleep", "300")
    behind = working.submit("echo", "next")
    working.wait_for_stat(runQlen=1, waitingJobs=1)
    working.done("kill", str(running))

    assert 143 == working.status(running)
    assert 0 == working.status(behind)


def test_3_no_job_sees_the_cluster_id(working: Cluster) -> None:
    """The original sent the secret along with each job, in clear text."""
    secret = (working.here / ".goqclusterid").read_text().strip()
    job = working.submit("env", env={"GOQ_CLUSTERID": secret})
    working.status(job)

    assert secret.encode() not in working.output(job)


def test_4_a_dead_workers_job_runs_elsewhere(cluster: Cluster) -> None:
    """In the original it stayed on the list of running jobs for ever."""
    cluster.env |= SHORT_LEASES
    cluster.start_server()
    doomed = cluster.start_worker()
    job = cluster.submit(*shell('test $GOQ_ATTEMPT = 1 && exec sleep 300; echo "attempt $GOQ_ATTEMPT"'))
    cluster.wait_for_start(job)
    doomed.crash()
    cluster.start_worker()

    assert 0 == cluster.status(job)
    assert b"attempt 2\n" == cluster.output(job)


def test_5_ids_go_on_after_a_restart_and_old_outputs_stay_whole(working: Cluster) -> None:
    """The original began again with 1, and appended to the old out.00001."""
    assert b"old\n" == working.run("echo", "old")
    working.daemons[0].crash()
    working.start_server()
    new = working.submit("echo", "new")
    working.status(new)

    assert 2 == new
    assert b"old\n" == working.output(1)
    assert b"new\n" == working.output(2)


def test_6_a_result_waits_for_a_server_that_is_away(working: Cluster) -> None:
    """The original's worker sent it once, and did not look whether it arrived."""
    gate = working.folder / "gate"
    job = working.submit(*held_until(gate, "echo kept; exit 5"), env={JOB_MARK: working.mark})
    working.wait_for_start(job)
    working.daemons[0].crash()
    touch(gate)
    working.wait_until(lambda: not marked_pids(JOB_MARK, working.mark))
    working.start_server()

    assert 5 == working.status(job)
    assert working.output(job).startswith(b"kept\n")


def test_7_wait_knows_a_finished_job_and_its_exit_status(working: Cluster) -> None:
    """In the original it was unknown by then, and success was all that `wait` could say."""
    job = working.submit(*shell("exit 3"))
    working.wait_for_stat(finishedJobsCount=1)

    assert 3 == working.status(job)


def test_8_the_port_that_is_set_is_the_port_in_every_message(served: Cluster) -> None:
    """The original changed the port and kept the address that it had made of the old one."""
    served.daemons[0].stop()
    served.env["GOQ_JSERV_PORT"] = str(served.port + 1 if served.port < 65535 else served.port - 1)
    served.start_server()
    said = served.done("sub", "true")

    assert served.env["GOQ_JSERV_PORT"] == served.stat()["jservPort"]
    assert f"'{served.address}'" in said


def test_9_a_hundred_jobs_leave_no_sockets_behind(working: Cluster) -> None:
    """The original never closed one, and stopped at 500 jobs."""
    places = [Path(f"/proc/{daemon.pid}/fd") for daemon in working.daemons]
    working.run("true")
    before = [len(list(place.iterdir())) for place in places]
    jobs = working.submit_lines(["true"] * 100)
    working.status(jobs[-1])
    after = [len(list(place.iterdir())) for place in places]

    assert all(now < then + 20 for now, then in zip(after, before, strict=True))


def test_10_cluster_ids_have_no_clock_in_them(cluster: Cluster) -> None:
    """The original seeded its generator with the time, which an attacker can guess."""
    ids = [cluster.done("clusterid").strip() for _ in range(4)]
    alike = [sum(map(str.__eq__, one, other)) for one, other in itertools.combinations(ids, 2)]

    assert 20 > max(alike)


def test_11_the_exit_status_is_a_fact_and_not_only_text(working: Cluster) -> None:
    """Scripts branch on it."""
    job = working.submit(*shell("exit 42"))

    assert 42 == working.status(job)
    assert re.search(r"\[jid 1\].*status: 42\.", working.done("stat"))


def test_11_output_is_there_while_the_job_still_runs(working: Cluster) -> None:
    """The original showed nothing before the end; a run of days was blind."""
    gate = working.folder / "gate"
    job = working.submit(*held_until(gate, "echo end"), env={"BASH_ENV": _prologue(working)})
    working.wait_until(lambda: working.output_file(job).exists() and working.output(job) == b"begun\n")
    touch(gate)
    working.status(job)

    assert b"begun\nend\n" == working.output(job)


def _prologue(cluster: Cluster) -> str:
    path = cluster.folder / "prologue"
    path.write_text("echo begun\n")
    return str(path)


def test_11_memory_does_not_grow_with_the_output(working: Cluster) -> None:
    """The original held every output in memory, and in its state file."""
    working.run("true")
    server_and_worker = working.daemons[:2]
    before = [peak_kib(daemon.pid) for daemon in server_and_worker]
    job = working.submit(*shell("head -c 32000000 /dev/zero"))
    working.status(job)
    after = [peak_kib(daemon.pid) for daemon in server_and_worker]

    assert 32_000_000 == working.output_file(job).stat().st_size
    assert all(now - then < 24 * 1024 for now, then in zip(after, before, strict=True))


# --- the later goq -------------------------------------------------------------------------


@pytest.mark.parametrize(("command", "code"), [("wait", 69), ("kill", 1)])
def test_an_unknown_job_is_an_error_and_not_a_wait_without_end(
    served: Cluster, command: str, code: int
) -> None:
    """The later `goq wait` hung; `goq kill` was silent."""
    ended = served.goq(command, "77", timeout=10)

    assert code == ended.returncode
    assert b"no job 77" in ended.stderr


def test_wait_on_a_cancelled_job_ends(served: Cluster) -> None:
    """The later `goq wait` knew only one way for a job to end."""
    job = served.submit("true")
    waiting = served.start("wait", str(job))
    served.wait_until(lambda: "waiting for jobid" in waiting.text())
    waiting.may_end = True
    served.done("kill", str(job))

    assert 143 == waiting.wait()
    assert "cancelled while it waited" in waiting.text()


def test_workers_that_vanish_while_idle_do_not_stop_the_server(served: Cluster) -> None:
    """The later server panicked when it pushed a job to a worker that had gone."""
    vanishing = [served.start_worker() for _ in range(3)]
    served.wait_for_stat(waitingWorkers=3)
    for worker in vanishing:
        worker.crash()
    job = served.submit("echo", "served")
    served.start_worker()

    assert 0 == served.status(job)


def test_lines_that_are_all_empty_are_refused(served: Cluster) -> None:
    """The later server panicked on them."""
    ended = served.goq("sub", "lines@", "-", stdin=b"\n   \n\n")

    assert 2 == ended.returncode
    assert b"empty job" in ended.stderr
    assert "1" == served.stat()["nextJobId"]


def test_a_crash_right_after_the_answer_loses_nothing(served: Cluster) -> None:
    """The later goq saved its state once a minute."""
    job = served.submit("echo", "safe")
    served.daemons[0].crash()
    served.start_server()
    served.start_worker()

    assert 0 == served.status(job)
    assert b"safe\n" == served.output(job)


def test_a_slow_workers_job_is_not_run_twice_to_its_end(cluster: Cluster) -> None:
    """The later goq ran such a job twice, and killed neither."""
    cluster.env |= SHORT_LEASES
    ends = cluster.folder / "ends"
    gate = cluster.folder / "gate"
    cluster.start_server()
    slow = cluster.start_worker()
    job = cluster.submit(*held_until(gate, f'echo "$GOQ_ATTEMPT" >> {ends}'))
    cluster.wait_for_start(job)
    slow.freeze()
    cluster.wait_for_stat(runQlen=0, waitingJobs=1)
    slow.thaw()
    cluster.wait_until(lambda: "lost the lease" in slow.text() and cluster.stat()["runQlen"] == "1")
    touch(gate)
    cluster.status(job)

    assert 1 == len(ends.read_text().split())
    assert "1" not in ends.read_text()


def test_jobs_that_submit_jobs_are_counted_right(working: Cluster) -> None:
    """The later goq's count was off when jobs called `goq sub` themselves."""
    job = working.submit(*shell('"$1" sub echo inner', GOQ))
    working.status(job)
    working.wait_for_stat(finishedJobsCount=2, waitingJobs=0, runQlen=0)

    assert b"inner\n" == working.output(2)


def test_a_job_gets_a_grace_before_it_is_killed(working: Cluster) -> None:
    """The later goq knew SIGKILL only: no job could put its things in order."""
    started = working.folder / "started"
    job = working.submit(*shell('trap "echo tidy; exit 9" TERM; touch "$1"; sleep 300 & wait', started))
    working.wait_until(started.exists)
    working.done("kill", str(job))
    working.status(job)

    assert working.output(job).startswith(b"tidy\n")


def test_cancelled_waiting_jobs_are_counted(served: Cluster) -> None:
    """The later goq did not count them."""
    served.done("kill", str(served.submit("true")))

    assert "1" == served.stat()["cancelledJobCount"]


def test_stat_shows_no_more_rows_than_were_asked_for(served: Cluster) -> None:
    """The later goq showed one more."""
    served.submit_lines(["true"] * 5)

    assert 3 == served.done("stat", "3").count("WaitingJob")
    assert 5 == served.done("stat").count("WaitingJob")


def test_arguments_keep_their_quoting(working: Cluster) -> None:
    """The later goq pasted the words into a shell script."""
    words = ["a b", "$HOME", "*", 'say "hi"', "", "back\\slash", "semi;colon", "new\nline"]

    assert "".join(f"<{word}>" for word in words).encode() == working.run("printf", "<%s>", *words)


def test_a_job_needs_no_writable_folder(working: Cluster) -> None:
    """The later goq wrote a script into the job's folder."""
    assert b"/proc\n" == working.run("/bin/pwd", cwd=Path("/proc"))


def test_the_server_log_does_not_grow_while_nothing_happens(cluster: Cluster) -> None:
    """The later server printed a whole snapshot each heartbeat."""
    cluster.env |= {"GOQ_HEARTBEAT_SEC": "0.05"}
    server = cluster.start_server()
    cluster.start_worker()
    gate = cluster.folder / "gate"
    job = cluster.submit(*held_until(gate))
    cluster.wait_for_start(job)
    before = server.text()
    for _ in range(3):  # each takes longer than a heartbeat
        cluster.stat()
    after = server.text()
    touch(gate)
    cluster.status(job)

    assert before == after
