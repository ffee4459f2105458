"""Whoever waits hears when the server has gone, or says nothing, and when it is back: a line each."""

import pytest

from system.cluster import Cluster, Daemon
from system.jobs import held_until
from system.test_silence import Firewall

QUICK = {"GOQ_HEARTBEAT_SEC": "0.5", "GOQ_LEASE_SEC": "60", "GOQ_SENDTIMEOUT_MSEC": "100"}
GONE, BACK = "(trying on)", "is there again"


class Wait:
    """A job that waits for a worker, and somebody who waits for it, and has heard that there is none."""

    def __init__(self, cluster: Cluster, words: list[str]) -> None:
        self.cluster = cluster
        self.gate = cluster.folder / "gate"
        cluster.env |= QUICK
        self.server = cluster.start_server()
        if words[0] == "wait":
            job = cluster.submit(*held_until(self.gate))
            words = [*words, str(job)]
        else:
            words += held_until(self.gate)
        self.waiter = cluster.start(*words, cwd=cluster.away)
        self.hears("no worker is there")

    def hears(self, what: str) -> None:
        self.cluster.wait_until(lambda: what in self.waiter.text())

    def ends(self) -> None:
        """It was told once of each, and gets its answer."""
        self.gate.touch()
        self.cluster.start_worker()
        assert 0 == self.waiter.wait()
        text = self.waiter.text()
        assert [1, 1] == [text.count(GONE), text.count(BACK)], text


@pytest.fixture(name="waiting", params=["wait", "sub --wait"])
def _waiting(request: pytest.FixtureRequest, cluster: Cluster) -> Wait:
    return Wait(cluster, request.param.split())


def test_a_server_that_was_killed(waiting: Wait) -> None:
    """Nobody listens at its address."""
    waiting.server.crash()
    waiting.hears(GONE)
    waiting.cluster.start_server()
    waiting.hears(BACK)
    waiting.ends()


def test_a_server_that_is_frozen(waiting: Wait) -> None:
    """Its connections are there, and nothing comes over them."""
    waiting.server.freeze()
    waiting.hears(GONE)
    waiting.server.thaw()
    waiting.hears(BACK)
    waiting.ends()


def test_links_that_are_dumb(cluster: Cluster) -> None:
    """New ones as well as old ones, for a while."""
    cluster.env |= QUICK
    way = Firewall(cluster)
    try:
        cluster.start_worker()
        gate = cluster.folder / "gate"
        job = cluster.submit(*held_until(gate))
        waiter: Daemon = way.start("wait", str(job))
        cluster.wait_until(lambda: "waiting for jobid" in waiter.text())
        way.route.still_until = float("inf")
        cluster.wait_until(lambda: GONE in waiter.text())
        way.route.still_until = 0.0
        cluster.wait_until(lambda: BACK in waiter.text())
        gate.touch()
        assert 0 == waiter.wait()
        assert [1, 1] == [waiter.text().count(each) for each in (GONE, BACK)]
    finally:
        way.close()


def test_a_server_that_is_soon_back(cluster: Cluster) -> None:
    """Started anew it is no news."""
    waiting = Wait(cluster, ["wait"])
    cluster.env["GOQ_SENDTIMEOUT_MSEC"] = "3000"
    waiter = cluster.start("wait", "1")
    cluster.wait_until(lambda: "waiting for jobid" in waiter.text())
    waiting.server.stop()
    cluster.start_server()
    waiting.gate.touch()
    cluster.start_worker()

    assert 0 == waiter.wait()
    assert GONE not in waiter.text()
