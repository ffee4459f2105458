"""What happens is told as it happens, through restarts of the server: nothing is missed, nothing told twice."""

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from system.cluster import Cluster

from goq.api.client import Client
from goq.core.values.happenings import Happening


def until(client: Client, since: int, job: int) -> list[Happening]:
    """What happens behind that number, up to the end of the job."""
    heard = []
    for event in client.events(since):
        heard.append(event)
        if event.state and event.job == job:
            return heard
    raise AssertionError("it goes on for ever")


def test_events_come_as_they_happen(client: Client) -> None:
    """From the submission to the end, with names, places and statuses."""
    since = client.latest().seq
    with ThreadPoolExecutor(1) as pool:
        job = client.submit(["sh", "-c", "exit 4"], name="fold")
        heard = pool.submit(until, client, since, job.id).result(60)

    assert ["submitted", "delegated", "finished"] == [event.event for event in heard if event.job == job.id]
    assert ("fold", "failed", 4) == (heard[0].name, heard[-1].state, heard[-1].status)
    assert heard == list(itertools.islice(client.events(since, follow=False), len(heard)))


def test_nothing_is_missed_over_restarts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is killed and comes back while somebody follows; who begins anew hears the same."""
    cluster = Cluster(tmp_path)
    for name, value in cluster.env.items():
        monkeypatch.setenv(name, value)
    try:
        server = cluster.start_server()
        with Client(timeout=30) as client, ThreadPoolExecutor(1) as pool:
            first = client.submit(["true"], hold=True)
            heard = pool.submit(until, client, 0, first.id + 3)
            for _ in range(3):
                client.submit(["true"], hold=True)
                server.crash()
                server = cluster.start_server()
            client.kill(first.id + 3)
            told = heard.result(60)

            assert sorted({event.seq for event in told}) == [event.seq for event in told]
            assert told == list(client.events(0, follow=False))[: len(told)]
            jobs = range(first.id, first.id + 4)
            assert [*jobs] == [event.job for event in told if event.event == "submitted"]
    finally:
        cluster.close()


def test_the_command_tells_programs_and_people(client: Client, working: Cluster) -> None:
    """A JSON object a line, with times as ISO 8601; and fields with TAB between them."""
    since = client.latest().seq
    job = client.submit(["sh", "-c", "exit 4"], name="fold")
    job.wait(60)
    objects = [
        json.loads(line) for line in working.done("events", "--since", f"{since}", "--json").splitlines()
    ]
    lines = [line.split("\t") for line in working.done("events", "--since", f"{since}").splitlines()]

    assert {("event", 1)} == {(each["kind"], each["goq"]) for each in objects}
    (end,) = [each for each in objects if each.get("state")]
    assert ("finished", "failed", 4, job.id) == (end["event"], end["state"], end["status"], end["job"])
    assert end["at"].endswith("Z")
    assert [str(each["seq"]) for each in objects] == [fields[0] for fields in lines]
    assert ("submitted", "as fold") == (lines[0][3], lines[0][4].split(",")[0])


def test_following_ends_with_its_reader(client: Client, working: Cluster) -> None:
    """A line is there as soon as something has happened."""
    follower = working.start("events", "-f", "--json")
    working.wait_until(lambda: client.submit(["true"]).wait(60) and '"done"' in follower.text())
    follower.stop(2)

    assert "Traceback" not in follower.text()
