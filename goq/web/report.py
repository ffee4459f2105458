"""What ran in a span of time: the page of `goq report`."""

import time

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from goq.api.client import Client
from goq.api.reporting import facts_of, span_of
from goq.core.values.moments import NS
from goq.core.values.quantities import BadQuantity, duration_s
from goq.core.values.selectors import BadSelector, Selector, selector_of
from goq.errors import BadCommand
from goq.views.report import Facts, parts_of
from goq.web.frame import Desk

SINCE = ("6h", "1d", "7d", "30d")


async def report(desk: Desk, request: Request) -> Response:
    """The page."""
    since, words = request.query_params.get("since", "1d"), request.query_params.get("q", "").strip()
    try:
        since_s, selector = duration_s(since), selector_of(words.split()) if words else Selector()
    except (BadQuantity, BadSelector) as error:
        raise BadCommand(str(error)) from error

    def facts(client: Client) -> Facts:
        now_ns = time.time_ns()
        return facts_of(client, selector, span_of(now_ns - max(1, int(since_s * NS)), now_ns))

    found = await desk.source.shared(("report", since, words), facts)
    parts = Markup("".join(parts_of(found, desk.paper())))  # noqa: S704 - they escape
    return desk.answer(
        request, "report.html", "Report", parts_=parts, since=since, words=words, choices=SINCE
    )
