"""A server with workers, and a client of it in this process. A file's tests share them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from system.cluster import Cluster

from goq.api.client import Client


@pytest.fixture(scope="module", name="cluster")
def _cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A folder and a port, and the variables that lead there."""
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    before = dict(os.environ)
    os.environ.update(made.env)
    try:
        yield made
    finally:
        made.close()
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="module", name="working")
def _working(cluster: Cluster) -> Cluster:
    """The same with a server, and a worker of four places."""
    cluster.start_server()
    cluster.start_worker("forever", "-j", "4")
    return cluster


@pytest.fixture(name="client")
def _client(working: Cluster) -> Iterator[Client]:
    """A client of it."""
    with Client(timeout=30) as client:
        yield client


@pytest.fixture(name="here")
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own, where we are."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
