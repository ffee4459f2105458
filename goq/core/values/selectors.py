"""Which jobs somebody means: a value that a client makes of words, and a server finds the jobs of.

Pure; what there is, it does not know. Word by word:

    12                     the job, or all its submission, where that was made as an array
    12-20                  the jobs of these numbers, whatever they belong to
    12.3 12[3] 12.3-7,9    tasks of the submission that begins with 12, by their items' numbers
    12.* 12[*]             all of them
    fold name:fold sim* *  by name; a * stands for any characters, also for none
    tag:night user:ann     by tag, by owner
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated

from msgspec import DecodeError, Meta, Struct, json

from goq.core.values.ids import JobId
from goq.core.values.items import NUMBER_LIMIT
from goq.core.values.quoted import quoted
from goq.core.values.states import BadState, JobState, states_of
from goq.core.values.terms import LABEL_LIMIT, NAME_LIMIT, Label, is_label

PARTS_LIMIT = 1000  # parts of a selector, and ranges in the parts
STATES_LIMIT = len(JobState)
TEXT_LIMIT = 512 * 1024  # bytes of a selector as text
_DIGITS = len(str(NUMBER_LIMIT))
_NONSENSE = (DecodeError, UnicodeDecodeError, RecursionError)
_ONE = re.compile(r"[0-9]+").fullmatch
_RANGE = re.compile(r"([0-9]+)-([0-9]+)").fullmatch
_TASK_LIST = r"[0-9]+(?:-[0-9]+)?(?:,[0-9]+(?:-[0-9]+)?)*|\*"
_TASKS = re.compile(rf"([0-9]+)(?:\.({_TASK_LIST})|\[({_TASK_LIST})\])").fullmatch
_BEGINS_LIKE_A_NUMBER = re.compile(r"[-+]?[0-9][-0-9.,:*\[\]_]*").fullmatch
_LISTS_NUMBERS = re.compile(r"[0-9]+(?:-[0-9]+)?(?:,[0-9]+(?:-[0-9]+)?)+").fullmatch
# As a label, but that any part of it may be a *.
_PATTERN = r"\A(?!-)(?:[^\s,:*/\x00-\x1f\x7f]|\*)+\Z"
_USER = r"\A[^\s\x00-\x1f\x7f\ud800-\udfff]+\Z"
_HALF_A_CHARACTER = re.compile(r"[\ud800-\udfff]").search  # bytes of a word that are no UTF-8
_RIGHT = "12, 12-20, 12.3-7, a name, tag:T or user:U"

JobNumber = Annotated[JobId, Meta(ge=1, le=NUMBER_LIMIT)]
ItemNumber = Annotated[int, Meta(ge=0, le=NUMBER_LIMIT)]
ItemRanges = tuple[tuple[ItemNumber, ItemNumber], ...]  # each its lowest and its highest
User = Annotated[str, Meta(max_length=NAME_LIMIT, pattern=_USER)]

ALL: ItemRanges = ((0, NUMBER_LIMIT),)


class BadSelector(ValueError):
    """Words that name no jobs; says which, and shows right ones."""


class Number(Struct, frozen=True, tag="number", forbid_unknown_fields=True):
    """The job of this number, or all its submission, if it begins it and was made as an array."""

    job: JobNumber


class Jobs(Struct, frozen=True, tag="jobs", forbid_unknown_fields=True):
    """The jobs from `first` up to, and without, `end`. Raises BadSelector when there is none."""

    first: JobNumber
    end: Annotated[JobId, Meta(ge=1, le=NUMBER_LIMIT + 1)]

    def __post_init__(self) -> None:
        if self.end <= self.first:
            raise BadSelector(f"no jobs are from {self.first} up to {self.end}, as from 12 up to 20")


class Tasks(Struct, frozen=True, tag="tasks", forbid_unknown_fields=True):
    """Of the submission that begins with `job` the jobs whose items' numbers are in the ranges: in order, apart.

    Raises BadSelector.
    """

    job: JobNumber
    ranges: ItemRanges = ALL

    def __post_init__(self) -> None:
        before = -1
        for low, high in self.ranges:
            if not before < low <= high:
                raise BadSelector(f"tasks {low}-{high} are in no order; write {self.job}.3-7,9")
            before = high
        if not self.ranges:
            raise BadSelector(f"no tasks of {self.job}; write {self.job}.3-7 or {self.job}.*")


class Named(Struct, frozen=True, tag="named", forbid_unknown_fields=True):
    """Jobs by name, of whoever asks unless the selector has a user. In `pattern`, * is any characters.

    So * alone is all of somebody's jobs, also those without a name.
    """

    pattern: Annotated[str, Meta(max_length=LABEL_LIMIT, pattern=_PATTERN)]

    @property
    def is_exact(self) -> bool:
        """There is one name only that is meant."""
        return "*" not in self.pattern

    def meets(self, name: str) -> bool:
        """The name is meant; that of a job without one is ""."""
        first, *others = self.pattern.split("*")
        if not others:
            return name == first
        return name.startswith(first) and _holds(name[len(first) :], others)


class Tagged(Struct, frozen=True, tag="tagged", forbid_unknown_fields=True):
    """Jobs with a tag."""

    tag: Label


class Owned(Struct, frozen=True, tag="owned", forbid_unknown_fields=True):
    """All jobs of a user."""

    user: User


Part = Number | Jobs | Tasks | Named | Tagged | Owned


class Selector(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The union of its parts, of those in one of the states, and of this user, where they are given.

    No parts: all jobs that the rest lets through; who must not act on all asks for a word first.
    """

    parts: tuple[Part, ...] = ()
    states: Annotated[tuple[JobState, ...], Meta(max_length=STATES_LIMIT)] = ()
    user: Annotated[str, Meta(max_length=NAME_LIMIT, pattern=rf"\A\Z|{_USER}")] = ""

    @property
    def is_live_only(self) -> bool:
        """Nothing that has ended is meant."""
        return bool(self.states) and all(state.is_live for state in self.states)

    def __post_init__(self) -> None:
        count = sum(len(part.ranges) if isinstance(part, Tasks) else 1 for part in self.parts)
        if count > PARTS_LIMIT:
            raise BadSelector(
                f"{count} words and ranges are more than {PARTS_LIMIT}; ranges as 12-20 are one"
            )


