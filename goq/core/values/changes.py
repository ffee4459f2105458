"""What may be done to the jobs that a selector means: a value that travels as a text. Pure."""

from functools import lru_cache
from typing import Annotated, Any

from msgspec import DecodeError, Meta, Struct, json
from msgspec.structs import replace

from goq.core.values.quoted import quoted
from goq.core.values.result import SIGTERM
from goq.core.values.terms import DEFAULT_TERMS, TEXT_LIMIT, Terms, UnknownTerm

# Of all jobs of a submission, or of a moment that has gone by when there is something to alter.
FIXED = frozenset({"unique", "held", "at_once", "requeue", "umask", "after", "keep", "again_of", "keyed"})
_NONSENSE = (DecodeError, UnicodeDecodeError, RecursionError)

Signal = Annotated[int, Meta(ge=1, le=127)]


class BadChange(ValueError):
    """No change that there is; says what is wrong with it."""


class Kill(Struct, frozen=True, tag="kill", forbid_unknown_fields=True):
    """What waits never runs; the processes of what runs are killed, beginning with this signal."""

    signal: Signal = SIGTERM


class Hold(Struct, frozen=True, tag="hold", forbid_unknown_fields=True):
    """What waits is kept from being started."""


class Release(Struct, frozen=True, tag="release", forbid_unknown_fields=True):
    """What is held is so no more."""


class Alter(Struct, frozen=True, tag="alter", forbid_unknown_fields=True):
    """What waits has these fields of its terms as they are in `terms`. Raises BadChange."""

    fields: tuple[str, ...]
    terms: Terms = DEFAULT_TERMS

    def __post_init__(self) -> None:
        require_fields(self.fields, FIXED)
        if not self.fields:
            raise BadChange("nothing is to be altered; say what, as -p 5")

    def of(self, terms: Terms) -> Terms:
        """The terms as they are then."""
        return with_fields(terms, self.fields, self.terms)


def require_fields(fields: tuple[str, ...], fixed: frozenset[str]) -> None:
    """These are terms that may be set. Raises UnknownTerm, or BadChange."""
    for field in fields:
        if field not in Terms.__struct_fields__:
            raise UnknownTerm(field)
        if field in fixed:
            raise BadChange(f"the term {quoted(field)} is not altered; kill the job, and submit it again")


def with_fields(terms: Terms, fields: tuple[str, ...], others: Terms) -> Terms:
    """The terms, but that these fields are as in the others."""
    values: dict[str, Any] = {field: getattr(others, field) for field in fields}
    return replace(terms, **values)


class Pause(Struct, frozen=True, tag="pause", forbid_unknown_fields=True):
    """What runs is stopped, with all that it has started, and keeps its place."""


class Resume(Struct, frozen=True, tag="resume", forbid_unknown_fields=True):
    """What is paused goes on."""


What = Pause | Resume | Kill | Hold | Release | Alter
_ENCODE = json.Encoder().encode
_DECODE = json.Decoder(What).decode


def change_text(what: What) -> bytes:
    """The change as it travels."""
    return _ENCODE(what)


@lru_cache(maxsize=8)
def read_change(text: bytes) -> What:
    """The change that `change_text` wrote. Raises BadChange, or UnknownTerm."""
    if len(text) > TEXT_LIMIT:
        raise BadChange("the change is too long")
    try:
        what: What = _DECODE(text)
    except _NONSENSE as error:
        raise BadChange(f"a change that makes no sense: {quoted(str(error))}") from error
    return what
