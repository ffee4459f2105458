"""Long lists: one command's jobs are one range, all of them or none, whoever dies meanwhile."""

import re

import pytest

from system.cluster import Cluster, Daemon
from system.test_bad_input import IMPATIENT, complaint

MANY = 200_000  # twenty messages: somebody can be killed between the first and the last
SUBMITTED = re.compile(r"submitted (\d+) jobs \[(\d+) : (\d+)\]")


def write_list(cluster: Cluster, count: int = MANY, command: str = "true") -> None:
    """A file of so many commands."""
    (cluster.away / "jobs.txt").write_text("".join(f"{command} {number}\n" for number in range(count)))


def begin(cluster: Cluster, server: Daemon) -> Daemon:
    """Somebody submits a long list; the first of it is here."""
    client = cluster.start("sub", "lines@", "jobs.txt", cwd=cluster.away)
    cluster.wait_until(lambda: "of them are to come" in server.text())
    return client


def range_of(said: str) -> tuple[int, int, int]:
    """How many jobs were submitted, the first and the last."""
    found = SUBMITTED.search(said)
    assert found, said
    return int(found[1]), int(found[2]), int(found[3])


def test_two_lists_at_once_are_two_ranges(served: Cluster) -> None:
    """Whoever kills his range kills nobody else's jobs."""
    write_list(served, 30_000)
    clients = [served.start("sub", "lines@", "jobs.txt", cwd=served.away) for _ in range(3)]

    assert [0, 0, 0] == [client.wait() for client in clients]
    ranges = sorted(range_of(client.text()) for client in clients)
    assert [(30_000, 1 + 30_000 * at, 30_000 + 30_000 * at) for at in range(3)] == ranges


@pytest.mark.parametrize("who", ["client", "server"])
def test_a_list_goes_on_where_it_was(served: Cluster, who: str) -> None:
    """After kill -9 of either: the same command is the same jobs, each of them once."""
    write_list(served)
    server = served.daemons[0]
    client = begin(served, server)
    if who == "client":
        client.crash()
        said = served.done("sub", "lines@", "jobs.txt", cwd=served.away)
    else:
        server.crash()
        served.start_server()
        assert 0 == client.wait()
        said = client.text()

    assert (MANY, 1, MANY) == range_of(said)
    assert str(MANY + 1) == served.stat()["nextJobId"]
    assert str(MANY) == served.stat()["waitingJobs"]
    served.done("audit", cwd=served.here)


def test_what_is_killed_before_it_is_whole_is_told_to_whoever_submits_it(working: Cluster) -> None:
    """Nothing of it ran; the same again is another submission."""
    write_list(working, command="touch ran")
    client = begin(working, working.daemons[0])
    client.freeze()
    working.done("kill", "3")
    client.thaw()

    assert 1 == client.wait()
    assert (
        f"jobs [1 : {MANY}] were cancelled before all of them were submitted; none of them ran"
        in client.text()
    )
    assert str(MANY) == working.stat()["cancelledJobCount"]
    assert "0" == working.stat()["waitingJobs"]
    assert not (working.away / "ran").exists()
    write_list(working, 2, command="touch ran")
    assert (2, MANY + 1, MANY + 2) == range_of(working.done("sub", "lines@", "jobs.txt", cwd=working.away))


def test_a_spooled_list_is_delivered_as_one(cluster: Cluster) -> None:
    """It was put away in pieces, which nobody sees."""
    write_list(cluster, 25_000)
    cluster.done("init")
    said = cluster.done("sub", "--spool", "lines@", "jobs.txt", cwd=cluster.away, env=IMPATIENT)
    assert "spooled" in said
    assert 3 == len([*cluster.spool.rglob("*.items"), *cluster.spool.rglob("*.zjob")])
    cluster.start_server()
    delivered = cluster.goq("sub", "true").stderr

    assert b"goq: delivered a spooled submission as jobs [2 : 25001]\n" == delivered
    cluster.wait_for_stat(nextJobId=25_002, waitingJobs=25_001)

    assert [] == [*cluster.spool.rglob("*.items"), *cluster.spool.rglob("*.zjob")]


def test_a_bad_line_far_down_a_list_submits_nothing(served: Cluster) -> None:
    """All of it is read before the first is sent."""
    write_list(served, 30_000)
    with (served.away / "jobs.txt").open("a") as file:
        file.write("ls | wc\n")
    said = complaint(served.goq("sub", "lines@", "jobs.txt"), 2)

    assert "jobs.txt, line 30001" in said
    assert "1" == served.stat()["nextJobId"]
