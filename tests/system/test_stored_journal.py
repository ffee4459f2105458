"""A server goes on with a journal that an earlier one has left: here with those that are kept in tests/data."""

import sqlite3
from contextlib import closing

import pytest
from stored import STORED, unpack

from goq.adapters.store.tables import VERSION
from system.cluster import SHORT_LEASES, Cluster
from system.test_bad_input import complaint


@pytest.mark.parametrize("version", STORED)
def test_a_server_goes_on_with_it(cluster: Cluster, version: int) -> None:
    """What ran is tried again, what waits runs, what is held or not all here waits on; outputs are written."""
    cluster.env.update(SHORT_LEASES)
    unpack(version, cluster.here / ".goq")
    (cluster.here / "o").mkdir()
    (cluster.here / "o" / "out.00001").write_bytes(b"before\n")
    cluster.start_server()
    cluster.start_worker()
    for job in (3, 10, 11, 12, 13, 19):
        cluster.wait_for_end(job)
    assert b"what was piped\n" == cluster.output(19)
    assert "user:ann" in cluster.done("limit")
    assert "12" == cluster.stat()["waitingJobs"]
    cluster.done("release", "4.*", "22")
    cluster.done("kill", "14", "20")
    for job in (4, 6, 7, 8, 21, 22):
        cluster.wait_for_end(job)

    assert 23 == cluster.submit("true")
    cluster.wait_for_end(23)
    assert 0 == (audited := cluster.goq("audit", cwd=cluster.here)).returncode, audited
    assert b"before\nhello\n" == (cluster.here / "o" / "out.00001").read_bytes()
    assert b"hello\n" in cluster.output(2)


def test_one_of_a_foreign_version_is_refused(cluster: Cluster) -> None:
    """By its number, and it stays as it is."""
    path = unpack(VERSION, cluster.here / ".goq")
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 3")
    line = complaint(cluster.goq("serve", cwd=cluster.here), 1)

    assert "is of version 3, and this goq knows versions up to 1; upgrade goq" in line
