"""A program submits, waits and steers, with a real server and a real worker."""

import os
import time
from pathlib import Path

import pytest
from system.cluster import Cluster

from goq.adapters.machine import host_name
from goq.api.client import Client
from goq.api.jobs import Job, Jobs
from goq.core.values.pages import Rows
from goq.core.values.selectors import selector_of
from goq.errors import BadCommand, GoqError, JobUnknown, RequestRefused, ServerUnreachable, TimeUp


def test_a_job_ends_and_tells_how(client: Client, working: Cluster) -> None:
    """Its status, its times, what it used, and what it wrote."""
    before_s = time.time()
    job = client.submit(["sh", "-c", "echo hello; exit 3"], name="fold", tags=["night"])
    result = job.wait(60)

    assert isinstance(job, Job)
    assert (job.id, "failed", 3, 3, 0, "", 1) == (
        result.job,
        result.state,
        result.status,
        result.exit_code,
        result.signal,
        result.cause,
        result.attempt,
    )
    assert before_s - 60 < result.started_at <= result.ended_at < time.time() + 60
    assert result.elapsed_s == pytest.approx(result.ended_at - result.started_at, abs=1e-5)
    assert working.output(job.id).startswith(b"hello\n")
    assert len(working.output(job.id)) == result.output_bytes
    assert (False, True) == (result.is_good, result.has_failed)
    assert result.host


def test_a_shell_and_variables(client: Client, working: Cluster, here: Path) -> None:
    """What differs from the shell's own: text for bash, variables, a folder, an input that is taken along."""
    (here / "deep").mkdir()
    job = client.submit(
        'cat; echo "$SEED $(pwd)"', shell=True, env={"SEED": "7"}, folder="deep", input=b"given\n"
    )

    assert job.wait(60).is_good
    assert f"given\n7 {here}/deep\n".encode() == working.output(job.id)


def test_a_script_is_taken_along(client: Client, working: Cluster) -> None:
    """Its words are its arguments."""
    job = client.submit(["one", "two"], script="#!/bin/sh\necho $2 $1\n")

    assert job.wait(60).is_good
    assert b"two one\n" == working.output(job.id)


def test_an_array_is_gone_through_as_a_sequence(client: Client) -> None:
    """By place, by task, and as a whole; the results come in order."""
    steps = client.submit(["bash", "-c", "exit $GOQ_TASK_ID"], array="10-20:5")

    assert isinstance(steps, Jobs)
    assert (3, steps[0].id + 1, steps[2]) == (len(steps), steps[1].id, steps.task(20))
    assert [10, 15, 20] == [result.status for result in steps.wait(60)]
    assert steps.ids == [result.job for result in steps.wait(60)]
    assert steps.ids[1:] == steps[1:].ids
    with pytest.raises(RequestRefused, match="no array that has such tasks"):
        steps.task(11)


def test_so_many_of_an_array_run_at_once_as_its_words_say(client: Client) -> None:
    """As `goq sub --array` takes them."""
    steps = client.submit(["true"], array="1-20%3", hold=True)
    (row,) = client.rows(Rows(selector_of([str(steps.ids[0])]))).rows

    assert row.at_once == 3
    client.kill(steps.ids[0])


def test_lines_and_lists(client: Client, working: Cluster) -> None:
    """A task for each line, and a job for each command."""
    mapped = client.submit(["echo", "{2}", "{1}"], each=["a b", "c d"])
    listed = client.submit_list([["echo", "one"], ["echo", "two"]])
    alone = client.submit_list([["true"]])
    for jobs in (mapped, listed, alone):
        assert all(result.is_good for result in jobs.wait(60))

    assert [b"b a\n", b"d c\n"] == [working.output(job) for job in mapped.ids]
    assert [b"one\n", b"two\n"] == [working.output(job) for job in listed.ids]
    assert 1 == len(alone)


def test_one_waits_for_another(client: Client) -> None:
    """Jobs name jobs; what can never run is skipped."""
    first = client.submit(["false"], hold=True)
    second = client.submit(["true"], after_ok=[first])
    third = client.submit(["true"], after=[first, second.id])
    client.release(first)

    assert (255, "skipped") == (second.wait(60).status, second.wait(60).state)
    assert third.wait(60).is_good


