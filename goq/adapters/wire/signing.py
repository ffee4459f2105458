"""The signature around every message: HMAC-SHA256 keyed by the cluster id.

A frame is MAGIC, the 32 bytes of the signature, the payload. The signature is taken over the
exact bytes of the payload and checked before a byte of it is parsed.

Bytes may lie behind the payload. Such a frame is MAGIC_BEHIND, the signature, the length of the
payload and that of the bytes (4 bytes each, the highest first), the payload, the bytes. The
signature is taken over both lengths and the payload, with a key of its own, so that no frame
passes for one of the other kind. It does not cover the bytes: the payload names a digest that
they must lead to, and whoever takes them checks that before anything else.
"""

import hashlib
import hmac

from goq.errors import BadMessage

MAGIC = b"goq1"
MAGIC_BEHIND = b"goq2"
MAC_BYTES = 32
_BLOCK_BYTES = 64  # of SHA-256
_SIGNED_AT = len(MAGIC) + MAC_BYTES
_LENGTH_BYTES = 4
_PAYLOAD_AT = _SIGNED_AT + 2 * _LENGTH_BYTES  # in a frame with bytes behind
_KEY_PURPOSE = b"goq message signature 1"
_KEY_PURPOSE_BEHIND = b"goq message signature 1, bytes behind"


class Signer:
    """Signs and verifies with keys derived from the cluster id.

    Source: HMAC is RFC 2104; the keys are derived so that the id itself is never used twice
    for different purposes.
    """

    def __init__(self, cluster_id: str) -> None:
        self._mac = _Mac(hmac.digest(cluster_id.encode(), _KEY_PURPOSE, hashlib.sha256))
        self._mac_behind = _Mac(hmac.digest(cluster_id.encode(), _KEY_PURPOSE_BEHIND, hashlib.sha256))

    def seal(self, payload: bytes) -> bytes:
        """The payload as a signed frame."""
        return MAGIC + self._mac.of(payload) + payload

    def seal_head(self, payload: bytes, behind: int) -> bytes:
        """What comes before so many bytes in a frame that has bytes behind its payload."""
        signed = len(payload).to_bytes(_LENGTH_BYTES) + behind.to_bytes(_LENGTH_BYTES) + payload
        return MAGIC_BEHIND + self._mac_behind.of(signed) + signed

    def open(self, frame: bytes) -> bytes:
        """The payload of a frame with nothing behind it. Raises BadMessage when it is not one of our cluster's."""
        payload = frame[_SIGNED_AT:]
        mac = frame[len(MAGIC) : _SIGNED_AT]
        if not frame.startswith(MAGIC) or not hmac.compare_digest(mac, self._mac.of(payload)):
            raise BadMessage("not signed with this cluster's id")
        return payload

    def open_both(self, frame: bytes) -> tuple[bytes, bytes | memoryview]:
        """The payload of a frame of either kind, and the bytes behind it, which nobody has signed.

        Raises BadMessage when payload and lengths are not what one of our cluster has signed.
        """
        if not frame.startswith(MAGIC_BEHIND):
            return self.open(frame), b""
        # What the lengths say is believed only so far: where the signed part would end.
        bytes_at = _PAYLOAD_AT + int.from_bytes(frame[_SIGNED_AT : _SIGNED_AT + _LENGTH_BYTES])
        behind = int.from_bytes(frame[_SIGNED_AT + _LENGTH_BYTES : _PAYLOAD_AT])
        mac, signed = frame[len(MAGIC) : _SIGNED_AT], frame[_SIGNED_AT:bytes_at]
        if len(frame) != bytes_at + behind or not hmac.compare_digest(mac, self._mac_behind.of(signed)):
            raise BadMessage("not signed with this cluster's id")
        return frame[_PAYLOAD_AT:bytes_at], memoryview(frame)[bytes_at:]


class _Mac:
    """HMAC-SHA256 with one key."""

    def __init__(self, key: bytes) -> None:
        # What HMAC hashes before and after the message; kept, it takes half the time of hmac.digest.
        block = key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def of(self, message: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()
