"""What a server and its workers say, to people, to programs, and to a disk that is full."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from system.cluster import STAMP, Cluster
from system.disk import SmallDisk, small_disk
from system.jobs import held_until, shell
from system.test_bad_input import complaint


def objects(path: Path) -> list[dict[str, Any]]:
    """Every line of a log, each of them an object."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def events(path: Path) -> list[str]:
    return [each["event"] for each in objects(path)]


@pytest.fixture
def logs(cluster: Cluster) -> tuple[Path, Path]:
    """The logs of a server and of a worker that speak JSON, into files."""
    logs = (cluster.folder / "server.json", cluster.folder / "worker.json")
    cluster.start("serve", "--log-json", "--log-file", str(logs[0]), cwd=cluster.here)
    cluster.wait_until(lambda: logs[0].exists() and "listening" in logs[0].read_text())
    cluster.start_worker("forever", "--log-json", "--log-file", str(logs[1]))
    cluster.wait_until(logs[1].exists)
    return logs


def wait_for(cluster: Cluster, path: Path, event: str, **about: int | str) -> dict[str, Any]:
    """The first object of that kind, about that."""

    def found() -> dict[str, Any] | None:
        return next(
            (each for each in objects(path) if each["event"] == event and about.items() <= each.items()),
            None,
        )

    result = cluster.wait_until(found, or_show=path.read_text)
    assert result is not None
    return result


def test_a_job_s_life_can_be_followed_by_its_number(cluster: Cluster, logs: tuple[Path, Path]) -> None:
    """From both logs, by one program."""
    job = cluster.submit(*shell("exit 3"))
    assert 3 == cluster.status(job)
    server, worker = logs
    finished = wait_for(cluster, server, "job finished", job=job)
    submitted = wait_for(cluster, server, "jobs submitted", first=job)
    delegated = wait_for(cluster, server, "job delegated", job=job)
    started = wait_for(cluster, worker, "job started", job=job)
    wait_for(cluster, worker, "job done", job=job)

    assert 3 == finished["status"]
    assert "bash -c 'exit 3' job" == submitted["command"] == started["command"]
    assert delegated["worker"] == started["worker"]
    assert delegated["worker_pid"] == started["pid"] == cluster.daemons[1].pid
    assert cluster.daemons[0].pid == finished["pid"]
    assert "server" == finished["role"]
    assert f"worker finished job {job}, exit status 3." == finished["message"]
    assert submitted["time"] <= delegated["time"] <= finished["time"]
    wait_for(cluster, server, "output written", job=job, file=str(cluster.output_file(job)))


def test_every_line_is_an_object_from_the_first_to_the_last(
    cluster: Cluster, logs: tuple[Path, Path]
) -> None:
    """A program that reads a log does not expect prose between."""
    gate = cluster.folder / "gate"
    job = cluster.submit(*held_until(gate))
    wait_for(cluster, logs[1], "job started", job=job)
    cluster.done("kill", str(job))
    wait_for(cluster, logs[0], "job cancelled", job=job)
    cluster.submit(*held_until(gate))
    wait_for(cluster, logs[1], "job started", job=job + 1)
    cluster.daemons[1].stop()
    cluster.daemons[0].stop()

    for daemon, log in zip(cluster.daemons, logs, strict=True):
        assert "" == daemon.text()
        assert all(
            {"time", "level", "event", "role", "host", "pid", "message"} <= each.keys()
            for each in objects(log)
        )
    assert "listening" == events(logs[0])[0]
    assert {"cancel requested", "job requeued", "stopping"} <= set(events(logs[0]))
    assert "looking for work" == events(logs[1])[0]
    assert {"job being cancelled", "job handed back", "stopping"} <= set(events(logs[1]))


def test_a_worker_that_waits_for_an_id_says_so_as_an_object(cluster: Cluster) -> None:
    """It is the first thing that it says."""
    worker = cluster.start_worker("forever", "--log-json")
    cluster.wait_until(lambda: "no cluster id" in worker.text())

    assert "no cluster id" == events(worker.log)[0]


def test_a_rotated_log_is_followed(cluster: Cluster, logs: tuple[Path, Path]) -> None:
    """Without a signal, and without a line lost."""
    server = logs[0]
    for turn in range(3):
        server.rename(server.with_suffix(f".{turn}"))
        cluster.submit("true")
        cluster.wait_until(lambda: server.exists() and "jobs submitted" in server.read_text())
    rotated = [server.with_suffix(f".{turn}") for turn in range(3)]

    firsts = [each["first"] for log in (*rotated, server) for each in objects(log) if "first" in each]
    assert [1, 2, 3] == firsts


def test_plain_text_can_go_to_a_file_too(cluster: Cluster) -> None:
    """In the same words as on the standard output."""
    log = cluster.folder / "log"
    server = cluster.start("serve", "--log-file", str(log), cwd=cluster.here)
    cluster.wait_until(lambda: log.exists() and "listening" in log.read_text())

    assert re.match(
        STAMP + rf"\*\*\*\* \[jobserver pid {server.pid}\] listening for jobs on ", log.read_text()
    )
    assert "" == server.text()


@pytest.mark.parametrize("role", ["serve", "work"])
def test_a_log_that_cannot_be_made_is_refused_at_the_start(cluster: Cluster, role: str) -> None:
    """In one line, and before anything is made."""
    line = complaint(cluster.goq(role, "--log-file", "nowhere/log", cwd=cluster.here), 1)

    assert "cannot write the log file 'nowhere/log'" in line
    assert not (cluster.here / ".goq").exists()


@pytest.fixture
def disk(cluster: Cluster) -> Iterator[SmallDisk]:
    """One megabyte, for a log."""
    place = cluster.folder / "disk"
    place.mkdir()
    made = small_disk(place)
    try:
        yield made
    finally:
        for daemon in cluster.daemons:
            daemon.end_group()
        made.close()


def test_a_full_log_disk_stops_nobody(cluster: Cluster, disk: SmallDisk) -> None:
    """Jobs run on; when there is room again, the log goes on, and says what it lacks."""
    elsewhere = {"GOQ_JOURNAL": str(cluster.here / ".goq"), "GOQ_ODIR": str(cluster.here / "o")}
    server = cluster.start("serve", "--log-json", "--log-file", "log", env=elsewhere, prefix=disk.enter)
    log = disk.root / "log"
    cluster.wait_until(lambda: log.exists() and "listening" in log.read_text())
    cluster.start_worker()
    disk.fill()
    for _ in range(3):
        assert 0 == cluster.status(cluster.submit("echo", "x" * 5000))
    disk.make_room()
    cluster.submit("true")
    lines = cluster.wait_until(
        lambda: [line for line in log.read_text().splitlines() if "log lines lost" in line]
    )

    assert 0 < json.loads(lines[0])["count"] <= 20
    assert server.alive
