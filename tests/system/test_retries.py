"""Jobs that are tried again for how they ended: how often, after how long, and what is left of each attempt."""

import re
import time
from pathlib import Path

import pytest

from system.cluster import SHORT_LEASES, Cluster
from system.jobs import shell
from system.test_bad_input import complaint

SHEPHERD = rb"goq: job 1: .*: exit status \d\n"  # says so in the output of every job that failed


def times(path: Path) -> list[float]:
    """When each attempt began."""
    return [float(line) for line in path.read_text().split()] if path.exists() else []


def noted(cluster: Cluster, script: str) -> tuple[tuple[str, ...], Path]:
    """A job that notes when it began; and where."""
    path = cluster.folder / "begun"
    return shell(f'date +%s.%N >> "$1"; echo attempt $GOQ_ATTEMPT; {script}', path), path


def audit_is_clean(cluster: Cluster) -> bool:
    """As far as all outputs are on the disk."""
    cluster.wait_until(lambda: "0 pending outputs" in cluster.done("audit", cwd=cluster.here))
    return cluster.goq("audit", cwd=cluster.here).returncode == 0


def test_a_job_succeeds_the_third_time(working: Cluster) -> None:
    """It waits twice as long each time, all that the attempts wrote is there, and people see why."""
    words, begun = noted(working, "test $GOQ_ATTEMPT = 3")
    job = working.submit("--retries", "3", "--backoff", "0.4", *words)

    assert 0 == working.status(job)
    first, second, third = times(begun)
    assert 0.4 <= second - first
    assert 0.8 <= third - second
    said = SHEPHERD + rb"goq: job 1: attempt %d at .*: exit status 1, retry %d of 3 in %s s\n"
    pattern = (
        rb"attempt 1\n" + said % (1, 1, b"0.4") + rb"attempt 2\n" + said % (2, 2, b"0.8") + rb"attempt 3\n"
    )
    assert re.fullmatch(pattern, working.output(job)), working.output(job)
    history = working.done("history", str(job), cwd=working.here)
    assert "(exit status 1, retry 2 of 3 in 0.8 s)" in history
    assert "result: finished, exit status 0" in history
    assert audit_is_clean(working)
    assert "1" == working.stat()["finishedJobsCount"]


def test_a_job_that_fails_too_often_has_failed(working: Cluster) -> None:
    """As its last attempt did."""
    job = working.submit("--retries", "2", "--backoff", "0", *shell("exit 4$GOQ_ATTEMPT"))

    assert 43 == working.status(job)
    assert "1" == working.stat()["failedJobsCount"]
    assert audit_is_clean(working)


def test_exit_statuses_say_what_is_done(working: Cluster) -> None:
    """Some are tried again, some run again as if nothing had been, of some nothing more is to be had."""
    once = "test $GOQ_ATTEMPT -gt %d || exit %d"
    retried = ("--retries", "1", "--backoff", "0", "--retry-on", "7,9")
    jobs = [
        working.submit(*retried, *shell(once % (1, 7))),
        working.submit(*retried, *shell(once % (1, 8))),
        working.submit(*retried, *shell("test $GOQ_ATTEMPT = 2 || kill -9 $$")),
        working.submit("--backoff", "0", "--rerun-codes", "99", *shell(once % (4, 99))),
    ]
    held = working.submit("--hold-on", "100", *shell("exit 100"))

    assert [0, 8, 0, 0] == working.statuses(jobs)
    working.wait_for_stat(waitingJobs=1)
    history = working.done("history", str(held), cwd=working.here)
    assert "(exit status 100, on which it is held)" in history
    assert audit_is_clean(working)


def test_time_that_is_up_counts_as_a_failure(working: Cluster) -> None:
    """The next attempt may be faster."""
    job = working.submit(
        "--time", "0.4", "--retries", "1", "--backoff", "0", *shell("test $GOQ_ATTEMPT = 2 || sleep 100")
    )

    assert 0 == working.status(job)
    assert b"its time of 0.4 s was up, retry 1 of 1 in 0 s\n" in working.output(job)


def test_a_job_that_waits_for_its_next_attempt_can_be_killed(working: Cluster) -> None:
    """Then there is none."""
    words, begun = noted(working, "exit 1")
    job = working.submit("--retries", "3", "--backoff", "1h", *words)
    working.wait_until(lambda: "retry 1 of 3" in working.done("history", str(job), cwd=working.here))
    working.done("kill", str(job))

    assert 143 == working.status(job)
    assert 1 == len(times(begun))
    assert b"attempt 1\n" == working.output(job)[:10]
    assert audit_is_clean(working)


def test_what_is_killed_is_not_tried_again(working: Cluster) -> None:
    """People want it to end."""
    words, begun = noted(working, "exec sleep 100")
    job = working.submit("--retries", "3", "--backoff", "0", *words)
    working.wait_until(lambda: times(begun))
    working.done("kill", str(job))

    assert 143 == working.status(job)
    assert 1 == len(times(begun))


