"""`goq serve --on-end`: a real server tells a real command, over restarts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from system.cluster import MARK, Cluster
from system.proc import marked_pids


@pytest.fixture(name="own")
def _own(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    yield made
    made.close()


def test_a_command_hears_of_each_end_once_over_restarts(own: Cluster, tmp_path: Path) -> None:
    """Also of what ended while the server was going; the command that is on then is let finish."""
    heard, slow = tmp_path / "heard", tmp_path / "slow"
    tell = f'echo "$GOQ_JOB_ID $GOQ_EXIT_STATUS $GOQ_JOB_FAILED" >> {heard}; [ ! -e {slow} ] || sleep 1'
    server = own.start("serve", "--on-end", tell, cwd=own.here)
    own.wait_until(lambda: "listening" in server.text())
    own.start_worker()

    def ids() -> list[int]:
        return [int(line.split()[0]) for line in heard.read_text().splitlines()] if heard.exists() else []

    first = own.submit("sh", "-c", "exit 3")
    own.wait_until(lambda: first in ids())
    assert f"{first} 3 1\n" == heard.read_text()

    slow.touch()
    more = [own.submit("true") for _ in range(3)]
    own.wait_until(lambda: len(ids()) >= 2)
    server.stop()
    server = own.start("serve", "--on-end", tell, cwd=own.here)
    slow.unlink()
    own.wait_until(lambda: set(ids()) >= {first, *more})
    last = own.submit("true")
    own.wait_until(lambda: last in ids())

    assert [first, *more, last] == ids()
    assert "trouble" not in server.text()


def test_who_tells_ends_with_the_command_that_was_on_when_the_server_ended(
    own: Cluster, tmp_path: Path
) -> None:
    """With nothing more to tell; else it would be there for ever, and the next server's would wait for it."""
    begun, go, done = tmp_path / "begun", tmp_path / "go", tmp_path / "done"
    tell = f"touch {begun}; while [ ! -e {go} ]; do sleep 0.05; done; touch {done}"
    server = own.start("serve", "--on-end", tell, cwd=own.here)
    own.wait_until(lambda: "listening" in server.text())
    own.done("kill", str(own.submit("true")))
    own.wait_until(begun.exists)
    server.stop()
    go.touch()
    own.wait_until(done.exists)

    own.wait_until(lambda: not marked_pids(MARK, own.mark))


def test_it_does_not_see_the_secret_and_its_trouble_is_in_the_log(own: Cluster, tmp_path: Path) -> None:
    """As jobs do not; and who wrote it wrongly learns that."""
    found = tmp_path / "found"
    secret = "c" * 40
    tell = f"env > {found}.new && mv {found}.new {found}; echo mail: not found; exit 127"
    server = own.start("serve", "--on-end", tell, cwd=own.here, env={"GOQ_CLUSTERID": secret})
    own.wait_until(lambda: "listening" in server.text())
    job = own.submit("true")
    own.done("kill", str(job))
    own.wait_until(found.exists)
    own.wait_until(lambda: f"the command of --on-end for job {job}: mail: not found" in server.text())

    assert secret not in found.read_text()
    assert f"GOQ_JOB_ID={job}\n" in found.read_text()
    assert "GOQ_EXIT_STATUS=143\n" in found.read_text()
