"""Signatures: what is let in, and that nothing else is."""

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goq.adapters.wire.signing import MAC_BYTES, MAGIC, Signer
from goq.errors import BadMessage

ID = "0123456789abcdef0123456789abcdef01234567"
OTHER_ID = "0123456789abcdef0123456789abcdef01234568"


@settings(deadline=None)
@given(st.binary(max_size=2000), st.text("0123456789abcdef", min_size=32, max_size=128))
def test_a_sealed_payload_is_opened_by_who_knows_the_id(payload: bytes, cluster_id: str) -> None:
    """Each process derives the key for itself, so two signers of one id must agree."""
    frame = Signer(cluster_id).seal(payload)

    assert payload == Signer(cluster_id).open(frame)


def test_no_flipped_bit_goes_unnoticed() -> None:
    """A frame that was altered anywhere, be it in the signature itself, is not ours any more."""
    signer = Signer(ID)
    frame = signer.seal(b"queue these commands, please")
    for bit in range(8 * len(frame)):
        altered = bytearray(frame)
        altered[bit // 8] ^= 1 << bit % 8

        with pytest.raises(BadMessage):
            signer.open(bytes(altered))


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=5000), st.data())
def test_no_changed_payload_keeps_its_signature(payload: bytes, data: st.DataObject) -> None:
    """Whoever can change one byte of a command would choose which command runs."""
    at = data.draw(st.integers(0, len(payload) - 1))
    by = data.draw(st.integers(1, 255))
    frame = bytearray(Signer(ID).seal(payload))
    frame[len(MAGIC) + MAC_BYTES + at] ^= by

    with pytest.raises(BadMessage):
        Signer(ID).open(bytes(frame))


def test_no_truncated_frame_is_opened() -> None:
    """Cut inside the signature or inside the payload: both are refused, from the empty frame on."""
    signer = Signer(ID)
    frame = signer.seal(b"payload")
    for length in range(len(frame)):
        with pytest.raises(BadMessage):
            signer.open(frame[:length])


@pytest.mark.parametrize("surplus", [b"\0", b"x" * 100])
def test_no_lengthened_frame_is_opened(surplus: bytes) -> None:
    """Bytes behind the payload would be parsed, so they must be signed too."""
    signer = Signer(ID)

    with pytest.raises(BadMessage):
        signer.open(signer.seal(b"payload") + surplus)


def test_a_frame_of_another_cluster_is_refused() -> None:
    """Two clusters may share a network; one digit of the id tells them apart."""
    frame = Signer(OTHER_ID).seal(b"payload")

    with pytest.raises(BadMessage):
        Signer(ID).open(frame)


@pytest.mark.parametrize(
    "frame", [b"", MAGIC, MAGIC + bytes(MAC_BYTES), b"GET / HTTP/1.1\r\n\r\n", bytes(4096)]
)
def test_what_was_never_sealed_is_refused(frame: bytes) -> None:
    """Anybody can connect to the port and say something."""
    with pytest.raises(BadMessage):
        Signer(ID).open(frame)


def test_an_empty_payload_is_a_payload() -> None:
    """Whether it makes sense is for the codec to say."""
    signer = Signer(ID)

    assert b"" == signer.open(signer.seal(b""))


@settings(deadline=None)
@given(st.binary(max_size=300), st.text("0123456789abcdef", min_size=32, max_size=128))
def test_the_frame_is_laid_out_as_documented(payload: bytes, cluster_id: str) -> None:
    """Nodes of different releases must agree on these bytes: the magic, the signature, the payload."""
    key = hmac.digest(cluster_id.encode(), b"goq message signature 1", hashlib.sha256)
    mac = hmac.digest(key, payload, hashlib.sha256)

    assert b"goq1" + mac + payload == Signer(cluster_id).seal(payload)


def test_the_id_is_not_the_key_and_not_in_the_frame() -> None:
    """The id is the one secret, so it is derived from and never sent."""
    frame = Signer(ID).seal(b"payload")

    assert hmac.digest(ID.encode(), b"payload", hashlib.sha256) not in frame
    assert ID.encode() not in frame
    assert bytes.fromhex(ID) not in frame
