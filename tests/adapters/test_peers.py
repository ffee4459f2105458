"""Which connections may stay: the accounts that a server keeps of them."""

import math

import pytest

from goq.adapters.wire import peers
from goq.adapters.wire.peers import SILENT_S, Peers


@pytest.fixture(name="closed")
def _closed() -> list[int]:
    """Whose connection was closed."""
    return []


@pytest.fixture(name="accounts")
def _accounts(closed: list[int]) -> Peers:
    return Peers(closed.append)


def test_one_of_ours_that_fell_silent_is_closed(accounts: Peers, closed: list[int]) -> None:
    """Its machine has gone, or a firewall has forgotten the connection; nothing else would tell."""
    accounts.welcome(1, 100.0)
    accounts.welcome(2, 100.0 + 2 * SILENT_S)
    accounts.dismiss_silent(100.0 + 2 * SILENT_S)

    assert [1] == closed


def test_one_of_ours_that_speaks_on_stays(accounts: Peers, closed: list[int]) -> None:
    """However long its job runs: it asks for a sign of life now and then."""
    for now_s in range(0, 1000, int(SILENT_S) - 1):
        accounts.welcome(1, float(now_s))
        accounts.dismiss_silent(now_s + SILENT_S - 1)

    assert [] == closed


def test_all_of_ours_are_looked_at_every_few_seconds(accounts: Peers, closed: list[int]) -> None:
    """With ten thousand of them not in every turn; and none is forgotten for that."""
    accounts.welcome(1, 0.0)
    accounts.dismiss_silent(SILENT_S - 1)
    accounts.dismiss_silent(SILENT_S)
    soon = list(closed)
    accounts.dismiss_silent(SILENT_S + 10)

    assert ([], [1]) == (soon, closed)


def test_who_has_gone_is_not_closed(accounts: Peers, closed: list[int]) -> None:
    """Nothing of him is kept."""
    accounts.arrived(1)
    accounts.welcome(1, 0.0)
    accounts.forget(1)
    accounts.dismiss_silent(10 * SILENT_S)

    assert [] == closed
    assert math.isinf(accounts.next_deadline())


def test_a_stranger_whose_signature_is_wrong_has_a_moment_left(
    accounts: Peers, closed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most likely it is a command of another cluster: the sooner it is told so, the better."""
    monkeypatch.setattr(peers, "FORGER_S", 0.0)
    accounts.arrived(1)
    accounts.arrived(2)
    accounts.suspect(2)
    accounts.dismiss_strangers()

    assert [2] == closed


def test_one_of_ours_may_be_garbled_once(
    accounts: Peers, closed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has shown who it is before."""
    monkeypatch.setattr(peers, "FORGER_S", 0.0)
    accounts.arrived(1)
    accounts.welcome(1, 0.0)
    accounts.suspect(1)
    accounts.dismiss_strangers()

    assert [] == closed


def test_those_who_forge_keep_no_stranger_here(
    accounts: Peers, closed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many of them come, and however late."""
    accounts.arrived(1)
    for forger in range(2, 9):
        accounts.arrived(forger)
        accounts.suspect(forger)
    monkeypatch.setattr(peers, "STRANGER_S", 0.0)
    accounts.dismiss_strangers()

    assert [1] == closed


def test_in_a_crowd_a_forger_has_no_more_time_than_others(
    accounts: Peers, closed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The descriptors are what counts then."""
    monkeypatch.setattr(peers, "STRANGERS", 1)
    monkeypatch.setattr(peers, "CROWD_S", 0.0)
    for peer in (1, 2, 3):
        accounts.arrived(peer)
        accounts.suspect(peer)
    accounts.dismiss_strangers()

    assert [1, 2] == closed


def test_the_loop_wakes_for_the_first_who_is_due(accounts: Peers) -> None:
    """A quiet server must not let strangers stay for that."""
    assert math.isinf(accounts.next_deadline())
    accounts.arrived(1)
    accounts.dismiss_strangers()
    calm = accounts.next_deadline()
    accounts.suspect(1)

    assert peers.STRANGER_S - peers.FORGER_S == pytest.approx(calm - accounts.next_deadline())
