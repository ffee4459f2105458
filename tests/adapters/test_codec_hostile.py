"""Bytes that nobody of ours would write: the codec says BadMessage, soon, and nothing else.

Most of this lies behind the signature, so only a peer that knows the cluster id could send it.
A loop that stops is no better for having been stopped by a friend.
"""

import random
import struct
import time

import pytest
from epochs import EPOCH
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters import strategies
from adapters.strategies import CLAIM, JOB, RESULT, SUBMIT, WORKER
from goq.adapters.wire.codec import Envelope, behind, decode, encode
from goq.core import messages as m
from goq.core.values.ids import JobId
from goq.core.values.job import Job
from goq.core.values.result import Ended, Ending
from goq.core.values.room import ANYTHING
from goq.errors import BadMessage, NotUnderstood

NONCE = bytes(range(16))
MUTATIONS = 20_000
MIB = 1 << 20

SHOWN = Job(JobId(5), JOB.argv, JOB.origin, 1)
BACK = (m.Returned(CLAIM, "folder", "it is not there"),)
REPORT = m.Report(
    *(
        WORKER,
        3,
        ANYTHING,
        (m.Held(CLAIM, is_on=True),),
        (m.Done(CLAIM, RESULT),) * 2,
        BACK,
        ((WORKER.id, 3),),
    )
)
VALID = [
    encode(question, NONCE, b"", 1, EPOCH)
    for question in (
        SUBMIT,
        REPORT,
        m.OutputChunk(CLAIM, 6, b"some output\n", bytes(32), bytes(32)),
        m.Goodbye(WORKER),
        m.Cancel(JobId(3)),
        m.TakeSnapshot(10),
    )
] + [
    encode(answer, b"", NONCE, 1, EPOCH)
    for answer in (
        m.AckSubmit(JobId(1), JobId(9)),
        m.Orders(WORKER.id, (CLAIM,), (m.Batch(WORKER.id, (JOB, JOB)),), (m.Signal(CLAIM, 9),)),
        m.Refused("no"),
        m.JobFinishedNotice(Ended(JobId(5), 1, Ending.CANCELLED, RESULT)),
        m.Snapshot({"a": 1}, (m.RunningRow(SHOWN, WORKER, 1, True),), (SHOWN,) * 3),
    )
]


def survives(payload: bytes) -> bool:
    """The bytes are a message, or refused as they should be; whatever else is raised is our bug.

    With bytes behind them, or without: there is no message that may have both.
    """
    return sum(_is_read(payload, behind) for behind in (b"", b"some output\n")) == 1


def _is_read(payload: bytes, behind: bytes) -> bool:
    try:
        return isinstance(decode(payload, behind), Envelope)
    except BadMessage:
        return False


# --- chance --------------------------------------------------------------------------------


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=4000))
@example(b"")
@example(b"\0" * 8)
@example(b"\xff" * 64)
def test_random_bytes_are_refused_or_read(payload: bytes) -> None:
    """Garbage makes the library raise several kinds of errors; they all come out as one."""
    survives(payload)


@pytest.mark.parametrize("valid", VALID)
def test_no_truncation_raises_anything_else(valid: bytes) -> None:
    """A frame may be cut anywhere, also in the middle of a word."""
    for length in range(len(valid)):
        survives(valid[:length])

    assert survives(valid)


