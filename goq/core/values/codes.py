"""Exit statuses as people list them, for what is to be done when a job ends with one. Pure."""

import re

from goq.core.values.quoted import quoted

LARGEST = 255
_RANGE = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?").fullmatch


class BadCodes(ValueError):
    """A word that lists no exit statuses; says which part is wrong, and shows a right one."""


def codes_of(word: str) -> tuple[int, ...]:
    """`1,5-7,143` as the statuses, from 0 to 255, each once, in order. Raises BadCodes."""
    if len(word) > 10 * LARGEST:
        raise BadCodes(f"{quoted(word)} is too long a list of exit statuses; write ranges, as 5-7")
    return tuple(sorted({code for part in word.split(",") for code in _codes(part, word)}))


def _codes(part: str, word: str) -> range:
    match = _RANGE(part)
    if match is None:
        raise BadCodes(f"{quoted(part)} in {quoted(word)} is no exit status; write 1,5-7,143")
    first, last = int(match[1]), int(match[2] or match[1])
    if max(first, last) > LARGEST:
        raise BadCodes(
            f"{quoted(part)} in {quoted(word)} is above 255, the last exit status; write 1,5-7,143"
        )
    if last < first:
        raise BadCodes(f"{quoted(part)} in {quoted(word)} is the wrong way round; write {last}-{first}")
    return range(first, last + 1)
