"""The fuzzed targets without a fuzzer: all kept seeds, and a while of bending by chance alone."""

import random
from pathlib import Path

import pytest

from fuzzing.beginnings import BEGINNINGS
from fuzzing.everything import TARGETS
from fuzzing.mutator import MUTATORS
from fuzzing.people import people
from fuzzing.targets import Said, read, written
from goq.core.board.rooms import Room
from goq.core.dispatch import guard
from goq.core.dispatch.changing import Changes
from goq.core.dispatch.guard import Guard
from goq.core.dispatch.veil import Veil

KEPT = Path(__file__).resolve().parent.parent / "data" / "fuzz"
ROUNDS = {"frame": 4000, "dialogue": 400, "people": 400}
SIZE = 8192


def seeds(target: str) -> list[bytes]:
    """What `make fuzz` begins with: kept files and today's messages."""
    kept = [path.read_bytes() for path in sorted((KEPT / target).iterdir())]
    return kept + list(BEGINNINGS[target].values())


def flip(data: bytes, size: int, rng: random.Random) -> bytes:
    """A poor man's bending of bytes."""
    bent = bytearray(data or b"\0")
    for _ in range(rng.choice((1, 1, 2, 8))):
        bent[rng.randrange(len(bent))] = rng.randrange(256)
    return bytes(bent[:size])


@pytest.mark.parametrize("target", TARGETS)
def test_no_kept_seed_breaks_a_promise(target: str) -> None:
    """Whatever once broke something, or once reached a corner, is tried again."""
    for seed in seeds(target):
        TARGETS[target](seed)


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_bent_by_chance_breaks_a_promise(target: str) -> None:
    """`make fuzz` looks longer, and where it has not been yet."""
    number = random.randrange(1_000_000)
    rng = random.Random(number)
    print(f"seed {number}")
    pool = seeds(target)
    for _ in range(ROUNDS[target]):
        at = rng.randrange(len(pool))
        pool[at] = MUTATORS[target](pool[at], SIZE, rng, lambda data, size: flip(data, size, rng))
        TARGETS[target](pool[at])


@pytest.mark.parametrize("day", BEGINNINGS["dialogue"].values(), ids=BEGINNINGS["dialogue"])
def test_a_dialogue_is_written_as_it_is_read(day: bytes) -> None:
    """Else the fuzzer would bend something else than what is said."""
    events = list(read(day))

    assert any(isinstance(event, Said) for event in events)
    assert day == written(events)


@pytest.mark.parametrize(
    ("where", "name", "instead"),
    [
        (Guard, "_breach", lambda *_: ""),
        (Guard, "_not_theirs", lambda *_: ""),
        (Guard, "_forged", lambda *_: ""),
        (guard, "_lack", lambda *_: ""),
        (guard, "attributed", lambda _, question: question),
        (Changes, "refusal", lambda *_: ""),
        (Veil, "over", lambda _, answer, *__: answer),
        (Veil, "end", lambda _, ended, __: ended),
        (Room, "serves", lambda *_: True),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_the_overseer_sees_what_nobody_may_do(
    monkeypatch: pytest.MonkeyPatch, where: object, name: str, instead: object
) -> None:
    """With a guard that sleeps, the days of several people break the table."""
    monkeypatch.setattr(where, name, instead)

    with pytest.raises(AssertionError):
        _meet_all_days()


def _meet_all_days() -> None:
    for day in BEGINNINGS["people"].values():
        people(day)


@pytest.mark.parametrize("target", TARGETS)
def test_the_kept_seeds_are_few(target: str) -> None:
    """They are for the corners that were found, not for all that was tried."""
    kept = [path.stat().st_size for path in (KEPT / target).iterdir()]

    assert 0 < len(kept) < 100
    assert sum(kept) < 500_000
