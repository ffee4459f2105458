"""The bytes behind a chunk are signed by nobody: what becomes of them on their way is found out.

Each test talks to a real server over a real socket, as a worker of the cluster would, or as somebody
who sits between the two.
"""

import os
import time
from collections.abc import Callable, Iterator

import pytest
from adapters.chunks import chunk_of, claim_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from reports import asks, beats, jobs_in
from system.cluster import Cluster

from goq.adapters.wire.codec import decode, encode
from goq.adapters.wire.signing import MAC_BYTES, MAGIC, MAGIC_BEHIND, Signer
from goq.adapters.wire.transport import FRAME_LIMIT, ClientSocket
from goq.core import messages as m
from goq.core.values.ids import NO_EPOCH, WorkerId
from goq.core.values.job import Claim, Worker
from goq.core.values.result import SIGKILL, Result
from goq.errors import BadMessage

LENGTHS_AT = len(MAGIC_BEHIND) + MAC_BYTES
ZJOB_AT = LENGTHS_AT + 8
WHOLE = b"the first half and the second half"
HALF = len(WHOLE) // 2
WORKER = Worker(WorkerId("w1"), "h", 1)


class Peer:
    """Who knows the cluster id, and says what it likes."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.signer = Signer(cluster.done("clusterid", "--current").strip())
        self._socket = ClientSocket(cluster.address)
        self._number = 0
        self.epoch = NO_EPOCH
        self.ask(m.TakeSnapshot(0))
        self.claim: Claim | None = None
        self.here = b""

    def close(self) -> None:
        self._socket.close()

    def frame(self, question: m.Question, nonce: bytes | None = None) -> bytes:
        """What an honest peer would send."""
        payload = encode(question, nonce or os.urandom(16), b"", time.time_ns(), self.epoch)
        if not isinstance(question, m.OutputChunk):
            return self.signer.seal(payload)
        return self.signer.seal_head(payload, len(question.data)) + question.data

    def say(self, frame: bytes) -> int:
        """Send any bytes; their number."""
        self._number += 1
        self.cluster.wait_until(lambda: self._socket.send(self._number, frame), every_s=0.001)
        return self._number

    def ask(self, question: m.Question) -> m.Question | m.Answer:
        """Ask, and wait for the answer."""
        return self.answer(self.say(self.frame(question)))

    def answer(self, number: int) -> m.Question | m.Answer:
        """The answer to that frame; others before it are none that we want."""
        while True:
            asked, frame = self._received()
            if asked == number:
                envelope = decode(self.signer.open(frame))
                self.epoch = envelope.epoch
                return envelope.message

    def _received(self) -> tuple[int, bytes]:
        received = self.cluster.wait_until(self._socket.receive, every_s=0.001)
        assert received is not None
        return received

    def is_dropped(self, frame: bytes) -> bool:
        """It gets no answer, though one that comes after it does."""
        number, later = self.say(frame), self.say(self.frame(m.TakeSnapshot(0)))
        asked, _ = self._received()
        assert asked in (number, later)
        return asked == later

    def take_job(self, worker: Worker = WORKER) -> Claim:
        """Have a job of its own."""
        self.cluster.submit("true")
        (job,) = jobs_in(self.ask(asks(worker)))
        return Claim(job.epoch, job.id, job.attempts, worker.id)


@pytest.fixture(name="peer")
def _peer(served: Cluster) -> Iterator[Peer]:
    peer = Peer(served)
    yield peer
    peer.close()


def piece(claim: Claim, start: int, end: int | None = None, whole: bytes = WHOLE) -> m.OutputChunk:
    """What the claim's worker sends of its output."""
    return replace(chunk_of(whole, start, end), claim=claim)


def dropped(cluster: Cluster) -> int:
    """So many were not what ours had signed."""
    return int(cluster.stat()["droppedBadSigCount"])


def test_an_honest_output_arrives(peer: Peer) -> None:
    """Else the tests below would show nothing."""
    claim = peer.take_job()
    answers = [peer.ask(piece(claim, 0, HALF)), peer.ask(piece(claim, HALF))]
    done = m.Done(claim, Result(output_length=len(WHOLE), output_sha256=chunk_of(WHOLE).after))

    assert [m.AckOutput(HALF), m.AckOutput(len(WHOLE))] == answers
    assert m.Orders(WORKER.id) == peer.ask(m.alone(done))
    assert peer.cluster.output(claim.job) == WHOLE
    assert 0 == dropped(peer.cluster)


