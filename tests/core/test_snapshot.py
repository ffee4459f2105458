"""How much a snapshot shows, whatever is asked for."""

import pytest
from rig import Rig

from goq.core.messages import AskAgain
from goq.core.messages.people import ROWS_EACH


@pytest.mark.parametrize("asked", [ROWS_EACH, ROWS_EACH + 1, 2**63 - 1])
def test_a_snapshot_has_an_end(rig: Rig, asked: int) -> None:
    """A queue of a million jobs must not be put into one answer, which nobody could receive."""
    rig.submit(ROWS_EACH + 5)

    assert ROWS_EACH == len(rig.snapshot(asked).waiting)


@pytest.mark.parametrize("asked", [0, -1, -(2**63)])
def test_a_snapshot_may_show_no_job(rig: Rig, asked: int) -> None:
    """The counters are what scripts want."""
    rig.submit()
    rig.delegate("w1")

    assert ((), ()) == (rig.snapshot(asked).running, rig.snapshot(asked).waiting)


# --- how many workers are there ------------------------------------------------------------------


def workers(rig: Rig) -> int | str:
    """As `goq stat` says, and as `goq wait` goes by."""
    return rig.snapshot().counters["workerCount"]


def beat_over(rig: Rig) -> None:
    """What was said before is no news any more."""
    rig.pass_time(rig.rules.heartbeat_s + 0.1)


def test_a_worker_between_two_questions_is_there(rig: Rig) -> None:
    """`goq wait` must not tell people to start one just because it was told to ask again."""
    request = rig.want_work("w1", patience_s=1)
    rig.pass_time(1)
    assert AskAgain() == rig.answer_to(request)

    assert 1 == workers(rig)
    beat_over(rig)
    assert 0 == workers(rig)


def test_a_worker_that_has_just_told_a_result_is_there(rig: Rig) -> None:
    """It asks for more in the next moment."""
    rig.submit()
    held = rig.delegate("w1")
    beat_over(rig)
    rig.finish(held)

    assert 1 == workers(rig)


def test_a_worker_that_comes_back_to_a_lost_lease_is_there(rig: Rig) -> None:
    """It has nothing, and will ask."""
    rig.submit()
    held = rig.delegate("w1")
    rig.pass_time(rig.rules.lease_s)
    assert 0 == workers(rig)
    rig.beat(held)

    assert 1 == workers(rig)


def test_a_worker_counts_once_whatever_it_says(rig: Rig) -> None:
    """Each place of a process is one."""
    rig.submit()
    rig.delegate("w1")
    rig.want_work("w1/2")
    rig.want_work("w1/2")

    assert 2 == workers(rig)


def test_a_worker_that_has_left_is_not_there(rig: Rig) -> None:
    """Whether it said goodbye or its connection went."""
    for name, peer in (("w1", 1), ("w2", 2), ("w3", 2)):
        rig.want_work(name, patience_s=1, peer=peer)
    rig.goodbye("w1")
    assert 2 == workers(rig)
    rig.peer_gone(2)

    assert 0 == workers(rig)


def test_one_worker_that_speaks_does_not_speak_for_another(rig: Rig) -> None:
    """Each has a beat of its own."""
    rig.want_work("w1", patience_s=1)
    rig.pass_time(rig.rules.heartbeat_s / 2)
    rig.want_work("w2", patience_s=1)
    rig.pass_time(rig.rules.heartbeat_s / 2 + 0.1)

    assert 1 == workers(rig)


def test_a_worker_is_there_for_a_beat_after_its_last_word(rig: Rig) -> None:
    """Not after its first one."""
    for _ in range(3):
        rig.want_work("w1", patience_s=0.5)
        rig.pass_time(rig.rules.heartbeat_s * 0.7)

    assert 1 == workers(rig)
