"""`goq retry`: what has ended is submitted again."""

import json

from system.cluster import Cluster
from system.jobs import shell
from system.test_after import audit, restart


def retried(cluster: Cluster, *words: object) -> list[str]:
    """The lines that it prints, without the process."""
    lines = cluster.done("retry", *map(str, words)).splitlines()
    return [line.partition("] ")[2] for line in lines]


def refusal(cluster: Cluster, *words: str) -> str:
    """Why nothing was queued."""
    refused = cluster.goq("retry", *words)
    assert (b"", True) == (refused.stdout, refused.returncode > 0)
    return refused.stderr.decode()


def test_the_tasks_that_failed_run_again_with_what_waited_for_them(working: Cluster) -> None:
    """They have their numbers and lines; after a restart as before it. Behind them goes what was skipped."""
    log, good = working.away / "log", working.away / "good"
    script = 'until [ -e "$3.go" ]; do sleep 0.02; done; echo "$1 $GOQ_TASK_ID of $GOQ_TASK_LAST" >>"$2"; [ -e "$3" ] || [ $GOQ_TASK_ID != 2 ]'
    lines = working.folder / "lines"
    lines.write_text("a\nb\nc\n")
    each = working.done("sub", "-q", "--each", str(lines), *shell(script, "{}", log, good)).strip()
    last = working.done("sub", "-q", "--after-ok", each, "true").strip()
    good.with_suffix(".go").touch()
    assert 1 == working.goq("wait", each).returncode
    assert 255 == working.goq("wait", last).returncode
    restart(working)
    good.touch()

    said = retried(working, "--failed", "--name", "second", each)
    assert [
        f"task {each}.2 again as 5.2.",
        f"job {last} again as job 6, behind others of these.",
    ] == said
    assert 0 == working.goq("wait", "5", "6").returncode
    assert "b 2 of 3" == log.read_text().splitlines()[-1]
    assert 4 == len(log.read_text().splitlines())
    assert "again by " in working.done("history", "5", cwd=working.here)
    audit(working)


def test_who_tries_again_twice_is_told_where_that_is(working: Cluster) -> None:
    """After a restart as before it, and though all of it has ended."""
    array = working.done("sub", "-q", "--array", "1-3", *shell('test "$GOQ_TASK_ID" = 2')).strip()
    assert 1 == working.goq("wait", array).returncode
    assert ["2 tasks 1.1,3 again as 4.1,3."] == retried(working, "--failed", array)
    assert 1 == working.goq("wait", "4").returncode

    told = "what failed of these was submitted again already, as 4-5; '--state failed,lost' instead of '--failed'"
    assert told in refusal(working, "--failed", array)
    restart(working)
    assert told in refusal(working, "--failed", "1-3")
    assert ["2 tasks 1.1,3 again as 6.1,3."] == retried(working, "--state", "failed,lost", array)
    assert ["2 tasks 4.1,3 again as 8.1,3."] == retried(working, "--failed", "4-5")


def test_commands_of_a_list_and_numbers_of_an_array(working: Cluster) -> None:
    """Also of what has been retried before."""
    jobs = working.submit_lines(["true", "sh -c 'exit $GOQ_TASK_ID'", "true", "sh -c 'exit $GOQ_TASK_ID'"])
    array = int(working.done("sub", "-q", "--array", "0-8:2", *shell('exit "$GOQ_TASK_ID"')))
    working.statuses([*jobs, *range(array, array + 5)])

    assert ["2 jobs 2,4 again as 10-11.", "4 tasks 5.2-8:2 again as 12.2-8:2."] == retried(
        working, "--failed", "1-9"
    )
    assert [2, 4, 2, 4, 6, 8] == working.statuses(range(10, 16))
    assert ["16-17", "18"] == working.done("retry", "-q", "12.4", "10-11").splitlines()
    assert "again by " in working.done("history", "12.4", cwd=working.here)
    assert b"no job 12 with a task 5" in working.goq("history", "12.5", cwd=working.here).stderr
    found = json.loads(working.done("retry", "--json", "18.4"))
    assert [
        {
            "id": 19,
            "last": 19,
            "count": 1,
            "again_of": [[18, 18]],
            "array": 18,
            "tasks": "4",
            "follows": False,
        }
    ] == found["rows"]


def test_words_find_what_ended_lately(working: Cluster) -> None:
    """By name, tag, user and state; bad words are told."""
    working.done("sub", "--name", "fold", "--tag", "night", "--wait", "true")
    assert 1 == working.goq("sub", "--name", "fold", "--wait", "false").returncode

    assert ["job 2 again as job 3."] == retried(working, "--state", "failed", "fold")
    working.status(3)
    assert ["job 1 again as job 4."] == retried(working, "tag:night")
    working.status(4)
    assert ["job 3 again as job 5."] == retried(working, "--failed", "*")
    assert "'fold' names no job" in refusal(working, "--since", "0", "fold")
    assert "names no job" in refusal(working, "sheet")
    assert "is no state of a job; they are waiting held" in refusal(working, "--state", "dead", "1")
    assert "'1x'" in refusal(working, "--since", "1x", "1")
    assert "no job 77 at" in refusal(working, "77")
    assert ["job 1 again as job 6."] == retried(working, "--after", "5", "--hold", "1")
    assert "is held" in working.done("why", "6")
    assert "choose one" in refusal(working, "--failed", "--state", "lost", "1")
