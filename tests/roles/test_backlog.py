"""What is asked is decided in turn, as far as there is time for it."""

import time
from collections.abc import Iterator

import pytest

from goq.core.messages import Refused, Request, ShowCluster
from goq.core.values.ids import Handle, Nonce
from goq.core.values.who import ADMINISTRATOR, Role, Who
from goq.roles.server.backlog import BYTES, DECIDING_S, QUESTIONS_EACH, Backlog

ANN, BOB = Who(Role.USER, "ann", 1), Who(Role.USER, "bob", 1)


def asked(number: int, who: Who = ADMINISTRATOR) -> Request:
    return Request(Handle(1, b"", who), Nonce(number.to_bytes(16)), 0, ShowCluster())


def taken(backlog: Backlog) -> list[int]:
    return [int.from_bytes(request.nonce) for request in backlog.take()]


@pytest.fixture
def backlog() -> Backlog:
    return Backlog()


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock takes half of the time that there is."""
    ticks: Iterator[float] = iter(number * DECIDING_S / 2 for number in range(1000))
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))


def test_of_one_all_are_decided_in_their_order(backlog: Backlog) -> None:
    for number in range(5):
        assert [] == backlog.put(asked(number), 100)

    assert list(range(5)) == taken(backlog)
    assert not backlog.is_busy


@pytest.mark.usefixtures("ticking")
def test_who_asks_much_waits_for_himself(backlog: Backlog) -> None:
    """When the time is over the rest is for the next turn, and others are before it."""
    for number in range(9):
        backlog.put(asked(number, BOB), 100)
    backlog.put(asked(100, ANN), 100)

    assert [0, 100] == taken(backlog)
    assert backlog.is_busy
    backlog.put(asked(101, ANN), 100)
    assert [1, 101] == taken(backlog)


def test_who_asks_too_much_hears_that(backlog: Backlog) -> None:
    told = [reply for number in range(QUESTIONS_EACH + 1) for reply in backlog.put(asked(number, BOB), 1)]

    (reply,) = told
    assert isinstance(reply.answer, Refused)
    assert "this key" in reply.answer.reason
    assert BOB == reply.handle.who
    assert [] == backlog.put(asked(1, ANN), 1)


def test_it_has_a_bound_in_bytes(backlog: Backlog) -> None:
    backlog.put(asked(1), BYTES)
    assert backlog.is_full
    assert [1] == taken(backlog)
    assert not backlog.is_full
