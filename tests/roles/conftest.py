"""What tests of roles share: a client that is connected to a counter, and a place that such a client has."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from roles.bench import Bench
from roles.talk import Talk


@pytest.fixture(name="talk")
def _talk() -> Iterator[Talk]:
    talk = Talk()
    talk.until(lambda: talk.calls.connected, "a connection")
    yield talk
    talk.close()


@pytest.fixture(name="bench")
def _bench(talk: Talk, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(talk, tmp_path)
    yield bench
    bench.close()
