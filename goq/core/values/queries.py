"""What may be asked of a journal by looking into it, and what is found. Pure.

Each query names in `found` what answers it. Both travel as MessagePack; the server passes them on unread.
"""

from typing import ClassVar, Protocol, TypeVar

from msgspec import Struct, msgpack

from goq.core.values.asides import AsidesOf, AskToday
from goq.core.values.failures import FailuresOf, MediansOf
from goq.core.values.flows import FlowSince
from goq.core.values.happenings import HappeningsSince
from goq.core.values.ids import JobId
from goq.core.values.lives import LifeOf
from goq.core.values.logs import AskLog
from goq.core.values.pages import Rows
from goq.core.values.squares import SquaresOf
from goq.core.values.totals import SpentOf, TotalsOf

F_co = TypeVar("F_co", bound=Struct, covariant=True)


class Query(Protocol[F_co]):
    """A question whose answer is of the kind `found`."""

    @property
    def found(self) -> type[F_co]: ...


class Latest(Struct, frozen=True, gc=False):
    """`seq` is the number of the latest event; the first and the last job number that was given out, 0 for none."""

    seq: int
    first: JobId
    last: JobId


class AskLatest(Struct, frozen=True, tag="latest", forbid_unknown_fields=True):
    """How far the journal has come."""

    found: ClassVar[type[Latest]] = Latest


AnyQuery = (
    AskLatest
    | AskLog
    | AskToday
    | AsidesOf
    | FailuresOf
    | FlowSince
    | HappeningsSince
    | LifeOf
    | MediansOf
    | Rows
    | SpentOf
    | SquaresOf
    | TotalsOf
)

_ENCODER = msgpack.Encoder()
_QUERY: msgpack.Decoder[AnyQuery] = msgpack.Decoder(AnyQuery)


def query_bytes(query: object) -> bytes:
    """The query as it travels."""
    return _ENCODER.encode(query)


def read_query(text: bytes) -> AnyQuery:
    """The query in these bytes. Raises ValueError."""
    query: AnyQuery = _QUERY.decode(text)
    return query


def found_bytes(found: Struct) -> bytes:
    """What was found as it travels."""
    return _ENCODER.encode(found)
