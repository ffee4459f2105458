"""`goq -h`: all commands on one screen, in groups by what people want to do."""

from collections.abc import Iterator, Mapping
from itertools import zip_longest

_GAP = 2
_TWO_COLUMNS = 78  # cells in which they have room beside each other
_HEAD = "Usage: goq COMMAND ...    goq COMMAND -h shows its options, and examples"
_FOOT = "goq [--color auto|always|never] COMMAND    goq --man [COMMAND]    goq --version"
Group = Mapping[str, tuple[str, str]]


def overview(groups: Mapping[str, Group], width: int) -> str:
    """The screen, of at most so many cells a line where that is possible."""
    blocks = [[title, *_rows(group)] for title, group in groups.items()]
    columns = _parted(blocks) if width >= _TWO_COLUMNS else ([line for block in blocks for line in block], [])
    return "\n".join([_HEAD, *_beside(*columns), _FOOT, ""])


def _rows(group: Group) -> Iterator[str]:
    longest = max(map(len, group))
    return (f"  {name.ljust(longest)}  {text}" for name, (_, text) in group.items())


def _parted(blocks: list[list[str]]) -> tuple[list[str], list[str]]:
    """In two columns, no block torn, the longer one as short as can be."""

    def columns(count: int) -> tuple[list[str], list[str]]:
        left, right = blocks[:count], blocks[count:]
        return [line for block in left for line in block], [line for block in right for line in block]

    return min(map(columns, range(1, len(blocks) + 1)), key=lambda both: max(map(len, both)))


def _beside(left: list[str], right: list[str]) -> Iterator[str]:
    cells = max(map(len, left)) + _GAP
    for first, second in zip_longest(left, right, fillvalue=""):
        yield f"{first.ljust(cells)}{second}".rstrip()
