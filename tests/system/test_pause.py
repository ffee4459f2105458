"""`goq pause` and `goq resume`; what else is done to jobs that run."""

import json
import re
from pathlib import Path

from system.cluster import Cluster
from system.jobs import shell, touch
from system.proc import marked_pids
from system.test_after import audit, restart

COUNTS = 'i=0; while [ ! -e "$2" ]; do i=$((i+1)); echo $i >"$1"; sleep 0.02; done'


def state_of(pid: int) -> str:
    """One letter; "" when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def states(mark: str) -> set[str]:
    """What the processes of a job do."""
    return {state_of(pid) for pid in marked_pids("OF_PAUSED", mark)} - {"", "Z"}


def counting(cluster: Cluster, mark: str, *options: str) -> tuple[int, Path]:
    """A job that counts until its gate is there."""
    gate, file = cluster.away / f"gate.{mark}", cluster.away / f"count.{mark}"
    job = cluster.submit("-e", f"OF_PAUSED={mark}", *options, *shell(COUNTS, file, gate))
    cluster.wait_until(file.exists)
    return job, gate


def test_a_paused_job_stands_still_through_restarts(working: Cluster) -> None:
    """It is shown, and keeps its place."""
    job, gate = counting(working, "1", "--time", "1h")
    other = working.submit("true")

    assert "1 paused, 1 wait." in working.done("pause", f"{job}-{other}")
    working.wait_until(lambda: states("1") == {"T"})
    assert b"(paused)" in working.goq("stat").stdout
    assert f"{job} is paused on" in working.done("why", str(job))
    (row,) = json.loads(working.done("list", "--tasks", "--json", str(job)))["rows"]
    assert row["since_at"] > row["started_at"], "since it stands still"
    restart(working)
    before = (working.away / "count.1").read_text()
    assert 1 == working.goq("wait", "--timeout", "1", str(job)).returncode - 68
    assert before == (working.away / "count.1").read_text()
    assert (
        "none of these jobs runs: 1 wait, which 'goq hold' is for"
        in working.goq("pause", str(other)).stderr.decode()
    )
    assert "1 were so before." in working.done("pause", "--state", "paused", "*")

    assert "1 resumed." in working.done("resume", str(job))
    touch(gate)
    assert [0, 0] == working.statuses([job, other])
    assert re.search(r" paused by .*\n.* resumed by ", working.done("history", str(job), cwd=working.here))
    audit(working)


def test_a_paused_job_is_killed(working: Cluster) -> None:
    """And one whose worker leaves is handed back."""
    first, _ = counting(working, "2")
    working.done("pause", str(first))
    working.wait_until(lambda: states("2") == {"T"})
    working.done("kill", str(first))
    assert 143 == working.status(first)

    second, gate = counting(working, "3")
    working.done("pause", str(second))
    working.wait_until(lambda: states("3") == {"T"})
    working.daemons[-1].stop()
    assert set() == states("3")
    touch(gate)
    working.start_worker()
    assert 0 == working.status(second)


def test_a_running_job_gets_another_time(working: Cluster) -> None:
    """More of it, and less."""
    job, _ = counting(working, "4", "--time", "1h")

    assert "1 altered." in working.done("alter", "--time", "0.5", str(job))
    assert 143 == working.status(job)
    assert b"its time of 0.5 s was up" in working.output(job)


def test_a_host_that_is_drained_now_hands_its_jobs_back(working: Cluster) -> None:
    """They run elsewhere; one that may start once is lost."""
    job, gate = counting(working, "5")
    found = re.search(r"runs on (\S+) since", working.done("why", str(job)))
    assert found
    name = found[1]

    assert "1 jobs are being handed back" in working.done("drain", "--now", name)
    working.wait_until(lambda: states("5") == set())
    assert "it is drained" in working.done("why", str(job))
    touch(gate)
    working.done("undrain", name)
    assert 0 == working.status(job)

    job, _ = counting(working, "6", "--no-requeue")
    working.done("drain", "--now", name)
    assert 255 == working.status(job)
    audit(working)
