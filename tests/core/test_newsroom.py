"""Who waits for news hears it once: when there is some, or that there was none."""

from goq.core.messages import AskAgain, Happened, News
from goq.core.values.ids import Handle, Nonce
from goq.core.values.who import Role, Who
from goq.core.waits.newsroom import ASKERS_EACH, ASKERS_LIMIT, NEWS_EVERY_S, Newsroom
from goq.core.waits.parking import Parked

PATIENCE_S = 5.0


def asker(number: int, peer: int = 1) -> Parked:
    return Parked(Handle(peer, b"header"), Nonce(number.to_bytes(16)))


def test_news_is_told_to_those_who_lack_it() -> None:
    room = Newsroom(PATIENCE_S)
    room.ask(asker(1), News(7), 0.0)
    room.ask(asker(2), News(8), 0.0)

    assert room.turn(8, 0.0) == [asker(1).reply(Happened(8))]
    assert room.turn(8, 1.0) == []


def test_who_has_seen_more_than_there_is_hears_it_too() -> None:
    """Of a journal that was put back: else he would wait until it has come as far again."""
    room = Newsroom(PATIENCE_S)
    room.ask(asker(1), News(9), 0.0)

    assert room.turn(3, 0.0) == [asker(1).reply(Happened(3))]


def test_news_comes_not_more_often_than_people_can_read() -> None:
    room = Newsroom(PATIENCE_S)
    room.ask(asker(1), News(0), 0.0)
    room.turn(1, 0.0)
    room.ask(asker(1), News(1), 0.0)

    assert room.turn(2, NEWS_EVERY_S / 2) == []
    assert room.next_deadline(2) == NEWS_EVERY_S
    assert room.turn(2, NEWS_EVERY_S) == [asker(1).reply(Happened(2))]


def test_without_news_an_asker_is_told_so_in_time() -> None:
    room = Newsroom(PATIENCE_S)
    room.ask(asker(1), News(4), 1.0)

    assert room.next_deadline(4) == 1.0 + PATIENCE_S
    assert room.turn(4, 0.9 + PATIENCE_S) == []
    assert room.turn(4, 1.0 + PATIENCE_S) == [asker(1).reply(AskAgain())]


def test_a_question_that_comes_again_is_answered_once() -> None:
    room = Newsroom(PATIENCE_S)
    room.ask(asker(1), News(4), 0.0)
    room.ask(asker(1), News(4), 0.0)

    assert room.turn(5, 0.0) == [asker(1).reply(Happened(5))]


def test_too_many_askers_send_the_first_one_away() -> None:
    room = Newsroom(PATIENCE_S)
    away = [reply for number in range(ASKERS_LIMIT + 1) for reply in room.ask(asker(number), News(4), 0.0)]

    assert away == [asker(0).reply(AskAgain())]
    assert len(room.turn(5, 0.0)) == ASKERS_LIMIT


def test_a_peer_that_has_gone_is_told_nothing() -> None:
    room = Newsroom(PATIENCE_S)
    room.ask(asker(1, peer=1), News(4), 0.0)
    room.ask(asker(2, peer=2), News(4), 0.0)
    room.forget_peer(1)

    assert room.turn(5, 0.0) == [asker(2, peer=2).reply(Happened(5))]


def test_who_asks_too_often_with_a_key_sends_himself_away() -> None:
    room, bob = Newsroom(PATIENCE_S), Who(Role.USER, "bob", 1)
    room.ask(asker(1), News(4), 0.0)
    flood = [Parked(Handle(2, b"header", bob), Nonce(number.to_bytes(16))) for number in range(2, 1200)]
    away = [reply for each in flood for reply in room.ask(each, News(4), 0.0)]

    assert {bob} == {reply.handle.who for reply in away}
    assert ASKERS_EACH + 1 == len(room.turn(5, 0.0))
