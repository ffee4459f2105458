"""`goq list`, `show`, `history` and `report` against a real server and worker."""

import json
from pathlib import Path

import pytest

from goq.adapters.machine import host_name
from system.cluster import Cluster
from system.jobs import held_until, touch


def rows(cluster: Cluster, *words: str) -> list[list[str]]:
    """What `goq list` prints in a pipe, without its header."""
    return [line.split("\t") for line in cluster.done("list", *words).splitlines()[1:]]


def ids(cluster: Cluster, *words: str) -> list[str]:
    return [row[0] for row in rows(cluster, *words)]


@pytest.fixture(name="busy")
def _busy(working: Cluster) -> Cluster:
    """An array of which a task failed, a job that runs, one that waits behind it, and one that is held."""
    working.done(
        "sub",
        "--name",
        "fold",
        "--array",
        "5-8",
        "sh",
        "-c",
        "echo task $GOQ_TASK_ID; test $GOQ_TASK_ID != 7",
    )
    working.goq("wait", "1")
    runs = working.submit("--name", "runs", *held_until(working.folder / "gate"))
    working.wait_for_start(runs)
    working.done("sub", "--after", str(runs), "--name", "waits", "true")
    working.done("sub", "--hold", "--tag", "night", "true")
    return working


def test_a_list_says_what_runs_what_waits_and_what_ended(busy: Cluster) -> None:
    """In this order, an array in one row, and what waits with the reason."""
    found = rows(busy)

    assert ["5", "6", "7", "1"] == [row[0] for row in found]
    assert ["running", "waiting", "held", "failed"] == [row[3] for row in found]
    assert "behind" in found[1][5]
    assert "done=3 failed=1" == found[3][5]
    assert ["runs", "waits", "true", "fold"] == [row[1] for row in found]


def test_who_holds_a_job_is_said(busy: Cluster) -> None:
    busy.done("hold", "waits")

    held = rows(busy, "--state", "held")

    assert 2 == len(held)
    assert all(f" is held by {row[2]} since " in row[5] for row in held)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("fold",), ["1"]),
        (("tag:night",), ["7"]),
        (("--state", "held,running"), ["5", "7"]),
        (("--failed",), ["1"]),
        (("--failed", "--tasks"), ["1.7"]),
        (("1.6-7",), ["1.6", "1.7"]),
        (("--tasks", "1"), ["1.5", "1.6", "1.7", "1.8"]),
        (("--sort", "id"), ["1", "5", "6", "7"]),
        (("-n", "2"), ["5", "6"]),
        (("-a", "--state", "waiting"), ["6"]),
    ],
)
def test_a_list_is_narrowed(busy: Cluster, words: tuple[str, ...], found: list[str]) -> None:
    """By a selector, by states, by job."""
    assert found == ids(busy, *words)


def test_a_list_for_programs_has_pages(busy: Cluster) -> None:
    """Each with what leads to the next; what waits has its reason."""
    page = json.loads(busy.done("list", "--json", "-n", "2"))

    assert (1, "jobs", [5, 6]) == (page["goq"], page["kind"], [row["id"] for row in page["rows"]])
    assert page["next"]
    assert ["after", [[5, 5]]] == [page["rows"][1]["reason"][name] for name in ("code", "jobs")]
    assert 1 == sum(page["rows"][0]["counts"].values())
    assert json.loads(busy.done("list", "--json"))["next"] is None


def test_what_is_not_there_is_said_in_one_line(busy: Cluster) -> None:
    """And nothing at all is no error."""
    for words in (("nosuch",), ("99999",), ("--state", "odd"), ("12x",)):
        ended = busy.goq("list", *words)
        assert ended.returncode != 0
        assert (b"", 1) == (ended.stdout, ended.stderr.count(b"\n"))
    nobody = busy.goq("list", "--user", "nobody")
    assert (0, b"") == (nobody.returncode, nobody.stdout)
    assert b"nobody has no jobs here" in nobody.stderr


