"""Long outputs in the server's turn: what is written, what is asked for, what is counted."""

import errno
import os
import time

import pytest
from adapters.chunks import chunk_of
from msgspec.structs import replace
from reports import asks, jobs_in
from submissions import submit_of

from goq.adapters.files.streams import REWRITES
from goq.adapters.wire.codec import behind, encode
from goq.adapters.wire.signing import Signer
from goq.core.dispatch.decision import Counts
from goq.core.messages import (
    AckOutput,
    Answer,
    Done,
    Orders,
    OutputChunk,
    Question,
    Refused,
    Report,
    Signal,
    alone,
)
from goq.core.values.ids import Handle, JobId, Now, WorkerId
from goq.core.values.job import Claim
from goq.core.values.job import Worker as Slot
from goq.core.values.result import DAMAGED_STATUS, SIGKILL, Result
from goq.core.values.terms import Terms
from goq.roles.client.calls import new_nonce
from goq.roles.server.loop import _Batch
from roles.counter import ID
from roles.test_server_turn import Turns, _turns

__all__ = ["_turns"]  # the fixture: a server that has given job 1 to worker w1

WHOLE = b"the first half and the second half"
HALF = len(WHOLE) // 2


class Worker:
    """Says what the worker of job 1 would say, or something like it."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.signer = Signer(ID)
        self.claim = Claim(turns.epoch, JobId(1), 1, WorkerId("w1"))
        self.file = turns.server._files._outputs.path(JobId(1))

    def piece(self, start: int, end: int | None = None, whole: bytes = WHOLE) -> OutputChunk:
        """Some of its output."""
        return replace(chunk_of(whole, start, end), claim=self.claim)

    def report(self, result: Result | None = None) -> Report:
        """The end of the job, whose output went ahead."""
        streamed = Result(output_length=len(WHOLE), output_sha256=chunk_of(WHOLE).after)
        return alone(Done(self.claim, result or streamed))

    def payload(self, question: Question) -> bytes:
        """The signed part of it."""
        return encode(question, new_nonce(), b"", time.time_ns(), self.turns.epoch)

    def frame(self, question: Question) -> bytes:
        """As it is sent."""
        payload, data = self.payload(question), bytes(behind(question))
        return self.signer.seal_head(payload, len(data)) + data if data else self.signer.seal(payload)

    def say(self, *frames: bytes) -> list[Answer]:
        """All these in one turn; the answers that are given in it."""
        batch = _Batch()
        for number, frame in enumerate(frames):
            now = Now(100.0, time.time_ns())
            request = self.turns.server._reception.understand(Handle(1, b"%d" % number), frame, batch.replies)
            if request is not None:
                self.turns.server._take(request, now, batch)
        self.turns.server._carry_out(batch)
        return [reply.answer for reply in batch.replies]

    def ask(self, *questions: Question) -> list[Answer]:
        """The same with questions."""
        return self.say(*map(self.frame, questions))

    @property
    def counts(self) -> Counts:
        """What came to nothing."""
        return self.turns.server._dispatcher.counts


@pytest.fixture(name="worker")
def _worker(turns: Turns) -> Worker:
    return Worker(turns)


def test_pieces_and_their_result_may_come_in_turns_of_their_own(worker: Worker) -> None:
    """Each is answered when it is in the file; the result when all is."""
    answers = [
        worker.ask(worker.piece(0, HALF)),
        worker.ask(worker.report()),
        worker.ask(worker.piece(HALF)),
        worker.ask(worker.report()),
    ]

    assert [
        [AckOutput(HALF)],
        [AckOutput(HALF)],
        [AckOutput(len(WHOLE))],
        [Orders(WorkerId("w1"))],
    ] == answers
    assert WHOLE == worker.file.read_bytes()


def test_several_pieces_come_in_one_turn(worker: Worker) -> None:
    """A worker has four on their way."""
    ends = [5, 9, 20, len(WHOLE)]
    pieces = [worker.piece(start, end) for start, end in zip([0, *ends], ends, strict=False)]

    assert [AckOutput(end) for end in ends] == worker.ask(*pieces)
    assert WHOLE == worker.file.read_bytes()


def test_bytes_that_are_not_those_that_were_signed_are_counted_and_asked_for_again(worker: Worker) -> None:
    """Those behind them in the same turn have to come again as well."""
    forged = worker.frame(worker.piece(0, HALF))[:-1] + b"!"
    answers = worker.say(forged, worker.frame(worker.piece(HALF)))

    assert [AckOutput(0), AckOutput(0)] == answers
    assert not worker.file.exists()
    assert 1 == worker.counts.dropped_bad_signatures
    assert [AckOutput(len(WHOLE))] == worker.ask(worker.piece(0))
    assert 1 == worker.counts.dropped_bad_signatures


def test_a_piece_that_was_cut_is_dropped(worker: Worker) -> None:
    """Its length was signed."""
    assert [] == worker.say(worker.frame(worker.piece(0))[:-1], worker.frame(worker.piece(0)) + b"x")
    assert 2 == worker.counts.dropped_bad_signatures
    assert not worker.file.exists()


def test_bytes_behind_another_message_are_refused(worker: Worker) -> None:
    """And the message with them."""
    payload = worker.payload(worker.report())
    (answer,) = worker.say(worker.signer.seal_head(payload, 3) + b"abc")

    assert isinstance(answer, Refused)
    assert 1 == worker.counts.bad_messages


def test_a_piece_of_an_attempt_that_is_not_on_is_not_written(worker: Worker) -> None:
    """Another worker has the job, or nobody."""
    stray = replace(worker.piece(0), claim=replace(worker.claim, attempt=2))

    assert [Orders(stray.claim.worker, signals=(Signal(stray.claim, SIGKILL, lost=True),))] == worker.ask(
        stray
    )
    assert not worker.file.exists()


def test_a_disk_that_takes_nothing_has_nothing(worker: Worker) -> None:
    """The worker keeps what is not there, and sends it again; a server that is silent would seem dead."""
    folder = worker.file.parent
    folder.write_text("a file in its place")
    before = worker.ask(worker.piece(0, HALF), worker.piece(HALF))
    folder.unlink()
    then = worker.ask(worker.piece(0))

    assert [AckOutput(0), AckOutput(0)] == before
    assert [AckOutput(len(WHOLE))] == then


def test_a_piece_that_lacks_what_comes_before_was_not_taken(worker: Worker) -> None:
    """Workers send several at once: of the second a full disk says nothing."""
    worker.file.parent.mkdir(parents=True, exist_ok=True)
    worker.file.symlink_to("/dev/full")
    worker.say(worker.frame(worker.piece(0, HALF)), worker.frame(worker.piece(HALF)))

    assert frozenset({""}) == worker.turns.server._files.folders_in_the_way()


def test_a_disk_that_cannot_be_synced_keeps_the_result_waiting(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker is told that all is there, and says the result again."""

    def full(_fileno: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    worker.ask(worker.piece(0))
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        before = worker.ask(worker.report())

    assert [AckOutput(len(WHOLE))] == before
    assert [Orders(WorkerId("w1"))] == worker.ask(worker.report())


def test_a_file_that_is_cut_again_and_again_is_given_up(worker: Worker) -> None:
    """By its pieces or by its result, whichever comes; a line in its place is taken."""
    for _ in range(REWRITES):
        worker.ask(worker.piece(0, HALF))
        os.truncate(worker.file, 1)
        assert [AckOutput(0)] == worker.ask(worker.piece(HALF))
    worker.ask(worker.piece(0))
    os.truncate(worker.file, 1)
    last = worker.ask(worker.report())
    os.truncate(worker.file, 0)
    more = worker.ask(worker.piece(len(WHOLE), whole=WHOLE + b"more"))
    words, sha256 = b"so it is\n", chunk_of(b"so it is\n").after
    line = Result(DAMAGED_STATUS, output=words, output_length=len(words), output_sha256=sha256)

    assert [AckOutput(0, damaged=True)] == last == more
    assert [Orders(WorkerId("w1"))] == worker.ask(worker.report(line))
    assert words == worker.file.read_bytes()


# --- attempts that are followed by others ---------------------------------------------------------


def of_a_failure(worker: Worker, result: Result) -> bytes:
    """What a job that is tried again leaves in its file, when its first attempt ended so."""
    worker.ask(submit_of(b"run", terms=Terms(retries=1)))
    worker.ask(worker.report(Result()))
    (given,) = worker.ask(asks(Slot(worker.claim.worker, "host", 1)))
    (job,) = jobs_in(given)
    its = Worker(worker.turns)
    its.claim = Claim(job.epoch, job.id, 1, worker.claim.worker)
    its.file = worker.turns.server._files._outputs.path(job.id)
    if result.streamed:
        its.ask(its.piece(0))
    assert [Orders(WorkerId("w1"))] == its.ask(its.report(result))
    written = its.file.read_bytes()

    assert {job.id: {2: len(written)}} == worker.turns.journal.output_starts(), (
        "the next one writes behind that"
    )
    return written


def test_a_failed_attempt_leaves_what_it_wrote(worker: Worker) -> None:
    """And a line that says what became of it."""
    words = b"half a line"
    result = Result(
        3, host="node7", output=words, output_length=len(words), output_sha256=chunk_of(words).after
    )

    line = b"\ngoq: job 4: attempt 1 at node7: exit status 3, retry 1 of 1 in 1 s\n"
    assert words + line == of_a_failure(worker, result)


def test_a_failed_attempt_leaves_a_long_output_as_well(worker: Worker) -> None:
    """It went ahead."""
    result = Result(3, host="node7", output_length=len(WHOLE), output_sha256=chunk_of(WHOLE).after)

    line = b"\ngoq: job 4: attempt 1 at node7: exit status 3, retry 1 of 1 in 1 s\n"
    assert WHOLE + line == of_a_failure(worker, result)


# --- strays: what was given after the copy was made that the server goes on with ----------------


def stray_of(worker: Worker, job: int, name: str = "w9") -> Claim:
    """Make the server one that goes on with a copy; an attempt of which it knows nothing."""
    epoch = worker.turns.epoch
    state = worker.turns.server._dispatcher.state
    state.restored = epoch.number + 2
    return Claim(replace(epoch, number=epoch.number + 1), JobId(job), 1, WorkerId(name))


def test_a_stray_of_a_known_number_writes_nothing_over(worker: Worker) -> None:
    """Job 1 is run as another attempt: each has an output of its own."""
    stray = Worker(worker.turns)
    stray.claim = stray_of(worker, 1)
    answers = [
        *worker.ask(worker.piece(0, HALF)),
        *stray.ask(stray.piece(0, whole=b"stray output")),
        *worker.ask(worker.piece(HALF)),
        *worker.ask(worker.report()),
        *stray.ask(stray.report(Result(output_length=12, output_sha256=chunk_of(b"stray output").after))),
    ]
    path = worker.file.parent / "strays" / f"{stray.claim.epoch.number}.1" / "out.00001"

    assert [
        AckOutput(HALF),
        AckOutput(12),
        AckOutput(len(WHOLE)),
        Orders(WorkerId("w1")),
        Orders(WorkerId("w9")),
    ] == answers
    assert WHOLE == worker.file.read_bytes()
    assert b"stray output" == path.read_bytes()


def test_short_outputs_of_strays_are_on_the_disk_before_the_answer(worker: Worker) -> None:
    """No journal holds them. Without room the worker keeps them."""
    worker.claim = stray_of(worker, 77)
    whole = chunk_of(b"short")
    report = worker.report(Result(output=b"short", output_length=5, output_sha256=whole.after))
    strays = worker.file.parent / "strays"
    strays.parent.mkdir()
    strays.write_bytes(b"in the way")
    (refused,) = worker.ask(report)
    assert isinstance(refused, Refused)
    strays.unlink()

    assert [Orders(WorkerId("w9"))] == worker.ask(report)
    assert b"short" == (strays / f"{worker.claim.epoch.number}.1" / "out.00077").read_bytes()
    assert [Orders(WorkerId("w9"))] == worker.ask(report)
