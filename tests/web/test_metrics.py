"""What a monitoring system reads is what its own parser takes, and names nobody's job."""

import os
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from system.cluster import Cluster

from goq.core.messages import LimitRow, WaitingShown
from goq.core.values.asides import Today
from goq.core.values.cluster import Cluster as Whole
from goq.core.values.cluster import Parts, UserRow, WorkerRow
from goq.core.values.flows import Flow, Timed
from goq.core.values.room import Offer
from goq.web.metrics import USERS_LIMIT, Known, text
from web.house import House, Visitor
from web.lab import Lab

NOW = 1_795_703_530 * 10**9
TOKEN = "a token of thirty-two characters"


def known(users: int = 1, host: str = "n1") -> Known:
    """A cluster that has something of everything."""
    rows = tuple(UserRow(f"u{rank}", 2, 0, 2, 3) for rank in range(users))
    whole = Whole(
        "lab",
        "tcp://h:1",
        10**18,
        7,
        2,
        5,
        1,
        1,
        Parts(4, 1, 2, 1),
        Parts(),
        Parts(100, 0, 28, 0),
        rows,
        commits=Timed((4, 0, 1, 0, 0, 0, 0, 0, 0, 1), 2.5),
        looks={"found": 3, "late": 1},
    )
    worker = WorkerRow(host, 1, Offer(cpus=8), 4, 0, {"cpus": 4}, (), (), 1.5, "", "ready")
    limits = [LimitRow("tag:net", 4, 1, "", "", 0), LimitRow("array:14253", 40, 40, "", "", 0)]
    counters: dict[str, int | str] = {"finishedJobsCount": 10, "failedJobsCount": 3, "badNonceCount": 2}
    today = Today(0, 0, 0, 0, 0, 4096, 10**9, 10**10)
    waiting = WaitingShown(3, NOW - 90 * 10**9, {"held": 2, "room": 3, "after": 2})
    waited = Timed((2, 0, 3, 0, 0, 0, 0, 0, 0, 1), 700_000.5)
    flow = Flow(9, 7, 6, {"retry": 2}, waited, Timed(), 4711)
    return Known("1.0", whole, [worker], limits, counters, today, waiting, flow, 1000.5, NOW)


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


def test_what_waits_and_what_went_through_is_told() -> None:
    """By reason, and as histograms, whose buckets hold what is below them too."""
    found = samples(text(known()))
    values = {name: each[0].value for name, each in found.items() if len(each) == 1}

    assert {"held": 2, "room": 3, "after": 2} == {
        each.labels["reason"]: each.value for each in found["goq_jobs_waiting"]
    }
    assert (3, 90) == (values["goq_jobs_ready"], values["goq_jobs_oldest_wait_seconds"])
    assert (7, 6) == (values["goq_jobs_submitted_total"], values["goq_attempts_total"])
    assert 4711 == values["goq_output_bytes_total"]
    assert {"retry": 2, "worker_lost": 0, "handed_back": 0} == {
        each.labels["reason"]: each.value for each in found["goq_requeues_total"]
    }
    buckets = {each.labels["le"]: each.value for each in found["goq_job_wait_seconds_bucket"]}
    assert (2, 2, 5, 5, 6) == tuple(buckets[le] for le in ("0.1", "1.0", "10.0", "604800.0", "+Inf"))
    assert (6, 700_000.5) == (values["goq_job_wait_seconds_count"], values["goq_job_wait_seconds_sum"])
    began = {name: each[0].value for name, each in found.items() if name.endswith("_created")}
    assert {1000.5} == {began[name] for name in began if "commit" not in name and "reader" not in name}


def test_what_the_server_itself_does_is_told() -> None:
    """Commits as a histogram with bounds of its own, looks by what came of them; both since it began."""
    found = samples(text(known()))

    buckets = {each.labels["le"]: each.value for each in found["goq_commit_seconds_bucket"]}
    assert {"0.0005": 4, "0.001": 4, "0.002": 5, "1.0": 5, "+Inf": 6}.items() <= buckets.items()
    assert {"found": 3, "refused": 0, "late": 1, "lost": 0} == {
        each.labels["result"]: each.value for each in found["goq_reader_queries_total"]
    }
    assert found["goq_commit_seconds_created"][0].value == 10**9


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


def test_what_goes_through_is_counted_from_the_first_question_on(cluster: Cluster, tmp_path: Path) -> None:
    """What was before is nobody's business; and what waits is told by why."""
    token = tmp_path / "token"
    token.write_text(TOKEN)
    os.chmod(token, 0o600)
    cluster.start_server()
    cluster.start_worker("forever", "--cpus", "1")
    cluster.wait_for_end(cluster.submit("true"))
    visitor = Visitor(House(cluster, "--metrics-token-file", str(token)).port)

    def told() -> dict[str, list[Sample]]:
        return samples(visitor.get("/metrics", Authorization=f"Bearer {TOKEN}").text)

    assert 0 == told()["goq_jobs_submitted_total"][0].value
    cluster.submit("--hold", "true")
    cluster.submit("-c", "99", "true")
    cluster.wait_for_end(cluster.submit("echo", "four"))
    cluster.wait_until(lambda: told()["goq_jobs_submitted_total"][0].value == 3)
    found = told()

    assert {"held": 1, "nowhere": 1} == {
        each.labels["reason"]: each.value for each in found["goq_jobs_waiting"]
    }
    assert 1 == found["goq_jobs_ready"][0].value
    assert 0 < found["goq_jobs_oldest_wait_seconds"][0].value < 100
    assert [1, 1, 1, 5] == [
        found[name][0].value
        for name in (
            "goq_attempts_total",
            "goq_job_wait_seconds_count",
            "goq_job_run_seconds_count",
            "goq_output_bytes_total",
        )
    ]


def test_without_a_token_there_are_none(lab: Lab) -> None:
    assert Visitor(lab.port).get("/metrics").status == 404


def test_a_token_that_others_can_read_is_none(cluster: Cluster, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    os.chmod(token, 0o644)
    ended = cluster.goq("web", "--metrics-token-file", str(token))

    assert ended.returncode == 1
    assert b"chmod 600" in ended.stderr
