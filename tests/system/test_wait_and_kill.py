"""`goq wait` and `goq kill`: how a job ended, and how to end one."""

import signal

import pytest

from system.cluster import Cluster
from system.jobs import held_until, lines_of, shell, touch
from system.test_bad_input import IMPATIENT

# --- wait ------------------------------------------------------------------------------------


def test_wait_ends_as_the_job_ended(working: Cluster) -> None:
    """`goq wait 17 && next` must mean what it says."""
    ends = {
        "exit 0": (0, "success, job was completed."),
        "exit 3": (3, "job failed with exit status 3."),
        "kill -KILL $$": (137, "job was ended by signal 9."),
        "kill -TERM $$": (143, "job was ended by signal 15."),
        "exit 255": (255, "job failed with exit status 255."),
    }
    jobs = working.submit_lines(lines_of(*(shell(script) for script in ends)))
    for job, (status, verdict) in zip(jobs, ends.values(), strict=True):
        ended = working.goq("wait", str(job))
        said = ended.stdout.decode()

        assert (status, b"") == (ended.returncode, ended.stderr)
        assert f"waiting for jobid {job} to finish at server '{working.address}'" in said
        assert f"wait on jobid {job} result: {verdict}\n" in said


def test_wait_on_a_job_that_was_cancelled_before_it_ran_is_143(served: Cluster) -> None:
    """Cancelled is not success, whether or not it had begun."""
    job = served.submit("true")
    said = served.done("kill", str(job))
    ended = served.goq("wait", str(job))

    assert f"cancellation of job {job} at '{served.address}' succeeded: it will not run." in said
    assert "succeeded: it had been cancelled before." in served.done("kill", str(job))
    assert 143 == ended.returncode
    assert b"cancelled while it waited" in ended.stdout


def test_many_wait_for_one_job(working: Cluster) -> None:
    """Each of them is told."""
    gate = working.folder / "gate"
    job = working.submit(*held_until(gate, "exit 6"))
    waiting = [working.start("wait", str(job)) for _ in range(4)]
    for each in waiting:
        working.wait_until(lambda each=each: "waiting for jobid" in each.text())  # type: ignore[misc]
        each.may_end = True
    touch(gate)

    assert [6] * 4 == [each.wait() for each in waiting]


def test_wait_goes_on_through_a_restart_of_the_server(working: Cluster) -> None:
    """The original forgot who was waiting."""
    gate = working.folder / "gate"
    job = working.submit(*held_until(gate, "exit 4"))
    waiting = working.start("wait", str(job))
    working.wait_until(lambda: "waiting for jobid" in waiting.text())
    working.wait_for_start(job)
    working.daemons[0].crash()
    working.start_server()
    waiting.may_end = True
    touch(gate)

    assert 4 == waiting.wait()


def test_a_finished_job_answers_at_once_also_after_a_restart_and_a_reset(working: Cluster) -> None:
    """How a job ended is a fact that does not go away."""
    failed = working.submit(*shell("exit 3"))
    cancelled = working.submit("sleep", "300")
    working.status(failed)
    working.done("kill", str(cancelled))
    working.status(cancelled)
    working.done("reset")
    working.daemons[0].stop()
    working.start_server()

    assert [3, 143] == [working.status(failed), working.status(cancelled)]


def test_wait_with_no_server_says_so(cluster: Cluster) -> None:
    """It waits for jobs, not for a server that was never there. 69: a job may end with 3."""
    cluster.done("init")
    ended = cluster.goq("wait", "1", env=IMPATIENT)

    assert 69 == ended.returncode
    assert 1 == ended.stderr.count(b"\n")


def test_ctrl_c_ends_a_wait_and_not_the_job(working: Cluster) -> None:
    """Who looks away does not end what he looked at."""
    gate = working.folder / "gate"
    job = working.submit(*held_until(gate))
    waiting = working.start("wait", str(job))
    working.wait_until(lambda: "waiting for jobid" in waiting.text())
    code = waiting.stop(signal.SIGINT)
    touch(gate)

    assert 130 == code
    assert 0 == working.status(job)


# --- kill ------------------------------------------------------------------------------------


def test_killing_a_running_job_is_reported_to_who_waits(working: Cluster) -> None:
    """The one who waits must not take it for a failure of the job."""
    job = working.submit("sleep", "300")
    working.wait_for_start(job)
    said = working.done("kill", str(job))
    ended = working.goq("wait", str(job))

    assert f"cancellation of job {job} at '{working.address}' succeeded: it is being killed." in said
    assert 143 == ended.returncode
    assert b"job was cancelled." in ended.stdout


