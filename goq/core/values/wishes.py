"""What a job is to wait for, as its submitter says it: selectors, that the server finds the jobs of. Pure."""

from functools import lru_cache
from typing import Annotated

from msgspec import DecodeError, Meta, Struct, json

from goq.core.values.quoted import quoted
from goq.core.values.selectors import TEXT_LIMIT, Selector
from goq.core.values.terms import When

WISHES_LIMIT = 100
_NONSENSE = (DecodeError, UnicodeDecodeError, RecursionError)


class BadWishes(ValueError):
    """Wishes that make no sense, or are too many."""


class Wish(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Wait for these jobs; `when` and `each` are as in After. With `maybe` there need be none of them."""

    selector: Selector
    when: When = "any"
    each: bool = False
    maybe: bool = False


Wishes = Annotated[tuple[Wish, ...], Meta(max_length=WISHES_LIMIT)]
_ENCODE = json.Encoder().encode
_DECODE = json.Decoder(Wishes).decode


def wishes_text(wishes: tuple[Wish, ...]) -> bytes:
    """The wishes as they travel; b"" for none."""
    return _ENCODE(wishes) if wishes else b""


@lru_cache(maxsize=8)
def read_wishes(text: bytes) -> tuple[Wish, ...]:
    """The wishes that `wishes_text` wrote. Raises BadWishes."""
    if not text:
        return ()
    if len(text) > TEXT_LIMIT:
        raise BadWishes("what it is to wait for is too long")
    try:
        wishes: tuple[Wish, ...] = _DECODE(text)
    except _NONSENSE as error:
        raise BadWishes(f"a dependency that makes no sense: {quoted(str(error))}") from error
    return wishes
