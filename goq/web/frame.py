"""What every page has: who looks at which queue, whether it answers, and what is said when it does not."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from goq.errors import BadSetting, GoqError, JobUnknown, ServerUnreachable
from goq.views.clocks import clock
from goq.views.paper import Paper
from goq.web.news import Newsroom
from goq.web.render import Pages
from goq.web.source import Source, offset

AWAY = "goq-away"  # a header of pages that could not be made: who does not answer
Told = dict[str, Any]
Making = Callable[["Desk", Request], Awaitable[Response]]


class Desk(Struct, frozen=True):
    """Where pages are made."""

    source: Source
    pages: Pages
    newsroom: Newsroom

    @property
    def user(self) -> str:
        """Whose name the page acts in."""
        return self.source.user

    def paper(self) -> Paper:
        """What sentences are written on: as wide as they like, by the clocks of this place."""
        return Paper(width=10_000, now_ns=time.time_ns(), offset=offset)

    def answer(self, request: Request, name: str, part: str, /, status: int = 200, **told: Any) -> Response:
        """The page `name`, which is of that part of the site."""
        return self.pages.page(request.scope, name, status, **self._frame(part), **told)

    def problem(self, request: Request, head: str, text: str, status: int) -> Response:
        """A page that says what is wrong."""
        return self.answer(request, "problem.html", "", status, head=head, text=text)

    def _frame(self, part: str) -> Told:
        paper, latest = self.paper(), self.newsroom.latest
        away = clock(latest.heard_ns, paper, with_seconds=True) if latest.heard_ns else "never"
        return {
            "part": part,
            "paper": paper,
            "now": clock(paper.now_ns, paper, with_seconds=True),
            "away": away if latest.is_away else "",
            "server": self.source.config.ip,
            "address": self.source.config.address,
            "user": self.user,
        }


def made_by(desk: Desk, making: Making) -> Callable[[Request], Awaitable[Response]]:
    """What answers a request with that page, or says why it cannot be."""

    async def answered(request: Request) -> Response:
        try:
            return await making(desk, request)
        except (BadSetting, ServerUnreachable) as error:
            answer = desk.problem(
                request, "No server answers", f"{error}. This page goes on when one does.", 503
            )
            answer.headers[AWAY] = desk.source.config.ip
            return answer
        except JobUnknown as error:
            return desk.problem(request, "There is no such job", str(error), 404)
        except GoqError as error:
            return desk.problem(request, "That cannot be shown", str(error), 400)

    return answered


async def nowhere(desk: Desk, request: Request) -> Response:
    """What leads to no page."""
    return desk.problem(request, "There is no such page", "The address leads nowhere.", 404)
