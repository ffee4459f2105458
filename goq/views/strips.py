"""Many jobs, or the cpus of a machine, as a bar: what exists has a cell. Pure.

Failed in a strip means failed and lost. The counts of all states add up to the size, so nothing is left out.
"""

from collections.abc import Mapping, Sequence

from goq.core.values.states import JobState
from goq.views import marks
from goq.views.lines import Ink, Line, Span, line
from goq.views.numbers import count

Counts = Mapping[JobState, int]  # how many jobs are in which state; one that is not in it has none

_FAILED = (JobState.FAILED, JobState.LOST)
# From left to right: which states are one part of a strip, what it is drawn with, and in which ink.
PARTS = (
    ((JobState.DONE,), marks.BUSY, Ink.GREEN),
    (_FAILED, marks.FAILED, Ink.RED),
    ((JobState.CANCELLED,), marks.CANCELLED, Ink.PLAIN),
    ((JobState.SKIPPED,), marks.SKIPPED, Ink.PLAIN),
    ((JobState.RUNNING,), marks.RUNNING, Ink.BOLD),
    ((JobState.PAUSED, JobState.HELD), marks.STOPPED, Ink.MAGENTA),
    ((JobState.WAITING,), marks.WAITING, Ink.DIM),
)
# Where there are more parts than cells: which are shown before others.
PARTS_FIRST = (1, 4, 0, 5, 6, 2, 3)

_TOLD = (
    *(JobState.CANCELLED, JobState.SKIPPED),
    *(JobState.RUNNING, JobState.PAUSED, JobState.HELD, JobState.WAITING),
)


def how_many(counts: Counts, *states: JobState) -> int:
    """How many jobs are in any of these states; of all without any."""
    return sum(counts.get(state, 0) for state in states or JobState)


def failed(counts: Counts) -> int:
    """How many have failed or are lost."""
    return how_many(counts, *_FAILED)


def ended(counts: Counts) -> int:
    """How many have ended, however."""
    return sum(number for state, number in counts.items() if not state.is_live)


def shares(parts: Sequence[float], width: int, first: Sequence[int] | None = None) -> list[int]:
    """So many cells, given out as near to the parts as whole cells can be; what is more than 0 has one.

    By the method of the odd divisors: each next cell goes where it is least of a gift. So a part that grows
    never loses a cell, nor does any when there are more. `first` are the parts that come before others when
    there is not a cell for each. Nothing at all has no cells.
    """
    given = [0] * len(parts)
    alive = [index for index in first or range(len(parts)) if parts[index] > 0]
    for index in alive[: max(0, width)]:
        given[index] = 1
    for _ in range(width - len(alive) if alive else 0):
        given[max(sorted(alive), key=lambda index: parts[index] / (2 * given[index] + 1))] += 1
    return given


def strip(counts: Counts, width: int) -> Line:
    """The jobs of an array in so many cells: `━━━━━✗▸···`."""
    given = shares([how_many(counts, *states) for states, _, _ in PARTS], width, PARTS_FIRST)
    return line(*(Span(mark * cells, ink) for (_, mark, ink), cells in zip(PARTS, given, strict=True)))


def machine_bar(busy: float, kept: float, free: float, drained: float, width: int) -> Line:
    """What a machine, or all of them, has of something: `━━━━━━╍╍`."""
    given = shares([busy, kept, free, drained], width, (0, 3, 1, 2))
    drawn = (
        (marks.BUSY, Ink.PLAIN),
        (marks.KEPT, Ink.MAGENTA),
        (marks.FREE, Ink.DIM),
        (marks.DRAINED, Ink.DIM),
    )
    return line(*(Span(mark * cells, ink) for (mark, ink), cells in zip(drawn, given, strict=True)))


def use_bar(used: float, asked: float, width: int) -> Line:
    """What was used of what was asked for: `━━━━━━━━━━━━━━━━━━━·`; more than all of it is all of it."""
    return machine_bar(min(used, asked), 0, max(0, asked - used), 0, width)


def gpu_bar(busy: int, free: int) -> Line:
    """A cell for each GPU: `■■··`."""
    return line(marks.GPU * busy, Span(marks.FREE * free, Ink.DIM))


def tally(counts: Counts) -> Line:
    """What is not well, what runs and what waits, short: `✗37 ▸72 ·3,479`."""
    parts: list[Line] = []
    for states, mark, ink in (
        (_FAILED, marks.FAILED, Ink.FAILED),
        ((JobState.RUNNING,), marks.RUNNING, Ink.PLAIN),
        ((JobState.PAUSED, JobState.HELD), marks.STOPPED, Ink.MAGENTA),
        ((JobState.WAITING,), marks.WAITING, Ink.PLAIN),
    ):
        if number := how_many(counts, *states):
            parts.append(line(" " if parts else "", Span(f"{mark}{count(number)}", ink)))
    return line(*parts)


def tally_words(counts: Counts) -> str:
    """All of them in words, for a sentence: `6,412 done, 37 failed, 72 running, 3,479 waiting`."""
    told = {
        "done": how_many(counts, JobState.DONE),
        "failed": failed(counts),
        **{state.value: how_many(counts, state) for state in _TOLD},
    }
    return ", ".join(f"{count(number)} {word}" for word, number in told.items() if number)
