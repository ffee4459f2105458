"""Hosts with odd names: what works on others works on them, and their names forge nothing."""

import os
import re

import pytest
from namespaces import on_host

from system.cluster import Cluster
from system.jobs import shell

ODD_NAMES = {
    b"../rack 7/node": r"../rack\x207/node",
    b"two\nlines": r"two\nlines",
    b"\xff" * 64: r"\xff" * 64,
    b"": "(none)",
}


@pytest.mark.parametrize("name", ODD_NAMES, ids=str)
def test_a_host_with_an_odd_name_submits_works_and_tells(served: Cluster, name: bytes) -> None:
    """The name comes from a DHCP server, or from whoever set up the node; it may be any 64 bytes."""
    shown = ODD_NAMES[name]
    worker = served.start_worker(prefix=on_host(name))
    submitted = served.goq_by(on_host(name), "sub", *shell("head -c 100000 /dev/zero; exit 3"))
    status = served.status(1)
    history = served.done("history", "1", cwd=served.here)
    table = served.done("stat")
    code = worker.stop()

    assert (0, b"") == (submitted.returncode, submitted.stderr)
    assert (3, 0) == (status, code)
    assert 100_000 < served.output_file(1).stat().st_size
    assert f"@{shown[:100]}" in history
    assert f"host: '{shown}'" in table
    assert f"to worker '{shown}:{worker.pid}'" in served.daemons[0].text()
    assert all(re.match(r".*\*\*\*\* \[jobserver", line) for line in served.daemons[0].text().splitlines())
    assert [] == [path for path in served.spool.rglob("*") if path.is_file()]


def test_two_hosts_that_look_alike_have_places_of_their_own(served: Cluster) -> None:
    """What one of them left behind is not the other's to take."""
    workers = [served.start_worker(prefix=on_host(name)) for name in (b"node/1", b"node%2F1", b"node_1")]
    served.wait_for_stat(waitingWorkers=3)
    places = {path.parent.name.rpartition(".")[0] for path in served.spool.glob("*/*/*")}

    assert {"node%2F1", "node%252F1", "node_1"} == places
    assert [0] * 3 == [worker.stop() for worker in workers]


@pytest.mark.parametrize("name", [b"n d", b"\xff\xfe", b"a\nb", b"n'd", b"caf\xc3\xa9"])
def test_a_host_with_an_odd_name_can_be_drained(served: Cluster, name: bytes) -> None:
    """By its own name, and as `goq workers` shows it."""
    served.start_worker("forever", prefix=on_host(name))
    served.wait_until(lambda: int(served.stat()["waitingWorkers"]))
    shown = served.done("workers").splitlines()[1].split("\t")[0]
    for called in (shown, os.fsdecode(name)):
        served.done("drain", called)
        job = served.submit("true")
        assert "drained" in served.done("workers")
        assert "drained" in served.done("why", str(job))
        served.done("undrain", called)
        assert 0 == served.status(job)
    served.done("limit", f"node:{os.fsdecode(name)}", "0")
    assert "drained" in served.done("workers")


@pytest.mark.parametrize("name", ["", "x" * 400])
def test_what_is_no_host_is_no_host(served: Cluster, name: str) -> None:
    """In words about hosts, and not about limits."""
    ended = served.goq("drain", name)

    assert 2 == ended.returncode
    assert b"is no host; 'goq workers' shows their names" in ended.stderr
    assert b"matlab" not in ended.stderr
