"""What `goq work` offers to jobs: places, cpus, memory, GPUs, and whatever else has a name."""

import click
from msgspec import Struct

from goq.adapters.resources import gpu_ids, machine_cpus, usable_cpus, usable_memory_mib
from goq.commands.sub_limits import amounts_of
from goq.core.values.quantities import BadQuantity, size_bytes
from goq.core.values.room import GPUS_LIMIT, MIB, Amounts, Offer
from goq.errors import BadCommand

PLACES_LIMIT = 4096
AUTO = "auto"


class Share(Struct, frozen=True):
    """So many jobs at once, and what they may have together."""

    places: int
    offer: Offer


def share_of(
    places: str, cpus: int | None, memory: str | None, gpus: str | None, named: tuple[str, ...]
) -> Share:
    """What the options say. Raises click.UsageError."""
    count = usable_cpus() if places == AUTO else _places(places)
    offer = Offer(
        cpus or count,
        _memory(memory) if memory else _share_of_memory(count, whole=places == AUTO),
        () if gpus is None else _gpus(gpus),
        _named(named),
    )
    return Share(count, offer)


def _named(words: tuple[str, ...]) -> Amounts:
    try:
        return amounts_of("--resource", words)
    except BadCommand as error:
        raise click.UsageError(str(error).removesuffix(" Nothing was queued.")) from error


def _places(word: str) -> int:
    if word.isascii() and word.isdecimal() and len(word) < 16 and 1 <= int(word) <= PLACES_LIMIT:
        return int(word)
    raise click.UsageError(f"-j takes a number from 1 to {PLACES_LIMIT}, or {AUTO}, and not '{word}'")


def _share_of_memory(places: int, *, whole: bool) -> int:
    """In MiB: as many parts of the machine's as we have places for its cpus."""
    memory, cpus = usable_memory_mib(), machine_cpus()
    return memory if whole or places >= cpus else max(1, memory * places // cpus)


def _memory(word: str) -> int:
    try:
        return max(1, size_bytes(word) // MIB)
    except BadQuantity as error:
        raise click.UsageError(f"--mem: {error}") from error


def _gpus(word: str) -> tuple[str, ...]:
    """`auto`, a count, or ids with a comma: `0,1` or `1,`."""
    if word == AUTO:
        return gpu_ids()
    if "," not in word:
        if word.isascii() and word.isdecimal() and len(word) < 16 and 0 < int(word) <= GPUS_LIMIT:
            return _first(int(word))
        raise click.UsageError(f"--gpus takes {AUTO}, a count, or ids as 0,1 or 1, and not '{word}'")
    ids = tuple(word.removesuffix(",").split(","))
    if not 0 < len(ids) <= GPUS_LIMIT or not all(
        gpu.replace("-", "").replace("_", "").isalnum() for gpu in ids
    ):
        raise click.UsageError(f"--gpus: '{word}' is no list of ids; 0,1 is")
    return tuple(str(int(gpu)) if gpu.isascii() and gpu.isdecimal() else gpu for gpu in ids)


def _first(count: int) -> tuple[str, ...]:
    """So many GPUs: of those that CUDA_VISIBLE_DEVICES leaves us, else from 0 on."""
    ids = gpu_ids()
    if not ids:
        return tuple(map(str, range(count)))
    if len(ids) < count:
        raise click.UsageError(f"--gpus {count}: there are {len(ids)} here: {','.join(ids)}")
    return ids[:count]
