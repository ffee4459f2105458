"""Parking: who is answered, when, and who never is."""

import math

import pytest

from goq.core.messages import AskAgain, Reply
from goq.core.values.ids import Handle, Nonce
from goq.core.values.who import Role, Who
from goq.core.waits.parking import Parked, ParkingLot


def parked(name: str, peer: int = 1) -> Parked:
    """A request that can be told apart."""
    return Parked(Handle(peer, name.encode()), Nonce(name.encode()))


@pytest.fixture
def one() -> ParkingLot[str]:
    """A lot with one request a key, as for idle workers and heartbeats."""
    return ParkingLot(each=1)


@pytest.fixture
def three() -> ParkingLot[str]:
    """A lot with up to three requests a key, as for observers."""
    return ParkingLot(each=3)


def test_a_reply_goes_where_its_request_came_from() -> None:
    """The nonce lets the peer match it, the handle lets the transport send it."""
    request = parked("a")

    assert Reply(request.handle, request.nonce, AskAgain()) == request.reply(AskAgain())


def test_a_request_is_taken_once(one: ParkingLot[str]) -> None:
    """A request is answered at most once, so it is out before it is answered."""
    one.park("key", parked("a"), 5.0)

    assert [parked("a")] == one.take("key")
    assert [] == one.take("key")
    assert [] == one.take_due(9.0)
    assert 0 == len(one)


def test_a_newer_request_pushes_the_older_out(one: ParkingLot[str]) -> None:
    """A worker that asks again does not wait for the old answer any more."""
    one.park("key", parked("old"), 5.0)
    one.park("key", parked("new"), 5.0)

    assert [parked("new")] == one.take("key")


def test_a_newer_request_keeps_its_key_s_place_in_the_line(one: ParkingLot[str]) -> None:
    """A worker that asks again must not lose its turn."""
    one.park("first", parked("a"), 5.0)
    one.park("second", parked("b"), 5.0)
    one.park("first", parked("c"), 5.0)

    assert "first" == one.oldest()
    assert ["first", "second"] == one.keys()


def test_a_newer_request_waits_its_own_time(one: ParkingLot[str]) -> None:
    """The one that was pushed out does not count any more."""
    one.park("key", parked("old"), 5.0)
    one.park("key", parked("new"), 8.0)

    assert [] == one.take_due(7.0)
    assert [parked("new")] == one.take_due(8.0)


def test_a_request_is_due_at_its_deadline(one: ParkingLot[str]) -> None:
    """Each open request is answered at last, with "ask again" if need be."""
    one.park("late", parked("b"), 7.0)
    one.park("early", parked("a"), 5.0)

    assert 5.0 == one.next_deadline()
    assert [parked("a"), parked("b")] == one.take_due(7.0)
    assert math.inf == one.next_deadline()


def test_a_lot_without_requests_wants_no_tick(one: ParkingLot[str]) -> None:
    """An idle server sleeps."""
    one.park("key", parked("a"), 5.0)
    one.take("key")

    assert math.inf == one.next_deadline()


def test_newcomers_do_not_put_off_the_answer_to_those_before(three: ParkingLot[str]) -> None:
    """With a new observer every second the first would never be answered."""
    three.park("job", parked("a"), 20.0)
    three.park("job", parked("b"), 30.0)

    assert [parked("a"), parked("b")] == three.take_due(20.0)


def test_a_key_holds_so_many_requests_and_the_oldest_leaves(three: ParkingLot[str]) -> None:
    """Memory is bounded, whatever peers do."""
    for name in "abcd":
        three.park("job", parked(name), 5.0)

    assert [parked("b"), parked("c"), parked("d")] == three.take("job")


def test_a_request_that_is_sent_again_is_parked_once(three: ParkingLot[str]) -> None:
    """Sockets resend what is not answered soon; the answer goes to the latest copy, and once."""
    three.park("job", parked("a", peer=1), 5.0)
    three.park("job", parked("b", peer=1), 5.0)
    three.park("job", parked("a", peer=2), 5.0)

    assert [parked("b", peer=1), parked("a", peer=2)] == three.take("job")


def test_a_copy_over_another_connection_outlives_the_first_connection(three: ParkingLot[str]) -> None:
    """That is why it was sent again."""
    three.park("job", parked("a", peer=1), 5.0)
    three.park("job", parked("a", peer=2), 5.0)
    three.forget_peer(1)

    assert [parked("a", peer=2)] == three.take("job")


def test_the_requests_of_a_peer_that_has_gone_are_dropped(three: ParkingLot[str]) -> None:
    """A job for a worker whose connection is closed would be lost until its lease ends."""
    three.park("mine", parked("a", peer=1), 5.0)
    three.park("both", parked("b", peer=1), 5.0)
    three.park("both", parked("c", peer=2), 5.0)
    three.park("both", parked("d", peer=1), 5.0)
    three.forget_peer(1)

    assert ["both"] == three.keys()
    assert [parked("c", peer=2)] == three.take_due(5.0)


def test_a_peer_that_was_pushed_out_takes_nobody_along(one: ParkingLot[str]) -> None:
    """A worker that has reconnected keeps its place when the old connection is closed."""
    one.park("worker", parked("old", peer=1), 5.0)
    one.park("worker", parked("new", peer=2), 5.0)
    one.forget_peer(1)

    assert [parked("new", peer=2)] == one.take("worker")


def test_a_peer_that_asked_twice_is_forgotten_all_the_same(one: ParkingLot[str]) -> None:
    """The older request of the same connection must not hide the newer one."""
    one.park("worker", parked("old", peer=1), 5.0)
    one.park("worker", parked("new", peer=1), 5.0)
    one.forget_peer(1)

    assert "worker" not in one


def test_peers_without_requests_are_not_remembered(three: ParkingLot[str]) -> None:
    """A server sees many short connections in a year."""
    for peer in range(100):
        three.park("job", parked(f"{peer}", peer), 5.0)
        three.park("job", parked(f"{peer} again", peer), 5.0)
    three.take("job")
    three.forget_peer(1000)

    assert {} == three._keys_of_peer


ANN, BOB = Who(Role.USER, "ann", 1), Who(Role.USER, "bob", 1)


def whose(who: Who, name: str, peer: int = 1) -> Parked:
    """A request of theirs."""
    return Parked(Handle(peer, name.encode(), who), Nonce(name.encode()))


def test_who_comes_often_pushes_himself_out(three: ParkingLot[str]) -> None:
    """And whoever has nothing there yet has a seat all the same."""
    for each in (whose(ANN, "a"), whose(BOB, "b1"), whose(BOB, "b2"), whose(BOB, "b3"), whose(BOB, "b4")):
        three.park("key", each, 5.0)

    assert [whose(ANN, "a"), whose(BOB, "b3"), whose(BOB, "b4")] == three.take("key")


def test_it_is_known_how_many_are_whose(three: ParkingLot[str]) -> None:
    for at, each in enumerate((whose(ANN, "a"), whose(BOB, "b", 2), whose(ANN, "c"), whose(ANN, "c"))):
        three.park(str(at % 3), each, 5.0)
    three.park("0", whose(ANN, "a"), 5.0)
    counts = [(three.count_of("user:ann"), three.count_of("user:bob"))]
    assert "0" == three.oldest_of("user:ann")
    assert "1" == three.oldest_of("user:bob")
    assert three.oldest_of("user:eve") is None
    three.take("2")
    counts.append((three.count_of("user:ann"), three.count_of("user:bob")))
    three.forget_peer(2)
    counts.append((three.count_of("user:ann"), three.count_of("user:bob")))

    assert [(3, 1), (2, 1), (2, 0)] == counts
