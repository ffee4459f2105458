"""Many commands at once: nobody gives up while the server is there and answers others."""

import os
import subprocess
from pathlib import Path

import pytest

from system.cluster import GOQ, Cluster
from system.test_bad_input import complaint

SUBMITTERS, WAITERS = 200, 60


def storm(cluster: Cluster, count: int, command: str) -> list[tuple[int, str]]:
    """What that many of the command end with, `@` in it being 1, 2, 3 ...; all are started at once."""
    results = cluster.folder / "storm"
    results.mkdir()
    script = f"{command} > {results}/@ 2>&1; echo $? >> {results}/@"
    pipe = subprocess.run(
        ["xargs", "-P", str(count), "-I@", "sh", "-c", script],
        input="".join(f"{number}\n" for number in range(1, count + 1)),
        text=True,
        env=cluster.variables(),
        cwd=cluster.away,
        check=False,
    )
    assert pipe.returncode == 0
    return [ended(results / str(number)) for number in range(1, count + 1)]


def ended(path: Path) -> tuple[int, str]:
    """The exit status, and what was said before."""
    *lines, status = path.read_text().splitlines()
    return int(status), "\n".join(lines)


@pytest.mark.timeout(600)
def test_two_hundred_submitters_at_once_all_have_their_job(served: Cluster) -> None:
    """`seq 200 | xargs -P 200 -I@ goq sub ./job @` is how people submit."""
    results = storm(served, SUBMITTERS, f"{GOQ} sub echo @")
    numbers = sorted(
        int(said.split("submitted job ")[1].split()[0]) for status, said in results if not status
    )

    assert [] == [said for status, said in results if status]
    assert list(range(1, SUBMITTERS + 1)) == numbers


@pytest.mark.timeout(600)
def test_as_many_who_wait_all_hear_of_the_end(working: Cluster) -> None:
    """Each of them for the same job, which is long over for those who come late."""
    job = working.submit("sh", "-c", "exit 5")

    assert {5} == {status for status, _ in storm(working, WAITERS, f"{GOQ} wait {job}")}


@pytest.mark.parametrize(("command", "code"), [(("stat",), 3), (("sub", "true"), 3), (("wait", "1"), 69)])
def test_a_server_that_was_stopped_is_not_waited_for_without_an_end(
    served: Cluster, command: tuple[str, ...], code: int
) -> None:
    """Whoever is there takes the connection, and says nothing: that is told in one line."""
    server = served.daemons[0]
    server.freeze()
    line = complaint(served.goq(*command, env={"GOQ_SENDTIMEOUT_MSEC": "200"}), code)
    server.thaw()

    assert "does not speak with us: it is overloaded or stopped" in line
    assert f":{served.port}" in line


def test_another_cluster_s_id_is_told_long_before_that(served: Cluster) -> None:
    """The server hangs up on strangers who have signed with another id, and that is how they know."""
    line = complaint(
        served.goq("stat", env={"GOQ_CLUSTERID": "b" * 40, "GOQ_SENDTIMEOUT_MSEC": "60000"}, timeout=59), 3
    )

    assert "has another cluster id than ours" in line
    assert "b" * 40 not in line
    assert os.fspath(served.home) not in line