def test_jobs_are_held_released_and_killed(client: Client) -> None:
    """What a change met is counted; jobs are named by themselves, by number, by name, and in ranges."""
    jobs = [client.submit(["sleep", "600"], hold=True, name="steered") for _ in range(4)]
    numbers = range(jobs[0].id, jobs[-1].id + 1)

    assert (4, 0) == (client.hold(*jobs).same, client.hold(numbers).changed)
    assert 1 == client.alter(jobs[0].id, priority=5, memory="2G").changed
    assert 4 == len(client.jobs(name="steered"))
    assert {"held": 4} == client.jobs(name="steered").states
    assert 3 == jobs[1].kill().changed + client.kill(jobs[2], str(jobs[3].id)).changed
    assert "cancelled" == jobs[1].wait(60).state
    assert ([jobs[0].id], "held", None) == (
        client.jobs(name="steer*", state="held").ids,
        jobs[0].state,
        jobs[0].status,
    )
    assert ("cancelled", 143) == (jobs[1].state, jobs[1].status)
    assert 1 == jobs[0].release().changed
    assert (1, 1) == (client.kill(jobs[0]).changed + client.kill(jobs[0]).running, client.kill(jobs[1]).ended)
    assert 143 == jobs[0].wait(60).status


def test_many_are_not_killed_by_mistake(client: Client) -> None:
    """Who sets a bound is told how many they would be."""
    steps = client.submit(["true"], array="1-20", hold=True)
    met = client.kill(steps, at_most=10)

    assert (False, 20) == (met.done, met.changed)
    assert steps.ids == client.jobs(steps).ids
    assert 20 == client.kill(steps).changed


def test_a_running_job_is_paused_and_resumed(client: Client, working: Cluster) -> None:
    """It keeps its place meanwhile."""
    job = client.submit(["sleep", "600"])
    working.wait_until(lambda: client.pause(job).changed)
    assert [job.id] == client.jobs(job.id, state="paused").ids
    assert (job.row.host, "paused") == (host_name(), job.state)

    assert 1 == client.resume(job).changed
    client.kill(job, signal="INT")
    assert "cancelled" == job.wait(60).state


def test_what_failed_is_submitted_again(client: Client) -> None:
    """With another limit; the old ones stay as they ended."""
    steps = client.submit(["bash", "-c", "exit $((GOQ_TASK_ID % 2))"], array="1-4")
    steps.wait(60)
    again = steps.retry(failed=True, name="again")

    assert 2 == len(again)
    assert [1, 1] == [result.status for result in again.wait(60)]
    assert again.ids == client.jobs(name="again").ids
    assert 4 == len(client.retry(steps.ids[0]))


def test_a_time_limit_may_be_said_as_people_say_it(client: Client) -> None:
    """In seconds too."""
    jobs = [client.submit(["sleep", "600"], time_limit=limit) for limit in (0.5, "500ms")]

    assert ["time", "time"] == [job.wait(60).cause for job in jobs]


def test_the_time_of_waiting_has_an_end(client: Client) -> None:
    """It is a TimeoutError, as programs expect."""
    job = client.submit(["sleep", "600"], hold=True)
    with pytest.raises(TimeUp, match=f"job {job.id} had not ended"):
        job.wait(timeout=0.2)
    with pytest.raises(TimeoutError):
        client.jobs(job).wait(0.1)
    client.kill(job)


def test_who_is_there_and_what_is_limited(client: Client, working: Cluster) -> None:
    """The workers, the limits, the counters, and why a job waits."""
    (worker,) = working.wait_until(client.workers)
    assert 0 == client.limit("matlab", 0, why="no seats")
    job = client.submit(["true"], licenses={"matlab": 1})
    (reason,) = job.why.reasons
    assert reason.limit
    assert "matlab" == reason.limit.name
    assert [("matlab", 0, "no seats")] == [(row.name, row.amount, row.why) for row in client.limits()]

    client.drain(worker.host, why="new disk")
    assert {"matlab", f"node:{worker.host}"} == {row.name for row in client.limits()}
    client.undrain(worker.host)
    client.limit("matlab", None)
    assert job.wait(60).is_good
    assert () == client.limits()
    assert client.stat().counters["workerCount"] == 4
    assert client.latest().last >= job.id


