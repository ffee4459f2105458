"""What a running job uses, as curves: its memory, and how many cpus it has kept busy. Pure."""

from collections.abc import Sequence

from markupsafe import Markup

from goq.core.values.lives import Life
from goq.core.values.shown import JobRow, Used, UsePoint
from goq.views import charts
from goq.views.clocks import clock
from goq.views.numbers import count, percent, size, size_of
from goq.views.paper import Paper
from goq.views.use import cpus_used, most_words
from goq.web.spreads import Chart

STEPS = 120
_SHORT_NS = 600 * 10**9  # there a minute is much
_ROOMY = 1.1  # of the top, above what was asked for or used


def used_charts(life: Life, paper: Paper) -> list[Chart]:
    """Both, of what has been heard since it began; none while nothing has."""
    row, used, begun_ns = life.row, life.row.used, life.row.started_at
    if not (life.curve and used and begun_ns and paper.now_ns > begun_ns):
        return []
    spaced = spread_out(life.curve, begun_ns, paper.now_ns, STEPS)
    middle_ns, is_short = (begun_ns + paper.now_ns) // 2, paper.now_ns - begun_ns < _SHORT_NS
    clocks = [*(clock(at_ns, paper, with_seconds=is_short) for at_ns in (begun_ns, middle_ns)), "now"]
    return [_memory(row, used, spaced, clocks, paper), _cpus(row, used, spaced, clocks)]


def spread_out(points: Sequence[UsePoint], begin_ns: int, end_ns: int, steps: int) -> list[UsePoint]:
    """The points in equal steps from the beginning to the end: in each the latest that it reaches; the last one goes on."""
    found, at = [], 0
    for step in range(1, steps + 1):
        here_ns = begin_ns + (end_ns - begin_ns) * step // steps
        while at < len(points) - 1 and points[at].at < here_ns:
            at += 1
        found.append(points[at])
    return found


def _memory(row: JobRow, used: Used, points: list[UsePoint], clocks: list[str], paper: Paper) -> Chart:
    most, asked = used.mem_peak_bytes or 0, row.needs.mem_bytes
    top = max(most, asked or 0, 1) * _ROOMY
    of = size_of(most, asked) if asked else size(most)
    words = most_words(used, paper) + ("; the dashed line is what was asked" if asked else "")
    drawn = charts.curve(f"memory: {of}, {words}", [float(each.mem_bytes) for each in points], top, asked)
    roof = size_of(int(top), asked or most).split()[0]  # in the unit of the head
    return Chart(f"Memory: {of}", Markup(charts.framed(drawn, roof, clocks)), words)  # noqa: S704 - it escapes


def _cpus(row: JobRow, used: Used, points: list[UsePoint], clocks: list[str]) -> Chart:
    busy, asked = cpus_used(row) or 0.0, row.needs.cpus
    values = [each.cpus for each in points]
    top = charts.top_of(max([*values, asked * _ROOMY]))
    now = f"; {used.cpus:.1f} now" if used.cpus is not None else ""
    words = f"{percent(busy, asked)} of what was asked is used{now}"
    drawn = charts.curve(f"cpus: {busy:.1f} of {asked}, {words}", values, top, asked)
    head = f"Cpus: {busy:.1f} of {count(asked)}"
    return Chart(head, Markup(charts.framed(drawn, f"{top:g}", clocks)), words)  # noqa: S704 - as above