def test_killing_twice_is_no_error(working: Cluster) -> None:
    """The wish is fulfilled, and a script may repeat itself."""
    job = working.submit("sleep", "300")
    working.wait_for_start(job)

    for _ in range(2):
        assert "succeeded" in working.done("kill", str(job))
    assert 143 == working.status(job)
    assert "succeeded" in working.done("kill", str(job))
    assert "1" == working.stat()["cancelledJobCount"]


def test_killing_a_job_that_has_ended_is_an_error(working: Cluster) -> None:
    """What is done cannot be cancelled; its result stays."""
    job = working.submit("true")
    working.status(job)
    ended = working.goq("kill", str(job))

    assert 1 == ended.returncode
    assert b"has already ended, with exit status 0" in ended.stderr
    assert 0 == working.status(job)


def test_kill_with_no_server_is_an_error(cluster: Cluster) -> None:
    """Silence would be taken for success."""
    cluster.done("init")
    ended = cluster.goq("kill", "1", env=IMPATIENT)

    assert 3 == ended.returncode
    assert f"no job server at {cluster.address}".encode() in ended.stderr


def test_a_kill_reaches_a_job_whose_server_was_restarted(working: Cluster) -> None:
    """The wish to kill is as durable as the job."""
    started = working.folder / "started"
    stubborn = shell('trap "" TERM; touch "$1"; while true; do sleep 0.1; done', started)
    working.start_worker(env={"GOQ_KILL_GRACE_SEC": "2"})
    working.daemons[1].stop()
    job = working.submit(*stubborn)
    working.wait_until(started.exists)
    working.done("kill", str(job))
    working.daemons[0].crash()
    working.start_server()

    assert 143 == working.status(job)
    assert "1" == working.stat()["cancelledJobCount"]


def test_a_job_that_is_killed_as_it_starts_is_killed(working: Cluster) -> None:
    """Between `sub` and the first instruction there is no safe moment."""
    for _ in range(3):
        job = working.submit("sleep", "300")
        working.done("kill", str(job))

        assert 143 == working.status(job)


# --- several at once -------------------------------------------------------------------------


def test_wait_for_several_ends_as_the_lowest_that_did_not_end_well(working: Cluster) -> None:
    """One command for a batch, and its exit code says whether all is well."""
    scripts = ("exit 0", "exit 7", "kill -KILL $$", "exit 0")
    jobs = [str(job) for job in working.submit_lines(lines_of(*map(shell, scripts)))]
    all_of_them = working.goq("wait", *reversed(jobs))
    said = all_of_them.stdout.decode()

    assert 7 == all_of_them.returncode
    assert all(f"wait on jobid {job} result: " in said for job in jobs)
    assert "waiting for 4 jobs to finish" in said
    assert 137 == working.goq("wait", jobs[2], jobs[0]).returncode
    assert 0 == working.goq("wait", jobs[3], jobs[0], jobs[3]).returncode


def test_a_wait_for_several_lasts_until_the_last(working: Cluster) -> None:
    """Also when the others have ended long ago, and through a restart of the server."""
    gate = working.folder / "gate"
    first, second = working.submit("true"), working.submit(*held_until(gate, "exit 5"))
    waiting = working.start("wait", str(first), str(second))
    working.wait_until(lambda: f"wait on jobid {first} result: success" in waiting.text())
    working.daemons[0].crash()
    working.start_server()
    waiting.may_end = True
    touch(gate)

    assert 5 == waiting.wait()


def test_wait_for_several_of_which_one_never_was_is_69(working: Cluster) -> None:
    """It would wait for ever."""
    job = working.submit("true")
    ended = working.goq("wait", str(job), "999")

    assert 69 == ended.returncode
    assert b"no job 999" in ended.stderr


def test_of_several_that_are_killed_at_once_none_starts(working: Cluster) -> None:
    """One by one, each kill of the running one would let the next begin."""
    started = working.folder / "started"
    held = working.submit("sleep", "300")
    working.wait_for_start(held)
    jobs = working.submit_lines(lines_of(*[shell(f"echo x >> {started}")] * 300))
    said = working.done("kill", str(held), *map(str, jobs))

    assert "cancellation of 301 jobs" in said
    assert "300 will not run, 1 is being killed." in said
    assert 143 == working.status(held)
    assert {143} == {working.goq("wait", *map(str, jobs)).returncode}
    assert not started.exists()


def test_of_several_the_known_are_killed_and_the_others_counted(working: Cluster) -> None:
    """What has ended must not save another."""
    done, live = working.submit("true"), working.submit("sleep", "300")
    working.status(done)
    said = working.done("kill", str(done), "777", str(live), str(live))

    assert "cancellation of 1 job at" in said
    assert "0 will not run, 1 is being killed; 1 had ended before, and 1 never were." in said
    assert 143 == working.status(live)


