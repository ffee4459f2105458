"""Pages of submissions or jobs: what is asked for, and what is found. Pure.

Submissions come in this order: those that have begun and live, by number; those that have not begun, by number; those
that have ended, the latest first. Jobs come by number. A page is one moment of the journal; the pages that follow it
keep the order of that moment, so that whoever goes through them meets each submission once, whatever happens meanwhile.
"""

import re
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from goq.core.values.selectors import Selector
from goq.core.values.shown import JobRow, SubmissionRow
from goq.core.values.states import JobState
from goq.core.values.terms import NAME_LIMIT

ROWS_LIMIT = 1000
HOUR_S = 3600.0
COUNTED = 1000  # so many are counted beyond the page
BEGUN, TO_COME, ENDED = 1, 2, 3  # parts of the order
_CURSOR = re.compile(r"([0-9]{1,19})\.([1-3])\.([0-9]{1,19})\.([0-9]{1,19})").fullmatch

Word = Annotated[str, Meta(max_length=NAME_LIMIT)]
Large = Annotated[int, Meta(ge=0)]


class BadCursor(ValueError):
    """A word that leads to no page."""


class Cursor(Struct, frozen=True, gc=False):
    """Where a page begins: behind the row with this key, in a part of the order, as of the event `seq`.

    The key is the number of an event, of what has ended, and the row's own number.
    """

    seq: Large
    part: Annotated[int, Meta(ge=BEGUN, le=ENDED)] = BEGUN
    event: Large = 0
    first: Large = 0

    @property
    def text(self) -> str:
        """As programs hand it back."""
        return f"{self.seq}.{self.part}.{self.event}.{self.first}"


def cursor_of(word: str) -> Cursor:
    """What `Cursor.text` wrote. Raises BadCursor."""
    found = _CURSOR(word)
    if found is None:
        raise BadCursor(f"'{word[:NAME_LIMIT]}' leads to no page; hand back what 'next' says")
    return Cursor(*map(int, found.groups()))


SINCE_LIMIT_S = 1e10  # three centuries


class Page(Struct, frozen=True):
    """Rows of one moment of the journal, when `seq` was the latest event; `following` is None on the last page.

    Of those that are asked for `more` are behind this page, and `older` have ended longer ago; both are counted on the
    first page only, up to COUNTED.
    """

    seq: int
    rows: tuple[SubmissionRow, ...] = ()
    jobs: tuple[JobRow, ...] = ()
    following: Cursor | None = None
    more: int = 0
    older: int = 0


class Rows(Struct, frozen=True, tag="rows", forbid_unknown_fields=True):
    """The submissions that the selector means, or, `by_job`, the jobs; what has ended only if within `since_s`.

    Of everybody, or of `user`; names are of the selector's user, or `owner`'s who asks. With states, submissions that have
    such a job, or such jobs; `host`: with one that runs there, or has ended there within `since_s`. A number means a job that
    has ended, however long ago.
    """

    selector: Selector = Selector()
    owner: Word = ""
    user: Word = ""
    states: Annotated[tuple[JobState, ...], Meta(max_length=len(JobState))] = ()
    host: Word = ""
    since_s: Annotated[float, Meta(ge=0, le=SINCE_LIMIT_S)] = HOUR_S
    by_job: bool = False
    after: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=ROWS_LIMIT)] = 50

    found: ClassVar[type[Page]] = Page
