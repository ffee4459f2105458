"""What happened over the last hours, as pictures: who waits, and what ended. Pure."""

from typing import NamedTuple

from markupsafe import Markup

from goq.core.values.totals import Minute, curve_of
from goq.views import charts
from goq.views.clocks import clock
from goq.views.numbers import count
from goq.views.paper import Paper

NS = 10**9
SPAN_S = 6 * 3600
STEP_S = 600
_MARKS = 3  # clocks below a picture, before "now"


class Curves(NamedTuple):
    """Both pictures."""

    waiting: Markup
    ended: Markup


def begin_of(now_ns: int) -> int:
    """Where the pictures begin: at a whole step."""
    step = STEP_S * NS
    return (now_ns - SPAN_S * NS) // step * step


def curves(steps: list[Minute], waiting: int, running: int, paper: Paper) -> Curves:
    """The pictures, of steps in which something happened, up to now."""
    begin, step = begin_of(paper.now_ns), STEP_S * NS
    ats = range(begin, paper.now_ns + 1, step)
    known = {each.at: each for each in steps}
    every = [known.get(at, Minute(at)) for at in ats]
    waits = [each.waiting for each in curve_of(every, waiting, running)]
    failed = [each.failed * 60 / STEP_S for each in every]
    done = [(each.ended - each.failed) * 60 / STEP_S for each in every]
    clocks = [clock(ats[len(ats) * part // _MARKS], paper) for part in range(_MARKS)] + ["now"]
    most, most_ended = (
        max(waits, default=0),
        max((good + bad for good, bad in zip(done, failed, strict=True)), default=0),
    )
    top, top_ended = charts.top_of(most), charts.top_of(most_ended)
    label = f"waiting jobs: {count(waiting)} now, {count(most)} at most"
    label_ended = f"jobs ended a minute: {most_ended:.1f} at most"
    drawn = charts.curve(label, waits, top)
    drawn_ended = charts.bars(label_ended, done, failed, top_ended)
    return Curves(
        Markup(charts.framed(drawn, count(int(top)), clocks)),  # noqa: S704 - it escapes
        Markup(charts.framed(drawn_ended, f"{top_ended:g}", clocks)),  # noqa: S704
    )
