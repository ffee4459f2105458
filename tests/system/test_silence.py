"""Connections that die without a word: a firewall forgets them, or an address moves. New ones work.

Each fault comes in two kinds: a proxy that touches the old connections no more, and, where network
namespaces are allowed, a node whose address is taken away and replaced.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from faults.proxy import Proxy
from networks import Network

from system.cluster import Cluster, Daemon

QUICK = {"GOQ_HEARTBEAT_SEC": "1"}  # given up after 3 s of silence
BIG = 6_000_000


class Way(ABC):
    """How somebody far away reaches the server, until it is told to forget."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.prefix: list[str] = []
        self.env: dict[str, str] = {}

    def start(self, *words: str) -> Daemon:
        """A goq there that runs on."""
        return self.cluster.start(*words, env=self.env, prefix=self.prefix)

    @abstractmethod
    def forget(self) -> None:
        """The connections that are there are dead from now on, and nobody is told."""

    @abstractmethod
    def close(self) -> None: ...


class Firewall(Way):
    """A NAT that has forgotten a connection."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster)
        cluster.start_server()
        self.proxy = Proxy(cluster.port, 1)
        self.route = self.proxy.routes[0]
        self.env = {"GOQ_JSERV_PORT": str(self.route.port)}

    def forget(self) -> None:
        assert self.route.pairs
        self.route.forget = True
        self.cluster.wait_until(lambda: not self.route.forget)

    def close(self) -> None:
        self.proxy.close()


class Moving(Way):
    """A node whose address is another one from now on."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster)
        self.head, self.node = Network(), Network()
        self.head.cable(self.node, "10.9.0.1/24", "10.9.0.2/24")
        cluster.start_server(prefix=self.head.enter, env={"GOQ_JSERV_IP": "0.0.0.0"})
        cluster.env["GOQ_JSERV_IP"] = "10.9.0.1"
        self.prefix = self.node.enter
        self._addresses = iter(range(3, 99))

    def forget(self) -> None:
        self.node.run(
            f"ip address flush dev cable; ip address add 10.9.0.{next(self._addresses)}/24 dev cable"
        )

    def close(self) -> None:
        self.head.close()
        self.node.close()


@contextmanager
def opened(kind: type[Way], cluster: Cluster) -> Iterator[Way]:
    cluster.env |= QUICK
    way = kind(cluster)
    try:
        yield way
    finally:
        for daemon in cluster.daemons:
            daemon.end_group()
        way.close()


@pytest.fixture(name="way", params=[Firewall, Moving])
def _way(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Way]:
    """A server, and a way to it."""
    with opened(request.param, cluster) as way:
        yield way


def near(way: Way, *words: str) -> str:
    """What a command says that reaches the server by another way."""
    prefix = way.head.enter if isinstance(way, Moving) else []
    ended = way.cluster.goq_by(prefix, *words)
    assert ended.returncode == 0, ended
    return ended.stdout.decode()


def submit(way: Way, *words: str) -> int:
    """A job, from near; its number."""
    return int(near(way, "sub", *words).split("job ")[1].split()[0])


def history(way: Way, job: int) -> str:
    ended = way.cluster.goq("history", str(job), cwd=way.cluster.here)
    return ended.stdout.decode()


def test_an_idle_worker_works_again(way: Way) -> None:
    """It used to sleep for ever over a question that nobody had got."""
    cluster = way.cluster
    way.start("work", "forever", "-j", "3")
    cluster.wait_for_end(submit(way, "true"))
    for _ in range(2):
        way.forget()
        job = submit(way, "echo", "awake")
        cluster.wait_for_end(job)

        assert b"awake\n" == cluster.output(job)
        assert 1 == history(way, job).count("delegated")


def test_a_running_job_stays_its_worker_s(way: Way) -> None:
    """It is not given to another, and it can still be killed."""
    cluster = way.cluster
    way.start("work", "forever")
    job = submit(way, "sleep", "1000")
    cluster.wait_for_start(job)
    way.forget()
    near(way, "kill", str(job))
    cluster.wait_for_end(job)

    assert 1 == history(way, job).count("delegated")
    assert "requeued" not in history(way, job)


