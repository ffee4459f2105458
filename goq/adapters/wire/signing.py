"""The signature around every message: HMAC-SHA256 keyed by the cluster id, or by a key of a user or a node.

A frame is MAGIC, the 32 bytes of the signature, the payload. The signature is taken over the
exact bytes of the payload and checked before a byte of it is parsed.

Bytes may lie behind the payload. Such a frame is MAGIC_BEHIND, the signature, the length of the
payload and that of the bytes (4 bytes each, the highest first), the payload, the bytes. The
signature is taken over both lengths and the payload, with a key of its own, so that no frame
passes for one of the other kind. It does not cover the bytes: the payload names a digest that
they must lead to, and whoever takes them checks that before anything else.

A question that is signed with a key of a user or a node is MAGIC_NAMED, the length of the key's name (1
byte), the name, and a frame of either kind. The name itself is not signed: it says with which key to check.
An answer is signed with the key of its question, and does not name it.
"""

import hashlib
import hmac
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from msgspec.structs import replace

from goq.adapters.wire.keys import derive, split_secret
from goq.core.values.who import ADMINISTRATOR, Who, read_key_name
from goq.errors import BadMessage

MAGIC = b"goq1"
MAGIC_BEHIND = b"goq2"
MAGIC_NAMED = b"goq3"
MAC_BYTES = 32
_BLOCK_BYTES = 64  # of SHA-256
_SIGNED_AT = len(MAGIC) + MAC_BYTES
_LENGTH_BYTES = 4
_PAYLOAD_AT = _SIGNED_AT + 2 * _LENGTH_BYTES  # in a frame with bytes behind
_NAME_AT = len(MAGIC_NAMED) + 1
_KEYS_KEPT = 1000
ODD_KEYS_A_SECOND = 20
_NOT_OURS = "not signed with this cluster's id"
_KEY_PURPOSE = b"goq message signature 1"
_KEY_PURPOSE_BEHIND = b"goq message signature 1, bytes behind"


class Signer:
    """Signs questions and verifies answers with one secret: the cluster id, or the key of a user or a node.

    Source: HMAC is RFC 2104; what it is keyed with is derived so that the secret itself is never used twice
    for different purposes.
    """

    def __init__(self, secret: str) -> None:
        who, key = split_secret(secret)
        self._mac = _Mac(hmac.digest(key.encode(), _KEY_PURPOSE, hashlib.sha256))
        self._mac_behind = _Mac(hmac.digest(key.encode(), _KEY_PURPOSE_BEHIND, hashlib.sha256))
        name = who.key.encode()
        self._named = MAGIC_NAMED + len(name).to_bytes() + name if name else b""

    def seal(self, payload: bytes) -> bytes:
        """The payload as a signed frame."""
        return self._named + MAGIC + self._mac.of(payload) + payload

    def seal_head(self, payload: bytes, behind: int) -> bytes:
        """What comes before so many bytes in a frame that has bytes behind its payload."""
        signed = len(payload).to_bytes(_LENGTH_BYTES) + behind.to_bytes(_LENGTH_BYTES) + payload
        return self._named + MAGIC_BEHIND + self._mac_behind.of(signed) + signed

    def open(self, frame: bytes) -> bytes:
        """The payload of a frame with nothing behind it. Raises BadMessage when it is not one of our cluster's."""
        payload = frame[_SIGNED_AT:]
        mac = frame[len(MAGIC) : _SIGNED_AT]
        if not frame.startswith(MAGIC) or not hmac.compare_digest(mac, self._mac.of(payload)):
            raise BadMessage(_NOT_OURS)
        return payload

    def open_both(self, frame: bytes) -> tuple[bytes, bytes | memoryview]:
        """The payload of a frame of either kind, and the bytes behind it, which nobody has signed.

        Raises BadMessage when payload and lengths are not what one with our secret has signed.
        """
        frame = frame.removeprefix(self._named)  # what we have signed ourselves, and kept
        if not frame.startswith(MAGIC_BEHIND):
            return self.open(frame), b""
        # What the lengths say is believed only so far: where the signed part would end.
        bytes_at = _PAYLOAD_AT + int.from_bytes(frame[_SIGNED_AT : _SIGNED_AT + _LENGTH_BYTES])
        behind = int.from_bytes(frame[_SIGNED_AT + _LENGTH_BYTES : _PAYLOAD_AT])
        mac, signed = frame[len(MAGIC) : _SIGNED_AT], frame[_SIGNED_AT:bytes_at]
        if len(frame) != bytes_at + behind or not hmac.compare_digest(mac, self._mac_behind.of(signed)):
            raise BadMessage(_NOT_OURS)
        return frame[_PAYLOAD_AT:bytes_at], memoryview(frame)[bytes_at:]


class Keyring:
    """All keys of a cluster, for its server: who has signed a question, and the answer for them.

    `generation_of` says which generation of a holder's keys counts; 0 where there is none.
    """

    def __init__(self, cluster_id: str, generation_of: Callable[[str], int]) -> None:
        self._cluster_id = cluster_id
        self._generation_of = generation_of
        self._ours = Signer(cluster_id)
        self._signers: OrderedDict[str, Signer] = OrderedDict()  # by their keys' names, the latest used last
        self._since_s, self._derived = -math.inf, 0  # keys that do not count, in a second

    def seal(self, payload: bytes, who: Who = ADMINISTRATOR) -> bytes:
        """An answer for them."""
        return (self._ours if who.is_administrator else self._signer(who)).seal(payload)

    def seal_head(self, payload: bytes, behind: int, who: Who = ADMINISTRATOR) -> bytes:
        """What comes before so many bytes in an answer for them that has bytes behind its payload."""
        return (self._ours if who.is_administrator else self._signer(who)).seal_head(payload, behind)

    def open_both(self, frame: bytes) -> tuple[Who, bytes, bytes | memoryview]:
        """Who has signed a frame of any kind, its payload, and the bytes behind it, which nobody has signed.

        Raises BadMessage when no key of our cluster has signed it.
        """
        if not frame.startswith(MAGIC_NAMED):
            return ADMINISTRATOR, *self._ours.open_both(frame)
        begin = _NAME_AT + (frame[_NAME_AT - 1] if len(frame) >= _NAME_AT else 0)
        try:
            who = read_key_name(frame[_NAME_AT:begin].decode("ascii"))
        except ValueError as error:
            raise BadMessage(_NOT_OURS) from error
        is_retired = who.generation != self._generation_of(who.holder)
        if is_retired and who.key not in self._signers and not self._may_derive():
            raise BadMessage(_NOT_OURS)
        payload, behind = self._signer(who).open_both(frame[begin:])
        return replace(who, is_retired=True) if is_retired else who, payload, behind

    def _may_derive(self) -> bool:
        """To derive a key takes as long as to refuse ten frames, and of keys that do not count strangers may name any number."""
        now_s = time.monotonic()
        if now_s - self._since_s >= 1.0:
            self._since_s, self._derived = now_s, 0
        self._derived += 1
        return self._derived <= ODD_KEYS_A_SECOND

    def _signer(self, who: Who) -> Signer:
        """What signs for them; anybody can name a key, so only so many are kept."""
        signer = self._signers.get(who.key)
        if signer is None:
            signer = self._signers[who.key] = Signer(derive(self._cluster_id, who))
            if len(self._signers) > _KEYS_KEPT:
                self._signers.popitem(last=False)
        self._signers.move_to_end(who.key)
        return signer


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
