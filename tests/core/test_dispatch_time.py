"""Heartbeats, leases, patience and restarts: what happens when nobody says anything."""

import math

import pytest
from epochs import EPOCH
from ledger import Place
from rig import Rig

from goq.core.dispatch.decision import Rules
from goq.core.messages import AskAgain
from goq.core.state.records import JobRequeued
from goq.core.state.submissions import CountsAs
from goq.core.values.ids import JobId, Now, WorkerId
from goq.core.values.job import Claim
from goq.core.values.result import SIGTERM
from goq.core.worker.talk import AckFinished, CancelWip, CarryOn, Heartbeat

RULES = Rules(heartbeat_s=5.0, lease_s=60.0, observe_s=20.0)


@pytest.fixture
def rig() -> Rig:
    """A server with known times."""
    return Rig(RULES)


# --- heartbeats ------------------------------------------------------------------------------


def test_a_heartbeat_is_answered_after_heartbeat_s(rig: Rig) -> None:
    """Until then it is open, so that a kill can use it."""
    rig.submit()
    beat = rig.beat(rig.delegate("w1"))
    rig.pass_time(4.9)
    assert rig.answer_to(beat) is None
    rig.pass_time(0.1)

    assert CarryOn() == rig.answer_to(beat)


def test_heartbeats_keep_a_job_for_ever(rig: Rig) -> None:
    """Week-long jobs are what the queue is for."""
    rig.submit()
    held = rig.delegate("w1")
    for _ in range(20):
        rig.beat(held)
        rig.pass_time(59)

    assert Place.RUNNING is rig.where(1)
    assert held == rig.ledger.claim(JobId(1))


def test_a_newer_heartbeat_takes_the_place_of_the_older(rig: Rig) -> None:
    """The worker reads one answer, that of its latest question."""
    rig.submit()
    held = rig.delegate("w1")
    old, new = rig.beat(held), rig.beat(held)
    rig.cancel(1)

    assert rig.answer_to(old) is None
    assert CancelWip(JobId(1), lost=False, signal=SIGTERM) == rig.answer_to(new)


def test_the_heartbeat_of_a_lost_attempt_is_answered_at_once(rig: Rig) -> None:
    """Two attempts of a job must not run longer than can be helped."""
    rig.submit()
    lost = rig.delegate("w1")
    rig.pass_time(60)
    rig.delegate("w2")

    assert CancelWip(JobId(1), lost=True) == rig.answer_to(rig.beat(lost))


@pytest.mark.parametrize(
    "claim", [Claim(EPOCH, JobId(7), 1, WorkerId("w1")), Claim(EPOCH, JobId(1), 1, WorkerId("w1"))]
)
def test_a_heartbeat_for_a_job_that_was_never_given_out_is_answered(rig: Rig, claim: Claim) -> None:
    """A worker of another server, or of a journal that is gone, must stop."""
    rig.submit()

    assert CancelWip(claim.job, lost=True) == rig.ask(Heartbeat(claim))


# --- leases ----------------------------------------------------------------------------------


def test_a_silent_worker_loses_its_job_when_the_lease_ends(rig: Rig) -> None:
    """A host that lost its power says nothing."""
    rig.submit()
    held = rig.delegate("w1")
    rig.pass_time(59.9)
    assert Place.RUNNING is rig.where(1)
    rig.pass_time(0.1)

    assert Place.WAITING is rig.where(1)
    assert JobRequeued(held, "worker lost", counts_as=CountsAs.CRASH, at_ns=rig.now.wall_ns) == rig.story[-1]


def test_no_lease_is_judged_before_what_came_meanwhile_was_heard(rig: Rig) -> None:
    """A server that was stopped finds a lease over, and the heartbeat of that time a moment later."""
    rig.submit()
    held = rig.delegate("w1")
    after_s = rig.now.attended_s + 61
    late = Now(after_s, rig.now.wall_ns + 61_000_000_000, has_heard=False)

    assert [] == rig.dispatcher.tick(late).records
    assert after_s > rig.dispatcher.next_deadline(), "it is judged as soon as that is so"
    rig.jump(61)
    assert JobRequeued(held, "worker lost", counts_as=CountsAs.CRASH, at_ns=rig.now.wall_ns) == rig.story[-1]


def test_a_lost_job_goes_to_a_worker_that_waits_in_the_same_turn(rig: Rig) -> None:
    """A job and a worker never both wait."""
    rig.submit()
    rig.delegate("w1")
    rig.jump(59)
    waiting = rig.want_work("w2")
    rig.jump(1)

    assert Claim(EPOCH, JobId(1), 2, WorkerId("w2")) == rig.claim_in(rig.answer_to(waiting))