def test_a_unique_key_gives_the_job_that_has_it(client: Client) -> None:
    """Nothing is submitted twice."""
    first = client.submit(["true"], unique="nightly", hold=True)
    second = client.submit(["true"], unique="nightly")

    assert (first, False, True) == (second, first.existed, second.existed)
    client.kill(first)


WRONG = [
    (lambda client: client.submit("ls -l"), BadCommand, "list of words"),
    (lambda client: client.submit([]), BadCommand, "empty job"),
    (lambda client: client.submit(["a\0b"]), BadCommand, "NUL"),
    (lambda client: client.submit(["true"], memory="3X"), BadCommand, "memory: '3X' is no size"),
    (lambda client: client.submit(["true"], priority=5000), BadCommand, "1000"),
    (lambda client: client.submit(["true"], cpus="many"), BadCommand, "cpus: 'many'"),
    (lambda client: client.submit(["true"], colour="red"), TypeError, "colour is no option"),
    (lambda client: client.submit(["true"], array="5-1"), BadCommand, "5-1"),
    (lambda client: client.submit(["true"], array="1-2", each=["a"]), BadCommand, "two ways"),
    (lambda client: client.submit(["true"], each=[]), BadCommand, "no line"),
    (lambda client: client.submit(["true"], warning="USR1@60"), BadCommand, "time_limit"),
    (lambda client: client.submit(["true"], folder="/nowhere"), BadCommand, "/nowhere"),
    (lambda client: client.submit(["true"], env={"GOQ_JOB_ID": "1"}), BadCommand, "GOQ_JOB_ID"),
    (lambda client: client.submit_list([]), BadCommand, "no commands"),
    (lambda client: client.kill(), BadCommand, "no jobs are named"),
    (lambda client: client.kill("1-"), BadCommand, "1-"),
    (lambda client: client.kill(1, signal="LOUD"), BadCommand, "no signal"),
    (lambda client: client.alter(1), BadCommand, "nothing is to be altered"),
    (lambda client: client.limit("user:", 3), BadCommand, "user:"),
    (lambda client: client.job(10**9).wait(), JobUnknown, "no job 1000000000"),
    (lambda client: client.job(10**9).state, JobUnknown, "no job 1000000000"),
    (lambda client: client.why("nobody"), RequestRefused, "'nobody' names no job"),
]


@pytest.mark.parametrize(("call", "kind", "words"), WRONG, ids=[words for _, _, words in WRONG])
def test_what_cannot_be_is_told(client: Client, call: object, kind: type[Exception], words: str) -> None:
    """In words that say what is wrong."""
    assert callable(call)
    with pytest.raises(kind) as caught:
        call(client)

    assert words in str(caught.value)


def test_the_server_counts_its_commits_and_looks(client: Client) -> None:
    """For whoever watches it."""

    def counted() -> tuple[int, int]:
        whole = client.cluster()
        return sum(whole.commits.counts), whole.looks.get("found", 0)

    commits, looks = counted()
    client.submit(["true"])
    client.latest()

    more_commits, more_looks = counted()
    assert more_commits > commits
    assert more_looks > looks
    assert 0 < client.cluster().commits.sum_s < 60


def test_where_no_server_is_that_is_told(working: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, and again with the next question; a client is not spoiled by it."""
    with Client(timeout=30) as client:
        good = client.config
    monkeypatch.setenv("GOQ_JSERV_PORT", "1")
    with Client(timeout=0.2) as client:
        for _ in range(2):
            with pytest.raises(ServerUnreachable, match="no job server at"):
                client.submit(["true"])
    with Client(good) as client:
        assert client.submit(["true"]).wait(60).is_good


def test_a_closed_client_says_so(working: Cluster) -> None:
    """It is a mistake of the program, told in one sentence."""
    client = Client()
    client.close()
    with pytest.raises(GoqError, match="closed"):
        client.stat()


def test_a_fork_is_told(client: Client) -> None:
    """No connection lives on in a child: it would wait for ever."""
    client.stat()
    read, write = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            client.stat()
        except GoqError as error:
            os.write(write, str(error).encode())
        finally:
            os._exit(0)
    os.waitpid(pid, 0)

    assert b"before a fork" in os.read(read, 1000)
    os.close(read)
    os.close(write)
