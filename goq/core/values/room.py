"""What jobs need and workers offer: named amounts. Pure.

GPUs are told apart: a worker offers ids, and a job is granted some of them. An id that is offered twice may
be granted to two jobs. So are the cpus of a job that is pinned: those are of all workers of its host, which is
known by its name and its boot.
"""

import math
import re
from functools import lru_cache
from typing import Annotated

from msgspec import DecodeError, Meta, Struct, json

from goq.core.values.terms import DEFAULT_TERMS, Count, Label, Moment, Terms

Need = tuple[tuple[str, int], ...]  # sorted by name, each amount above 0

CPUS, MEMORY, GPUS, PINNED, TIME, KEYED = "cpus", "memory", "gpus", "pinned", "time", "keyed"
OWN_NAMES = frozenset((CPUS, MEMORY, GPUS, PINNED, TIME, KEYED))
COMPARED = (TIME, KEYED)  # with what a worker has, and not taken
OUTLIVES = 2  # so many workers may come to the end of their lifetime with a job; then it needs one without
ENDLESS = 1 << 40  # seconds that no lifetime has left
ONE_CPU: Need = ((CPUS, 1),)
MIB = 1 << 20
TEXT_LIMIT = 16 * 1024
NAMES_LIMIT, GPUS_LIMIT = 64, 256
CPUS_LIMIT, CPU_RANGES_LIMIT = 4096, 256

GPU_PATTERN = r"\A[A-Za-z0-9_.:/-]{1,64}\Z"
GpuId = Annotated[str, Meta(pattern=GPU_PATTERN)]
Gpus = Annotated[tuple[GpuId, ...], Meta(max_length=GPUS_LIMIT)]
Amounts = Annotated[tuple[tuple[Label, Count], ...], Meta(max_length=NAMES_LIMIT)]
CpuId = Annotated[int, Meta(ge=0, le=CPUS_LIMIT)]
CpuIds = Annotated[tuple[CpuId, ...], Meta(max_length=CPUS_LIMIT)]
CpuRanges = Annotated[
    tuple[tuple[CpuId, CpuId], ...], Meta(max_length=CPU_RANGES_LIMIT)
]  # without their ends
BootId = Annotated[str, Meta(max_length=64)]
OwnerName = Annotated[str, Meta(max_length=64)]


class BadOffer(ValueError):
    """An offer that breaks a bound, or is none at all."""


class BadGrant(ValueError):
    """A grant that breaks a bound, or is none at all."""


class Offer(Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """What the places of one worker process have together; of cpus, and of memory in MiB, 0 is no bound.

    `pins` are the cpus that jobs may be pinned to, beside those of other workers of that host and `boot`.
    At `ends_ns` of the wall clock its life is over; 0: it has no end. With an `owner` it runs that user's jobs only. It
    `is_root` with the cluster id alone: as root it runs nothing that came with a user's key.
    """

    cpus: Count = 0
    memory: Count = 0
    gpus: Gpus = ()
    named: Amounts = ()
    pins: CpuRanges = ()
    boot: BootId = ""
    ends_ns: Moment = 0
    owner: OwnerName = ""
    is_root: bool = False

    def pin_ids(self) -> list[int]:
        """The cpus of `pins`, in order."""
        return [cpu for first, end in self.pins for cpu in range(first, end)]

    def amount(self, name: str) -> float:
        """How much of it there is; infinity where there is no bound."""
        if name == CPUS:
            return self.cpus or math.inf
        if name == MEMORY:
            return _rounded(self.memory) or math.inf
        if name == PINNED:
            return sum(end - first for first, end in self.pins)
        if name == KEYED:
            return 0 if self.is_root else math.inf
        return len(self.gpus) if name == GPUS else dict(self.named).get(name, 0)


ANYTHING = Offer()


class Grant(Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """What of a host, of that `boot`, is a job's own while it runs. The GPUs in `shared` others may have too."""

    gpus: Gpus = ()
    cpus: CpuIds = ()
    boot: BootId = ""
    shared: Gpus = ()


NO_GRANT = Grant()


@lru_cache(maxsize=10_000)
def need_of(terms: Terms, outlived: int = 0) -> Need:
    """What a job with these terms takes of its worker while it runs, after it has outlived so many workers.

    Memory is in MiB. Its time, in seconds, the worker must have left, and it is not taken. Both are rounded up to
    six binary digits, so that there are few different needs.
    """
    if terms is DEFAULT_TERMS and outlived < OUTLIVES:
        return ONE_CPU
    amounts = {CPUS: terms.cpus, MEMORY: _rounded(-(-terms.memory // MIB)), GPUS: terms.gpus}
    if outlived >= OUTLIVES or terms.time_limit_s:
        amounts[TIME] = ENDLESS if outlived >= OUTLIVES else _rounded(math.ceil(terms.time_limit_s))
    if terms.pin:
        amounts[PINNED] = terms.cpus
    if terms.keyed:
        amounts[KEYED] = 1
    amounts |= dict(terms.resources)
    return tuple(sorted((name, amount) for name, amount in amounts.items() if amount))


@lru_cache(maxsize=10_000)
def taken_by(need: Need) -> Need:
    """What of it is taken, and not only compared."""
    return tuple((name, amount) for name, amount in need if name not in COMPARED)


def _rounded(amount: int) -> int:
    """Up, to six binary digits: 4 GiB stay 4 GiB."""
    unit = 1 << max(0, amount.bit_length() - 6)
    return -(-amount // unit) * unit


def is_gpu_id(word: str) -> bool:
    """It may be the id of a GPU: a number, or as CUDA_VISIBLE_DEVICES has them."""
    return re.search(GPU_PATTERN, word) is not None


_ENCODE = json.Encoder().encode
_DECODE = json.Decoder(Offer).decode
_DECODE_GRANT = json.Decoder(Grant).decode
_NONSENSE = (DecodeError, UnicodeDecodeError, RecursionError)


def offer_text(offer: Offer) -> bytes:
    """The offer as it travels; b"" where nothing is bounded."""
    return b"" if offer is ANYTHING else _ENCODE(offer)


@lru_cache(maxsize=1000)
def read_offer(text: bytes) -> Offer:
    """The offer that `offer_text` wrote. Raises BadOffer."""
    if len(text) > TEXT_LIMIT:
        raise BadOffer("the offer is too long")
    try:
        return _DECODE(text)
    except _NONSENSE as error:
        raise BadOffer(f"an offer that makes no sense: {error}") from error


def grant_text(grant: Grant) -> bytes:
    """The grant as it travels and is kept; b"" for none."""
    return b"" if grant is NO_GRANT or grant == NO_GRANT else _ENCODE(grant)


@lru_cache(maxsize=1000)
def read_grant(text: bytes) -> Grant:
    """The grant that `grant_text` wrote. Raises BadGrant."""
    if not text:
        return NO_GRANT
    if len(text) > 2 * TEXT_LIMIT:
        raise BadGrant("the grant is too long")
    try:
        return _DECODE_GRANT(text)
    except _NONSENSE as error:
        raise BadGrant(f"a grant that makes no sense: {error}") from error
