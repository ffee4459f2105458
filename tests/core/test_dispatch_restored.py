"""A server goes on with a copy: what it cannot know of goes on as well, and nothing is given twice."""

from itertools import count

import pytest
from epochs import EPOCH, FOREIGN
from msgspec.structs import replace
from rig import reports_of, submission, worker
from spokesman import Asked, Heard, Spokesman, told

from goq.core.dispatch.decision import Outcome, Rules
from goq.core.dispatch.door import Dispatcher
from goq.core.dispatch.freshness import FreshnessGate
from goq.core.dispatch.moves import LEAP, MAYBE_STARTED
from goq.core.messages import Answer, Orders, OutputChunk, Request
from goq.core.state.records import Checkpoint, EpochBegun, QueueRestored, RangeEnded, StrayEnded
from goq.core.state.state import State
from goq.core.values.ids import Epoch, Handle, JobId, Nonce, Now, WorkerId
from goq.core.values.job import Claim
from goq.core.values.result import Ending
from goq.core.values.terms import Terms
from goq.core.worker.talk import (
    AckFinished,
    CancelWip,
    DelegateToWorker,
    FinishedWork,
    Heartbeat,
    RequestForWork,
    Told,
)

NOW = Now(100.0, 10**18)
STRAY = Claim(replace(EPOCH, number=7), JobId(9), 1, WorkerId("w9"))


class Copy:
    """A copy of a queue in epoch 1 with jobs 1 and 2, of which 1 runs, and a server that goes on with it."""

    def __init__(self, seen: int = 0) -> None:
        self._numbers, self._spokesman = count(1), Spokesman()
        self.state = State()
        self.state.epoch = replace(EPOCH, number=0)
        self.before = self._serve()
        self.before.resume(NOW)
        self.ask(submission(1), self.before)
        self.held = self._claim(self.ask(RequestForWork(worker("w1"), 20.0), self.before))
        self.ask(submission(1), self.before)
        self.ask(submission(1, Terms(requeue=False)), self.before)
        self.server = self._serve()
        self.resumed = self.server.resume(NOW, seen)

    def _serve(self) -> Dispatcher:
        return Dispatcher(self.state, FreshnessGate(60.0, Now(0.0, NOW.wall_ns)), Rules(), {})

    def handle(self, asked: Asked, server: Dispatcher | None = None) -> Outcome:
        question = self._spokesman.question(asked, server or self.server)
        nonce = Nonce(next(self._numbers).to_bytes(16))
        request = Request(Handle(1, b""), nonce, NOW.wall_ns, question, replace(EPOCH, number=1))
        return (server or self.server).handle(request, NOW)

    def ask(self, asked: Asked, server: Dispatcher | None = None) -> Heard:
        outcome = self.handle(asked, server)
        nonce = Nonce((next(self._numbers) - 1).to_bytes(16))
        return told(asked, next((each.answer for each in outcome.replies if each.in_reply_to == nonce), None))

    def _claim(self, answer: Answer | Told | None) -> Claim:
        assert isinstance(answer, DelegateToWorker)
        (job,) = answer.jobs
        return Claim(job.epoch, job.id, job.attempts, WorkerId("w1"))


def test_epoch_and_numbers_leap_in_one_record() -> None:
    """Whatever was given since the copy was made, is below."""
    copy = Copy()
    record = copy.resumed.records[0]

    assert QueueRestored(Epoch(EPOCH.queue, 1 + LEAP), JobId(4), JobId(4 + LEAP), NOW.wall_ns) == record
    assert 4 + LEAP == copy.state.next_job
    assert copy.state.epoch.number == copy.state.restored == 1 + LEAP


@pytest.mark.parametrize(
    ("seen", "leaps"), [(0, 1), (1, 1), (LEAP - 1, 1), (LEAP, 2), (1 + LEAP, 2), (2 * LEAP + 5, 3)]
)
def test_who_goes_back_again_leaps_farther(seen: int, leaps: int) -> None:
    """The same copy would give the same numbers once more."""
    copy = Copy(seen)

    assert 1 + leaps * LEAP == copy.state.epoch.number > seen
    assert 4 + leaps * LEAP == copy.state.next_job


def test_what_waits_and_must_not_start_twice_is_lost() -> None:
    """It may have been started since."""
    copy = Copy()
    ends = [record for record in copy.resumed.records if isinstance(record, RangeEnded)]

    assert [(((3, 4),), Ending.LOST)] == [(record.ranges, record.ending) for record in ends]
    assert MAYBE_STARTED == ends[0].reason
    assert [2] == list(copy.state.waiting)


def test_what_the_copy_knows_to_run_is_held_as_before() -> None:
    """Its worker goes on, and finishes it."""
    copy = Copy()

    assert copy.ask(Heartbeat(copy.held)) is None
    assert AckFinished() == copy.ask(FinishedWork(copy.held.worker, reports_of(copy.held)))
    assert 1 == copy.state.finished_count


def test_a_stray_goes_on_and_is_taken_in() -> None:
    """It was given since; nothing is known of it but what its worker tells."""
    copy = Copy()
    chunk = OutputChunk(STRAY, 0, b"x", bytes(32), bytes(32))
    (report,) = reports_of(STRAY)
    ended = copy.handle(FinishedWork(STRAY.worker, (report,)))

    assert copy.ask(Heartbeat(STRAY)) is None
    assert [chunk] == [each for _, each in copy.handle(chunk).chunks]
    assert Orders(STRAY.worker) == ended.replies[0].answer
    assert [StrayEnded(STRAY, replace(report.result, output=b""), NOW.wall_ns)] == ended.records


def test_a_stray_of_a_job_that_waits_ends_nothing() -> None:
    """The job is given as another attempt, in this epoch."""
    copy = Copy()
    stray = Claim(EPOCH, JobId(2), 1, WorkerId("w2"))
    copy.ask(FinishedWork(stray.worker, reports_of(stray)))
    answer = copy.ask(RequestForWork(worker("w3"), 20.0))

    assert isinstance(answer, DelegateToWorker)
    assert [(2, 1, 1 + LEAP)] == [(job.id, job.attempts, job.epoch.number) for job in answer.jobs]


@pytest.mark.parametrize(
    "epoch",
    [Epoch(EPOCH.queue, 1 + LEAP), Epoch(EPOCH.queue, 2 + LEAP), FOREIGN],
    ids=["now", "later", "other"],
)
def test_what_was_given_later_or_by_another_queue_is_no_stray(epoch: Epoch) -> None:
    """It is lost, as ever."""
    copy = Copy()
    claim = replace(STRAY, epoch=epoch)

    assert CancelWip(STRAY.job, lost=True) == copy.ask(Heartbeat(claim))
    assert AckFinished((STRAY.job,)) == copy.ask(FinishedWork(claim.worker, reports_of(claim)))


def test_without_a_copy_there_are_no_strays() -> None:
    """Whoever has lost a lease has lost it."""
    state = State()
    state.apply(EpochBegun(replace(EPOCH, number=9), 0))

    assert not state.is_stray(STRAY)


def test_a_checkpoint_tells_of_the_copy() -> None:
    """Strays may come for long."""
    state = State()
    state.apply(Checkpoint(JobId(1), 0, 0, 0, 0, 0, (), Epoch(EPOCH.queue, 9 + LEAP), 8 + LEAP))

    assert state.is_stray(STRAY)
    assert not state.is_stray(replace(STRAY, epoch=Epoch(EPOCH.queue, 8 + LEAP)))