def test_a_long_output_goes_on_where_it_stopped(way: Way) -> None:
    """Byte for byte; the connection dies while the output is on its way."""
    cluster = way.cluster
    way.start("work", "forever")
    go = cluster.folder / "go"
    script = (
        f"head -c {BIG} /dev/zero; until [ -e {go} ]; do sleep 0.05; done; head -c {BIG} /dev/zero; echo end"
    )
    job = submit(way, "sh", "-c", script)
    cluster.wait_until(lambda: cluster.output_file(job).exists() and cluster.output_file(job).stat().st_size)
    way.forget()
    go.touch()
    cluster.wait_for_end(job)

    assert bytes(2 * BIG) + b"end\n" == cluster.output(job)
    assert 1 == history(way, job).count("delegated")


def test_a_waiting_command_notices_within_half_a_minute(way: Way) -> None:
    """With the heartbeat that goq has by default."""
    cluster = way.cluster
    del cluster.env["GOQ_HEARTBEAT_SEC"]
    go = cluster.folder / "go"
    worker = cluster.start_worker(prefix=way.head.enter if isinstance(way, Moving) else [])
    job = submit(way, "sh", "-c", f"until [ -e {go} ]; do sleep 0.05; done; exit 7")
    cluster.wait_for_start(job)
    waiting = way.start("wait", str(job))
    cluster.wait_until(lambda: "waiting for" in waiting.text())
    way.forget()
    go.touch()
    cluster.wait_for_end(job)

    assert 7 == waiting.wait(within_s=30)
    assert worker.alive


@pytest.mark.parametrize("moment", ["question", "answer"])
def test_a_submission_that_dies_on_its_way_is_one_job(cluster: Cluster, moment: str) -> None:
    """In the very moment: its question is lost in silence, or the answer to it."""
    with opened(Firewall, cluster) as way:
        assert isinstance(way, Firewall)
        if moment == "question":
            way.route.on_request = lambda: setattr(way.route, "forget", True)
        else:
            way.route.on_answer = lambda: setattr(way.route, "forget", True)
        submitted = way.start("sub", "true")

        assert 0 == submitted.wait(within_s=40)
        assert re.search(r"submitted job 1 to server", submitted.text())
        assert "nextJobId=2" in near(way, "stat")


def test_a_server_that_was_stopped_is_not_hurt_by_those_who_come_anew(cluster: Cluster) -> None:
    """Frozen for so long that everybody has given up its connection and made another one; nothing is lost."""
    cluster.env |= QUICK
    server = cluster.start_server()
    proxy = Proxy(cluster.port, 6)
    envs = [{"GOQ_JSERV_PORT": str(route.port)} for route in proxy.routes]
    try:
        for env in envs[:3]:
            cluster.start_worker("forever", "-j", "4", env=env)
        running = [cluster.submit("sh", "-c", "until [ -e go ]; do sleep 0.05; done") for _ in range(3)]
        for job in running:
            cluster.wait_for_start(job)
        waiters = [
            cluster.start("wait", str(job), env=env) for job, env in zip(running, envs[3:], strict=True)
        ]
        cluster.wait_until(lambda: all("waiting for" in waiter.text() for waiter in waiters))
        server.freeze()
        cluster.wait_until(lambda: all(len(route.pairs) >= 4 for route in proxy.routes), within_s=60)
        server.thaw()
        (cluster.away / "go").touch()

        assert [0, 0, 0] == [waiter.wait() for waiter in waiters]
        cluster.wait_until(lambda: all(len(route.pairs) == 2 for route in proxy.routes[:3]))
        assert b"on\n" == cluster.run("echo", "on")
        for job in running:
            assert 1 == cluster.done("history", str(job), cwd=cluster.here).count("delegated")
    finally:
        for daemon in cluster.daemons:
            daemon.end_group()
        proxy.close()


def test_a_worker_says_that_its_server_is_silent_and_that_it_is_back(cluster: Cluster) -> None:
    """Whoever looks at a node sees why nothing runs there."""
    cluster.env |= QUICK | {"GOQ_SENDTIMEOUT_MSEC": "300"}
    server = cluster.start_server()
    worker = cluster.start_worker()
    cluster.run("true")
    server.freeze()
    cluster.wait_until(lambda: "no answer from" in worker.text())
    server.thaw()
    cluster.wait_until(lambda: "is there again" in worker.text())
    server.stop()
    cluster.wait_until(lambda: "no job server at" in worker.text())
    cluster.start_server()
    cluster.wait_until(lambda: worker.text().count("is there again") == 2)

    assert 1 == worker.text().count("no job server at")
