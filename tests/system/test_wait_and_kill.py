"""`goq wait` and `goq kill`: how a job ended, and how to end one."""

import signal

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
    """It waits for jobs, not for a server that was never there."""
    cluster.done("init")
    ended = cluster.goq("wait", "1", env=IMPATIENT)

    assert 3 == ended.returncode
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

    assert 137 == working.status(job)
    assert "1" == working.stat()["cancelledJobCount"]


def test_a_job_that_is_killed_as_it_starts_is_killed(working: Cluster) -> None:
    """Between `sub` and the first instruction there is no safe moment."""
    for _ in range(3):
        job = working.submit("sleep", "300")
        working.done("kill", str(job))

        assert 143 == working.status(job)
