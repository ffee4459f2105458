"""Whose queue it is: claims of one queue and one epoch say nothing in another."""

import pytest
from epochs import EPOCH, FOREIGN, LATER
from ledger import Place
from msgspec.structs import replace
from rig import Rig, reports_of, submission, worker
from spokesman import Asked

from goq.core.messages import (
    Cancel,
    Goodbye,
    ImmolateWorkers,
    Observe,
    OutputChunk,
    Refused,
    Reset,
    Returned,
    ShutdownServer,
    TakeSnapshot,
)
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim
from goq.core.values.text import show_queue
from goq.core.worker.talk import AckFinished, CancelWip, FinishedWork, Heartbeat, RequestForWork

THEIRS = Claim(FOREIGN, JobId(1), 1, WorkerId("w1"))
QUESTIONS: list[Asked] = [
    submission(1),
    RequestForWork(worker("w2"), 20.0),
    FinishedWork(THEIRS.worker, reports_of(THEIRS)),
    FinishedWork(THEIRS.worker, (), (Returned(THEIRS),)),
    OutputChunk(THEIRS, 0, b"x", bytes(32), bytes(32)),
    Heartbeat(THEIRS),
    Goodbye(worker("w1")),
    Cancel(JobId(1)),
    Observe(JobId(1)),
    TakeSnapshot(1),
    ShutdownServer(),
    ImmolateWorkers(),
    Reset(),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: type(question).__name__)
def test_what_is_meant_for_another_queue_is_refused(rig: Rig, question: Asked) -> None:
    """A worker of theirs must not be told about our job 1, nor end it."""
    rig.submit(2)
    rig.delegate("w1")
    before = len(rig.story)
    answer = rig.deliver(rig.request(question, epoch=FOREIGN))

    assert isinstance(answer, Refused)
    assert show_queue(EPOCH.queue) in answer.reason
    assert show_queue(FOREIGN.queue) in answer.reason
    assert before == len(rig.story)
    assert not rig.turns[-1].stop
    assert Place.RUNNING is rig.where(1)


def test_what_is_meant_for_this_queue_is_granted(rig: Rig) -> None:
    """Whatever epoch of it the asker has seen."""
    rig.submit()
    held = rig.delegate("w1")
    rig.restart()

    for epoch in (EPOCH, LATER, replace(EPOCH, number=0)):
        assert rig.deliver(rig.request(Heartbeat(held), epoch=epoch)) is None


@pytest.mark.parametrize("epoch", [LATER, replace(EPOCH, number=2**63 - 1), FOREIGN])
def test_an_attempt_of_another_epoch_is_another_one(rig: Rig, epoch: object) -> None:
    """A copy of the journal gives the same attempt numbers once more."""
    rig.submit()
    held = rig.delegate("w1")
    other = replace(held, epoch=epoch)

    assert CancelWip(JobId(1), lost=True) == rig.ask(Heartbeat(other))
    assert AckFinished((JobId(1),)) == rig.tell("w1", other, kept=(1,))
    assert AckFinished() == rig.tell("w1", returned=(other,), kept=(1,))
    assert Place.RUNNING is rig.where(1)
    assert AckFinished() == rig.finish(held)
    assert AckFinished((JobId(1),)) == rig.ask(FinishedWork(held.worker, reports_of(other)))


def test_each_start_of_a_server_begins_an_epoch(rig: Rig) -> None:
    """However short its life was."""
    seen = [rig.state.epoch.number]
    for from_checkpoint in (False, True, False):
        rig.restart(from_checkpoint=from_checkpoint)
        seen.append(rig.state.epoch.number)

    assert [1, 2, 3, 4] == seen
    assert EPOCH.queue == rig.state.epoch.queue


def test_a_claim_keeps_its_epoch_over_restarts(rig: Rig) -> None:
    """Its worker knows it by that; the next attempt bears the epoch in which it is given."""
    rig.submit()
    held = rig.delegate("w1")
    rig.restart()
    rig.restart(from_checkpoint=True)

    assert EPOCH == rig.ledger.claim(JobId(1)).epoch
    rig.beat(held)
    rig.goodbye("w1")

    assert 3 == rig.delegate("w2").epoch.number


def test_an_old_copy_of_the_journal_knows_itself_by_what_it_is_asked(rig: Rig) -> None:
    """A later epoch of its queue has been; it says so once, and grants nothing."""
    rig.submit()
    for _ in range(2):
        answer = rig.deliver(rig.request(RequestForWork(worker("w1"), 20.0), epoch=LATER))

        assert isinstance(answer, Refused)
        assert "epoch 1" in answer.reason
        assert " of 2" in answer.reason
    assert Place.WAITING is rig.where(1)
    assert ["foreign queue"] == [note.event for turn in rig.turns for note in turn.notes]
    assert "--restored" in next(note.text for turn in rig.turns for note in turn.notes)


def test_a_queue_that_is_asked_what_is_meant_for_another_says_so_once(rig: Rig) -> None:
    """Whoever has started it in the wrong folder sits before its log."""
    for _ in range(3):
        rig.deliver(rig.request(RequestForWork(worker("w1"), 20.0), epoch=FOREIGN))
    texts = [note.text for turn in rig.turns for note in turn.notes]

    assert 1 == len(texts)
    assert show_queue(EPOCH.queue) in texts[0]
    assert show_queue(FOREIGN.queue) in texts[0]
    assert "wrong folder" in texts[0]
