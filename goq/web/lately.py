"""What jobs took of late, for pages: as it was up to FRESH_S ago, since it is long to add up."""

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from goq.api.client import Client
from goq.api.parts import all_spent
from goq.core.values.moments import NS
from goq.core.values.totals import Busy, Spent, SpentOf
from goq.views import charts
from goq.views.clocks import clock
from goq.views.paper import Paper
from goq.views.report import Span, busy_series
from goq.web.clock import midnight_ns

FRESH_S = 30.0
WEEK_NS = 7 * 86_400 * NS
DRAWN_NS = 6 * 3600 * NS
_STEP_S = 180
_PARTS_LIMIT = 20
_HEIGHT = 64


class Lately(NamedTuple):
    """What ended in some time, or the first of it, and which cpus were busy: `is_all`, or there is more than anybody adds up."""

    span: Span
    spent: Sequence[Spent]
    busy: Sequence[Busy]
    is_all: bool


class Ended(NamedTuple):
    """How many jobs ended at a machine, and so many of them badly."""

    jobs: int = 0
    failed: int = 0


def week(client: Client) -> Lately:
    """The last seven days."""
    now_ns = time.time_ns()
    return _lately(client, Span(now_ns - WEEK_NS, now_ns, _STEP_S))


def today(client: Client) -> Lately:
    """Since midnight."""
    now_ns = time.time_ns()
    return _lately(client, Span(midnight_ns(now_ns), now_ns, _STEP_S))


def hours(client: Client, host: str) -> Lately:
    """The last six hours at a machine, in steps."""
    now_ns = time.time_ns()
    return _lately(client, Span(now_ns - DRAWN_NS, now_ns, _STEP_S), host, is_drawn=True)


def _lately(client: Client, span: Span, host: str = "", *, is_drawn: bool = False) -> Lately:
    step_s = span.step_s if is_drawn else None
    query = SpentOf(span.begin_ns, span.end_ns, host=host, step_s=step_s)
    told = all_spent(client.spent, query, _PARTS_LIMIT)
    return Lately(span, told.rows, told.busy, told.following is None)


def ended_by_host(lately: Lately) -> dict[str, Ended]:
    """What ended at each machine."""
    found: dict[str, Ended] = {}
    for row in lately.spent:
        known = found.get(row.host, Ended())
        found[row.host] = Ended(known.jobs + row.jobs, known.failed + row.failed)
    return found


def spent_by_owner(lately: Lately) -> dict[str, tuple[float, float]]:
    """Of each owner: cpu seconds that were given out, and those that were used."""
    found: dict[str, tuple[float, float]] = {}
    for row in lately.spent:
        given, used = found.get(row.owner, (0.0, 0.0))
        found[row.owner] = (given + row.cpu_s, used + row.used_cpu_s)
    return found


def drawn(lately: Lately, host: str, cpus: int, ranks: Mapping[str, int], paper: Paper) -> Markup:
    """Which cpus of the machine were busy, by whose jobs, over time; with the colours that the owners have elsewhere."""
    series, most = busy_series(host, ranks, lately.busy, lately.span)
    top = cpus or charts.top_of(most)
    times = [
        clock(at_ns, paper)
        for at_ns in (lately.span.begin_ns, (lately.span.begin_ns + lately.span.end_ns) // 2)
    ]
    areas = charts.areas(f"busy cpus of {host} by user, {times[0]} to now", series, top, _HEIGHT)
    return Markup(charts.framed(areas, f"{top:g}", [*times, "now"]))  # noqa: S704 - it escapes
