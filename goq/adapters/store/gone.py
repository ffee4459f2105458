"""Looks up what has ended: for whoever is to wait for it, or wants it once more."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator

from goq.adapters.store.blobs import whole_ones
from goq.adapters.store.event_times import event_at
from goq.adapters.store.submissions import SubmissionReader
from goq.core.dispatch.again import nonce_of
from goq.core.dispatch.decision import Asked, Bygone, Copies, Gone, Kinds, LiveEnds
from goq.core.state.parts import Part
from goq.core.values.ids import JobId, Nonce
from goq.core.values.job import Submission
from goq.core.values.ranges import Range, Ranges, merged, without
from goq.core.values.result import Ended
from goq.core.values.selectors import Named, Owned, Tagged
from goq.core.values.spans import Spans
from goq.core.values.states import JobState
from goq.core.values.terms import Terms, read_terms

LOOKED_AT = 10_000  # submissions, the latest ones, of those that words mean
AROUND_LIMIT = 10_000  # submissions

# The jobs of a range that ended, and not well, as ranges, by how they did.
_BADLY = (
    "SELECT how, min(job), max(job) + 1 FROM (SELECT job, CASE ending WHEN 'finished' THEN 'failed' ELSE ending END"
    " AS how, job - row_number() OVER (PARTITION BY ending ORDER BY job) AS island FROM result"
    " WHERE job >= ?1 AND job < ?2 AND ending IS NOT NULL AND (ending <> 'finished' OR exit_code <> 0 OR signal <> 0))"
    " GROUP BY how, island"
    " UNION ALL SELECT CASE ending WHEN 'finished' THEN 'failed' ELSE ending END, max(first, ?1), min(next, ?2)"
    " FROM ended WHERE first < ?2 AND next > ?1"
    " AND first >= coalesce((SELECT max(first) FROM ended WHERE first <= ?1), 0)"
)
_PARTS = (
    "SELECT max(first, ?1), min(next, ?2), terms FROM part WHERE first < ?2 AND next > ?1"
    " AND first >= coalesce((SELECT max(first) FROM part WHERE first <= ?1), 0) ORDER BY first"
)
_RETRIED = "SELECT first, next, again FROM retried WHERE first >= ? AND first < ?"
_ENDED_SINCE = (
    "SELECT EXISTS (SELECT 1 FROM event WHERE job >= ?1 AND job < ?2 AND seq >= ?3"
    " AND kind IN ('finished', 'cancelled', 'lost', 'skipped'))"
    # Of a range of jobs that ended at once, in an event that begins before it.
    " OR EXISTS (SELECT 1 FROM ended WHERE first < ?2 AND next > ?1 AND seq + next - first > ?3"
    " AND first >= coalesce((SELECT max(first) FROM ended WHERE first <= ?1), 0))"
)


def find_gone(db: sqlite3.Connection, asked: Asked, ended: Callable[[JobId], Ended | None]) -> Bygone:
    """What is asked about; `ended` knows of one job."""
    finder = _Finder(db, ended)
    if asked.nonce and (again := tuple(finder.came_of(asked.nonce))):
        return Bygone(again=again)
    found = finder.found(asked)
    if len(found) > asked.most:
        return Bygone(is_all=False)
    live = tuple(
        LiveEnds(JobId(first), finder.kinds(first, end), finder.parts(first, end), finder.copies(first, end))
        for first, end in asked.live
    )
    around = finder.around(asked, found.values()) if asked.behind else ()
    needed = {blob for each in (*found.values(), *around) for blob in each.origin.blobs}
    return Bygone(
        tuple(map(finder.gone, found.values())),
        live=live,
        around=tuple(map(finder.gone, around)),
        blobs=whole_ones(db, needed.union(asked.blobs)),
    )


def retried_among(db: sqlite3.Connection, submission: Submission) -> Ranges:
    """Those of its jobs that were submitted again."""
    return merged((first, end) for first, end, _ in _copies(db, submission.first, submission.end))


def _copies(db: sqlite3.Connection, first: int, end: int) -> Copies:
    return tuple(db.execute(_RETRIED, (first, end)).fetchall())


class _Finder:
    """Looks up what it takes, through one connection."""

    def __init__(self, db: sqlite3.Connection, ended: Callable[[JobId], Ended | None]) -> None:
        self._db = db
        self._ended = ended
        self._reader = SubmissionReader(db)

    def found(self, asked: Asked) -> dict[JobId, Submission]:
        """By numbers and by words; one more than the most, if there are more."""
        found: dict[JobId, Submission] = {}
        for part in asked.ranges:
            for submission in self._reader.ended_ones(*part, asked.most + 1 - len(found)):
                found[submission.first] = submission
        if asked.words:
            seq = event_at(self._db, asked.since_ns)
            for submission in self._meant(asked):
                if len(found) > asked.most:
                    break
                if self._db.execute(_ENDED_SINCE, (submission.first, submission.end, seq)).fetchone()[0]:
                    found[submission.first] = submission
        return found

    def gone(self, what: Submission) -> Gone:
        """How its jobs ended."""
        kinds = self.kinds(what.first, what.end)
        bad = merged(part for _, ranges in kinds for part in ranges)
        worst = self._ended(bad[0][0]) if bad else None
        part = (what.first, what.end)
        return Gone(
            what, bad, worst, kinds, retried_among(self._db, what), self.parts(*part), self.copies(*part)
        )

    def copies(self, first: int, end: int) -> Copies:
        """What those of these jobs were submitted again as that were."""
        return _copies(self._db, first, end)

    def kinds(self, first: int, end: int) -> Kinds:
        """What has ended badly of these jobs."""
        found: dict[JobState, list[Range]] = {}
        for how, start, stop in self._db.execute(_BADLY, (first, end)):
            if start < stop:
                found.setdefault(JobState(how), []).append((start, stop))
        return tuple((how, merged(ranges)) for how, ranges in found.items())

    def parts(self, first: int, end: int) -> tuple[Part, ...]:
        """The jobs of these whose terms were altered."""
        rows = self._db.execute(_PARTS, (first, end))
        return tuple((start, stop, read_terms(terms.encode())) for start, stop, terms in rows if start < stop)

    def came_of(self, nonce: Nonce) -> Iterator[tuple[Submission, Ranges]]:
        """The submissions that a question with this nonce has made, and what each was again."""
        at = 0
        while row := self._db.execute(
            "SELECT first FROM submission WHERE nonce = ?", (nonce_of(nonce, at),)
        ).fetchone():
            submission = self._reader.of_number(JobId(row[0]))
            rows = self._db.execute(
                "SELECT first, next FROM retried WHERE again >= ? AND again < ? ORDER BY again",
                (submission.first, submission.end) if submission else (0, 0),
            ).fetchall()
            if submission and rows:
                yield submission, tuple(rows)
            at += 1

    # --- by words -----------------------------------------------------------------------------

    def _meant(self, asked: Asked) -> Iterator[Submission]:
        """The latest of those that have ended whose terms and owner the words mean."""
        named = {
            number: read_terms(json.encode())
            for number, json in self._db.execute(
                "SELECT id, json FROM terms WHERE json LIKE '%\"name\":%' OR json LIKE '%\"tags\":%'"
            ).fetchall()
        }
        meant = {number for number, terms in named.items() if _fits_terms(asked.words, terms)}
        everybody = any(isinstance(word, Owned) or _meets_all(word) for word in asked.words)
        rows = self._db.execute(
            "SELECT first, submitter, terms FROM submission WHERE open = 0 ORDER BY first DESC LIMIT ?",
            (LOOKED_AT,),
        )
        if not everybody:
            some = ",".join(map(str, sorted(meant))) or "NULL"
            rows = self._db.execute(
                f"SELECT first, submitter, terms FROM submission WHERE open = 0 AND terms IN ({some})"
                " ORDER BY first DESC LIMIT ?",
                (LOOKED_AT,),
            )
        for first, submitter, terms in rows.fetchall():
            owner = submitter.rpartition("@")[0] or submitter
            if any(_fits(word, named.get(terms), owner, asked.owner) for word in asked.words):
                submission = self._reader.of_number(JobId(first))
                if submission:
                    yield submission

    # --- what is behind them --------------------------------------------------------------------

    def around(self, asked: Asked, found: Iterable[Submission]) -> list[Submission]:
        """What has ended and is behind any of them, or behind that, and what all of these are behind."""
        near, behind, others = Spans(), dict[JobId, Submission](), list[Range]()
        near.extend(merged([*asked.live, *((each.first, each.end) for each in found)]))
        for first, end, terms in self._those_that_wait():  # in order: what they are behind is older
            if not any(near.between(*part) for after in terms.after for part in after.jobs):
                continue
            submission = self._reader.of_number(first)
            if submission and len(behind) < AROUND_LIMIT:
                others += (part for after in terms.after for part in after.jobs)
                near.extend(without(((first, end),), tuple(near.ranges())))
                behind[first] = submission
        for part in merged(others):
            for submission in self._reader.ended_ones(*part, AROUND_LIMIT):
                behind[submission.first] = submission
        return list(behind.values())

    def _those_that_wait(self) -> Iterator[tuple[JobId, JobId, Terms]]:
        """The submissions that have ended and were to wait for others, with their terms, in order."""
        rows = self._db.execute(
            "SELECT submission.first, submission.first + count, json FROM terms"
            " CROSS JOIN submission ON submission.terms = terms.id"
            " WHERE json LIKE '%\"after\":%' AND open = 0 ORDER BY submission.first"
        ).fetchall()
        return ((JobId(first), JobId(end), read_terms(json.encode())) for first, end, json in rows)


def _fits_terms(words: tuple[Named | Tagged | Owned, ...], terms: Terms) -> bool:
    return any(
        (isinstance(word, Named) and word.meets(terms.name))
        or (isinstance(word, Tagged) and word.tag in terms.tags)
        for word in words
    )


def _meets_all(word: Named | Tagged | Owned) -> bool:
    return isinstance(word, Named) and word.meets("")


def _fits(word: Named | Tagged | Owned, terms: Terms | None, owner: str, whose: str) -> bool:
    match word:
        case Named():
            return word.meets(terms.name if terms else "") and owner == whose
        case Tagged(tag):
            return terms is not None and tag in terms.tags
        case Owned(user):
            return owner == user
