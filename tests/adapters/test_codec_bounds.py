"""What the codec refuses: messages that are well signed and well formed, but make no sense."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.strategies import CLAIM, RESULT, SUBMIT, WORKER
from goq.adapters import codec, zjob
from goq.adapters.codec import decode, encode
from goq.core import messages as m
from goq.core.model import (
    Argv,
    Claim,
    Ended,
    Ending,
    Environment,
    Job,
    JobId,
    Nonce,
    Origin,
    Worker,
    WorkerId,
)
from goq.errors import BadMessage, NotUnderstood

NONCE = Nonce(bytes(range(16)))
INT64_MAX = 2**63 - 1


def finished(**changes: Any) -> m.FinishedWork:
    """A report with a result that is bent somewhere."""
    return m.FinishedWork(CLAIM, replace(RESULT, **changes), True)


def asking(**changes: Any) -> m.RequestForWork:
    """A worker that is bent somewhere."""
    return m.RequestForWork(replace(WORKER, **changes), 1.0)


NONSENSE: dict[str, m.Question] = {
    "no commands": replace(SUBMIT, commands=()),
    "too many commands": replace(SUBMIT, commands=(Argv(b"x"),) * (zjob.COMMANDS_LIMIT + 1)),
    "an empty command": replace(SUBMIT, commands=(Argv(b"ls"), Argv(b""))),
    "an empty program": replace(SUBMIT, commands=(Argv(b"\0-l"),)),
    "no folder": replace(SUBMIT, folder=b""),
    "a relative folder": replace(SUBMIT, folder=b"home/ann"),
    "a NUL in the folder": replace(SUBMIT, folder=b"/home\0/ann"),
    "too long a folder": replace(SUBMIT, folder=b"/" + b"x" * zjob.FOLDER_LIMIT),
    "too long a submitter": replace(SUBMIT, submitter="x" * 257),
    "no worker id": asking(id=WorkerId("")),
    "too long a worker id": asking(id=WorkerId("x" * 257)),
    "too long a host": asking(host="x" * 257),
    "goodbye of nobody": m.Goodbye(replace(WORKER, id=WorkerId(""))),
    "infinite patience": m.RequestForWork(WORKER, math.inf),
    "patience that is no number": m.RequestForWork(WORKER, math.nan),
    "negative patience": m.RequestForWork(WORKER, -0.5),
    "attempt 0": m.Heartbeat(replace(CLAIM, attempt=0)),
    "a negative attempt": m.Heartbeat(replace(CLAIM, attempt=-1)),
    "a claim on job 0": m.Heartbeat(replace(CLAIM, job=JobId(0))),
    "a claim of nobody": m.Heartbeat(replace(CLAIM, worker=WorkerId(""))),
    "cancelling job 0": m.Cancel(JobId(0)),
    "cancelling a negative job": m.Cancel(JobId(-3)),
    "observing a negative job": m.Observe(JobId(-INT64_MAX - 1)),
    "an empty chunk": m.OutputChunk(CLAIM, 0, b""),
    "too long a chunk": m.OutputChunk(CLAIM, 0, bytes((1 << 20) + 1)),
    "a chunk before the start": m.OutputChunk(CLAIM, -1, b"x"),
    "exit status 256": finished(exit_code=256),
    "exit status -1": finished(exit_code=-1),
    "signal 128": finished(signal=128),
    "a negative signal": finished(signal=-9),
    "a digest of 31 bytes": finished(output_sha256=bytes(31)),
    "a digest of 33 bytes": finished(output_sha256=bytes(33)),
    "an output longer than its length": finished(output=b"hello\nx"),
    "a negative output length": finished(output=b"", output_length=-1),
    "cpu time that is no number": finished(cpu_s=math.nan),
    "infinite cpu time": finished(cpu_s=math.inf),
    "negative cpu time": finished(cpu_s=-1.0),
    "too long a problem": finished(problem="x" * 4097),
    "a result from too long a host": finished(host="x" * 257),
}


@pytest.mark.parametrize("question", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_not_understood(question: m.Question) -> None:
    """The dispatcher trusts what it is given; and the peer learns, by its nonce, that it was refused."""
    with pytest.raises(NotUnderstood) as refusal:
        decode(encode(question, NONCE, b"", 1))

    assert NONCE == refusal.value.nonce
    assert str(refusal.value).startswith("malformed ")


AT_THE_BOUNDS: dict[str, m.Question] = {
    "the largest ids": m.Heartbeat(Claim(JobId(INT64_MAX), INT64_MAX, WorkerId("x" * 256))),
    "the longest folder": replace(SUBMIT, folder=b"/" + b"x" * (zjob.FOLDER_LIMIT - 1)),
    "no patience": m.RequestForWork(Worker(WorkerId("w"), "", -1), 0.0),
    "exit status 255, signal 127": finished(exit_code=255, signal=127),
    "no digest": finished(output=b"", output_length=0, output_sha256=b""),
    "an empty environment": replace(SUBMIT, environment=Environment(b"")),
}


@pytest.mark.parametrize("question", AT_THE_BOUNDS.values(), ids=AT_THE_BOUNDS)
def test_what_is_just_within_the_bounds_is_understood(question: m.Question) -> None:
    """A bound that is one too tight refuses somebody's job."""
    assert question == decode(encode(question, NONCE, b"", 1)).message


