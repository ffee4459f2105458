"""How many jobs wait for which reason, as who watches a cluster is told it."""

import pytest
from msgspec.structs import replace
from plain import Plain
from rig import submission

from goq.core.dispatch import waiting
from goq.core.messages import AskWaiting, Change, WaitingShown
from goq.core.values.changes import Hold
from goq.core.values.ids import JobId
from goq.core.values.items import Numbers
from goq.core.values.job import By
from goq.core.values.room import Offer
from goq.core.values.selectors import selector_of
from goq.core.values.terms import After, Terms

ANN = By("ann", "head", 7)


def counted(server: Plain) -> WaitingShown:
    answer = server.ask(AskWaiting())
    assert isinstance(answer, WaitingShown)
    assert len(server.state.waiting) == sum(answer.reasons.values()), "each counts once"
    return answer


def busy(server: Plain) -> int:
    """A cluster where jobs wait for everything; when the first came that only waits for its turn."""
    server.offer("w1", Offer(4))
    server.ask(submission(1, Terms(cpus=4)))
    server.ask(submission(3, Terms(held=True)))
    server.ask(submission(2, Terms(not_before_ns=server.now.wall_ns + 10**12)))
    server.ask(submission(4, Terms(after=(After(((JobId(2), JobId(5)),), "any"),))))
    server.ask(submission(1, to_come=5))
    server.pass_time(7)
    first_ns = server.now.wall_ns
    server.ask(replace(submission(), items=Numbers(((1, 20, 1),))))
    server.pass_time(7)
    server.ask(submission(2, Terms(cpus=9)))
    return first_ns


def test_each_job_counts_once_for_what_is_said_of_it_first() -> None:
    """A job that is held and behind others is held."""
    server = Plain()
    first_ns = busy(server)
    expected = {"held": 3, "until": 2, "after": 4, "delivery": 6, "room": 20, "nowhere": 2}
    assert WaitingShown(22, first_ns, expected) == counted(server)
    server.ask(Change(selector_of(["7-8"]), Hold(), ANN))

    assert expected | {"held": 5, "after": 2} == counted(server).reasons


def test_where_nothing_waits_nothing_is_counted() -> None:
    server = Plain()

    assert WaitingShown(0, 0, {}) == counted(server)


def test_there_is_an_end_to_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many lanes the largest, of ranges so many as are told apart in a moment; all the others are counted together."""
    server = Plain()
    busy(server)
    monkeypatch.setattr(waiting, "LANES_LOOKED_AT", 1)
    monkeypatch.setattr(waiting, "PIECES_LIMIT", 2)

    assert {"room": 20, "delivery": 6, "held": 3, "other": 8} == counted(server).reasons
