"""Fixtures that several of the adapters' tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ports import free_address

from adapters.herd import Herd, a_herd
from goq.adapters.jobs.processes import reap_strangers
from goq.adapters.wire.transport import ServerSocket


@pytest.fixture(autouse=True)
def _leave_no_zombies() -> Iterator[None]:
    """Tests of shepherds give thousands of orphans to this process; those that ended are slow to look through."""
    yield
    reap_strangers(())


@pytest.fixture
def herd(tmp_path: Path) -> Iterator[Herd]:
    """A shepherd without a job."""
    with a_herd(tmp_path) as made:
        yield made


@pytest.fixture
def address() -> str:
    """Where nobody listens."""
    return free_address()


@pytest.fixture
def server(address: str) -> Iterator[ServerSocket]:
    """One that listens there, and is served by the test."""
    with ServerSocket(address) as made:
        yield made
