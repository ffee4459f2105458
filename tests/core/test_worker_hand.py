"""An agent's hand: what it starts next, how many more jobs it wants, and when a hand is too old."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.board.hands import HAND_LIMIT
from goq.core.values.ids import Argv, Environment, JobId
from goq.core.values.job import Job, Origin
from goq.core.worker.hand import Hand
from goq.core.worker.rules import HAND_S, STALE_S

ORIGIN = Origin(b"/", Environment(b""), "ann@host")


def jobs(*numbers: int) -> list[Job]:
    """Jobs that differ by their ids alone."""
    return [Job(JobId(number), Argv(b"true"), ORIGIN, 0, 1) for number in numbers]


def practised(elapsed_s: float, times: int = 30) -> Hand:
    """The hand of an agent whose jobs take so long."""
    hand = Hand()
    for _ in range(times):
        hand.learn(elapsed_s)
    return hand


# --- what is in it ---------------------------------------------------------------------------


def test_jobs_are_started_in_the_order_in_which_they_came() -> None:
    """First in, first out, as in the queue."""
    hand = Hand()
    hand.add(jobs(1, 2), 0.0)
    hand.add(jobs(3), 1.0)

    assert jobs(1, 2, 3) == hand.jobs()
    assert jobs(1, 2, 3) == [hand.take() for _ in range(len(hand))]
    assert 0 == len(hand)


def test_a_job_that_is_given_again_is_here_once() -> None:
    """The server gives again what a lost answer may have brought; it must not start twice."""
    hand = Hand()
    hand.add(jobs(1, 2), 0.0)
    hand.add(jobs(2, 3, 1), 0.5)

    assert jobs(1, 2, 3) == hand.jobs()


def test_all_that_is_left_can_be_returned() -> None:
    """Unstarted, for others; then nothing is left."""
    hand = Hand()
    hand.add(jobs(1, 2, 3), 0.0)
    hand.take()

    assert jobs(2, 3) == hand.take_all()
    assert [] == hand.take_all()
    assert 0 == len(hand)


# --- how long it has been in it --------------------------------------------------------------


def test_a_hand_that_has_waited_long_is_stale() -> None:
    """A worker that was frozen may have lost the leases of these jobs; others may run them."""
    hand = Hand()
    hand.add(jobs(1), 10.0)

    assert not hand.is_stale(10.0 + STALE_S)
    assert hand.is_stale(10.01 + STALE_S)


def test_the_next_job_says_whether_a_hand_is_stale() -> None:
    """It has been here the longest, and a job that is given again does not make it younger."""
    hand = Hand()
    hand.add(jobs(1), 10.0)
    hand.add(jobs(1, 2), 11.5)
    assert hand.is_stale(12.0)
    hand.take()

    assert not hand.is_stale(12.0)


def test_an_empty_hand_is_never_stale() -> None:
    """There is nothing to return."""
    assert not Hand().is_stale(1e9)


# --- how many more it wants ------------------------------------------------------------------


def test_a_slot_that_knows_nothing_wants_no_job_behind_another() -> None:
    """The first may run for a week, and the other would wait as long."""
    assert 0 == Hand().wants()


def test_one_short_job_is_no_proof() -> None:
    """Those after it may be long."""
    assert 0 == practised(0.0001, times=1).wants()
    assert 0 < practised(0.0001, times=4).wants()


@given(st.floats(0.0001, 10.0))
def test_a_hand_is_worked_off_in_time(elapsed_s: float) -> None:
    """What waits in it waits no longer than it would for a message or two."""
    wanted = practised(elapsed_s).wants()

    assert wanted <= HAND_LIMIT
    assert wanted * elapsed_s <= HAND_S * 1.01
    assert wanted == HAND_LIMIT or (wanted + 1) * elapsed_s * 1.01 >= HAND_S


def test_a_long_job_ends_the_wish_for_more() -> None:
    """At once; short ones after it bring it back."""
    hand = practised(0.001)
    assert hand.wants() > 10
    hand.learn(1.0)
    assert 0 == hand.wants()
    for _ in range(15):
        hand.learn(0.001)

    assert hand.wants() > 10


@pytest.mark.parametrize("there", [1, 5, HAND_LIMIT])
def test_what_is_in_the_hand_counts(there: int) -> None:
    """Together they are to be worked off in time."""
    hand = practised(0.0001)
    assert HAND_LIMIT == hand.wants()
    hand.add(jobs(*range(1, there + 1)), 0.0)

    assert HAND_LIMIT - there == hand.wants()


def test_a_hand_that_is_too_full_wants_nothing() -> None:
    """Jobs turned out longer than they were."""
    hand = practised(0.0001)
    hand.add(jobs(*range(1, 20)), 0.0)
    hand.learn(1.0)

    assert 0 == hand.wants()