def test_a_server_that_crashes_meanwhile_waits_for_the_rest_of_the_time(working: Cluster) -> None:
    """Neither less, nor from the beginning; and what was written before stays."""
    words, begun = noted(working, "test $GOQ_ATTEMPT = 2")
    job = working.submit("--retries", "1", "--backoff", "3", *words)
    working.wait_until(lambda: "retry 1 of 1" in working.done("history", str(job), cwd=working.here))
    working.daemons[0].crash()
    working.start_server()

    assert 0 == working.status(job)
    first, second = times(begun)
    assert 3 <= second - first < 3 + 15
    assert re.fullmatch(rb"attempt 1\n%bgoq: .*\nattempt 2\n" % SHEPHERD, working.output(job))
    assert audit_is_clean(working)


def test_lost_workers_and_failures_count_apart(cluster: Cluster) -> None:
    """A node that dies takes no retry away."""
    cluster.env |= SHORT_LEASES
    cluster.start_server()
    cluster.start_worker()
    words, begun = noted(cluster, "case $GOQ_ATTEMPT in 1|3) exit 5;; 2) exec sleep 300;; *) exit 0;; esac")
    job = cluster.submit("--retries", "2", "--backoff", "0.1", *words)
    cluster.wait_until(lambda: len(times(begun)) == 2)
    cluster.daemons[1].crash()
    cluster.start_worker()

    assert 0 == cluster.status(job)
    assert 4 == len(times(begun))
    assert re.fullmatch(
        rb"attempt 1\n%b.*retry 1 of 2 in 0.1 s\nattempt 3\n%b.*retry 2 of 2 in 0.2 s\nattempt 4\n"
        % ((SHEPHERD,) * 2),
        cluster.output(job),
    ), cluster.output(job)
    assert audit_is_clean(cluster)


def test_long_outputs_stay_too(working: Cluster) -> None:
    """They are streamed while the job runs, each behind the one before."""
    size = 300_000
    job = working.submit(
        "--retries", "1", "--backoff", "0.1", *shell(f"head -c {size} /dev/zero; test $GOQ_ATTEMPT = 2")
    )

    assert 0 == working.status(job)
    assert re.fullmatch(
        rb"\0{%d}\ngoq: [^\0]*retry 1 of 1 in 0.1 s\n\0{%d}" % (size, size), working.output(job)
    )
    assert audit_is_clean(working)


def test_when_enough_tasks_have_failed_the_rest_is_cancelled(working: Cluster) -> None:
    """A mistake that all of them have shows in the first ones."""
    words = ("--array", "1-50", "--max-fails", "3", "-q", *shell("test $GOQ_TASK_ID = 1 || exit 9"))
    job = int(working.done("sub", *words))
    working.wait_for_stat(waitingJobs=0, runQlen=0)
    stat = working.stat()
    finished, failed, cancelled = (
        int(stat[f"{kind}Count"]) for kind in ("finishedJobs", "failedJobs", "cancelledJob")
    )

    assert 3 <= failed < 20, "what runs already goes on"
    assert (failed + 1, 50) == (finished, finished + cancelled)
    assert "3 of its tasks failed" in working.done("history", str(job + 49), cwd=working.here)


def test_what_a_failed_attempt_wrote_is_told_by_wait(working: Cluster) -> None:
    """`goq wait` waits for the last attempt."""
    begun = time.monotonic()
    job = working.submit("--retries", "1", "--backoff", "1", *shell("exit 3"))

    assert 3 == working.goq("wait", str(job)).returncode
    assert 1 <= time.monotonic() - begun


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--backoff", "2h"), "--backoff: '2h' is more than an hour, the longest; --backoff 30s is right."),
        (
            ("--retries", "1", "--retry-on", "9-7"),
            "--retry-on: '9-7' in '9-7' is the wrong way round; write 7-9.",
        ),
        (("--rerun-codes", "256"), "is above 255, the last exit status"),
        (("--hold-on", ""), "is no exit status; write 1,5-7,143."),
        (("--retry-on", "7"), "--retry-on needs --retries; --retries 3 --retry-on 1,5-7 is right."),
        (
            ("--retries", "1", "--no-requeue"),
            "--no-requeue starts it once, --retries more often; choose one.",
        ),
    ],
)
def test_nonsense_is_refused_in_one_line(served: Cluster, words: tuple[str, ...], sentence: str) -> None:
    """It names the bad word and shows a right one, and nothing is queued."""
    refused = served.goq("sub", *words, "true")

    said = complaint(refused, 2)

    assert sentence in said
    assert "Nothing was queued." in said
    assert "1" == served.stat()["nextJobId"]
