"""The server dies and the next one replays the journal: what goes on, and what begins again."""

import pytest
from epochs import EPOCH, LATER
from ledger import Place
from rig import Rig, worker

from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim
from goq.core.worker.talk import AckFinished, DelegateToWorker, RequestForWork


@pytest.mark.parametrize("from_checkpoint", [False, True])
def test_a_restart_keeps_every_job_in_its_place(rig: Rig, from_checkpoint: bool) -> None:
    """Waiting, running, cancelling, ended, cancelled, given up: all must be told by the journal."""
    rig.submit(6)
    rig.finish(rig.delegate("w1"))
    rig.cancel(rig.delegate("w2").job)
    rig.delegate("w3")
    rig.goodbye("w3")
    held = rig.delegate("w4")
    rig.cancel(5)
    rig.restart(from_checkpoint=from_checkpoint)

    assert [4, 6] == rig.waiting()
    assert Claim(EPOCH, JobId(3), 2, WorkerId("w4")) == held == rig.ledger.claim(JobId(3))
    assert [2, 3] == sorted(rig.state.running)
    assert [7] == rig.submit()


def test_a_running_job_is_claimed_again_by_its_worker_after_a_restart(rig: Rig) -> None:
    """A head node may reboot under week-long jobs."""
    rig.submit()
    held = rig.delegate("w1")
    rig.restart(downtime_s=100_000)
    rig.pass_time(59)
    rig.beat(held)
    rig.pass_time(59)

    assert AckFinished() == rig.finish(held)


def test_a_running_job_that_nobody_claims_after_a_restart_waits_again(rig: Rig) -> None:
    """Its worker may have died with the server."""
    rig.submit()
    rig.delegate("w1")
    rig.restart()
    rig.pass_time(59)
    assert Place.RUNNING is rig.where(1)
    rig.pass_time(1)

    assert Place.WAITING is rig.where(1)


def test_attempts_are_counted_over_restarts(rig: Rig) -> None:
    """An attempt of the life before must not pass for one of this life: it bears another epoch."""
    rig.submit()
    old = rig.delegate("w1")
    rig.goodbye("w1")
    rig.restart(from_checkpoint=True)

    assert Claim(LATER, JobId(1), 2, WorkerId("w1")) == rig.delegate("w1")
    assert AckFinished((old.job,)) == rig.tell("w1", old, kept=(1,))


def test_a_result_that_was_accepted_before_a_restart_is_accepted_after_it(rig: Rig) -> None:
    """The worker whose answer was lost with the server asks the next one."""
    rig.submit()
    held = rig.delegate("w1")
    rig.finish(held)
    rig.restart()

    assert AckFinished() == rig.finish(held)


def test_a_worker_asks_anew_after_a_restart(rig: Rig) -> None:
    """What was parked is gone, and nothing is delegated to it."""
    old = rig.want_work("w1")
    rig.restart()
    rig.submit()

    assert rig.answer_to(old) is None
    assert [1] == rig.waiting()
    assert isinstance(rig.ask(RequestForWork(worker("w1"), 20)), DelegateToWorker)
