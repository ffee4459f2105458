"""Sets of jobs that somebody waits for: a strip each while it lasts, a sentence when it is over. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from goq.core.values.moments import NS
from goq.core.values.states import JobState
from goq.views import marks
from goq.views.clocks import clock
from goq.views.lines import Ink, Line, Span, cut_line, line, line_cells, padded
from goq.views.numbers import about, count, duration, percent, rate
from goq.views.paper import Paper
from goq.views.strips import ended, failed, how_many, strip, tally_words
from goq.views.text import cells, cut

SETS_LIMIT = 8  # more are shown as one sum
_LABEL_CELLS, _STRIP_CELLS = 24, 10


class Waited(NamedTuple):
    """A set: what it is called, and how many of its jobs are in which state; they add up to its size.

    How many of them end in a second, and when the last will, where that can be told.
    """

    label: str
    counts: Mapping[JobState, int]
    rate_per_s: float | None = None
    left_s: float | None = None

    @property
    def size(self) -> int:
        """How many jobs it has."""
        return how_many(self.counts)

    @property
    def has_ended(self) -> bool:
        """All of them have."""
        return ended(self.counts) == self.size


def summed(sets: Sequence[Waited]) -> Waited:
    """All of them as one; that ends when the last of them does."""
    counts = {state: sum(each.counts.get(state, 0) for each in sets) for state in JobState}
    lasting = [each for each in sets if not each.has_ended]
    rates, left = [each.rate_per_s for each in lasting], [each.left_s for each in lasting]
    rate_per_s = sum(each for each in rates if each is not None) or None
    left_s = None if None in left else max((each for each in left if each is not None), default=None)
    return Waited(f"{count(len(sets))} sets", counts, rate_per_s, left_s)


def picture(sets: Sequence[Waited], paper: Paper) -> list[Line]:
    """`fold   ━━━✗▸····   64 %   6,449/10,000 ✗37  ▸72  ≈ 1h 27m`, a line each."""
    shown = list(sets) if len(sets) <= SETS_LIMIT else [summed(sets)]
    labels = [line(cut(each.label, _LABEL_CELLS)) for each in shown]
    numbers = [
        _columns([line(percent(ended(each.counts), each.size)) for each in shown], is_right=True),
        _columns([line(f"{count(ended(each.counts))}/{count(each.size)}") for each in shown], is_right=True),
        _columns([_marked(marks.FAILED, failed(each.counts), Ink.FAILED) for each in shown]),
        _columns([_marked(marks.RUNNING, how_many(each.counts, JobState.RUNNING)) for each in shown]),
        _columns([line(_when(each, paper)) for each in shown]),
    ]
    labels = _columns(labels)
    rest = line_cells(labels[0]) + sum(line_cells(column[0]) + 2 for column in numbers) + 2
    width = max(_STRIP_CELLS, paper.width - rest - 1)
    return [
        cut_line(
            line(
                label,
                "  ",
                strip(each.counts, width),
                *(part for column in columns for part in ("  ", column)),
            ),
            paper.width - 1,
        )
        for label, each, *columns in zip(labels, shown, *numbers, strict=True)
    ]


def _columns(parts: list[Line], *, is_right: bool = False) -> list[Line]:
    width = max(map(line_cells, parts))
    return [padded(part, width, is_right=is_right) for part in parts]


def _marked(mark: str, number: int, ink: Ink = Ink.PLAIN) -> Line:
    return line(Span(f"{mark}{count(number)}", ink)) if number else ()


def _when(each: Waited, paper: Paper) -> str:
    """When it will be over: `41/min  ≈ 1h 27m till 15:59` where there is room."""
    if each.has_ended or each.left_s is None:
        return ""
    left = about(duration(each.left_s))
    if not paper.is_wide:
        return left
    speed = f"{rate(each.rate_per_s)}  " if each.rate_per_s else ""
    return f"{speed}{left} till {clock(paper.now_ns + round(each.left_s * NS), paper)}"


def progress(each: Waited) -> str:
    """For a pipe: `fold: 64 % of 10,000; 6,412 done, 37 failed, 72 running, 3,479 waiting`."""
    return f"{each.label}: {percent(ended(each.counts), each.size)} of {count(each.size)}; {tally_words(each.counts)}"


def verdict(each: Waited, took_s: float) -> str:
    """`6,412 done, 37 failed in 3h 50m`."""
    return f"{tally_words(each.counts)} in {duration(took_s)}"


def failure(shown: str, word: str, why: str, hint: str, paper: Paper) -> Line:
    """`✗ 4211.6340 memory, it had 2.1 GiB    goq why 4211    (Ctrl-C: the jobs go on)`, as much as there is room for."""
    said = line(Span(f"{marks.FAILED} {shown} {word}", Ink.FAILED), f", {why}" if why else "")
    aside = line(Span(f"    {hint}    (Ctrl-C: the jobs go on)", Ink.DIM))
    for each in (aside, line(Span(f"    {hint}", Ink.DIM))):
        if line_cells(said) + line_cells(each) < paper.width:
            return line(said, each)
    return cut_line(said, paper.width - 1)


def going_on(paper: Paper) -> Line:
    """What may be done about it, while all is well."""
    shown = line(Span("(Ctrl-C: the jobs go on)", Ink.DIM))
    return shown if cells(shown[0].text) < paper.width else ()
