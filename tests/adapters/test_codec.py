"""The codec: every message there and back, and the two tables complete."""

from typing import Any, get_args

import pytest
from epochs import EPOCH
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from submissions import submit_of

from adapters import strategies
from adapters.strategies import CLAIM, JOB, ORIGIN, RESULT, SUBMIT, WORKER
from goq.adapters.files.pieces import CHUNK_BYTES
from goq.adapters.wire import codec, codec_schema
from goq.adapters.wire.codec import Envelope, behind, decode, encode
from goq.adapters.wire.transport import FRAME_LIMIT
from goq.adapters.wire.zjob_shown import SHOWN_BYTES, SHOWN_TAGS_BYTES
from goq.core import messages as m
from goq.core.values.ids import Argv, JobId, Nonce
from goq.core.values.job import Job, Task
from goq.core.values.result import Ended, Ending
from goq.core.values.room import Grant
from goq.core.values.terms import LABEL_LIMIT, NAME_LIMIT, TAGS_LIMIT, Terms
from goq.errors import NotUnderstood

NONCE = Nonce(bytes(range(16)))
THOROUGH = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def there_and_back(message: m.Question | m.Answer) -> Any:
    """The message after a journey as a question or an answer."""
    asked = isinstance(message, m.Question)
    payload = encode(message, NONCE if asked else b"", b"" if asked else NONCE, 7, EPOCH)
    return decode(payload, behind(message)).message


# --- the tables ----------------------------------------------------------------------------


def test_every_question_and_answer_can_be_written() -> None:
    """A message that the core knows and the codec does not would stop the loop that sends it."""
    assert set(get_args(m.Question) + get_args(m.Answer)) == set(codec._WRITERS)


def test_every_message_that_is_written_can_be_read() -> None:
    """Writers and readers are two tables, kept equal here."""
    written = {name for name, _ in codec._WRITERS.values()}

    assert written == set(codec._READERS)
    assert len(codec._WRITERS) == len(written)


def test_the_tables_name_messages_of_the_schema() -> None:
    """A name that is not in the schema would fail only when that message is first sent."""
    assert set(codec._READERS) <= set(codec_schema.ORDINALS)


def test_there_is_a_strategy_for_every_message() -> None:
    """A new message without one would go untested."""
    assert set(get_args(m.Question)) == set(strategies.questions)
    assert set(get_args(m.Answer)) == set(strategies.answers)


# --- there and back ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", strategies.questions, ids=lambda kind: kind.__name__)
@THOROUGH
@given(data=st.data(), nonce=strategies.nonces, sent_ns=strategies.int64s)
def test_a_question_arrives_as_it_was_sent(
    kind: type, data: st.DataObject, nonce: Nonce, sent_ns: int
) -> None:
    """What the server decides on is what the peer meant, to the last byte."""
    question = data.draw(strategies.questions[kind])
    payload = encode(question, nonce, b"", sent_ns, EPOCH)
    envelope = Envelope(nonce, Nonce(b""), sent_ns, question, EPOCH)

    assert envelope == decode(payload, behind(question))


@pytest.mark.parametrize("kind", strategies.answers, ids=lambda kind: kind.__name__)
@THOROUGH
@given(data=st.data(), nonce=strategies.nonces, sent_ns=strategies.int64s)
def test_an_answer_arrives_as_it_was_sent(
    kind: type, data: st.DataObject, nonce: Nonce, sent_ns: int
) -> None:
    """A worker runs what the server delegated, and a person reads what the server counted."""
    answer = data.draw(strategies.answers[kind])

    envelope = Envelope(Nonce(b""), nonce, sent_ns, answer, EPOCH)

    assert envelope == decode(encode(answer, b"", nonce, sent_ns, EPOCH), behind(answer))


def test_bytes_that_are_no_text_arrive() -> None:
    """File names and arguments on Linux are bytes, whatever the locale says."""
    odd = bytes(set(range(1, 256)))
    submit = submit_of(b"prog\0" + odd, folder=b"/" + odd, environment=b"A=" + odd)

    assert submit == there_and_back(submit)


def test_empty_words_arrive() -> None:
    """`prog ''` and `prog` are different commands."""
    submit = submit_of(b"prog\0", b"prog\0\0x", b"prog", environment=ORIGIN.environment)

    assert submit == there_and_back(submit)


def test_the_largest_submission_that_is_sent_is_understood() -> None:
    """A submission holds 3 MiB of arguments and environment, and up to 100,000 commands elsewhere."""
    wide = submit_of(b"x" * (3 << 20), environment=ORIGIN.environment)
    many = submit_of(*[b"run"] * 100_000, environment=ORIGIN.environment)

    assert wide == there_and_back(wide)
    assert many == there_and_back(many)


def test_the_largest_chunk_of_output_is_understood() -> None:
    """1 MiB is the bound, and what the worker sends; its frame is within the limit."""
    chunk = m.OutputChunk(CLAIM, 2**40, bytes(1 << 20), bytes(32), b"\xff" * 32)

    assert chunk == there_and_back(chunk)
    assert CHUNK_BYTES == len(chunk.data)
    assert FRAME_LIMIT > 1000 + len(encode(chunk, NONCE, b"", 7)) + len(chunk.data)


