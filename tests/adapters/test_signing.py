"""Signatures: what is let in, and that nothing else is."""

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goq.adapters.wire.signing import MAC_BYTES, MAGIC, MAGIC_BEHIND, Signer
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


# --- bytes behind the payload --------------------------------------------------------------


def with_behind(payload: bytes, behind: bytes, cluster_id: str = ID) -> bytes:
    """A frame with bytes behind its payload."""
    return Signer(cluster_id).seal_head(payload, len(behind)) + behind


@settings(deadline=None)
@given(st.binary(max_size=500), st.binary(max_size=500), st.text("0123456789abcdef", min_size=32))
def test_both_parts_of_a_frame_are_opened(payload: bytes, behind: bytes, cluster_id: str) -> None:
    """Each as it was; and of a frame with nothing behind it there is one."""
    signer = Signer(cluster_id)

    assert (payload, behind) == signer.open_both(with_behind(payload, behind, cluster_id))
    assert (payload, b"") == signer.open_both(signer.seal(payload))


def test_the_bytes_behind_are_not_copied() -> None:
    """They are a megabyte, a thousand times a gigabyte."""
    frame = with_behind(b"payload", bytes(1 << 20))
    _, behind = Signer(ID).open_both(frame)

    assert isinstance(behind, memoryview)
    assert behind.obj is frame


def test_no_flipped_bit_before_the_bytes_goes_unnoticed() -> None:
    """Neither in the signature nor in the lengths nor in the payload."""
    signer = Signer(ID)
    frame = with_behind(b"a piece of output leads there", b"and lies here")
    for bit in range(8 * (len(frame) - len(b"and lies here"))):
        altered = bytearray(frame)
        altered[bit // 8] ^= 1 << bit % 8

        with pytest.raises(BadMessage):
            signer.open_both(bytes(altered))


@settings(deadline=None)
@given(payload=st.binary(max_size=60), behind=st.binary(max_size=60), data=st.data())
def test_no_frame_of_another_length_is_opened(payload: bytes, behind: bytes, data: st.DataObject) -> None:
    """Whatever is cut off or put behind, and wherever the frame then says that its parts end."""
    frame = with_behind(payload, behind)
    head, at = frame[: len(MAGIC) + MAC_BYTES], len(MAGIC) + MAC_BYTES
    split = data.draw(st.integers(0, len(payload) + len(behind)))
    other = split.to_bytes(4) + (len(payload) + len(behind) - split).to_bytes(4)
    with pytest.raises(BadMessage):
        Signer(ID).open_both(frame[: data.draw(st.integers(0, len(frame) - 1))])
    with pytest.raises(BadMessage):
        Signer(ID).open_both(frame + data.draw(st.binary(min_size=1)))
    if split != len(payload):
        with pytest.raises(BadMessage):
            Signer(ID).open_both(head + other + frame[at + 8 :])


@settings(deadline=None)
@given(payload=st.binary(max_size=60), behind=st.binary(max_size=60))
def test_no_frame_passes_for_one_of_the_other_kind(payload: bytes, behind: bytes) -> None:
    """What is signed to have bytes behind it is no message by itself, nor the other way round."""
    signer = Signer(ID)
    plain, both = signer.seal(payload), with_behind(payload, behind)
    signed = both[len(MAGIC) + MAC_BYTES : len(both) - len(behind)]
    mac = both[len(MAGIC) : len(MAGIC) + MAC_BYTES]
    for frame in (both, MAGIC + mac + signed, MAGIC + mac + payload):
        with pytest.raises(BadMessage):
            signer.open(frame)
    lengths = len(payload).to_bytes(4) + bytes(4)
    for frame in (MAGIC_BEHIND + plain[4:], MAGIC_BEHIND + plain[4:36] + lengths + payload):
        with pytest.raises(BadMessage):
            signer.open_both(frame)


def test_both_parts_of_a_frame_of_another_cluster_are_refused() -> None:
    """By whoever opens it."""
    frame = with_behind(b"payload", b"bytes", OTHER_ID)

    with pytest.raises(BadMessage):
        Signer(ID).open_both(frame)


@settings(deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300), st.text("0123456789abcdef", min_size=32))
def test_a_frame_with_bytes_behind_is_laid_out_as_documented(
    payload: bytes, behind: bytes, cluster_id: str
) -> None:
    """The magic, the signature, two lengths and the payload that are signed, and the bytes that are not."""
    key = hmac.digest(cluster_id.encode(), b"goq message signature 1, bytes behind", hashlib.sha256)
    signed = len(payload).to_bytes(4, "big") + len(behind).to_bytes(4, "big") + payload
    mac = hmac.digest(key, signed, hashlib.sha256)

    assert b"goq2" + mac + signed + behind == with_behind(payload, behind, cluster_id)
