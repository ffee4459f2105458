"""What tests of roles share: a client that is connected to a counter."""

from collections.abc import Iterator

import pytest

from roles.talk import Talk


@pytest.fixture(name="talk")
def _talk() -> Iterator[Talk]:
    talk = Talk()
    talk.until(lambda: talk.calls.connected, "a connection")
    yield talk
    talk.close()
