"""Jobs and machines as coloured pieces for pages: what is where, how far it is, how full. Pure.

As in the strips of terminals, what exists is seen, and what failed is marked besides its colour.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from goq.core.values.states import JobState
from goq.views.numbers import count
from goq.views.strips import PARTS, PARTS_FIRST, Counts, how_many, shares, tally_words
from goq.views.svg import HATCHED, Entry, element, escaped, legend, picture, share

SQUARES = 400  # in a map at the most
ACROSS = 50
_ROW_PX, _SQUARE_PX = 15, 13
_PIECES = 80  # of which a strip is made
_GAP = 0.0035  # of the width
_TICKS = 128  # more of them are a grey line

# By the parts of a strip, from left to right.
_FILLS = ("f-ok", "f-bad", "f-hist", "f-none", "f-run", "f-warn", "f-wait")
# What a square of a map shows, when it is of many: the first that there is.
_TELLING = (1, 4, 5, 6, 2, 3, 0)


class Block(NamedTuple):
    """What has some cpus of a machine: its words, how many, and the class that fills it."""

    text: str
    cpus: float
    fill: str
    title: str = ""
    href: str = ""


def strip(counts: Counts, height: int = 12) -> str:
    """How far an array is, in one row."""
    words = tally_words(counts)
    given = shares([how_many(counts, *states) for states, _, _ in PARTS], _PIECES, PARTS_FIRST)
    drawn, x = [element("title", escaped(words))], 0.0
    for fill, pieces in zip(_FILLS, given, strict=True):
        if pieces:
            place = {"x": share(x), "width": share(pieces / _PIECES - _GAP)}
            drawn += _filled(fill, place, height)
        x += pieces / _PIECES
    return picture(words, *drawn, height=height, class_="strip")


def strip_legend(counts: Counts) -> str:
    """What its colours are, and how many."""
    entries = []
    for (states, _, _), fill in zip(PARTS, _FILLS, strict=True):
        parts = {state: counts.get(state, 0) for state in states}
        if words := tally_words(parts):
            entries.append(Entry(fill, words, is_hatched=fill == "f-bad"))
    return legend(entries)


def tasks_a_square(size: int) -> int:
    """How many tasks a square of the map of an array of that size stands for."""
    return max(1, -(-size // SQUARES))


def task_map(label: str, states: Sequence[JobState], first: int = 1) -> str:
    """All tasks of an array, in their order from the top left; one that holds a failed task has a stroke."""
    each = tasks_a_square(len(states))
    squares = [Counter(states[start : start + each]) for start in range(0, len(states), each)]
    return square_map(label, squares, each, len(states), first)


def square_map(label: str, squares: Sequence[Counts], each: int, size: int, first: int = 1) -> str:
    """The same of counts: `each` of `size` tasks a square, but for the last one."""
    drawn = []
    for place, counts in enumerate(squares):
        start = first + place * each
        drawn.append(_square(place, counts, _range(start, min(start + each, first + size) - 1)))
    return picture(label, *drawn, height=_ROW_PX * -(-len(squares) // ACROSS))


def _range(one: int, other: int) -> str:
    return f"task {count(one)}" if one == other else f"tasks {count(one)} to {count(other)}"


def _square(place: int, counts: Counts, which: str) -> str:
    row, column = divmod(place, ACROSS)
    x, width, y = column / ACROSS, 0.875 / ACROSS, row * _ROW_PX
    fill = next(_FILLS[part] for part in _TELLING if how_many(counts, *PARTS[part][0]))
    title = element("title", f"{which}: {tally_words(counts)}")
    drawn = element("rect", title, class_=fill, x=share(x), y=y, width=share(width), height=_SQUARE_PX)
    if fill != "f-bad":
        return drawn
    return drawn + element(
        "line",
        class_="edge",
        x1=share(x + 0.15 * width),
        x2=share(x + 0.85 * width),
        y1=y + 2,
        y2=y + _SQUARE_PX - 2,
    )


def use(label: str, used: float, asked: float, height: int = 12) -> str:
    """What was used of what was asked for; more than that is hatched."""
    part = min(max(used / asked, 0), 1) if asked > 0 else 0
    drawn = [element("rect", class_="f-free", width="100%", height=height)]
    if part:
        drawn += _filled("f-bad" if used > asked else "f-run", {"width": share(part)}, height)
    return picture(label, *drawn, height=height)


def machine(
    label: str, blocks: Sequence[Block], cpus: int, height: int = 26, *, is_suspect: bool = False
) -> str:
    """The cpus of a machine: a block for each job or kind of them, and a mark for each cpu."""
    drawn = [element("rect", class_="f-free", width="100%", height=height)]
    x = 0.0
    for block in blocks:
        width = block.cpus / cpus if cpus else 0
        drawn.append(_block(block, x, width, height))
        x += width
    marks = range(1, cpus) if cpus <= _TICKS else ()
    drawn += [
        element("line", class_="tick", x1=share(each / cpus), x2=share(each / cpus), y1=height - 5, y2=height)
        for each in marks
    ]
    if is_suspect:
        drawn.append(element("rect", class_="dash", x=1, y=1, width="99.8%", height=height - 2))
    return element("svg", *drawn, width="100%", height=height, role="group", aria_label=label)


def _block(block: Block, x: float, width: float, height: int) -> str:
    drawn = element(
        "svg",
        element("rect", class_=block.fill, width="100%", height=height),
        element("text", escaped(block.text), x=6, y=height // 2 + 4),
        element("line", class_="edge", x1="100%", x2="100%", y1=0, y2=height),
        element("title", escaped(block.title or block.text)),
        x=share(x),
        width=share(width),
        height=height,
    )
    # What is read aloud begins with what is seen.
    label = f"{block.text}: {block.title}" if block.title else block.text
    return element("a", drawn, href=block.href, aria_label=label) if block.href else drawn


def _filled(fill: str, place: dict[str, str], height: int) -> list[str]:
    drawn = [element("rect", class_=fill, **place, height=height)]
    return [*drawn, element("rect", fill=HATCHED, **place, height=height)] if fill == "f-bad" else drawn
