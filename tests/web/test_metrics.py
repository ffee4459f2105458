"""What a monitoring system reads is what its own parser takes, and names nobody's job."""

import os
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from system.cluster import Cluster

from goq.core.messages import LimitRow
from goq.core.values.asides import Today
from goq.core.values.cluster import Cluster as Whole
from goq.core.values.cluster import Parts, UserRow, WorkerRow
from goq.core.values.room import Offer
from goq.web.metrics import USERS_LIMIT, Known, text
from web.house import House, Visitor
from web.lab import Lab

TOKEN = "a token of thirty-two characters"


def known(users: int = 1, host: str = "n1") -> Known:
    """A cluster that has something of everything."""
    rows = tuple(UserRow(f"u{rank}", 2, 0, 2, 3) for rank in range(users))
    whole = Whole(
        "lab", "tcp://h:1", 10**18, 7, 2, 5, 1, 1, Parts(4, 1, 2, 1), Parts(), Parts(100, 0, 28, 0), rows
    )
    worker = WorkerRow(host, 1, Offer(cpus=8), 4, 0, {"cpus": 4}, (), (), 1.5, "", "ready")
    limits = [LimitRow("tag:net", 4, 1, "", "", 0), LimitRow("array:14253", 40, 40, "", "", 0)]
    counters: dict[str, int | str] = {"finishedJobsCount": 10, "failedJobsCount": 3, "badNonceCount": 2}
    return Known("1.0", whole, [worker], limits, counters, Today(0, 0, 0, 0, 0, 4096, 10**9, 10**10))


def samples(found: str) -> dict[str, list[Sample]]:
    """All of them, by name."""
    by_name: dict[str, list[Sample]] = {}
    for family in text_string_to_metric_families(found):  # type: ignore[no-untyped-call]  # it has no types
        for sample in family.samples:
            by_name.setdefault(sample.name, []).append(sample)
    return by_name


def test_the_numbers_are_those_of_the_cluster() -> None:
    found = samples(text(known()))

    states = {sample.labels["state"]: sample.value for sample in found["goq_jobs"]}
    assert states == {"running": 4, "paused": 1, "waiting": 5, "held": 2}
    ended = {sample.labels["ending"]: sample.value for sample in found["goq_jobs_ended_total"]}
    assert ended == {"done": 7, "failed": 3, "cancelled": 0, "lost": 0, "skipped": 0}
    assert sum(sample.value for sample in found["goq_cpus"]) == 8
    assert found["goq_worker_silent_seconds"][0].value == 1.5
    assert found["goq_memory_bytes"][0].value == 100 * 2**20


def test_no_label_is_a_jobs() -> None:
    assert "14253" not in text(known())


def test_users_are_bounded() -> None:
    owners = [sample.labels["user"] for sample in samples(text(known(USERS_LIMIT + 20)))["goq_user_cpus"]]

    assert len(owners) == USERS_LIMIT + 1
    assert owners[-1] == "other"


@pytest.mark.parametrize("host", ['a"b', "a\\b", "a\nb", "ä"])
def test_odd_names_are_escaped(host: str) -> None:
    assert samples(text(known(host=host)))["goq_worker_cpus"][0].labels["worker"] == host


def test_only_who_has_the_token_reads_them(cluster: Cluster, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    os.chmod(token, 0o600)
    cluster.start_server()
    stranger = Visitor(House(cluster, "--metrics-token-file", str(token)).port)

    assert stranger.get("/metrics").status == 401
    assert stranger.get("/metrics", Authorization="Bearer no").status == 401
    answer = stranger.get("/metrics", Authorization=f"Bearer {TOKEN}")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert samples(answer.text)["goq_jobs"]


def test_without_a_token_there_are_none(lab: Lab) -> None:
    assert Visitor(lab.port).get("/metrics").status == 404


def test_a_token_that_others_can_read_is_none(cluster: Cluster, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    os.chmod(token, 0o644)
    ended = cluster.goq("web", "--metrics-token-file", str(token))

    assert ended.returncode == 1
    assert b"chmod 600" in ended.stderr
