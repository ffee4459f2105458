"""Elements of SVG and HTML as text, with everything escaped that others wrote. Pure.

No style attribute stands anywhere, since the pages forbid it; colours come by class from `style`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from goq.core.values.text import printable

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})

# Once on each page that has a strip or bars: what failed is hatched besides red.
HATCHING = (
    '<svg class="defs" width="0" height="0" aria-hidden="true"><pattern id="hx" width="6" height="6" '
    'patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hx-s" y2="6"/></pattern></svg>'
)
HATCHED = "url(#hx)"


def escaped(text: str) -> str:
    """Strangers' text as a piece of a page, in an attribute or out of one; no control characters either."""
    return printable(text).translate(_ENTITIES)


def element(tag: str, *inside: str, **attributes: str | float) -> str:
    """An element; what is inside is markup, and attributes are text or numbers.

    `class_` is class, and an underscore within a name stands for its hyphen.
    """
    words = [tag, *(f'{_name(name)}="{_value(value)}"' for name, value in attributes.items() if value != "")]
    start = " ".join(words)
    return f"<{start}>{''.join(inside)}</{tag}>" if inside else f"<{start}/>"


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    return escaped(value) if isinstance(value, str) else number(value)


def number(value: float) -> str:
    """A coordinate, to a tenth."""
    return f"{round(value, 1) + 0:.1f}".removesuffix(".0")


def share(value: float) -> str:
    """0 to 1 in percent of the width, to a hundredth."""
    return f"{value * 100:.2f}".rstrip("0").rstrip(".") + "%"


def picture(label: str, *inside: str, height: int, **attributes: str | float) -> str:
    """A picture as wide as its place. Who cannot see it has its label."""
    return element("svg", *inside, width="100%", height=height, role="img", aria_label=label, **attributes)


class Entry(NamedTuple):
    """One of a legend: the class that fills it, and what that is."""

    fill: str
    text: str
    is_hatched: bool = False


def legend(entries: Sequence[Entry]) -> str:
    """What the colours are, in words."""
    return element("ul", *map(_entry, entries), class_="legend")


def _entry(entry: Entry) -> str:
    rects = [element("rect", class_=entry.fill, width=14, height=11)]
    if entry.is_hatched:
        rects.append(element("rect", fill=HATCHED, width=14, height=11))
    return element("li", element("svg", *rects, width=14, height=11, aria_hidden="true"), escaped(entry.text))