# --- bytes that are not those that were signed -----------------------------------------------

CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "the first bit": lambda data: bytes([data[0] ^ 1]) + data[1:],
    "the last bit": lambda data: data[:-1] + bytes([data[-1] ^ 0x80]),
    "all of them": lambda data: bytes(len(data)),
    "their order": lambda data: data[::-1],
    "those of another place": lambda _: WHOLE[: len(WHOLE) - HALF],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_changed_bytes_are_dropped_counted_and_asked_for_again(
    peer: Peer, change: Callable[[bytes], bytes]
) -> None:
    """Not one of them is written, and the honest ones are welcome as ever."""
    claim = peer.take_job()
    peer.ask(piece(claim, 0, HALF))
    honest = piece(claim, HALF)
    frame = peer.frame(honest)
    behind = frame[-len(honest.data) :]
    asked_for = peer.answer(peer.say(frame[: -len(behind)] + change(behind)))
    written, counted = peer.cluster.output(claim.job), dropped(peer.cluster)

    assert m.AckOutput(HALF) == asked_for
    assert (WHOLE[:HALF], 1) == (written, counted)
    assert m.AckOutput(len(WHOLE)) == peer.ask(honest)
    assert peer.cluster.output(claim.job) == WHOLE


LENGTHS: dict[str, Callable[[bytes], bytes]] = {
    "cut by a byte": lambda frame: frame[:-1],
    "cut to none": lambda frame: frame[: -(len(WHOLE) - HALF)],
    "cut inside the Zjob": lambda frame: frame[: ZJOB_AT + 8],
    "cut inside the lengths": lambda frame: frame[: LENGTHS_AT + 3],
    "cut inside the signature": lambda frame: frame[: LENGTHS_AT - 1],
    "a byte behind": lambda frame: frame + b"x",
    "a megabyte behind": lambda frame: frame + bytes(1 << 20),
    "all that fits a frame behind": lambda frame: frame.ljust(FRAME_LIMIT - 4, b"\0"),
    "said twice": lambda frame: frame + frame,
    "the split moved": lambda frame: _lengths(frame, 8, -8),
    "a longer Zjob": lambda frame: _lengths(frame + bytes(8), 8, 0),
    "more behind": lambda frame: _lengths(frame + bytes(8), 0, 8),
    "less behind": lambda frame: _lengths(frame[:-8], 0, -8),
    "as long as can be": lambda frame: frame[:LENGTHS_AT] + b"\xff" * 8 + frame[ZJOB_AT:],
    "no Zjob at all": lambda frame: _lengths(frame, -int.from_bytes(frame[LENGTHS_AT : LENGTHS_AT + 4]), 0),
    "as a frame with nothing behind": lambda frame: MAGIC + frame[len(MAGIC) :],
    "as such a one, from its Zjob on": lambda frame: MAGIC + frame[len(MAGIC) : LENGTHS_AT] + frame[ZJOB_AT:],
}


def _lengths(frame: bytes, zjob: int, behind: int) -> bytes:
    """The same with other lengths in it, by so much."""
    at = LENGTHS_AT
    lengths = (int.from_bytes(frame[at : at + 4]) + zjob, int.from_bytes(frame[at + 4 : at + 8]) + behind)
    return frame[:at] + b"".join(length.to_bytes(4) for length in lengths) + frame[ZJOB_AT:]


@pytest.mark.parametrize("change", LENGTHS.values(), ids=LENGTHS)
def test_a_frame_of_another_length_is_not_read(peer: Peer, change: Callable[[bytes], bytes]) -> None:
    """Where the Zjob ends and where the bytes end is signed."""
    claim = peer.take_job()
    peer.ask(piece(claim, 0, HALF))
    is_dropped = peer.is_dropped(change(peer.frame(piece(claim, HALF))))
    written, counted = peer.cluster.output(claim.job), dropped(peer.cluster)

    assert is_dropped
    assert (WHOLE[:HALF], 1) == (written, counted)
    assert m.AckOutput(len(WHOLE)) == peer.ask(piece(claim, HALF))


