"""`goq kill`, `hold`, `release` and `alter` of whatever a selector means."""

import pytest

from system.cluster import Cluster
from system.jobs import held_until, touch


def waiting(cluster: Cluster) -> int:
    """How many jobs wait."""
    return int(cluster.stat()["waitingJobs"])


def test_a_held_job_starts_when_it_is_released(working: Cluster) -> None:
    """What was met is counted; the order is as if nobody had held it."""
    gate = working.folder / "gate"
    first = working.submit(*held_until(gate))
    working.wait_for_start(first)
    jobs = working.submit_lines(["sh -c 'echo $GOQ_JOB_ID >> order'"] * 4)

    said = working.done("hold", f"{first}-{jobs[2]}", "777")
    assert "3 held, 1 run already, 1 never were." in said
    assert "3 were so before." in working.done("hold", f"{jobs[0]}-{jobs[2]}")
    touch(gate)
    working.status(jobs[3])
    assert 3 == working.goq("stat").stdout.count(b"(held)")
    assert 3 == waiting(working)
    assert "1 released, 1 had ended." in working.done("release", str(jobs[2]), str(first))
    working.status(jobs[2])
    assert "2 released." in working.done("release", "--state", "held", "*")

    assert [0, 0] == [working.status(job) for job in jobs[:2]]
    order = (working.away / "order").read_text().split()
    assert [str(job) for job in (jobs[3], jobs[2], jobs[0], jobs[1])] == order


def test_holds_survive_the_server(served: Cluster) -> None:
    """As all that somebody was told."""
    first, second = served.submit("true"), served.submit("true")
    served.done("hold", str(second))
    served.done("alter", "--name", "fold", str(first))
    served.daemons[0].crash()
    served.start_server()

    assert "1 released" in served.done("release", "*")
    assert "cancellation of 1 job at" in served.done("kill", "fold")
    assert 1 == waiting(served)


def test_an_array_is_one_word(served: Cluster) -> None:
    """Its number means all of it; a task is named as it is printed."""
    served.done("sub", "--array", "0-9:2,20-24", "true")
    served.submit_lines(["true"] * 3)

    assert "2 held." in served.done("hold", "1.4-6")
    assert "cancellation of job 1 at" not in served.done("kill", "1")
    assert "cancellation of job 12" in served.done("kill", "12")
    assert 2 == waiting(served)


def test_names_tags_and_users_are_words(served: Cluster) -> None:
    """A name means one's own jobs alone."""
    for name, tag in (("sim1", "night"), ("sim2", "day"), ("fold", "night")):
        served.done("sub", "--name", name, "--tag", tag, "true")

    assert "2 held" in served.done("hold", "sim*")
    assert "1 held, 1 were so before" in served.done("hold", "tag:night")
    nobody = served.goq("kill", "--user", "nobody-of-that-name", "sim*")
    assert (1, b"") == (nobody.returncode, nobody.stdout)
    assert b"none of these jobs waits or runs" in nobody.stderr
    assert 1 == nobody.stderr.count(b"\n")
    assert "3 jobs" in served.done("kill", "--state", "held,waiting", "*")


def test_an_alter_moves_a_job_ahead(working: Cluster) -> None:
    """Of the jobs that wait the one of the highest priority is next."""
    gate = working.folder / "gate"
    first = working.submit(*held_until(gate))
    working.wait_for_start(first)
    jobs = working.submit_lines(["sh -c 'echo $GOQ_JOB_ID >> order'"] * 3)

    assert "1 altered." in working.done("alter", "-p", "5", str(jobs[2]))
    assert "1 were so before." in working.done("alter", "-p", "5", str(jobs[2]))
    assert "1 run already" in working.done("alter", "-p", "5", str(first), str(jobs[1]))
    touch(gate)
    for job in jobs:
        working.status(job)

    order = (working.away / "order").read_text().split()
    assert [str(job) for job in (jobs[1], jobs[2], jobs[0])] == order


def test_an_altered_moment_is_waited_for(working: Cluster) -> None:
    """And one may think again."""
    gate = working.folder / "gate"
    first = working.submit(*held_until(gate))
    working.wait_for_start(first)
    job, behind = working.submit("true"), working.submit("true")
    working.done("alter", "--at", "2199-01-01", str(job))
    touch(gate)

    assert 0 == working.status(behind)
    assert 1 == waiting(working)
    working.done("alter", "--at", "now", str(job))
    assert 0 == working.status(job)


@pytest.mark.parametrize("command", ["kill", "hold", "release"])
def test_a_selector_that_meets_nothing_is_an_error(served: Cluster, command: str) -> None:
    """One line, and exit status 1."""
    ended = served.goq(command, "nothing-of-that-name", "tag:night")
    line = "goq: none of these jobs waits or runs: nothing-of-that-name tag:night; 'goq stat' shows what there is\n"

    assert 1 == ended.returncode
    assert line == ended.stderr.decode()


def test_an_array_is_one_line_and_a_task_has_its_name(working: Cluster) -> None:
    """`goq stat`, in a pipe; what is held is shown so."""
    gate = working.folder / "gate"
    working.done("sub", "--array", "0-99", *held_until(gate))
    working.wait_for_start(1)
    working.done("hold", "1.50-99")
    shown = working.goq("stat").stdout.decode().splitlines()

    assert any("RunningJob[jid 1 task 1.0]" in line for line in shown)
    assert any("Array[jid 1]   0 of 100 tasks have ended" in line for line in shown)
    waiting_lines = [line for line in shown if "WaitingJob" in line]
    assert ["jid 2 task 1.1", "jid 51 task 1.50"] == [
        line[line.index("jid") : line.index("]")] for line in waiting_lines
    ]
    assert ["(held)" in line for line in waiting_lines] == [False, True]
    working.done("kill", "1")


def test_needs_and_limits_of_what_waits_are_altered(working: Cluster) -> None:
    """With the options of `goq sub`, and what takes them away."""
    job = int(working.done("sub", "-q", "--hold", "--time", "0.3", "--cpus", "99", "sh", "-c", "exit 3"))
    said = working.done("alter", "--time", "0", "-c", "1", "--retries", "1", "--backoff", "0", str(job))
    assert "1 altered." in said
    working.done("release", str(job))

    assert 3 == working.status(job)
    assert b"exit status 3, retry 1 of 1" in working.output(job)
