"""What the jobs of one submission differ in: numbers, or the lines of a file.

Pure. An item is known by its index, from 0, and by its number, which people see: of numbers the number
itself, of lines the line's, from 1. Both rise together, so the items between two numbers are one range.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import assert_never

from msgspec import DecodeError, Struct, json
from msgspec.structs import replace

from goq.core.values.ids import Argv
from goq.core.values.quoted import quoted

ITEMS_LIMIT = 10_000_000
RANGES_LIMIT = 1000  # as people write them
PARTS_LIMIT = 10_000  # ranges that are left of an array of which some tasks are run again
NUMBER_LIMIT = 10**15 - 1
PLACEHOLDER_LIMIT = 100  # characters, as of a separator
TEXT_LIMIT = 512 * 1024  # bytes of items as text
_DIGITS = len(str(NUMBER_LIMIT))
_NONSENSE = (DecodeError, UnicodeDecodeError, RecursionError)
_RANGE = re.compile(r"([0-9]+)(?:-([0-9]+)(?::([0-9]+))?)?").fullmatch
_BLANKS = re.compile(rb"[ \t]+")

Step = tuple[int, int, int]  # the first number, the last, and how far it is from one to the next


class BadItems(ValueError):
    """Items that are none, too many, or not understood; says which word, and shows a right one."""


class Numbers(Struct, frozen=True, dict=True, tag="numbers", omit_defaults=True, forbid_unknown_fields=True):
    """Numbers as ranges: from 1 to ITEMS_LIMIT of them, in order, none twice.

    Each range ends with a number of its own, behind which the next one begins. When they are some of an
    array's that are run again, `whole` is how far that went. Raises BadItems.
    """

    ranges: tuple[Step, ...]
    whole: Step | None = None

    def __post_init__(self) -> None:
        _check_order(self.ranges)
        if self.whole:
            first, last, step = self.whole
            if not (0 <= first <= last <= NUMBER_LIMIT and 1 <= step <= NUMBER_LIMIT):
                raise BadItems(f"{first}-{last}:{step} is no array that these are some of")
        if self._ends[-1] > ITEMS_LIMIT:
            raise BadItems(f"{self._ends[-1]} items are more than {ITEMS_LIMIT}; write 0-{ITEMS_LIMIT - 1}")

    def __len__(self) -> int:
        return self._ends[-1]

    @property
    def first(self) -> int:
        """The lowest number of the whole."""
        return self.whole[0] if self.whole else self.ranges[0][0]

    @property
    def last(self) -> int:
        """The highest number of the whole."""
        return self.whole[1] if self.whole else self.ranges[-1][1]

    @property
    def step(self) -> int:
        """How far it is from one number of the first range to the next."""
        return self.whole[2] if self.whole else self.ranges[0][2]

    @cached_property
    def _firsts(self) -> tuple[int, ...]:
        return tuple(first for first, _, _ in self.ranges)

    @cached_property
    def _ends(self) -> tuple[int, ...]:
        """How many items there are up to the end of each range."""
        return tuple(accumulate((last - first) // step + 1 for first, last, step in self.ranges))

    def number(self, index: int) -> int:
        """The number of an item. Raises IndexError."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        at = bisect_right(self._ends, index)
        first, _, step = self.ranges[at]
        return first + (index - self._begin(at)) * step

    def index(self, number: int) -> int | None:
        """Where the number is among the items; None when it is none of them."""
        index = self._up_to(number) - 1
        return index if index >= 0 and self.number(index) == number else None

    def indices(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        """The indices, each range from its first to the one behind its last, of the numbers low to high."""
        start, stop = self._up_to(low - 1), self._up_to(high)
        if start < stop:
            yield start, stop

    def some(self, indices: Iterable[tuple[int, int]]) -> "Numbers":
        """Those with these indices, ranges in order and apart. Raises BadItems when they are in too many ranges."""
        ranges = tuple(part for start, stop in indices for part in self._parts(start, stop))
        if ranges == self.ranges:
            return self
        return Numbers(ranges, (self.first, self.last, self.step))

    def _parts(self, start: int, stop: int) -> Iterator[Step]:
        at = bisect_right(self._ends, start)
        while start < stop:
            end = min(stop, self._ends[at])
            yield self.number(start), self.number(end - 1), self.ranges[at][2]
            start = end
            at += 1

    def _begin(self, at: int) -> int:
        return self._ends[at - 1] if at else 0

    def _up_to(self, number: int) -> int:
        """How many numbers are not above this one."""
        at = bisect_right(self._firsts, number) - 1
        if at < 0:
            return 0
        first, last, step = self.ranges[at]
        return self._begin(at) + (min(number, last) - first) // step + 1


class EachLine(Struct, frozen=True, tag="lines", omit_defaults=True, forbid_unknown_fields=True):
    """The items are lines, and the command is filled with them.

    `placeholder` stands for the line; with a number in its middle for that column, from 1: {} and {2},
    [] and [2], @@ and @2@. One that has no middle, as %, is the line alone. `colsep` parts the columns, where
    \\t is a tab; "" for blanks and tabs. `for_shell`: the command is a line for a shell, so what goes into it is
    quoted, each as one word. `numbers` are the lines' own, if these are not 1, 2 and so on. Raises BadItems.
    """

    placeholder: str = "{}"
    colsep: str = ""
    for_shell: bool = False
    numbers: Numbers | None = None

    def __post_init__(self) -> None:
        if not self.placeholder.strip():
            raise BadItems(f"{quoted(self.placeholder)} is no placeholder; write {{}}, or another word as @@")
        for word in (self.placeholder, self.colsep):
            if len(word) > PLACEHOLDER_LIMIT or not word.replace("\t", "").isprintable():
                raise BadItems(f"{quoted(word)} can stand in no line; write a short word, as {{}} or ,")

    def number(self, index: int) -> int:
        """The number of a line."""
        return self.numbers.number(index) if self.numbers else index + 1

    def index(self, number: int) -> int | None:
        """Where the line of this number is, if there are so many; None when there can be none."""
        if self.numbers:
            return self.numbers.index(number)
        return number - 1 if number >= 1 else None

    def indices(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        """As `Numbers.indices`, of as many lines as there may be: how many there are, the caller knows."""
        if self.numbers:
            yield from self.numbers.indices(low, high)
        elif max(low, 1) <= high:
            yield max(low, 1) - 1, high


class Commands(Struct, frozen=True, tag="commands", forbid_unknown_fields=True):
    """Each line is a command, some of a longer list that are run again: these are their numbers in that."""

    numbers: Numbers


Items = Numbers | EachLine | Commands


def some_of(items: Items | None, count: int, indices: tuple[tuple[int, int], ...]) -> Items | None:
    """The items with these indices, of so many, ranges in order and apart; they keep their numbers. Raises BadItems."""
    lines = Numbers(((1, count, 1),))
    match items:
        case Numbers():
            return items.some(indices)
        case EachLine():
            some = (items.numbers or lines).some(indices)
            return replace(items, numbers=None if some == lines else some)
        case Commands(numbers):
            return Commands(numbers.some(indices))
        case None:
            some = lines.some(indices)
            return None if some == lines else Commands(some)
        case _:
            assert_never(items)


def _check_order(ranges: tuple[Step, ...]) -> None:
    if not 1 <= len(ranges) <= PARTS_LIMIT:
        raise BadItems(f"{len(ranges)} ranges of numbers are not between 1 and {PARTS_LIMIT}")
    before = -1
    for first, last, step in ranges:
        if not (0 <= first <= last <= NUMBER_LIMIT and 1 <= step <= NUMBER_LIMIT) or (last - first) % step:
            raise BadItems(f"{first}-{last}:{step} is no range; write 0-9 or 0-8:2")
        if first <= before:
            raise BadItems(
                f"{first}-{last}:{step} begins before the range ahead of it has ended, at {before}"
            )
        before = last


# --- numbers as people write them -----------------------------------------------------------------


def array_of(word: str) -> tuple[Numbers, int]:
    """`0-9,20-100000:2%50` as its numbers, and how many may run at once; 0 where the word does not say.

    Ranges may come in any order. Raises BadItems.
    """
    numbers, percent, at_once = word.partition("%")
    if not numbers:
        raise BadItems(f"{quoted(word)} is an array of nothing; write 0-9, or 0-9%5 for five at once")
    ranges = _in_order(numbers)
    limit = _at_once(at_once, word) if percent else 0
    try:
        return Numbers(ranges), limit
    except BadItems as error:
        raise BadItems(f"in {quoted(word)} {error}") from error


def _in_order(word: str) -> tuple[Step, ...]:
    parts = word.split(",")
    if len(parts) > RANGES_LIMIT:
        raise BadItems(
            f"{len(parts)} ranges in {quoted(word)} are more than {RANGES_LIMIT}; write 0-9,20-30:2"
        )
    ranges = sorted((_step_of(part, word), part) for part in parts)
    for (before, one), (behind, other) in pairwise(ranges):
        if behind[0] <= before[1]:
            raise BadItems(f"{quoted(one)} and {quoted(other)} overlap in an array; write 0-9,10-19")
    return tuple(step for step, _ in ranges)


def _step_of(part: str, word: str) -> Step:
    match = _RANGE(part)
    if match is None:
        raise BadItems(f"{quoted(part)} in {quoted(word)} is no range of numbers; write 7, 0-9 or 0-100:2")
    if any(len(digits) > _DIGITS for digits in match.groups("")):
        raise BadItems(f"{quoted(part)} is too large; an array's numbers end at {NUMBER_LIMIT}, as in 0-99")
    first, last, step = int(match[1]), int(match[2] or match[1]), int(match[3] or 1)
    if last < first:
        raise BadItems(f"{quoted(part)} is the wrong way round; write {last}-{first}")
    if step < 1:
        raise BadItems(f"{quoted(part)} has a step of 0; write {first}-{last}:1")
    return first, last - (last - first) % step, step


def _at_once(digits: str, word: str) -> int:
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS):
        raise BadItems(f"{quoted('%' + digits)} in {quoted(word)} is no count of tasks at once; write 0-99%5")
    if not 1 <= int(digits) <= ITEMS_LIMIT:
        raise BadItems(f"'%{digits}' lets none run, or more than {ITEMS_LIMIT}; write 0-99%5")
    return int(digits)


def numbers_text(numbers: Numbers) -> str:
    """The numbers as people write them, such as 0-9,20-100:2."""
    return ",".join(map(_step_text, numbers.ranges))


def _step_text(step: Step) -> str:
    first, last, by = step
    if first == last:
        return f"{first}"
    return f"{first}-{last}" if by == 1 else f"{first}-{last}:{by}"


# --- a command and a line -------------------------------------------------------------------------


def fill(argv: Argv, line: bytes, each: EachLine) -> Argv:
    """The command for one line; the line is its last word when the command has no placeholder.

    What comes of the line is never looked at for placeholders. Never fails: a column that is not
    there is empty, which `check` has refused.
    """
    pattern = _pattern(each.placeholder)
    quote = _quoted_for_shell if each.for_shell else bytes
    if not pattern.search(argv):
        return Argv(argv + (b" " if each.for_shell else b"\0") + quote(line))
    columns = _columns(line, each.colsep)
    return Argv(pattern.sub(lambda brace: quote(_meaning(brace, line, columns)), argv))


def _quoted_for_shell(text: bytes) -> bytes:
    """One word for a shell, whatever it is. Source: POSIX, Shell Command Language, 2.2.2."""
    return b"'" + text.replace(b"'", b"'\\''") + b"'"


def check(argv: Argv, line: bytes, each: EachLine) -> None:
    """A job can be made of the line. Raises BadItems when a column is not there, or for a NUL."""
    if b"\0" in line:
        raise BadItems(f"{quoted(line)} has a NUL in it, and no word of a command can; write plain text")
    columns = _columns(line, each.colsep)
    for brace in _pattern(each.placeholder).finditer(argv):
        if brace[1] and brace[1] not in columns:
            there = f"only columns 1 to {len(columns)}" if columns else "no columns"
            raise BadItems(
                f"{quoted(brace[0])} is not in the line {quoted(line)}, which has {there}; "
                "where it is no column, name another placeholder, as @@"
            )


def uses(argv: Argv, each: EachLine) -> int:
    """How often a line, or a column of it, goes into the command; 1 at least."""
    return len(_pattern(each.placeholder).findall(argv)) or 1


@lru_cache(maxsize=64)
def _pattern(placeholder: str) -> re.Pattern[bytes]:
    half = len(placeholder) // 2
    left, right = (re.escape(part.encode()) for part in (placeholder[:half], placeholder[half:]))
    return re.compile(left + (b"()" if len(placeholder) % 2 else b"([0-9]*)") + right)


def _columns(line: bytes, colsep: str) -> dict[bytes, bytes]:
    """The columns by their numbers."""
    if colsep:
        parts = line.split(colsep.replace(r"\t", "\t").encode())
    else:
        parts = [part for part in _BLANKS.split(line) if part]
    return {b"%d" % number: part for number, part in enumerate(parts, 1)}


def _meaning(brace: re.Match[bytes], line: bytes, columns: dict[bytes, bytes]) -> bytes:
    return columns.get(brace[1], b"") if brace[1] else line


# --- items as text --------------------------------------------------------------------------------

_ENCODE = json.Encoder().encode
_DECODE = json.Decoder(Numbers | EachLine | Commands).decode


def items_text(items: Items | None) -> bytes:
    """The items as they travel and are kept; b"" for None, jobs that differ in nothing or in all."""
    return b"" if items is None else _ENCODE(items)


@lru_cache(maxsize=16)
def read_items(text: bytes) -> Items | None:
    """The items that `items_text` wrote. Raises BadItems."""
    if not text:
        return None
    if len(text) > TEXT_LIMIT:
        raise BadItems("the items are too long")
    try:
        items: Items = _DECODE(text)
    except _NONSENSE as error:
        raise BadItems(f"items that make no sense: {quoted(str(error))}") from error
    return items