def test_no_mutation_raises_anything_else_or_takes_long() -> None:
    """Flipped bits make wild pointers, wild lengths and wild numbers."""
    rng = random.Random(1776)
    slowest_s, read = 0.0, 0
    for _ in range(MUTATIONS):
        payload = bytearray(rng.choice(VALID))
        for _ in range(rng.choice((1, 1, 2, 4, 16))):
            payload[rng.randrange(len(payload))] = rng.randrange(256)
        began = time.process_time()
        read += survives(bytes(payload))
        slowest_s = max(slowest_s, time.process_time() - began)

    assert 0 < read < MUTATIONS
    assert slowest_s < 2.0


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(VALID), st.data())
def test_no_word_of_chance_raises_anything_else(valid: bytes, data: st.DataObject) -> None:
    """Words that are pointers in Cap'n Proto's eyes are likelier to hurt than flipped bits."""
    payload = bytearray(valid)
    for _ in range(data.draw(st.integers(1, 3))):
        at = 8 * data.draw(st.integers(0, len(payload) // 8 - 1))
        word = data.draw(pointers)
        payload[at : at + 8] = word
    survives(bytes(payload))


def list_pointer(offset: int, element_size: int, count: int) -> bytes:
    """A Cap'n Proto list pointer to the word `offset` words behind it."""
    return struct.pack("<iI", (offset << 2) | 1, count << 3 | element_size)


pointers = st.one_of(
    st.builds(list_pointer, st.integers(-100, 100), st.integers(0, 7), st.integers(0, 2**29 - 1)),
    st.builds(
        lambda offset, data, pointer: struct.pack("<iHH", offset << 2, data, pointer),
        st.integers(-100, 100),
        st.integers(0, 65535),
        st.integers(0, 65535),
    ),
    st.builds(
        lambda low, high: struct.pack("<II", low << 3 | 2, high), st.integers(0, 99), st.integers(0, 3)
    ),
    st.binary(min_size=8, max_size=8),
)


# --- malice --------------------------------------------------------------------------------


def with_commands(count: int, each: int) -> bytes:
    """A submission of so many commands, every one of them the same bytes of the frame."""
    words = bytearray(encode(SUBMIT, NONCE, b"", 1, EPOCH))
    slot = _slot_of_commands(words)
    data_at = len(words)
    words += b"x" * each
    list_at = len(words)
    for at in range(list_at, list_at + 8 * count, 8):
        words += list_pointer((data_at - at - 8) // 8, 2, each)
    words[slot : slot + 8] = list_pointer((list_at - slot - 8) // 8, 6, count)
    words[4:8] = struct.pack("<I", len(words) // 8 - 1)
    return bytes(words)


def _slot_of_commands(words: bytearray) -> int:
    """Where the one list of pointers of a submission is pointed to."""
    (found,) = (
        at
        for at in range(16, len(words), 8)
        if words[at] & 3 == 1
        and words[at + 4] & 7 == 6
        and struct.unpack_from("<I", words, at + 4)[0] >> 3 == 2
    )
    return found


def test_the_crafted_submission_is_understood_when_it_is_small() -> None:
    """Else the tests of large ones would show nothing."""
    read = decode(with_commands(3, 16)).message

    assert isinstance(read, m.Submit)
    assert (b"x" * 16,) * 3 == read.lines


@pytest.mark.parametrize(("count", "each"), [(100_000, 4096), (50_000, MIB), (4096, MIB), (9, MIB)])
def test_a_frame_is_not_worth_more_than_twice_its_limit(count: int, each: int) -> None:
    """Pointers that share their bytes could make gigabytes of a small frame."""
    payload = with_commands(count, each)
    began = time.process_time()

    with pytest.raises(NotUnderstood) as refusal:
        decode(payload)
    assert NONCE == refusal.value.nonce
    assert time.process_time() - began < 2.0


def test_too_many_commands_are_counted_before_they_are_read() -> None:
    """A list of a hundred million commands of no bytes costs the sender nothing."""
    payload = bytearray(with_commands(2, 8))
    slot = next(
        at for at in range(16, len(payload), 8) if payload[at] & 3 == 1 and payload[at + 4] == 2 << 3 | 6
    )
    payload[slot + 4 : slot + 8] = struct.pack("<I", (2**29 - 1) << 3 | 6)
    began = time.process_time()

    assert not survives(bytes(payload))
    assert time.process_time() - began < 2.0


def test_a_pointer_to_itself_is_survived() -> None:
    """A list that is its own first element has no end."""
    for valid in VALID:
        for at in range(16, len(valid) - 8, 8):
            payload = bytearray(valid)
            payload[at : at + 8] = list_pointer(-1, 6, 1)
            survives(bytes(payload))


WITH_ROWS = {
    "a snapshot": encode(m.Snapshot(waiting=(SHOWN,)), b"", NONCE, 1, EPOCH),
    "a report": encode(REPORT, NONCE, b"", 1, EPOCH),
}


@pytest.mark.parametrize("rows", [2**29 - 1, 900_000, 300_000])
@pytest.mark.parametrize("valid", WITH_ROWS.values(), ids=WITH_ROWS)
def test_rows_of_no_bytes_are_not_read(valid: bytes, rows: int) -> None:
    """A few hundred bytes may claim half a billion rows that take no room at all."""
    payload = bytearray(valid)
    slowest_s = 0.0
    for at in range(16, len(payload), 8):
        bent = payload[:at] + list_pointer(len(payload) // 8 - at // 8 - 1, 7, 0) + payload[at + 8 :]
        bent += struct.pack("<iHH", rows << 2, 0, 0)  # the tag of the list: elements of no words
        bent[4:8] = struct.pack("<I", len(bent) // 8 - 1)
        began = time.process_time()
        survives(bytes(bent))
        slowest_s = max(slowest_s, time.process_time() - began)

    assert slowest_s < 0.2


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=100), st.sampled_from(list(strategies.questions)), st.data())
def test_bytes_behind_a_message_change_nothing(surplus: bytes, kind: type, data: st.DataObject) -> None:
    """What is read is the message; a signed frame holds nothing else that could matter."""
    question = data.draw(strategies.questions[kind])
    payload = encode(question, NONCE, b"", 1, EPOCH)

    assert (
        survives(payload + surplus) is False
        or question == decode(payload + surplus, behind(question)).message
    )
