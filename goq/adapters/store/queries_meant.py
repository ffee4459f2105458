"""Which jobs of a submission a selector means, live or ended, as the reader of a journal sees it."""

import sqlite3
from collections.abc import Iterator
from typing import assert_never

from msgspec import Struct

from goq.core.values.ids import JobId
from goq.core.values.items import EachLine, Items, Numbers, read_items
from goq.core.values.job import owner_of
from goq.core.values.ranges import Range, Ranges, merged
from goq.core.values.selectors import Jobs, Named, Number, Owned, Part, Selector, Tagged, Tasks
from goq.core.values.terms import Terms, read_terms

_PARTS = (
    "SELECT max(first, ?1), min(next, ?2), terms FROM part WHERE first < ?2 AND next > ?1"
    " AND first >= coalesce((SELECT max(first) FROM part WHERE first <= ?1), 0) ORDER BY first"
)


TERMS_LIMIT, IDS_LIMIT = 20_000, 1_000  # that are looked at, and that are named
HULL_LIMIT = 100_000  # numbers: among more, others' submissions are passed over one by one
_LABELLED = "SELECT id, json FROM terms WHERE json LIKE '%\"name\":%' OR json LIKE '%\"tags\":%' LIMIT ?"


class Known(Struct, frozen=True, gc=False):
    """A submission as far as a selector looks at it."""

    first: JobId
    count: int
    owner: str
    terms: Terms
    items: Items | None

    @property
    def end(self) -> JobId:
        """The number behind its last."""
        return JobId(self.first + self.count)

    @property
    def is_array(self) -> bool:
        """Its first number stands for all its jobs."""
        return isinstance(self.items, Numbers | EachLine)


class Meant:
    """A selector, over one moment of a journal. `owner` is who asks: names mean jobs of theirs, unless it has a user."""

    def __init__(self, db: sqlite3.Connection, selector: Selector, owner: str) -> None:
        self._db = db
        self._parts = selector.parts
        self._whose = selector.user or owner
        self._only = selector.user
        self.has_numbers = any(isinstance(part, Number | Jobs | Tasks) for part in selector.parts)
        self._terms: dict[int | None, Terms] = {}
        self._is_altered = db.execute("SELECT 1 FROM part LIMIT 1").fetchone() is not None

    @property
    def is_by_number(self) -> bool:
        """Nothing is meant but by its number."""
        return bool(self._parts) and all(isinstance(part, Number | Jobs | Tasks) for part in self._parts)

    def hull(self) -> Range | None:
        """All submissions that are meant have a job in this range, when they are meant by few numbers only."""
        if not self.is_by_number:
            return None
        ranges = [(part.first, part.end) if isinstance(part, Jobs) else _at(part) for part in self._parts]
        low, high = min(first for first, _ in ranges), max(end for _, end in ranges)
        return (low, high) if high - low <= HULL_LIMIT else None

    def narrowed(self) -> str:
        """What SQL can say of submissions that are meant, so that few others have to be looked at."""
        if (
            self._parts
            and not self._is_altered
            and all(isinstance(part, Named | Tagged) for part in self._parts)
        ):
            some = self._fitting_terms()
            return "" if some is None else f" AND +terms IN (0,{','.join(map(str, some)) or 0})"
        return ""

    def _fitting_terms(self) -> list[int] | None:
        """The numbers of terms that some word fits; None where these are too many, or jobs without terms are meant."""
        if any(isinstance(part, Named) and part.meets("") for part in self._parts):
            return None
        rows = self._db.execute(_LABELLED, (TERMS_LIMIT + 1,)).fetchall()
        some = [number for number, json in rows if self._fits_any(read_terms(json.encode()))]
        return some if len(rows) <= TERMS_LIMIT and len(some) <= IDS_LIMIT else None

    def _fits_any(self, terms: Terms) -> bool:
        return any(
            part.meets(terms.name) if isinstance(part, Named) else part.tag in terms.tags
            for part in self._parts
            if isinstance(part, Named | Tagged)
        )

    def known(self, first: int, count: int, submitter: str, terms: int | None, items: bytes | None) -> Known:
        """The submission of a row."""
        return Known(JobId(first), count, owner_of(submitter), self.terms(terms), read_items(items or b""))

    def terms(self, number: int | None) -> Terms:
        """Those that are kept under that number."""
        if number not in self._terms:
            text = ""
            if number is not None:
                (text,) = self._db.execute("SELECT json FROM terms WHERE id = ?", (number,)).fetchone()
            self._terms[number] = read_terms(text.encode())
        return self._terms[number]

    def by_number(self, what: Known) -> Ranges:
        """Those of its jobs that are meant by their numbers."""
        if not self.has_numbers or self._only not in {"", what.owner}:
            return ()
        return merged(each for part in self._parts for each in _numbered(part, what))

    def by_word(self, what: Known) -> Ranges:
        """Those of its jobs that are meant by words, or since no others are named."""
        if self._only not in {"", what.owner}:
            return ()
        if not self._parts:
            return ((what.first, what.end),)
        words = [part for part in self._parts if isinstance(part, Named | Tagged | Owned)]
        if not words:
            return ()
        return merged(
            (first, end)
            for first, end, terms in self.altered(what)
            if any(self._fits(word, what.owner, terms) for word in words)
        )

    def altered(self, what: Known) -> Iterator[tuple[JobId, JobId, Terms]]:
        """Its jobs with the terms that they have now, in order."""
        at = what.first
        if self._is_altered:
            for first, end, text in self._db.execute(_PARTS, (what.first, what.end)):
                if first < end:
                    if at < first:
                        yield at, JobId(first), what.terms
                    yield JobId(first), JobId(end), read_terms(text.encode())
                    at = JobId(end)
        if at < what.end:
            yield at, what.end, what.terms

    def _fits(self, word: Named | Tagged | Owned, owner: str, terms: Terms) -> bool:
        match word:
            case Named():
                return owner == self._whose and word.meets(terms.name)
            case Tagged(tag):
                return tag in terms.tags
            case Owned(user):
                return owner == user
            case _:
                assert_never(word)


def _at(part: Part) -> Range:
    job = part.job if isinstance(part, Number | Tasks) else JobId(0)
    return job, JobId(job + 1)


def _numbered(part: Part, what: Known) -> Iterator[Range]:
    match part:
        case Number(job):
            if job == what.first and what.is_array:
                yield what.first, what.end
            elif what.first <= job < what.end:
                yield job, JobId(job + 1)
        case Jobs(first, end):
            if max(first, what.first) < min(end, what.end):
                yield max(first, what.first), min(end, what.end)
        case Tasks(job, ranges):
            if job == what.first and isinstance(what.items, Numbers | EachLine):
                for low, high in ranges:
                    for start, stop in what.items.indices(low, high):
                        if start < what.count:
                            yield JobId(what.first + start), JobId(what.first + min(stop, what.count))
