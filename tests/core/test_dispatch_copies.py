"""What shows that a journal is an old copy: the claims and the epochs that others know of."""

import pytest
from epochs import EPOCH
from msgspec.structs import replace
from spokesman import Asked, Spokesman
from submissions import submitted_of

from goq.core.dispatch.decision import Rules
from goq.core.dispatch.door import Dispatcher
from goq.core.dispatch.freshness import FreshnessGate
from goq.core.dispatch.moves import LEAP
from goq.core.messages import Done, Refused, Request, Returned, TakeSnapshot
from goq.core.state.records import Checkpoint, JobDelegated, QueueRestored
from goq.core.state.state import State
from goq.core.values.ids import Environment, Epoch, Handle, JobId, Nonce, Now, WorkerId
from goq.core.values.job import Claim, Origin, Worker
from goq.core.values.place import Birth
from goq.core.values.result import Result
from goq.core.worker.talk import FinishedWork, Heartbeat, RequestForWork

NOW = Now(100.0, 10**18)
WORKER = Worker(WorkerId("w1"), "n1", 7)
FIRST, SECOND = replace(EPOCH, draw=11), replace(EPOCH, number=2, draw=22)
HELD = Claim(FIRST, JobId(1), 1, WORKER.id)  # job 2 waits, and 3 is the next number


class Server:
    """In epoch 2, with a job that runs since epoch 1, and one that waits."""

    def __init__(self) -> None:
        self.state = State()
        self.state.apply(Checkpoint(JobId(1), 0, 0, 0, 0, 0, (), FIRST, draws=((1, 11),)))
        for job in (1, 2):
            nonce = Nonce(bytes([job] * 16))
            self.state.apply(submitted_of(job, nonce, (b"ls",), Origin(b"/", Environment(b""), "ann@head")))
        self.state.apply(JobDelegated(HELD, WORKER, 1))
        gate = FreshnessGate(60.0, Now(0.0, 0))
        self.dispatcher = Dispatcher(self.state, gate, Rules(5.0, 15.0), {})
        self.dispatcher.resume(NOW, None, Birth(22))
        self._nonce = 100
        self._spokesman = Spokesman()

    def request(self, said: Asked, asked: Epoch = SECOND) -> Request:
        self._nonce += 1
        question = self._spokesman.question(said, self.dispatcher)
        return Request(Handle(1, b""), Nonce(self._nonce.to_bytes(16)), NOW.wall_ns, question, asked)

    def goes_on(self, question: Asked, asked: Epoch = SECOND) -> bool:
        """Whether the server goes on as with a copy."""
        outcome = self.dispatcher.copies.examine(self.request(question, asked), NOW)
        assert bool(outcome.notes) == bool(outcome.records)
        return any(isinstance(record, QueueRestored) for record in outcome.records)


FOREIGN_CLAIMS = {
    "a number that was never given": replace(HELD, job=JobId(3)),
    "a job that waits": replace(HELD, job=JobId(2)),
    "a later attempt": replace(HELD, attempt=2),
    "of this epoch": replace(HELD, epoch=SECOND, job=JobId(9)),
    "of another server": replace(HELD, epoch=replace(FIRST, draw=12)),
}
KNOWN_CLAIMS = {
    "the one that is held": HELD,
    "an earlier attempt": replace(HELD, worker=WorkerId("w2")),
    "of a server that is not known": replace(HELD, epoch=replace(FIRST, draw=0), job=JobId(3)),
}


@pytest.mark.parametrize("claim", FOREIGN_CLAIMS.values(), ids=FOREIGN_CLAIMS.keys())
def test_a_claim_of_ours_that_is_unknown_is_proof(claim: Claim) -> None:
    """However it is told."""
    result = Result(ended_ns=1)
    assert Server().goes_on(Heartbeat(claim))
    assert Server().goes_on(FinishedWork(claim.worker, (Done(claim, result),)))
    assert Server().goes_on(FinishedWork(claim.worker, (), (Returned(claim),)))


@pytest.mark.parametrize("claim", KNOWN_CLAIMS.values(), ids=KNOWN_CLAIMS.keys())
def test_what_is_known_is_none(claim: Claim) -> None:
    """Nor what nobody can judge."""
    assert not Server().goes_on(Heartbeat(claim))


@pytest.mark.parametrize("claim", FOREIGN_CLAIMS.values(), ids=FOREIGN_CLAIMS.keys())
def test_it_goes_on_once_and_nothing_is_ended(claim: Claim) -> None:
    """The claim is a stray from then on; what is held stays so; numbers leap; people are told."""
    server = Server()

    assert server.goes_on(Heartbeat(claim))
    assert not server.goes_on(Heartbeat(claim))
    assert server.state.is_stray(claim)
    assert server.state.held_by(HELD)
    assert Epoch(EPOCH.queue, 2 + LEAP, 22) == server.state.epoch
    assert 3 + LEAP == server.state.next_job
    replies = server.dispatcher.handle(server.request(TakeSnapshot(0)), NOW).replies
    assert "is an old copy of queue" in replies[0].answer.troubles[0]  # type: ignore[union-attr]


def test_who_knows_another_server_of_an_epoch_that_is_over_is_proof_too() -> None:
    """It need not hold anything."""
    server = Server()

    assert server.goes_on(RequestForWork(WORKER, 1.0), replace(FIRST, draw=12))
    assert not server.goes_on(RequestForWork(WORKER, 1.0), replace(FIRST, draw=12))
    assert not Server().goes_on(RequestForWork(WORKER, 1.0), FIRST)


@pytest.mark.parametrize(
    "asked", [replace(SECOND, draw=23), replace(SECOND, number=3)], ids=["same", "later"]
)
def test_beside_a_later_server_nothing_is_given_out(asked: Epoch) -> None:
    """That one may live. Until somebody has looked, this one gives no number and no job, to nobody."""
    server = Server()
    ask = RequestForWork(replace(WORKER, id=WorkerId("w2")), 1.0)
    first = server.dispatcher.handle(server.request(TakeSnapshot(0), asked), NOW)
    second = server.dispatcher.handle(server.request(ask), NOW)
    look = server.dispatcher.handle(server.request(TakeSnapshot(0)), NOW)

    assert not server.goes_on(ask, asked)
    assert "old copy" in first.notes[0].text
    assert isinstance(second.replies[0].answer, Refused)
    assert not second.notes
    assert "old copy" in look.replies[0].answer.troubles[0]  # type: ignore[union-attr]


def test_what_has_ended_is_taken_by_an_old_copy_but_brings_no_other() -> None:
    """The result would be lost; the place that is free waits."""
    server = Server()
    server.dispatcher.handle(server.request(TakeSnapshot(0), replace(SECOND, number=3)), NOW)
    server.dispatcher.handle(server.request(RequestForWork(WORKER, 1.0)), NOW)
    over = FinishedWork(WORKER.id, (Done(HELD, Result()),), wants=1)
    server.dispatcher.handle(server.request(over), NOW)

    assert {} == server.state.running
    assert [JobId(2)] == list(server.state.waiting)
