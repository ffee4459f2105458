"""The first page: what runs, what waits, what needs a hand, and what runs where."""

from starlette.requests import Request
from starlette.responses import Response

from goq.web.frame import Desk


async def overview(desk: Desk, request: Request) -> Response:
    """The page."""
    latest = await desk.source.shared("latest", lambda client: client.latest())
    return desk.answer(request, "overview.html", "Overview", latest=latest)
