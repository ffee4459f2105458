"""Who follows an output hears when there is more of it, and what has become of its job: once, and soon."""

import math

from goq.core.messages import AskAgain, Follow, Followed, JobNotKnown, Refused, Reply
from goq.core.values.ids import Handle, JobId, Nonce
from goq.core.values.logs import STANDS_LIMIT, Phase, Stand
from goq.core.values.who import Role, Who
from goq.core.waits.followers import (
    A_STAND_S,
    FOLLOW_EVERY_S,
    FOLLOWED_EACH,
    FOLLOWED_LIMIT,
    LINGER_S,
    Followers,
)
from goq.core.waits.parking import Parked

PATIENCE_S = 5.0
RUNS = Stand(7, 1, Phase.RUNS, 10)


def asker(number: int, peer: int = 1) -> Parked:
    return Parked(Handle(peer, b"header"), Nonce(number.to_bytes(16)))


class Room:
    """Followers, and how jobs stand."""

    def __init__(self, *stands: Stand) -> None:
        self.followers = Followers(PATIENCE_S)
        self.stands = {stand.job: stand for stand in stands}

    def ask(self, number: int, *seen: Stand, now_s: float = 0.0, peer: int = 1) -> list[Reply]:
        return self.followers.ask(asker(number, peer), Follow(seen), now_s)

    def become(self, stand: Stand) -> None:
        self.stands[stand.job] = stand
        self.followers.stir()

    def turn(self, now_s: float = 0.0) -> list[Reply]:
        return self.followers.turn(lambda job, _: self.stands.get(job), now_s)


def test_who_has_seen_nothing_is_told_at_once() -> None:
    room = Room(RUNS)
    room.ask(1, Stand(7))

    assert [asker(1).reply(Followed((RUNS,)))] == room.turn()
    assert [] == room.turn(1.0)


def test_who_has_seen_it_all_hears_of_the_next_byte() -> None:
    room = Room(RUNS)
    room.ask(1, RUNS)

    assert [] == room.turn()
    more = Stand(7, 1, Phase.RUNS, 11)
    room.become(more)
    assert [asker(1).reply(Followed((more,)))] == room.turn(0.1)


def test_only_what_stands_otherwise_is_told() -> None:
    other = Stand(8, 1, Phase.RUNS, 3)
    room = Room(RUNS, other)
    room.ask(1, RUNS, other)
    room.turn()
    over = Stand(8, 0, Phase.OVER)
    room.become(over)

    assert [asker(1).reply(Followed((over,)))] == room.turn(0.1)


def test_after_a_restart_nothing_is_told_before_there_is_more_than_was_seen() -> None:
    """The server has forgotten how much had come, and its worker brings all of it once more."""
    room = Room(Stand(7, 1, Phase.RUNS, 0))
    room.ask(1, RUNS)

    assert [] == room.turn()
    room.become(RUNS)
    assert [] == room.turn(0.1)


def test_another_attempt_is_told_however_little_it_has_written() -> None:
    room = Room(RUNS)
    room.ask(1, RUNS)
    again = Stand(7, 2, Phase.RUNS, 0)
    room.become(again)

    assert [asker(1).reply(Followed((again,)))] == room.turn(0.1)


def test_a_job_that_there_never_was_is_told_of() -> None:
    room = Room(RUNS)
    room.ask(1, RUNS, Stand(9))

    assert [asker(1).reply(JobNotKnown(JobId(9)))] == room.turn()


def test_they_are_looked_through_seldom_enough_and_the_more_the_less() -> None:
    """A server that writes thousands of pieces a second has to look at none of them twice."""
    room = Room(RUNS)
    room.ask(1, RUNS)
    room.become(RUNS)
    room.turn(1.0)
    room.become(Stand(7, 1, Phase.RUNS, 11))
    next_s = 1.0 + FOLLOW_EVERY_S + A_STAND_S

    assert [] == room.turn(1.0 + FOLLOW_EVERY_S / 2)
    assert next_s == room.followers.next_deadline()
    assert 1 == len(room.turn(next_s))
    assert math.inf == room.followers.next_deadline()


def test_where_nothing_happens_nobody_is_looked_at() -> None:
    room = Room(RUNS)
    room.ask(1, RUNS)
    room.turn()

    assert PATIENCE_S == room.followers.next_deadline()


def test_without_news_an_asker_is_told_so_in_time() -> None:
    room = Room(RUNS)
    room.ask(1, RUNS, now_s=1.0)

    assert [] == room.turn(0.9 + PATIENCE_S)
    assert [asker(1).reply(AskAgain())] == room.turn(1.0 + PATIENCE_S)


def test_a_question_that_comes_again_is_answered_once() -> None:
    room = Room(RUNS)
    room.ask(1, RUNS)
    room.ask(1, RUNS)
    room.become(Stand(7, 0, Phase.OVER))

    assert 1 == len(room.turn(1.0))


def test_too_much_to_follow_is_refused() -> None:
    """What each turn of the server costs has a bound."""
    room = Room()
    crowd = tuple(Stand(job, 1, Phase.RUNS) for job in range(1, STANDS_LIMIT + 1))
    room.stands = {stand.job: stand for stand in crowd}
    count = FOLLOWED_LIMIT // STANDS_LIMIT

    assert [] == [reply for number in range(count) for reply in room.ask(number, *crowd)]
    (refused,) = room.ask(count, RUNS)
    assert isinstance(refused.answer, Refused)


def test_a_peer_that_has_gone_is_told_nothing_and_counts_no_more() -> None:
    room = Room(RUNS)
    room.ask(1, RUNS, peer=1)
    room.ask(2, RUNS, peer=2)
    room.followers.forget_peer(1)

    assert 1 == room.followers.count
    room.become(Stand(7, 0, Phase.OVER))
    assert [asker(2, peer=2)] == [Parked(reply.handle, reply.in_reply_to) for reply in room.turn(1.0)]


def test_a_job_counts_as_followed_from_the_second_question_on_and_a_little_longer() -> None:
    """Or each answer would have its worker told that nobody follows any more. Who looks once troubles no worker."""
    room = Room(RUNS)
    room.ask(1, Stand(7))
    assert frozenset() == room.followers.followed(0.0)
    room.ask(2, RUNS, now_s=1.0)
    end_s = 1.0 + PATIENCE_S + LINGER_S

    assert {JobId(7)} == room.followers.followed(1.0)
    assert room.followers.followed(1.0) is room.followers.followed(end_s - 0.1)
    room.ask(2, RUNS, now_s=2.0)
    assert {JobId(7)} == room.followers.followed(end_s + 0.5)
    assert frozenset() == room.followers.followed(end_s + 1.0 + LINGER_S)


def test_whoever_follows_much_with_a_key_leaves_room_for_others() -> None:
    followers, bob = Followers(PATIENCE_S), Who(Role.USER, "bob", 1)
    stands = tuple(Stand(job) for job in range(1, STANDS_LIMIT + 1))
    asks = [Parked(Handle(2, b"h", bob), Nonce(number.to_bytes(16))) for number in range(1, 60)]
    refused = [reply for each in asks for reply in followers.ask(each, Follow(stands), 0.0)]

    assert FOLLOWED_EACH >= followers.count > FOLLOWED_EACH - STANDS_LIMIT
    assert refused
    assert [] == followers.ask(asker(100), Follow(stands), 0.0)