def _holds(name: str, pieces: list[str]) -> bool:
    """The pieces are in the name, one behind the other, and the last at its end."""
    *middle, last = pieces
    at = 0
    for piece in middle:
        found = name.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return len(name) - at >= len(last) and name.endswith(last)


# --- selectors as people write them ---------------------------------------------------------------


def selector_of(words: Iterable[str], states: Iterable[str] = (), user: str = "") -> Selector:
    """What the words mean. A word of `states` may be several, as in `waiting,held`. Raises BadSelector."""
    parts = tuple(dict.fromkeys(map(_part_of, words)))
    try:
        wanted = tuple(dict.fromkeys(state for word in states for state in states_of(word)))
    except BadState as error:
        raise BadSelector(str(error)) from error
    return Selector(parts, wanted, _user_of(user, user) if user else "")


def _part_of(word: str) -> Part:
    if not word or _HALF_A_CHARACTER(word):
        raise BadSelector(f"{quoted(word)} names no jobs; write {_RIGHT}")
    if _ONE(word):
        return Number(_job_of(word, word))
    if match := _RANGE(word):
        first, last = _job_of(match[1], word), _job_of(match[2], word)
        if last < first:
            raise BadSelector(f"{quoted(word)} is the wrong way round; write {last}-{first}")
        return Jobs(first, JobId(last + 1))
    if match := _TASKS(word):
        return Tasks(_job_of(match[1], word), _items_of(match[2] or match[3], word))
    return _by_words(word)


def _by_words(word: str) -> Part:
    if _BEGINS_LIKE_A_NUMBER(word):
        raise BadSelector(f"{quoted(word)} is no number of jobs; write {_right_number(word)}")
    kind, colon, rest = word.partition(":")
    if not colon:
        return Named(_pattern_of(word, word))
    if kind == "name":
        return Named(_pattern_of(rest, word))
    if kind == "user":
        return Owned(_user_of(rest, word))
    if kind != "tag":
        raise BadSelector(f"{quoted(kind + ':')} in {quoted(word)} is no way to name jobs; write {_RIGHT}")
    if not is_label(rest):
        raise BadSelector(f"{quoted(word)} can be no tag; they are words with a letter, as tag:night")
    return Tagged(rest)


def _right_number(word: str) -> str:
    if _LISTS_NUMBERS(word):
        return word.replace(",", " ") if len(word) <= LABEL_LIMIT else "them as words of their own"
    return "12, 12-20, 12.3-7,9 or 12.*"


def _job_of(digits: str, word: str) -> JobId:
    job = _number(digits, word)
    if job < 1:
        where = "" if digits == word else f" in {quoted(word)}"
        raise BadSelector(f"{quoted(digits)}{where} is no job; their numbers begin at 1, as in 1-20")
    return JobId(job)


def _number(digits: str, word: str) -> int:
    if len(digits) > _DIGITS:
        raise BadSelector(f"{quoted(digits)} in {quoted(word)} is too large; numbers end at {NUMBER_LIMIT}")
    return int(digits)


def _items_of(text: str, word: str) -> ItemRanges:
    """The numbers of items, in order, those that overlap or touch as one range."""
    if text == "*":
        return ALL
    ranges: list[tuple[int, int]] = []
    for low, high in sorted(_item_range(part, word) for part in text.split(",")):
        if ranges and low <= ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], max(high, ranges[-1][1]))
        else:
            ranges.append((low, high))
    return tuple(ranges)


def _item_range(part: str, word: str) -> tuple[int, int]:
    first, _, last = part.partition("-")
    low = _number(first, word)
    high = _number(last, word) if last else low
    if high < low:
        raise BadSelector(f"{quoted(part)} in {quoted(word)} is the wrong way round; write {high}-{low}")
    return low, high


def _pattern_of(pattern: str, word: str) -> str:
    if is_label(pattern) or ("*" in pattern and len(pattern) <= LABEL_LIMIT and re.search(_PATTERN, pattern)):
        return pattern
    raise BadSelector(f"{quoted(word)} can be no name of jobs; write {_RIGHT}")


def _user_of(user: str, word: str) -> str:
    if len(user) > NAME_LIMIT or not re.search(_USER, user):
        raise BadSelector(f"{quoted(word)} can be no user; write a name of one, as ann")
    return user


# --- selectors as text ----------------------------------------------------------------------------

_ENCODE = json.Encoder().encode
_DECODE = json.Decoder(Selector).decode


def selector_text(selector: Selector) -> bytes:
    """The selector as it travels."""
    return _ENCODE(selector)


@lru_cache(maxsize=8)
def read_selector(text: bytes) -> Selector:
    """The selector that `selector_text` wrote. Raises BadSelector."""
    if len(text) > TEXT_LIMIT:
        raise BadSelector("the selector is too long")
    try:
        return _DECODE(text)
    except _NONSENSE as error:
        raise BadSelector(f"a selector that makes no sense: {quoted(str(error))}") from error
