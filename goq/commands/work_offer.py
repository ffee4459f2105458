"""What `goq work` offers to jobs: places, cpus, memory, GPUs, and whatever else has a name."""

import math
import time

import click
from msgspec import Struct

from goq.adapters.jobs.gpus import Gpus, gpus_here
from goq.adapters.machine import boot_id
from goq.adapters.resources import machine_cpus, usable_cpu_ranges, usable_cpus, usable_memory_mib
from goq.commands.sub_limits import amounts_of, seconds_of
from goq.core.values.quantities import BadQuantity, size_bytes
from goq.core.values.room import CPU_RANGES_LIMIT, GPUS_LIMIT, MIB, Amounts, Offer, is_gpu_id
from goq.errors import BadCommand

PLACES_LIMIT = 4096
AUTO = "auto"
NO_GPUS = Gpus()


class Share(Struct, frozen=True):
    """So many jobs at once, and what they may have together; `gpus` with who says that they are here."""

    places: int
    offer: Offer
    gpus: Gpus = NO_GPUS
    lifetime_s: float = math.inf

    @property
    def words(self) -> str:
        """For the log, of GPUs that nobody has named one by one; "" for nothing to say."""
        if not self.gpus.source:
            return ""
        if not self.gpus.ids:
            return f"offers no GPU: {self.gpus.source}"
        return f"offers the GPUs {','.join(self.gpus.ids)}, by {self.gpus.source}"


def share_of(
    places: str,
    cpus: int | None,
    memory: str | None,
    gpus: str | None,
    named: tuple[str, ...],
    lifetime: str | None,
) -> Share:
    """What the options say. Raises click.UsageError."""
    lifetime_s = _lifetime(lifetime) if lifetime else math.inf
    count = usable_cpus() if places == AUTO else places_of(places)
    chosen = NO_GPUS if gpus is None else _gpus(gpus)
    offer = Offer(
        cpus or count,
        _memory(memory) if memory else _share_of_memory(count, whole=places == AUTO),
        chosen.ids,
        _named(named),
        usable_cpu_ranges()[:CPU_RANGES_LIMIT],
        boot_id(),
        time.time_ns() + round(lifetime_s * 1e9) if lifetime else 0,
    )
    return Share(count, offer, chosen, lifetime_s)


def _lifetime(word: str) -> float:
    try:
        return seconds_of("--lifetime", word)
    except BadCommand as error:
        raise click.UsageError(str(error).removesuffix(" Nothing was queued.")) from error


def _named(words: tuple[str, ...]) -> Amounts:
    try:
        return amounts_of("--resource", words)
    except BadCommand as error:
        raise click.UsageError(str(error).removesuffix(" Nothing was queued.")) from error


def places_of(word: str) -> int:
    """Of -j, but for auto. Raises click.UsageError."""
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


def _gpus(word: str) -> Gpus:
    """`auto`, a count, or ids with a comma: `0,1` or `1,`."""
    if word == AUTO:
        here = gpus_here()
        _check_ids(here.ids, here.source)
        return here if here.ids else Gpus((), here.source or "there is none here")
    if "," not in word:
        if word.isascii() and word.isdecimal() and len(word) < 16 and 0 < int(word) <= GPUS_LIMIT:
            return _first(int(word))
        raise click.UsageError(f"--gpus takes {AUTO}, a count, or ids as 0,1 or 1, and not '{word}'")
    ids = tuple(word.removesuffix(",").split(","))
    _check_ids(ids, f"--gpus: '{word}'")
    return Gpus(tuple(str(int(gpu)) if gpu.isascii() and gpu.isdecimal() else gpu for gpu in ids))


def _check_ids(ids: tuple[str, ...], who: str) -> None:
    if len(ids) > GPUS_LIMIT or not all(map(is_gpu_id, ids)):
        raise click.UsageError(f"{who} is no list of ids; 0,1 is")


def _first(count: int) -> Gpus:
    """So many of the GPUs that are here, else from 0 on: nobody may know them but who asks for them."""
    here = gpus_here()
    if not here.source:
        return Gpus(tuple(map(str, range(count))), "--gpus alone, since nothing else here tells of any")
    if len(here.ids) < count:
        raise click.UsageError(f"--gpus {count}: by {here.source} there are {len(here.ids)} here")
    _check_ids(here.ids, here.source)
    return Gpus(here.ids[:count], here.source)