def test_bytes_of_another_job_are_dropped(peer: Peer) -> None:
    """Both are signed by this cluster, each for itself."""
    claims = [peer.take_job(worker) for worker in (WORKER, replace(WORKER, id=WorkerId("w2")))]
    mine, others = (peer.frame(piece(claim, 0)) for claim in claims)
    other_bytes = chunk_of(b"secrets of another job are here...").data
    assert len(other_bytes) == len(WHOLE)
    crossed = mine[: -len(WHOLE)] + other_bytes
    asked_for = peer.answer(peer.say(crossed))

    assert m.AckOutput(0) == asked_for
    assert not peer.cluster.output_file(claims[0].job).exists()
    assert m.AckOutput(len(WHOLE)) == peer.answer(peer.say(others))


def test_a_chunk_that_was_recorded_changes_nothing(peer: Peer) -> None:
    """Whoever plays it again, at once or when the output has gone on, is told how far it is, no more."""
    claim = peer.take_job()
    first = peer.frame(piece(claim, 0, HALF))
    answers = [peer.answer(peer.say(first)) for _ in range(3)]
    answers += [peer.ask(piece(claim, HALF)), peer.answer(peer.say(first))]

    assert [m.AckOutput(HALF)] * 3 + [m.AckOutput(len(WHOLE))] * 2 == answers
    assert peer.cluster.output(claim.job) == WHOLE


def test_a_chunk_of_an_attempt_that_was_given_up_changes_nothing(peer: Peer) -> None:
    """The job has another worker now."""
    claim = peer.take_job()
    frame = peer.frame(piece(claim, 0, HALF))
    peer.ask(m.Goodbye(WORKER))
    answer = peer.answer(peer.say(frame))

    assert m.Orders(claim.worker, signals=(m.Signal(claim, SIGKILL, lost=True),)) == answer
    assert not peer.cluster.output_file(claim.job).exists()


# --- bytes where none may be, and too many -----------------------------------------------------


@pytest.mark.parametrize("question", [m.TakeSnapshot(0), beats(claim_of()), m.Reset()])
def test_nothing_may_lie_behind_another_message(peer: Peer, question: m.Question) -> None:
    """Somebody of ours who sends such a thing is told so, and nothing is done."""
    nonce = os.urandom(16)
    payload = encode(question, nonce, b"", time.time_ns(), peer.epoch)
    answer = peer.answer(peer.say(peer.signer.seal_head(payload, 5) + b"bytes"))

    assert isinstance(answer, m.Refused)
    assert "nothing lies behind such a message" in answer.reason
    assert 0 == dropped(peer.cluster)


def test_a_chunk_without_bytes_is_refused(peer: Peer) -> None:
    """Signed as a frame with nothing behind it, or with nothing behind it all the same."""
    claim = peer.take_job()
    payload = encode(piece(claim, 0), os.urandom(16), b"", time.time_ns(), peer.epoch)
    for frame in (peer.signer.seal(payload), peer.signer.seal_head(payload, 0)):
        answer = peer.answer(peer.say(frame))

        assert isinstance(answer, m.Refused)
    assert not peer.cluster.output_file(claim.job).exists()


def test_more_bytes_than_a_chunk_may_have_are_refused(peer: Peer) -> None:
    """A member's mistake costs the server a frame, no more."""
    claim = peer.take_job()
    answer = peer.ask(piece(claim, 0, whole=bytes((1 << 20) + 1)))

    assert isinstance(answer, m.Refused)
    assert m.AckOutput(1 << 20) == peer.ask(piece(claim, 0, whole=bytes(1 << 20)))


def test_no_answer_of_the_server_may_have_bytes_behind_it(peer: Peer) -> None:
    """A client believes only what is signed as a whole."""
    payload = encode(m.AckReset(), b"", os.urandom(16), 1, peer.epoch)

    with pytest.raises(BadMessage):
        peer.signer.open(peer.signer.seal_head(payload, 3) + b"abc")


# --- chance ------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_that_was_bent_by_chance_is_written(peer: Peer, data: st.DataObject) -> None:
    """The server lives, its file holds what was honestly sent, and goes on from there."""
    claim = peer.claim = peer.claim or peer.take_job()  # one for all examples
    whole = peer.here + data.draw(st.binary(min_size=1, max_size=40))
    honest = piece(claim, len(peer.here), whole=whole)
    frame = bytearray(peer.frame(honest))
    for _ in range(data.draw(st.integers(1, 3))):
        frame[data.draw(st.integers(0, len(frame) - 1))] ^= data.draw(st.integers(1, 255))
    peer.say(bytes(frame)[: data.draw(st.integers(0, len(frame)) | st.just(len(frame)))])

    assert m.AckOutput(len(whole)) == peer.ask(honest)
    assert whole == peer.cluster.output(claim.job)
    peer.here = whole
