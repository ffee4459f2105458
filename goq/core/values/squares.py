"""All jobs of an array as a map: so many squares, each of some jobs that follow each other. Pure."""

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from goq.core.values.items import NUMBER_LIMIT
from goq.core.values.shown import Counts

SQUARES_LIMIT = 400
MAPPED_LIMIT = 200_000  # jobs; more take too long to look at


class Squares(Struct, frozen=True):
    """The squares in order, each of `each` jobs but for the last, when `seq` was the latest event. None of more than MAPPED_LIMIT jobs."""

    seq: int
    each: int = 1
    squares: tuple[Counts, ...] = ()


class SquaresOf(Struct, frozen=True, tag="squares", forbid_unknown_fields=True):
    """A map of the submission that begins with that job."""

    job: Annotated[int, Meta(ge=1, le=NUMBER_LIMIT)]

    found: ClassVar[type[Squares]] = Squares
