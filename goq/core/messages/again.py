"""Submitting again what has ended: the question, and the one answer that lists old and new numbers. Pure.

Each travels as one value (adapters/wire/mirror.py), with the bounds at its fields.
"""

from typing import Annotated

from msgspec import Meta, Struct

from goq.core.values.changes import BadChange, require_fields
from goq.core.values.ids import JobId
from goq.core.values.job import NOBODY, By
from goq.core.values.ranges import Ranges
from goq.core.values.selectors import Selector
from goq.core.values.terms import DEFAULT_TERMS, Seconds, Terms
from goq.core.values.wishes import Wishes

HOUR_S = 3600.0
# Of what a whole array, or the kind of its jobs, settles: what is submitted again may have it otherwise.
FIXED_AGAIN = frozenset({"at_once", "umask", "after", "again_of", "keyed"})


class Retry(Struct, frozen=True, gc=False):
    """Submit the like of what the selector means and has ended, with these fields as they are in `terms`.

    They are to wait for what the `wishes` say, too. Of words those are meant that have ended within `since_s` seconds and were not retried since. `failed`: only
    those that failed or were lost. Unless `alone`, with them what was skipped or kept because of them. Raises
    BadChange.
    """

    selector: Selector
    by: By = NOBODY
    failed: bool = False
    alone: bool = False
    fields: tuple[str, ...] = ()
    terms: Terms = DEFAULT_TERMS
    since_s: Seconds = HOUR_S
    wishes: Wishes = ()

    def __post_init__(self) -> None:
        if any(wish.each for wish in self.wishes):
            raise BadChange("task by task only what is submitted for the first time waits for others")
        require_fields(self.fields, FIXED_AGAIN)
        if self.selector.is_live_only:
            raise BadChange("what waits or runs is not retried; kill it, or wait for its end")


class RetriedRow(Struct, frozen=True, gc=False):
    """The jobs from `first` on, so many, are once more what the `old` ones were, in order.

    `array` is the submission that these are of, where people know them as its tasks, 0 where not; `tasks` are the
    numbers of the tasks then, as 3-7,9. `follows`: it was submitted since it is behind others of these.
    """

    first: JobId
    count: int
    old: Ranges
    array: JobId = JobId(0)
    tasks: Annotated[str, Meta(max_length=1000)] = ""
    follows: bool = False


class Retried(Struct, frozen=True, gc=False):
    """All that was submitted again, in order."""

    rows: tuple[RetriedRow, ...]
