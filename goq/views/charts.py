"""Numbers over time, and how they are spread, as pictures for pages. Pure: numbers in, SVG out.

No picture has more than POINTS steps, whatever it is given. Text stands beside it, in HTML, since the
pictures are stretched to their place.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from math import isfinite
from operator import ne
from typing import NamedTuple

from goq.views.svg import HATCHED, element, escaped, number, picture, share

POINTS = 400
WIDTH = 1000  # of a picture with coordinates of its own, in those
HEIGHT = 120  # pixels
_GAP = 0.08  # of a bar's place
_LEAST = 2.0  # pixels of what exists
_TOPS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 10)


class Series(NamedTuple):
    """What one user had of something in each step of a time, and the class that fills it."""

    name: str
    fill: str
    values: Sequence[float]


def top_of(most: float) -> float:
    """A round number for the top of an axis, not below the most; 1 at the least."""
    scale = 1.0
    while most > 10 * scale:
        scale *= 10
    return next((top * scale for top in _TOPS if top * scale >= most), 10 * scale)


def framed(drawn: str, top: str, times: Sequence[str], bottom: str = "0") -> str:
    """A picture with the ends of its upright axis, and words along the other."""
    return element(
        "div",
        element("span", escaped(top), class_="y t"),
        element("span", escaped(bottom), class_="y b"),
        drawn,
        element("div", *(element("span", escaped(each)) for each in times), class_="x"),
        class_="chart",
    )


def areas(label: str, series: Sequence[Series], capacity: float, height: int = 32) -> str:
    """What was busy in each step, stacked by whose it was, on a ground as high as the capacity."""
    steps = max((len(each.values) for each in series), default=0)
    floor = [0.0] * min(steps, POINTS)
    drawn = [element("rect", class_="f-free", width=WIDTH, height=height)]
    for each in series:
        values = _thinned(_padded(each.values, steps), _mean)
        roof = [low + value for low, value in zip(floor, values, strict=True)]
        if path := "".join(_outlines(floor, roof, _height(capacity, height))):
            drawn.append(
                element("path", element("title", escaped(each.name)), class_=f"area-u {each.fill}", d=path)
            )
        floor = roof
    return _coordinates(label, drawn, height)


def _outlines(floor: Sequence[float], roof: Sequence[float], y_of: Callable[[float], float]) -> Iterator[str]:
    """One for each stretch in which there is something: along its roof, and back along its floor, in steps."""
    width, start = WIDTH / max(1, len(roof)), 0
    for is_something, stretch in groupby(map(ne, floor, roof)):
        end = start + sum(1 for _ in stretch)
        if is_something:
            there = [f"V{y}H{number(x)}" for y, _, x in _runs(roof[start:end], start, width, y_of)]
            back = [f"V{y}H{number(x)}" for y, x, _ in _runs(floor[start:end], start, width, y_of)]
            yield f"M{number(start * width)},{number(y_of(floor[start]))}{''.join(there + back[::-1])}Z"
        start = end


def _runs(
    values: Sequence[float], start: int, width: float, y_of: Callable[[float], float]
) -> Iterator[tuple[str, float, float]]:
    """Steps of the same height as one: how high, and from where to where."""
    for y, run in groupby(number(y_of(value)) for value in values):
        end = start + sum(1 for _ in run)
        yield y, start * width, end * width
        start = end


def curve(
    label: str, values: Sequence[float], top: float, asked: float | None = None, height: int = HEIGHT
) -> str:
    """A line over the ground, of equal steps; of steps that are drawn as one, the most. `asked` is dashed."""
    y_of = _height(top, height)
    kept = _thinned(values, max)
    kept = kept * 2 if len(kept) == 1 else kept
    points = " ".join(
        f"{number(WIDTH * step / (len(kept) - 1))},{number(y_of(value))}" for step, value in enumerate(kept)
    )
    drawn = _axes(height)
    if points:
        drawn.append(element("polygon", class_="area", points=f"0,{height} {points} {WIDTH},{height}"))
        drawn.append(element("polyline", class_="ln", points=points))
    if asked is not None:
        y = y_of(asked)
        drawn.append(element("line", class_="ask", x1=0, x2=WIDTH, y1=y, y2=y))
    return _coordinates(label, drawn, height)


def bars(label: str, done: Sequence[float], failed: Sequence[float], top: float, height: int = HEIGHT) -> str:
    """What ended in each step: done below, failed and hatched above; what exists is seen."""
    steps = max(len(done), len(failed))
    pairs = zip(_thinned(_padded(done, steps), _mean), _thinned(_padded(failed, steps), _mean), strict=True)
    drawn = [_ground(height)]
    for step, (good, bad) in enumerate(pairs):
        y = height - _pixels(good, top, height)
        place = _place(step, min(steps, POINTS))
        if good > 0:
            drawn.append(element("rect", class_="f-ok", **place, y=y, height=height - y))
        if bad > 0:
            tall = _pixels(bad, top, height)
            y = max(0.0, y - tall)
            drawn.append(element("rect", class_="f-bad", **place, y=y, height=tall))
            drawn.append(element("rect", fill=HATCHED, **place, y=y, height=tall))
    return picture(label, *drawn, height=height)


def histogram(
    label: str, counts: Sequence[float], top: float, asked: float | None = None, height: int = HEIGHT
) -> str:
    """How many are in each of equal ranges; `asked` is dashed, as a share of the width from 0 to 1."""
    kept = _thinned(counts, sum)
    drawn = [_ground(height)]
    for step, value in enumerate(kept):
        if value > 0:
            tall = _pixels(value, top, height)
            drawn.append(
                element("rect", class_="f-hist", **_place(step, len(kept)), y=height - tall, height=tall)
            )
    if asked is not None:
        x = share(min(max(asked, 0), 1))
        drawn.append(element("line", class_="ask", x1=x, x2=x, y1=0, y2=height))
    return picture(label, *drawn, height=height)


def _coordinates(label: str, drawn: Sequence[str], height: int) -> str:
    return picture(label, *drawn, height=height, viewBox=f"0 0 {WIDTH} {height}", preserveAspectRatio="none")


def _axes(height: int) -> list[str]:
    return [element("line", class_="axis", x1=0, x2=WIDTH, y1=y, y2=y) for y in (height, 0)]


def _ground(height: int) -> str:
    return element("line", class_="axis", x1=0, x2="100%", y1=height, y2=height)


def _place(step: int, steps: int) -> dict[str, str]:
    return {"x": share((step + _GAP / 2) / steps), "width": share((1 - _GAP) / steps)}


def _height(top: float, height: int) -> Callable[[float], float]:
    """From a value to how far below the upper edge it is, within the picture."""
    # In this order neither lets through what is no number.
    return lambda value: height * (1 - min(1.0, max(0.0, value / top))) if top > 0 else height


def _pixels(value: float, top: float, height: int) -> float:
    return max(_LEAST, height - _height(top, height)(value)) if value > 0 else 0.0


def _padded(values: Sequence[float], steps: int) -> list[float]:
    return [*values, *[0.0] * (steps - len(values))]


def _thinned(values: Sequence[float], merged: Callable[[Sequence[float]], float]) -> list[float]:
    """At most POINTS of them, neighbours merged; what is no number, or below 0, is nothing."""
    known = [value if isfinite(value) and value > 0 else 0.0 for value in values]
    steps = min(len(known), POINTS)
    ends = [len(known) * step // steps for step in range(1, steps + 1)]
    return [merged(known[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
