"""What the jobs of an array took that ended well, as histograms: memory, and how long they ran. Pure."""

from collections.abc import Callable
from math import ceil
from typing import NamedTuple

from markupsafe import Markup

from goq.core.values.failures import Medians, Spread
from goq.core.values.shown import SubmissionRow
from goq.views import charts
from goq.views.numbers import count, duration, percent, size

_FARTHEST = 20  # times as wide as the spread


class Chart(NamedTuple):
    """How something is spread."""

    head: str
    picture: Markup
    words: str


def spread_charts(row: SubmissionRow, medians: Medians) -> list[Chart]:
    """Those of which something is known. What was asked for is dashed, and the axis reaches to it unless it is far away."""
    done = f"{'a sample of ' if medians.is_sample else ''}the {count(medians.jobs)} done"
    found = []
    if medians.mem_bytes:
        asked = row.needs.mem_bytes
        of = f" of the {size(asked)} asked" if asked else ""
        words = f"Median {size(int(medians.mem_bytes.median))}, most {size(int(medians.mem_bytes.most))}{of}."
        found.append(
            _chart(f"Memory of {done}", medians.mem_bytes, lambda much: size(int(much)), words, asked)
        )
    if medians.run_s:
        words = f"Median {duration(medians.run_s.median)}, most {duration(medians.run_s.most)}."
        if medians.cpus:
            words += (
                f" {percent(medians.cpus.median, row.needs.cpus)} of their cpus were used, in the median."
            )
        found.append(_chart(f"Run time of {done}", medians.run_s, duration, words, row.needs.time_s))
    return found


def _chart(
    head: str, spread: Spread, shown: Callable[[float], str], words: str, asked: float | None
) -> Chart:
    top = charts.top_of(max(spread.bins, default=1))
    bins, most = _widened(spread, asked)
    width = most - spread.least
    far = (asked - spread.least) / width if asked and width > 0 else None
    label = f"{head}: {words}"
    drawn = charts.histogram(label, bins, top, far if far is not None and 0 <= far <= 1 else None)
    steps = [shown(spread.least + width * part / 4) for part in range(5)]
    return Chart(head, Markup(charts.framed(drawn, count(int(top)), steps)), words)  # noqa: S704 - it escapes


def _widened(spread: Spread, asked: float | None) -> tuple[list[int], float]:
    """The bins, and what the last ends with: as many empty ones more as reach to what was asked, unless that is far away."""
    bins, each = list(spread.bins), (spread.most - spread.least) / max(1, len(spread.bins))
    if not asked or not 0 < asked - spread.most <= _FARTHEST * (spread.most - spread.least):
        return bins, spread.most
    more = ceil((asked - spread.most) / each)
    return bins + [0] * more, spread.most + more * each
