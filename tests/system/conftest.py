"""Fixtures of the system tests. Each test has a cluster of its own and shares nothing."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from system.cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def tidy_end() -> Iterator[None]:
    """Who ends the tests by SIGTERM, as `timeout` does, gets their processes ended as well."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A folder and a port, nothing started yet."""
    made = Cluster(tmp_path)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def served(cluster: Cluster) -> Cluster:
    """The same with a server."""
    cluster.start_server()
    return cluster


@pytest.fixture
def working(served: Cluster) -> Cluster:
    """The same with a server and a worker."""
    served.start_worker()
    return served


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """goq as it is published, built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", folder, ROOT], check=True, timeout=100)
    (built,) = folder.glob("goq-*.whl")
    return built
