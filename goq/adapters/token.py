"""A token: all that a user or a node needs to belong to a cluster, as one word that is pasted.

It holds a secret. Whoever reads one says what is wrong with it, and shows nothing of it.
"""

import base64
import binascii
import hashlib
import textwrap
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from goq.adapters.certificate import checked_certificate
from goq.adapters.remembered import parse_address
from goq.adapters.wire.keys import KEY_BYTES, is_key, secret_of
from goq.core.values.ids import QUEUE_BYTES, QueueId
from goq.core.values.who import NAME_LIMIT, Who, read_key_name
from goq.errors import BadSetting

PREFIX = "goq-"
WORD_LIMIT = 4000  # characters; a line at a terminal has 4095
_ADDRESS_LIMIT = 300
_WHO_LIMIT = NAME_LIMIT + 20  # its role and generation too
_CERTIFICATE_LIMIT = 2000  # bytes; ours have 400
_VERSION = b"\x01"
_CHECK_BYTES = 6
_PURPOSE = b"goq token "
_NOT_WHOLE = "this token is not whole: copy all of it, from 'goq-' on, or ask for it again"
_OF_NOBODY = "this token holds no key of a user or a node; ask for another one"
_PEM_BEGIN, _PEM_END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


class Token(Struct, frozen=True, gc=False):
    """Whose key it is, the key, and where to use it.

    `key` are 64 hexadecimal digits, `address` is "host:port", `certificate` PEM, or "" where the cluster has
    none, `queue` the identity of the queue.
    """

    who: Who
    key: str
    address: str
    certificate: str
    queue: QueueId

    def __repr__(self) -> str:
        """Without the key: tracebacks and logs may show this."""
        return f"Token({self.who.key}, {self.address})"

    @property
    def secret(self) -> str:
        """What its holder keeps, in one line."""
        return secret_of(self.who, self.key)


class _Packed(Struct, array_like=True, forbid_unknown_fields=True):
    """A token in few bytes: the certificate as it is below its PEM."""

    who: Annotated[str, Meta(max_length=_WHO_LIMIT)]
    key: Annotated[bytes, Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]
    address: Annotated[str, Meta(max_length=_ADDRESS_LIMIT)]
    certificate: Annotated[bytes, Meta(max_length=_CERTIFICATE_LIMIT)]
    queue: Annotated[bytes, Meta(min_length=QUEUE_BYTES, max_length=QUEUE_BYTES)]


def text(token: Token) -> str:
    """The token as one word. Raises BadSetting when no token can be so."""
    _check(token)
    try:
        certificate = base64.b64decode("".join(_body_of(token.certificate).split()), validate=True)
    except binascii.Error as error:
        raise BadSetting("the certificate of a token makes no sense") from error
    packed = _VERSION + msgspec.msgpack.encode(
        _Packed(
            token.who.key,
            bytes.fromhex(token.key),
            token.address,
            certificate,
            token.queue,
        )
    )
    word = _word(_sum(packed) + packed)
    if read_token(word) != msgspec.structs.replace(token, certificate=_pem(certificate)):
        raise BadSetting("no token can hold what it is to hold: something in it is too long")
    return word


def read_token(word: str) -> Token:
    """The token that somebody has pasted. Raises BadSetting, which shows nothing of it."""
    if not word.startswith(PREFIX) or len(word) > WORD_LIMIT:
        raise BadSetting(_NOT_WHOLE)
    data = _data(word)
    check, packed = data[:_CHECK_BYTES], data[_CHECK_BYTES:]
    if check != _sum(packed) or _word(data) != word:
        raise BadSetting(_NOT_WHOLE)
    if not packed.startswith(_VERSION):
        raise BadSetting(
            "this token is of another version of goq than this one; install that of its server here"
        )
    try:
        told = msgspec.msgpack.decode(packed[len(_VERSION) :], type=_Packed)
    except msgspec.DecodeError:
        raise BadSetting("this token makes no sense; ask for another one") from None  # it shows what is there
    try:
        who = read_key_name(told.who)
    except ValueError:
        raise BadSetting(_OF_NOBODY) from None
    token = Token(who, told.key.hex(), told.address, _pem(told.certificate), QueueId(told.queue))
    _check(token)
    return token


def is_token(word: str) -> bool:
    """The text is meant for one, whole or not."""
    return word.startswith(PREFIX)


def _check(token: Token) -> None:
    """Raises BadSetting when something in it is nothing that a token may hold."""
    if not is_key(token.secret):
        raise BadSetting(_OF_NOBODY)
    if len(token.queue) != QUEUE_BYTES:
        raise BadSetting("this token names no queue; ask for another one")
    try:
        parse_address(token.address)
    except ValueError:
        raise BadSetting("this token does not name a server; ask for another one") from None
    if token.certificate:
        checked_certificate(token.certificate, "this token")


def _sum(packed: bytes) -> bytes:
    return hashlib.sha256(_PURPOSE + packed).digest()[:_CHECK_BYTES]


def _word(data: bytes) -> str:
    return PREFIX + base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _data(word: str) -> bytes:
    digits = word.removeprefix(PREFIX)
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise BadSetting(_NOT_WHOLE) from None


def _body_of(pem: str) -> str:
    return pem.strip().removeprefix(_PEM_BEGIN).removesuffix(_PEM_END)


def _pem(certificate: bytes) -> str:
    """As all programs write it; "" for none."""
    if not certificate:
        return ""
    return "\n".join(
        (_PEM_BEGIN, *textwrap.wrap(base64.b64encode(certificate).decode("ascii"), 64), _PEM_END)
    )
