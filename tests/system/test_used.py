"""What a job uses while it runs, and how loaded its machine is: as people and programs are told it."""

import json
from typing import Any

import pytest

from system.cluster import Cluster
from system.test_after import restart

MIB = 1 << 20
EATS = """
import time
data = b'1' * (200 << 20)
while True:
    try:
        open("end").close()
        break
    except OSError:
        end = time.monotonic() + 0.05
        while time.monotonic() < end:
            pass
"""


def told(cluster: Cluster, *words: str) -> dict[str, Any]:
    """The one row that programs read."""
    (row,) = json.loads(cluster.done(*words, "--json"))["rows"]
    found: dict[str, Any] = row
    return found


@pytest.fixture(name="eating")
def _eating(cluster: Cluster) -> Cluster:
    """A job that has 200 MiB and keeps a cpu busy, and its worker, which has beats enough."""
    cluster.env["GOQ_HEARTBEAT_SEC"] = "0.5"
    cluster.start_server()
    cluster.start_worker("forever", "-j", "1", "--cpus", "2", "--mem", "2G")
    job = cluster.submit("--name", "eats", "--mem", "400M", "python3", "-c", EATS, cwd=cluster.away)
    assert 1 == job
    cluster.wait_until(lambda: "curve" in told(cluster, "show", "1"))
    return cluster


def test_what_a_job_uses_is_known_while_it_runs(eating: Cluster) -> None:
    """To `goq show`, to programs, beside it at its worker; and its end knows as much."""
    life = told(eating, "show", "1")
    used, (point, *_) = life["row"]["used"], life["curve"]
    assert 200 * MIB <= used["mem_bytes"] <= used["mem_peak_bytes"] < 300 * MIB
    assert 200 * MIB <= point["mem_bytes"] < 300 * MIB
    assert 0.05 < point["cpus"] <= 2.0
    assert 0.05 < used["cpus"] <= 2.0
    assert life["row"]["started_at"] < point["at"] <= used["at"]
    shown = [line.split("\t") for line in eating.done("show", "1").splitlines()]
    (memory,) = [row for row in shown if row[0] == "memory"]
    assert "400 MiB" == memory[1]
    assert 200 <= int(memory[2].removesuffix(" MiB")) < 300
    assert memory[4].startswith("most so far")

    worker = told(eating, "workers")
    assert worker["load"] >= 0.0
    assert worker["in_use_bytes"] > 200 * MIB
    assert worker["started_at"] < worker["jobs"][0]["started_at"]
    assert 200 * MIB <= worker["jobs"][0]["used"]["mem_bytes"] < 300 * MIB

    (eating.away / "end").touch()
    eating.wait_for_end(1)
    life = told(eating, "show", "1")
    assert "curve" not in life
    assert 200 * MIB <= life["row"]["used"]["mem_peak_bytes"] < 300 * MIB
    assert "mem_bytes" not in life["row"]["used"]


def test_nothing_of_it_is_in_the_journal(eating: Cluster) -> None:
    """It is said every few seconds of each job; a server that starts again hears it anew."""
    before = json.loads(eating.done("show", "1", "--json"))["seq"]
    points = len(told(eating, "show", "1")["curve"])
    eating.wait_until(lambda: len(told(eating, "show", "1")["curve"]) > points)
    assert before == json.loads(eating.done("show", "1", "--json"))["seq"]
    restart(eating)
    eating.wait_until(lambda: "used" in told(eating, "show", "1")["row"])

    assert told(eating, "show", "1")["row"]["used"]["mem_bytes"] >= 200 * MIB
    (eating.away / "end").touch()
    eating.wait_for_end(1)
