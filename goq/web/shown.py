"""What templates may call: numbers, times and signs as on a terminal, as HTML."""

from collections.abc import Mapping

from markupsafe import Markup

from goq.views import numbers, svg

SHOWN: Mapping[str, object] = {
    "hatching": Markup(svg.HATCHING),  # noqa: S704 - ours
    "count": numbers.count,
    "duration": numbers.duration,
    "size": numbers.size,
}