@pytest.mark.parametrize("words", [("1-40",), ("20-40", "1-25"), ("1", "2-39", "40", "7")])
def test_a_range_is_killed_at_once(working: Cluster, words: tuple[str, ...]) -> None:
    """None of them starts because another one ends; what was met is counted, and what was not."""
    jobs = working.submit_lines(["sh -c 'touch started.$GOQ_JOB_ID; exec sleep 300'"] * 40 + ["true"])
    working.wait_for_stat(runQlen=1)
    said = working.done("kill", *words)

    assert "cancellation of 40 jobs" in said
    assert "39 will not run, 1 is being killed." in said
    assert 143 == working.status(jobs[0])
    assert 0 == working.status(41)
    assert ["started.1"] == [path.name for path in working.away.glob("started.*")]
    again = working.goq("kill", "38-50")
    assert 1 == again.returncode
    assert b"none of these jobs waits or runs: 4 had ended before, and 9 never were" in again.stderr
    assert b"by" in working.goq("history", "17", cwd=working.here).stdout


@pytest.mark.parametrize("word", ["5-3", "-", "3-", "1-2-3", "a/b", "0-7"])
@pytest.mark.parametrize("command", ["kill", "wait"])
def test_what_is_no_range_is_refused(cluster: Cluster, command: str, word: str) -> None:
    """Before anything is killed."""
    assert cluster.goq(command, "7", word).returncode in (2, 69)


def test_who_names_jobs_by_their_program_is_told_that_it_is_no_name(served: Cluster) -> None:
    """The table shows it where a job has no name; one that has another name is not meant."""
    served.submit("--hold", "/bin/sleep", "9")
    served.done("sub", "--hold", "--array", "1-3", "sleep", "9")
    served.submit("--hold", "--name", "nap", "sleep", "9")
    said = {word: served.goq("kill", word) for word in ("sleep", "sh", "slee*")}

    told = b"none is called 'sleep'; 4 jobs run that program, and 'goq list' shows their numbers\n"
    assert said["sleep"].stderr.endswith(told)
    assert [1, 1, 1] == [each.returncode for each in said.values()]
    assert b"none is called" not in said["sh"].stderr + said["slee*"].stderr


def test_a_range_is_waited_for(working: Cluster) -> None:
    """The status is that of the first that did not end well."""
    working.submit_lines(["true"] * 1200 + ["sh -c 'exit 3'", "true", "sh -c 'exit 4'"])
    ended = working.goq("wait", "1203", "1100-1202", "2-1100")

    assert 3 == ended.returncode
    assert 1202 == ended.stdout.count(b"wait on jobid")
    working.done("sub", "--hold", "--array", "1-100001", "true")
    assert b"more than 100000 jobs" in working.goq("wait", "1204").stderr


# --- no worker -------------------------------------------------------------------------------


def test_wait_says_that_no_worker_is_there(served: Cluster) -> None:
    """Else a newcomer waits for ever, and does not know for what."""
    job = served.submit("true")
    waiting = served.start("wait", str(job))
    served.wait_until(lambda: "waiting for jobid" in waiting.text())

    served.wait_until(lambda: "no worker is there" in waiting.text())
    assert "goq work forever" in waiting.text()
    assert "0" == served.stat()["workerCount"]
    served.start_worker()
    waiting.may_end = True
    assert 0 == waiting.wait()


def test_a_wait_with_workers_says_nothing_of_them(working: Cluster) -> None:
    """A busy worker is one."""
    gate = working.folder / "gate"
    job, behind = working.submit(*held_until(gate)), working.submit("true")
    working.wait_for_start(job)
    assert "1" == working.stat()["workerCount"]
    waiting = working.start("wait", str(behind))
    working.wait_until(lambda: "waiting for jobid" in waiting.text())
    waiting.may_end = True
    touch(gate)

    assert 0 == waiting.wait()
    assert "worker is there" not in waiting.text()


def test_failures_are_counted_apart(working: Cluster) -> None:
    """The first thing that people want to know; over a restart and a reset too."""
    scripts = ("exit 0", "exit 3", "kill -9 $$", "exit 0")
    for job in working.submit_lines(lines_of(*map(shell, scripts))):
        working.status(job)
    working.daemons[0].crash()
    working.start_server()

    assert ["4", "2"] == [working.stat()[key] for key in ("finishedJobsCount", "failedJobsCount")]
    working.done("reset")
    assert "0" == working.stat()["failedJobsCount"]
