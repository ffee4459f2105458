"""What is fuzzed: any bytes, judged by what must hold of them. Whatever else is raised is a find.

`frame` takes the bytes of one Zjob through signature and codec. `dialogue` takes a whole
conversation of signed questions through a dispatcher, and has every turn audited by the same
independent accounts that audit the tests of the core.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import assert_never

from loop import Loop

from goq.adapters.wire.codec import Envelope, behind, decode, encode
from goq.adapters.wire.signing import Signer
from goq.adapters.wire.transport import FRAME_LIMIT
from goq.core import messages as m
from goq.core.dispatch.freshness import NS_PER_S
from goq.core.values.ids import Handle, Nonce
from goq.errors import BadMessage

SIGNER = Signer("the cluster that is fuzzed")
TURNS = 40
JOBS = 60  # the audit looks at every job in every turn
BEHIND = b"some output\n"  # what lies behind the message that may have something there


def frame(data: bytes) -> None:
    """The bytes as a frame of a stranger, as what somebody has signed, and as what lies behind that."""
    for opened in (SIGNER.open, SIGNER.open_both):
        _check_refused(opened, data)
    assert (data, b"") == SIGNER.open_both(SIGNER.seal(data))
    sealed = SIGNER.seal_head(data, len(data)) + data
    assert (data, data) == SIGNER.open_both(sealed)
    _check_refused(SIGNER.open_both, sealed[:-1])
    _check_refused(SIGNER.open_both, sealed + data[:1] + b"x")
    envelope = understood(data)
    if envelope is not None and isinstance(envelope.message, m.Question):  # answers may show less
        again = encode(
            envelope.message, envelope.nonce, envelope.in_reply_to, envelope.sent_ns, envelope.epoch
        )
        assert envelope == decode(again, behind(envelope.message)), "what was read can be said again"


def _check_refused(opened: Callable[[bytes], object], data: bytes) -> None:
    try:
        opened(data)
    except BadMessage:
        return
    raise AssertionError("a forged signature")


def understood(payload: bytes) -> Envelope | None:
    """What was said, with bytes behind it or, if it may have none, without."""
    for data in (BEHIND, b""):
        try:
            return decode(payload, data)
        except BadMessage:
            continue
    return None


# --- dialogues -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """A peer's message. One that is `fresh` counts as sent just now, whatever it says."""

    peer: int
    payload: bytes
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class TimePasses:
    """So many seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class PeerGone:
    """A connection closes."""

    peer: int


@dataclass(frozen=True, slots=True)
class Restart:
    """The server dies, and the next one begins."""


Event = Said | TimePasses | PeerGone | Restart
_SAID, _FRESH, _TIME, _GONE, _RESTART = b"s", b"f", b"t", b"g", b"r"


def written(events: list[Event]) -> bytes:
    """A dialogue as the bytes that a fuzzer bends."""
    return b"".join(_written(event) for event in events)


def _written(event: Event) -> bytes:
    match event:
        case Said(peer, payload, fresh):
            tag = _FRESH if fresh else _SAID
            return tag + struct.pack(">BH", peer, len(payload)) + payload
        case TimePasses(seconds):
            return _TIME + bytes([seconds])
        case PeerGone(peer):
            return _GONE + bytes([peer])
        case Restart():
            return _RESTART
        case _:
            assert_never(event)


def read(data: bytes) -> Iterator[Event]:
    """The events in the bytes, up to the first that makes no sense."""
    at = 0
    while at < len(data):
        tag = data[at : at + 1]
        if tag == _RESTART:
            yield Restart()
            at += 1
        elif tag in (_TIME, _GONE) and at + 1 < len(data):
            yield TimePasses(data[at + 1]) if tag == _TIME else PeerGone(data[at + 1])
            at += 2
        elif tag in (_SAID, _FRESH) and at + 4 <= len(data):
            peer, length = struct.unpack_from(">BH", data, at + 1)
            yield Said(peer, data[at + 4 : at + 4 + length], tag == _FRESH)
            at += 4 + length
        else:
            return


def dialogue(data: bytes) -> None:
    """A conversation with a server that knows nobody and has nothing, yet."""
    loop = Loop()
    for turn, event in enumerate(read(data)):
        match event:
            case Said():
                _say(loop, event, turn)
            case TimePasses(seconds):
                loop.pass_time(seconds)
            case PeerGone(peer):
                loop.peer_gone(peer)
            case Restart():
                loop.restart(1.0)
            case _:
                assert_never(event)
        _check_answers(loop)
        if turn == TURNS or loop.state.next_job > JOBS:
            return


def _say(loop: Loop, said: Said, turn: int) -> None:
    envelope = understood(said.payload)
    if envelope is None or not isinstance(envelope.message, m.Question):
        return
    if isinstance(envelope.message, m.Submit) and envelope.message.count > JOBS:
        return
    nonce, sent_ns = envelope.nonce, envelope.sent_ns
    if said.fresh:
        sent_ns = loop.now.wall_ns
        if not isinstance(envelope.message, m.Submit):
            nonce = _nonce_of_the_minute(nonce, sent_ns)
    loop.deliver(m.Request(Handle(said.peer, b"%d" % turn), nonce, sent_ns, envelope.message, envelope.epoch))


def _nonce_of_the_minute(nonce: Nonce, now_ns: int) -> Nonce:
    """What is said again later has a new nonce; the gate remembers the old one for a while only."""
    minute = now_ns // (60 * NS_PER_S)
    return Nonce(bytes(each ^ (minute >> at % 3 * 8) & 255 for at, each in enumerate(nonce)))


def _check_answers(loop: Loop) -> None:
    """Whatever the server says must fit a frame, and be understood."""
    for reply in loop.turns[-1].replies if loop.turns else ():
        payload = encode(reply.answer, b"", reply.in_reply_to, loop.now.wall_ns, loop.state.epoch)
        assert len(SIGNER.seal(payload)) <= FRAME_LIMIT
        assert reply.in_reply_to == decode(payload).in_reply_to