def test_each_attempt_that_failed_has_its_own_last_words(working: Cluster) -> None:
    """In a table of attempts, and as data."""
    words = 'echo begun; echo "boom $GOQ_ATTEMPT"; test $GOQ_ATTEMPT = 3'
    job = working.submit("--retries", "2", "--backoff", "0", "sh", "-c", words)
    working.wait_for_end(job)

    shown = [line.split("\t")[-1] for line in working.done("show", str(job)).splitlines()]
    assert shown[shown.index("HOW IT ENDED") + 1 :][:3] == ["exit 1: boom 1", "exit 1: boom 2", "done"]
    life = json.loads(working.done("show", "--json", str(job)))["rows"][0]
    assert [each.get("last_words") for each in life["attempts"]] == ["boom 1", "boom 2", None]


def test_a_job_is_shown_whole(busy: Cluster) -> None:
    """By its number, as a task, and of an array what failed by how."""
    task, array, runs = (busy.done("show", word) for word in ("1.7", "1", "5"))

    assert "exit 1" in task
    assert "last words  (goq logs 1.7)\n  task 7\n" in task
    assert "3 done, 1 failed" in array
    assert "[7]" in array
    assert "task 7" in array
    assert "5 runs" in runs
    assert "running for" in runs
    assert "GOQ_HOME=" in busy.done("show", "--env", "5")
    assert "delegated" in busy.done("show", "--history", "5")
    assert "failed" == json.loads(busy.done("show", "--json", "3"))["rows"][0]["row"]["state"]
    unknown = busy.goq("show", "999")
    assert (1, 1) == (unknown.returncode, unknown.stderr.count(b"\n"))


def test_what_jobs_took_is_added_up(busy: Cluster) -> None:
    """By name and by day; and where the journal is not, one life is told by the server."""
    table = busy.done("history").splitlines()

    assert ["NAME", "JOBS", "FAILED"] == table[0].split("\t")[:3]
    assert ["fold", "4", "1"] == table[1].split("\t")[:3]
    assert 1 == len(busy.done("history", "--by", "day", "fold").splitlines()[1:])
    assert {"fold"} == {row["name"] for row in json.loads(busy.done("history", "--json"))["rows"]}
    elsewhere = {"GOQ_JOURNAL": str(busy.folder / "elsewhere")}
    assert "delegated" in busy.done("history", "1.7", env=elsewhere)
    assert "delegated" in busy.done("history", "1.7")


def test_a_report_is_written(busy: Cluster) -> None:
    """One file; where nothing ran there is none."""
    said = busy.done("report", "--since", "1h", "-o", "all.html")
    text = (busy.away / "all.html").read_text()
    nothing = busy.goq("report", "--from", "2001-01-01", "--to", "2001-01-02", "-o", "none.html")

    assert said.startswith("all.html: 4 jobs from ")
    assert "fold" in text
    assert (1, b"", 1) == (nothing.returncode, nothing.stdout, nothing.stderr.count(b"\n"))
    assert not (Path(busy.away) / "none.html").exists()
    assert 2 == busy.goq("report", "--since", "1h", "--from", "8:30").returncode


def test_a_list_is_the_same_after_a_restart(busy: Cluster) -> None:
    """It is read from the journal."""
    before = [row[:2] for row in rows(busy)]
    busy.daemons[0].crash()
    busy.start_server()

    assert before == [row[:2] for row in rows(busy)]
    touch(busy.folder / "gate")


