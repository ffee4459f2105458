"""What keeps waiting jobs from being ready: holds, moments, ends that are under way."""

import math

import pytest
from rig import START_NS, Rig, submission

from goq.core.board.gates import LOOK_S, NS, Gates
from goq.core.state.records import HeldRestored
from goq.core.values.ids import JobId, Now
from goq.core.values.terms import Terms


def moment(seconds: float) -> int:
    """So long after the beginning, by the wall clock."""
    return START_NS + int(seconds * NS)


def test_a_job_waits_for_its_moment(rig: Rig) -> None:
    """`goq sub --at`: nothing starts early, and the others do not wait for it."""
    rig.want_work("w1")
    rig.ask(submission(2, Terms(not_before_ns=moment(30))))
    assert [1, 2] == rig.waiting()
    rig.submit()
    assert 3 == rig.ledger.claims[-1].job
    rig.pass_time(29)
    rig.want_work("w2")
    assert [1, 2] == rig.waiting()
    rig.pass_time(2)

    assert [2] == rig.waiting()


def test_a_moment_survives_the_server(rig: Rig) -> None:
    """It is by the wall clock, so it may pass while nobody serves."""
    rig.ask(submission(1, Terms(not_before_ns=moment(30))))
    rig.restart()
    rig.pass_time(29)
    rig.want_work("w1")
    assert [1] == rig.waiting()
    rig.pass_time(2)

    assert [] == rig.waiting()


def test_a_clock_that_is_set_is_noticed(rig: Rig) -> None:
    """An hour ahead, by NTP or a person: the moment has come within twenty seconds."""
    rig.submit()
    gates = Gates(rig.state)
    gates.put_off(JobId(1), JobId(2), moment(3600))
    now = Now(5.0, moment(5))
    assert -math.inf == gates.next_deadline()
    assert () == gates.pass_time(now)
    assert 5.0 + LOOK_S == gates.next_deadline()

    assert ((1, 2),) == gates.pass_time(Now(25.0, moment(3625)))
    assert math.inf == gates.next_deadline()


def test_the_last_moment_that_was_set_counts(rig: Rig) -> None:
    """`goq alter --at`."""
    rig.submit(3)
    gates = Gates(rig.state)
    gates.put_off(JobId(1), JobId(4), moment(10))
    gates.put_off(JobId(2), JobId(3), moment(20))

    assert ((1, 2), (3, 4)) == gates.pass_time(Now(0.0, moment(10)))
    assert ((2, 3),) == gates.pass_time(Now(0.0, moment(20)))


def test_a_pause_is_in_attended_time(rig: Rig) -> None:
    """A frozen server does not count it, nor does a clock that jumps."""
    rig.submit(2)
    gates = Gates(rig.state)
    gates.pause(JobId(2), 7.5)
    (live,) = rig.state.submissions
    assert [(1, 2)] == gates.ready(live, JobId(1), JobId(3))
    assert 7.5 == gates.next_deadline()
    assert () == gates.pass_time(Now(7.0, moment(9999)))

    assert ((2, 3),) == gates.pass_time(Now(8.0, moment(0)))
    assert [(1, 3)] == gates.ready(live, JobId(1), JobId(3))


def test_what_has_ended_waits_for_nothing(rig: Rig) -> None:
    rig.submit(4)
    gates = Gates(rig.state)
    gates.put_off(JobId(1), JobId(4), moment(10))
    gates.pause(JobId(4), 10.0)
    gates.forget(JobId(2), JobId(5))

    assert ((1, 2),) == gates.pass_time(Now(20.0, moment(20)))


def test_a_held_job_is_not_given_out(rig: Rig) -> None:
    """`goq sub --hold`: until somebody releases it, over restarts."""
    rig.ask(submission(2, Terms(held=True)))
    rig.submit()
    rig.restart()

    assert 3 == rig.delegate("w1").job
    assert [1, 2] == [job.id for job in rig.snapshot().waiting]
    rig.cancel(1)
    assert [2] == list(rig.state.held)


def test_a_held_list_that_is_not_all_here_is_not_shown(rig: Rig) -> None:
    """Nobody knows the commands of what has not come."""
    rig.ask(submission(1, Terms(held=True), to_come=3))
    rig.submit()

    assert [5] == [job.id for job in rig.snapshot().waiting]


def test_what_was_held_is_held_after_a_restart() -> None:
    """The journal tells of ranges."""
    rig = Rig()
    rig.submit(3)
    rig.state.apply(HeldRestored(((JobId(2), JobId(3)),)))
    (live,) = rig.state.submissions

    assert [(1, 2), (3, 4)] == Gates(rig.state).ready(live, JobId(1), JobId(4))


def backed_off(rig: Rig, backoff_s: float = 8.0) -> None:
    """The first attempt at a job has just failed."""
    rig.ask(submission(1, Terms(retries=1, backoff_s=backoff_s)))
    rig.finish(rig.delegate("w1"), exit_code=1)


@pytest.mark.parametrize(("downtime_s", "left_s"), [(0, 8), (3, 5), (100, 0), (-3600, 8)])
def test_a_pause_goes_on_after_a_restart(rig: Rig, downtime_s: float, left_s: float) -> None:
    """By the wall clock, which may have been set; but never for longer than was asked."""
    backed_off(rig)
    rig.restart(downtime_s)
    rig.want_work("w1")
    if left_s:
        rig.pass_time(left_s - 0.5)
        assert [1] == rig.waiting()
    rig.pass_time(1)

    assert [] == rig.waiting()


@pytest.mark.parametrize("how", ["tried again at once", "tried again later", "handed back", "lost"])
def test_a_moment_of_before_the_first_attempt_starts_no_second_one_after_a_restart(
    rig: Rig, how: str
) -> None:
    """A job is ready once: the moment has come long since, whatever it waits for now."""
    backoff_s = 8.0 if how == "tried again later" else 0.0
    rig.ask(submission(1, Terms(not_before_ns=moment(2), retries=1, backoff_s=backoff_s)))
    rig.pass_time(3)
    claim = rig.delegate("w1")
    if how == "handed back":
        rig.goodbye("w1")
    elif how == "lost":
        rig.pass_time(60)
    else:
        rig.finish(claim, exit_code=1)
    rig.restart()
    rig.pass_time(1)
    for name in ("w1", "w2"):
        rig.want_work(name)
    rig.pass_time(10)
    for name in ("w3", "w4"):
        rig.want_work(name)

    assert [1, 2] == [claim.attempt for claim in rig.ledger.claims if claim.job == 1]
