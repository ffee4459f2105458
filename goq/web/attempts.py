"""The attempts of a job: a line over time, and a row each. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from goq.core.values.lives import Life
from goq.core.values.shown import Attempt
from goq.core.values.states import JobState
from goq.views import marks, signs
from goq.views.clocks import clock
from goq.views.numbers import duration
from goq.views.paper import Paper
from goq.views.svg import element, escaped, picture, share
from goq.web.rows import Shown, shown_sign, shown_state

NS = 10**9
SHOWN = 20  # the latest ones
_HEIGHT = 28
_LETTER = 0.0085  # of the width of a page


class Row(NamedTuple):
    """One attempt."""

    number: int
    begun: str
    ended: str
    ran: str
    where: str
    how: Shown
    text: str


def rows(life: Life, paper: Paper) -> list[Row]:
    """The latest attempts, in order."""
    return [_row(each, life, paper) for each in life.attempts[-SHOWN:]]


def _row(each: Attempt, life: Life, paper: Paper) -> Row:
    gpus = f" gpu {','.join(each.gpus)}" if each.gpus else ""
    ended = clock(each.ended_at, paper) if each.ended_at else ""
    ran = duration(((each.ended_at or paper.now_ns) - each.started_at) / NS)
    how = _how(each, life)
    return Row(
        each.attempt,
        clock(each.started_at, paper),
        ended,
        ran,
        f"{each.host or ''}{gpus}",
        how,
        each.last_words or each.text or "",
    )


def _how(each: Attempt, life: Life) -> Shown:
    if each.ending is None:
        return shown_state(life.row.state if life.row.state.is_live else JobState.RUNNING)
    if each.ending in ("lost", "requeued") and each.status is None:
        return Shown("warn", marks.SUSPECT, "lost" if each.ending == "lost" else "handed back")
    if each.status == 0 and not each.cause and not each.signal:
        return shown_state(JobState.DONE)
    if each.ending == "cancelled":
        return shown_state(JobState.CANCELLED)
    return shown_sign(signs.sign_of_failure(each.status or 0, each.signal or 0, each.cause or ""))


class _Piece(NamedTuple):
    fill: str
    begun_ns: int
    ended_ns: int
    text: str


def line(life: Life, paper: Paper) -> Markup:
    """From its submission until now, or its end: what waited, what ran where."""
    end = life.row.ended_at or paper.now_ns
    pieces = list(_pieces(life, end))
    begin = life.row.submitted_at
    span = max(1, end - begin)
    drawn = [
        _drawn(each, (each.begun_ns - begin) / span, (each.ended_ns - each.begun_ns) / span)
        for each in pieces
    ]
    label = ", ".join(f"{each.text} for {duration((each.ended_ns - each.begun_ns) / NS)}" for each in pieces)
    return Markup(picture(label, *drawn, height=_HEIGHT))  # noqa: S704 - it escapes


def _pieces(life: Life, end: int) -> Sequence[_Piece]:
    at, found = life.row.submitted_at, list[_Piece]()
    for each in life.attempts[-SHOWN:]:
        if each.started_at > at:
            found.append(_Piece("f-wait", at, each.started_at, "waits"))
        how, until = _how(each, life), each.ended_at or end
        fill = {"run": "f-run", "ok": "f-ok", "bad": "f-bad", "warn": "f-warn"}.get(how.kind, "f-hist")
        found.append(
            _Piece(fill, each.started_at, until, f"{each.attempt} on {each.host or '?'}, {how.word}")
        )
        at = until
    if end > at:
        found.append(_Piece("f-wait", at, end, "waits"))
    return found


def _drawn(piece: _Piece, x: float, width: float) -> str:
    inside = [element("rect", class_=piece.fill, width="100%", height=_HEIGHT)]
    if len(piece.text) * _LETTER < width:
        inverted = "" if piece.fill == "f-wait" else "inv"
        inside.append(element("text", escaped(piece.text), x=6, y=19, class_=inverted))
    inside.append(element("line", class_="edge", x1="100%", x2="100%", y1=0, y2=_HEIGHT))
    inside.append(element("title", escaped(piece.text)))
    return element("svg", *inside, x=share(x), width=share(max(width, 0.002)), height=_HEIGHT)
