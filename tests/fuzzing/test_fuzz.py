"""The fuzzed targets without a fuzzer: all kept seeds, and a while of bending by chance alone."""

import random
from pathlib import Path

import pytest

from fuzzing.beginnings import BEGINNINGS
from fuzzing.mutator import MUTATORS
from fuzzing.targets import TARGETS, Said, read, written

KEPT = Path(__file__).resolve().parent.parent / "data" / "fuzz"
ROUNDS = {"frame": 4000, "dialogue": 400}
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


@pytest.mark.parametrize("target", TARGETS)
def test_the_kept_seeds_are_few(target: str) -> None:
    """They are for the corners that were found, not for all that was tried."""
    kept = [path.stat().st_size for path in (KEPT / target).iterdir()]

    assert 0 < len(kept) < 100
    assert sum(kept) < 500_000
