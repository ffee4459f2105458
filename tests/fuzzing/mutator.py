"""Bends messages by field, as bytes alone would rarely be bent: a fuzzer's other hand.

Every field of the schema is known by its kind, so a new field is bent as soon as there is one.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import capnp

from fuzzing.targets import Event, PeerGone, Restart, Said, TimePasses, read, written
from goq.adapters.wire import codec_schema

Bend = Callable[[bytes, int], bytes]  # a fuzzer's own way with bytes, up to a size

INTEGERS = [0, 1, 2, 3, 9, 15, 255, 256, -1, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63)]
FLOATS = [0.0, 1.0, 20.0, 1e300, -1.0, float("inf"), float("nan")]
NAMES = [
    "ann",
    "bob",
    "n1",
    "health",
    "array:1",
    "node:n1",
    "user:ann:w",
    "user:bob:w",
    "node:n1:w",
    "ann@head",
]
TEXTS = [
    "",
    "w1",
    "w2",
    "running",
    "waiting",
    "finished",
    "lost",
    *NAMES,
    "é\0\n\x1b[2J",
    "x" * 256,
    "x" * 5000,
]
DATA = [b"", b"/", b"/home", b"ls", b"ls\0-l", b"\0", b"A=1\0B=2", bytes(16), bytes(32), b"\xff" * 70]
PEERS = 10  # twice as many as there are people
ROWS = 3
ELEMENTS = 64
NESTING = 6
UNREADABLE = (capnp.KjException, ValueError, RuntimeError, OverflowError)
FRAME_BYTES = 60_000  # what the length of an event can say

Zjob = Any


def mutate_frame(data: bytes, size: int, rng: random.Random, bend: Bend) -> bytes:
    """One message, bent by bit or by field."""
    if rng.random() < 0.5:
        return bend(data, size)
    bent = _bend_field(data, rng)
    return bent if bent is not None and len(bent) <= size else bend(data, size)


def mutate_dialogue(data: bytes, size: int, rng: random.Random, bend: Bend) -> bytes:
    """A conversation with one of its events bent, repeated, dropped, moved or added."""
    events = list(read(data))
    if not events or rng.random() < 0.05:
        return bend(data, size)
    at = rng.randrange(len(events))
    event = events[at]
    match rng.randrange(8):
        case 0:
            events.insert(rng.randrange(len(events) + 1), event)
        case 1:
            del events[at]
        case 2:
            events.insert(rng.randrange(len(events)), events.pop(at))
        case 3:
            events.insert(at, _something(rng))
        case _:
            events[at] = _bent(event, rng, bend)
    mutated = written(events)
    return mutated if len(mutated) <= size else bend(data, size)


def _something(rng: random.Random) -> Event:
    happens: list[Event] = [TimePasses(rng.randrange(256)), PeerGone(rng.randrange(PEERS)), Restart()]
    return rng.choice(happens)


def _bent(event: Event, rng: random.Random, bend: Bend) -> Event:
    if not isinstance(event, Said):
        return _something(rng)
    if rng.random() < 0.1:
        return replace(event, peer=rng.randrange(PEERS), fresh=rng.random() < 0.8)
    return replace(event, payload=mutate_frame(event.payload, FRAME_BYTES, rng, bend))


def _bend_field(payload: bytes, rng: random.Random) -> bytes | None:
    """The Zjob with one field changed; None when the bytes are none."""
    try:
        with codec_schema.SCHEMA.Zjob.from_bytes(payload, nesting_limit=NESTING) as reader:
            z = codec_schema.SCHEMA.Zjob.new_message()
            _copy(reader, z)
        _bend(z, rng)
        return bytes(z.to_bytes())
    except UNREADABLE:
        return None


def _copy(reader: Zjob, z: Zjob) -> None:
    """Field by field, without those that cannot be read: pycapnp's own copy aborts on them."""
    for name, field in reader.schema.fields.items():
        try:
            value = reader.msg.raw if name == "msg" else getattr(reader, name)
            if field.proto.slot.type.which() != "list":
                setattr(z, name, value)
            elif field.proto.slot.type.list.elementType.which() != "struct":
                setattr(z, name, list(value)[:ELEMENTS])
            elif len(value):
                for row, copied in zip(value, z.init(name, min(len(value), ROWS)), strict=False):
                    _copy(row, copied)
        except UNREADABLE:
            continue


def _bend(z: Zjob, rng: random.Random) -> None:
    name = rng.choice(list(z.schema.fields))
    kind = z.schema.fields[name].proto.slot.type
    if kind.which() == "list":
        _bend_list(z, name, kind.list.elementType.which(), rng)
    else:
        setattr(z, name, _value(kind.which(), rng))


def _bend_list(z: Zjob, name: str, kind: str, rng: random.Random) -> None:
    rows = getattr(z, name)
    if kind == "struct" and len(rows) and rng.random() < 0.8:
        _bend(rows[rng.randrange(len(rows))], rng)
    elif kind == "struct":
        for row in z.init(name, rng.randrange(ROWS + 1)):
            _bend(row, rng)
    else:
        setattr(z, name, [_value(kind, rng) for _ in range(rng.randrange(ROWS + 1))])


def _value(kind: str, rng: random.Random) -> object:
    match kind:
        case "bool":
            return rng.random() < 0.5
        case "text":
            return rng.choice(TEXTS)
        case "data":
            return rng.choice(DATA)
        case "float32" | "float64":
            return rng.choice(FLOATS)
        case "enum":
            return rng.randrange(40)
        case _:
            return rng.choice(INTEGERS)


MUTATORS: dict[str, Callable[[bytes, int, random.Random, Bend], bytes]] = {
    "frame": mutate_frame,
    "dialogue": mutate_dialogue,
    "people": mutate_dialogue,
}