def test_the_bytes_of_a_chunk_are_not_in_its_zjob() -> None:
    """They lie behind it, and are hashed once at each end."""
    chunk = m.OutputChunk(CLAIM, 0, b"some output" * 1000, bytes(32), bytes(32))

    assert 1000 > len(encode(chunk, NONCE, b"", 7))


@pytest.mark.parametrize("kind", strategies.questions, ids=lambda kind: kind.__name__)
@settings(THOROUGH, max_examples=5)
@given(data=st.data())
def test_bytes_lie_behind_output_and_behind_nothing_else(kind: type, data: st.DataObject) -> None:
    """Bytes that nobody looks at would be for nobody's good."""
    question = data.draw(strategies.questions[kind])
    payload = encode(question, NONCE, b"", 7)

    with pytest.raises(NotUnderstood) as refusal:
        decode(payload, b"" if isinstance(question, m.OutputChunk | m.AddBlob) else b"x")
    assert NONCE == refusal.value.nonce


@pytest.mark.parametrize("kind", strategies.answers, ids=lambda kind: kind.__name__)
@settings(THOROUGH, max_examples=5)
@given(data=st.data())
def test_nothing_lies_behind_an_answer_but_a_piece_of_a_blob(kind: type, data: st.DataObject) -> None:
    """Nor may it, though a server could sign it."""
    answer = data.draw(strategies.answers[kind])
    payload = encode(answer, b"", NONCE, 7)

    with pytest.raises(NotUnderstood):
        decode(payload, b"" if isinstance(answer, m.BlobPiece) else b"x")


def test_the_largest_snapshot_that_can_be_asked_for_is_understood() -> None:
    """`goq stat 1000` shows up to a thousand jobs of each kind, and their commands may be long."""
    origin = replace(ORIGIN, folder=b"/" + b"f" * 4000)
    terms = Terms(unique="日" * NAME_LIMIT, name="日" * LABEL_LIMIT, tags=("日" * LABEL_LIMIT,) * TAGS_LIMIT)
    job = Job(JobId(9), Argv(b"run\0" + b"x" * 10_000), origin, 1, terms=terms)
    ended = Ended(JobId(9), 1, Ending.FINISHED, replace(RESULT, problem="p" * 4096))
    row = m.RunningRow(job, WORKER, 1, True)
    snapshot = m.Snapshot({}, (row,) * 1000, (job,) * 1000, (m.FinishedRow(job.argv, b"/", ended),) * 1000)
    frame = encode(snapshot, b"", NONCE, 7, EPOCH)
    read = there_and_back(snapshot)

    assert FRAME_LIMIT > 1000 + len(frame)
    assert (1000, 1000, 1000) == (len(read.running), len(read.waiting), len(read.finished))
    assert job.argv.startswith(read.waiting[0].argv)
    assert SHOWN_BYTES == len(read.waiting[0].argv)
    assert terms.name == read.waiting[0].terms.name
    assert sum(len(tag.encode()) for tag in read.waiting[0].terms.tags) <= SHOWN_TAGS_BYTES


def test_counters_keep_their_order() -> None:
    """They are printed in the order in which the server tells them."""
    snapshot = m.Snapshot({"zulu": 1, "alpha": 2, "mike": "three"})

    assert ["zulu", "alpha", "mike"] == list(there_and_back(snapshot).counters)


def test_a_final_state_travels_without_the_output() -> None:
    """Whoever waits for a job wants its status; the output may be long and lies in its file."""
    result = replace(RESULT, output=b"o" * 64_000, output_length=64_000)
    notice = m.JobFinishedNotice(Ended(JobId(5), 1, Ending.FINISHED, result))
    read = there_and_back(notice).ended.result

    assert (b"", 64_000) == (read.output, read.output_length)
    assert 1000 > len(encode(notice, b"", NONCE, 7, EPOCH))


@pytest.mark.parametrize(
    ("message", "secret"),
    [
        (m.Snapshot(waiting=(JOB,)), ORIGIN.environment),
        (m.Snapshot(running=(m.RunningRow(JOB, WORKER, 1, False),)), ORIGIN.environment),
    ],
)
def test_a_snapshot_shows_no_environment(message: m.Answer, secret: bytes) -> None:
    """Environments hold passwords, and `goq stat` is for everybody in the cluster."""
    assert secret not in encode(message, b"", NONCE, 1, EPOCH)


def test_equal_messages_are_equal_bytes() -> None:
    """Nothing undefined, such as memory of an older message, gets into a frame."""
    assert encode(SUBMIT, NONCE, b"", 7, EPOCH) == encode(SUBMIT, NONCE, b"", 7, EPOCH)


@pytest.mark.parametrize(
    "task",
    [
        Task(JobId(3), 3, 1, 9, is_array=False),
        Task(JobId(5), 20, 20, 90, 10),
        Task(JobId(4), 2, 1, 9, line=b"a line \xff"),
        None,
    ],
)
def test_a_job_arrives_with_what_tells_it_from_its_like(task: Task | None) -> None:
    """The number of a task, its line, and what it is granted."""
    job = replace(JOB, task=task, grant=Grant(("0", "GPU-a1"), (3, 4), "b00t", ("0",)))

    orders = m.Orders(WORKER.id, run=(m.Batch(WORKER.id, (job,)),))

    assert orders == there_and_back(orders)