BAD_ANSWERS: dict[str, m.Answer] = {
    "a job without a command": m.DelegateToWorker(
        CLAIM, Job(CLAIM.job, Argv(b""), Origin(b"/", Environment(b""), ""), 1)
    ),
    "a job in a relative folder": m.DelegateToWorker(
        CLAIM, Job(CLAIM.job, Argv(b"ls"), Origin(b".", Environment(b""), ""), 1)
    ),
    "job number 0": m.AckSubmit(JobId(0), JobId(0)),
    "the end of job 0": m.JobFinishedNotice(Ended(JobId(0), 1, Ending.FINISHED, RESULT)),
    "an end in a negative attempt": m.JobFinishedNotice(Ended(JobId(1), -1, Ending.FINISHED, RESULT)),
    "too long a reason": m.Refused("x" * 4097),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_a_nonsensical_answer_is_not_understood(answer: m.Answer) -> None:
    """A worker must not start what is not a command, nor a client report what cannot be."""
    with pytest.raises(NotUnderstood):
        decode(encode(answer, b"", NONCE, 1))


# --- the envelope ----------------------------------------------------------------------------


def bent(change: Callable[[Any], object]) -> bytes:
    """A heartbeat whose Zjob was changed by hand."""
    z = codec._SCHEMA.Zjob.new_message()
    z.msg = "ackpingworker"
    z.nonce = NONCE
    zjob.write_claim(z, CLAIM)
    change(z)
    return bytes(z.to_bytes())


def test_the_bent_message_is_a_good_one_unbent() -> None:
    """Else the tests below would show nothing."""
    assert m.Heartbeat(CLAIM) == decode(bent(lambda _: None)).message


@pytest.mark.parametrize("name", ["ackcancelwip", "resubmitnoack"])
def test_a_message_without_a_use_is_not_understood(name: str) -> None:
    """The original's enumerants keep their numbers, even those that nobody sends here."""
    with pytest.raises(NotUnderstood, match="is not known here") as refusal:
        decode(bent(lambda z: setattr(z, "msg", name)))

    assert NONCE == refusal.value.nonce


@pytest.mark.parametrize("ordinal", [32, 999, 65535])
def test_a_message_of_a_later_release_is_not_understood(ordinal: int) -> None:
    """An old server tells a new client that it does not know the question, and lives on."""
    with pytest.raises(NotUnderstood, match=f"message {ordinal} is not known here") as refusal:
        decode(bent(lambda z: setattr(z, "msg", ordinal)))

    assert NONCE == refusal.value.nonce


@pytest.mark.parametrize(
    ("nonce", "in_reply_to"),
    [
        (b"", b""),
        (bytes(15), b""),
        (bytes(17), b""),
        (b"", bytes(15)),
        (bytes(16), bytes(16)),
        (b"", bytes(16)),  # a question that answers something
        (bytes(1000), bytes(16)),
    ],
)
def test_a_question_bears_one_nonce_and_answers_nothing(nonce: bytes, in_reply_to: bytes) -> None:
    """The nonce makes a request happen once; one that is empty or endless would be kept as well."""
    with pytest.raises(BadMessage):
        decode(encode(m.Reset(), nonce, in_reply_to, 1))


def test_an_answer_names_its_question() -> None:
    """One that names none could belong to any."""
    with pytest.raises(BadMessage):
        decode(encode(m.AckReset(), b"", b"", 1))


def test_text_that_is_not_utf8_is_refused() -> None:
    """Text fields hold names for people; whatever else a peer puts there is its own fault."""
    payload = bent(lambda z: setattr(z, "workerId", "worker-MARK"))

    with pytest.raises(BadMessage):
        decode(payload.replace(b"MARK", b"\xff\xfe\xfd\xfc"))
