"""A queue of several people: each has his turn, and no more room than is his."""

from goq.core.waits.turns import Turns


def filled(limit: int = 10, each: int = 4) -> Turns[str]:
    return Turns(limit, each)


def test_who_asks_often_waits_for_himself() -> None:
    turns = filled()
    for what in ("a1", "a2", "a3"):
        assert turns.put("user:ann", what)
    assert turns.put("user:bob", "b1")

    assert ["a1", "b1", "a2", "a3"] == [turns.take() for _ in range(4)]
    assert not turns


def test_nobody_fills_it_alone_but_who_has_the_cluster_id() -> None:
    turns = filled()

    assert [True] * 4 + [False] == [turns.put("user:ann", "a") for _ in range(5)]
    assert [True] * 6 + [False] == [turns.put("", "root") for _ in range(7)]
    assert not turns.put("user:bob", "b")
    turns.take()
    assert turns.put("user:bob", "b")


def test_what_nobody_wants_is_dropped() -> None:
    turns = filled()
    for holder, what in (("user:ann", "a"), ("user:bob", "b"), ("user:ann", "c")):
        turns.put(holder, what)
    turns.drop(lambda what: what in "ab")

    assert len(turns) == 1
    assert turns.take() == "c"