def test_a_late_answer_of_a_lost_worker_is_ignored(rig: Rig) -> None:
    """A requeued job must not be finished by the run that was given up."""
    rig.submit()
    lost = rig.delegate("w1")
    rig.pass_time(60)

    assert AckFinished((lost.job,)) == rig.finish(lost)
    assert Place.WAITING is rig.where(1)
    current = rig.delegate("w2")
    assert AckFinished((lost.job,)) == rig.finish(lost)
    assert AckFinished() == rig.finish(current)
    assert AckFinished((lost.job,)) == rig.finish(lost)
    assert 3 == rig.snapshot().counters["staleResultCount"]


def test_the_same_worker_s_second_attempt_is_not_its_first(rig: Rig) -> None:
    """A worker may lose a job and get it again; only the new run counts."""
    rig.submit()
    first = rig.delegate("w1")
    rig.pass_time(60)
    second = rig.delegate("w1")

    assert (1, 2) == (first.attempt, second.attempt)
    assert AckFinished((first.job,)) == rig.tell("w1", first, kept=(1,))
    assert AckFinished() == rig.finish(second)


def test_jobs_whose_leases_end_one_after_the_other_keep_their_order(rig: Rig) -> None:
    """With insertion at the front they would swap."""
    rig.submit(3)
    rig.delegate("w1")
    rig.jump(1)
    rig.delegate("w2")
    rig.pass_time(60)

    assert [1, 2, 3] == rig.waiting()


def test_a_job_that_ended_has_no_lease(rig: Rig) -> None:
    """A job that is over cannot be lost."""
    rig.submit()
    rig.finish(rig.delegate("w1"))
    rig.pass_time(100)

    assert Place.ENDED is rig.where(1)
    assert math.inf == rig.dispatcher.next_deadline()


# --- patience --------------------------------------------------------------------------------


@pytest.mark.parametrize(("patience_s", "answered_s"), [(3.0, 3.0), (5.0, 5.0), (1000.0, 5.0)])
def test_a_worker_waits_as_long_as_it_likes_but_no_longer_than_a_beat(
    rig: Rig, patience_s: float, answered_s: float
) -> None:
    """An answer now and then tells it that there is a server."""
    rig.asks_again = False
    request = rig.want_work("w1", patience_s)
    rig.pass_time(answered_s - 0.1)
    assert rig.answer_to(request) is None
    rig.pass_time(0.1)

    assert AskAgain() == rig.answer_to(request)


def test_a_worker_without_patience_is_answered_by_the_next_tick(rig: Rig) -> None:
    """`goq work` without `forever` only looks whether there is something."""
    request = rig.want_work("w1", 0.0)
    rig.tick()

    assert AskAgain() == rig.answer_to(request)
    assert 0 == rig.snapshot().counters["waitingWorkers"]


def test_a_worker_that_was_sent_away_gets_no_job_until_it_asks_again(rig: Rig) -> None:
    """It does not listen any more."""
    rig.want_work("w1", 3.0)
    rig.pass_time(3)
    rig.submit()

    assert [1] == rig.waiting()
    assert JobId(1) == rig.delegate("w1").job


def test_the_loop_is_woken_for_what_comes_first(rig: Rig) -> None:
    """A worker's patience, an observer's, a heartbeat or a lease."""
    start_s = rig.now.attended_s
    assert math.inf == rig.dispatcher.next_deadline()
    rig.submit()
    held = rig.delegate("w1")
    assert start_s + 60 == rig.dispatcher.next_deadline()
    rig.observe(1)
    assert start_s + 20 == rig.dispatcher.next_deadline()
    rig.beat(held)
    assert start_s + 5 == rig.dispatcher.next_deadline()
    rig.want_work("w2", 1.0)

    assert start_s + 1 == rig.dispatcher.next_deadline()


# --- closed connections ----------------------------------------------------------------------


def test_a_closed_connection_alone_does_not_take_a_job_away(rig: Rig) -> None:
    """The worker may have reconnected already, and its job runs on."""
    rig.submit()
    held = rig.delegate("w1")
    beat = rig.beat(held, peer=3)
    rig.peer_gone(3)
    rig.pass_time(5)

    assert rig.answer_to(beat) is None
    assert Place.RUNNING is rig.where(1)
    assert AckFinished() == rig.finish(held)


def test_an_observer_whose_connection_closed_is_forgotten(rig: Rig) -> None:
    """Nobody would read the answer, and others still do."""
    rig.submit()
    gone, there = rig.observe(1, peer=3), rig.observe(1, peer=4)
    rig.peer_gone(3)
    rig.cancel(1)

    assert rig.answer_to(gone) is None
    assert rig.answer_to(there) is not None