def test_why_says_when_from_what_was_measured(working: Cluster) -> None:
    """Of a job behind an array that goes on; of one that nothing is known of it says nothing."""
    gate = working.folder / "gate"
    working.done(
        "sub",
        "--name",
        "fold",
        "--array",
        "1-6",
        "sh",
        "-c",
        f"test $GOQ_TASK_ID -lt 4 || until test -e {gate}; do sleep 0.02; done",
    )
    working.done("sub", "--name", "merge", "--after", "fold", "true")
    working.done("sub", "--name", "night", "--at", "23:59", "true")
    working.wait_until(lambda: "\nwhen\t" in working.done("why", "merge"))

    assert "\nwhen\t\N{ALMOST EQUAL TO} " in working.done("why", "merge")
    (row,) = json.loads(working.done("why", "merge", "--json"))["rows"]
    assert row["left_s"] > 0
    assert "when" not in working.done("why", "night")
    gate.touch()
    working.wait_for_end(7)


def test_the_history_of_an_array_is_that_of_all_its_tasks(busy: Cluster) -> None:
    """From the journal as from the server; of one task it is what happened."""
    here = busy.done("history", "1", cwd=busy.here).splitlines()
    afar = busy.done("history", "1").splitlines()

    for told in (here, afar):
        assert told[0].startswith("1 fold  ")
        assert told[0].endswith("  4 tasks: 3 done, 1 failed")
        assert ["1.5", "1.6", "1.7", "1.8"] == [
            line.partition("\t")[0] for line in told if line.startswith("1.")
        ]
        assert "What happened to one of them:  goq history 1.5" == told[-1]
    assert any(line.split("\t")[:4] == ["1", "exit 1", "[7]", host_name()] for line in here)
    assert "job 3: " in busy.done("history", "1.7", cwd=busy.here).splitlines()[0]
    assert "job 3: " in busy.done("history", "3", cwd=busy.here).splitlines()[0]


def test_of_an_array_with_many_tasks_the_first_are_told(served: Cluster) -> None:
    """The others are counted, with the command that lists them."""
    array = served.done("sub", "-q", "--array", "1-1000", "true").strip()
    told = served.done("history", array, cwd=served.here).splitlines()

    assert 100 == sum(line.startswith(f"{array}.") for line in told)
    assert f"900 tasks more:  goq list --tasks -n 1000 {array}" == told[-2]


def test_why_means_with_its_command_all_that_it_was_asked_about(busy: Cluster) -> None:
    """Some failed, some wait: what failed is told of these, and these are tried again."""
    fails = busy.submit("--name", "odd", "false")
    touch(busy.folder / "gate")
    busy.statuses([fails])

    assert f"again\tgoq retry 6-{fails} --failed" in busy.done("why", f"6-{fails}").splitlines()
    assert "again\tgoq retry 1.6-8 --failed" in busy.done("why", "1.6-8").splitlines()
    assert "1 fold: 1 of 4 that ended has failed." == busy.done("why", "fold").splitlines()[0]
    assert "again\tgoq retry 1 --failed" == busy.done("why", "fold").splitlines()[-1]
    assert [f"6-{fails}: 1 of 2 that ended has failed."] == [
        line for line in busy.done("why", f"6-{fails}").splitlines() if line.endswith("has failed.")
    ]
    assert "5-6: 2 have ended, and none has failed.\n" == busy.done("why", "5-6")


def test_what_runs_is_listed_with_what_it_uses_and_whether_its_worker_is_heard(served: Cluster) -> None:
    """The journal knows neither; of a worker that was killed the job runs on, as far as anybody knows."""
    worker = served.start_worker()
    job = served.submit(*held_until(served.folder / "gate"))
    served.wait_for_start(job)

    def used() -> dict[str, float]:
        (row,) = json.loads(served.done("list", "--tasks", "--json"))["rows"]
        found: dict[str, float] = row.get("used", {})
        return found

    served.wait_until(lambda: used().get("mem_bytes"), or_show=used)
    assert used()["mem_peak_bytes"] >= used()["mem_bytes"] > 0
    assert "heard" not in served.done("list")
    worker.crash()
    said = "nothing was heard of its worker for "
    served.wait_until(lambda: said in rows(served)[0][5] and said in served.done("why", str(job)))
    touch(served.folder / "gate")
