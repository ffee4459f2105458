"""Logging in: a code that was printed on a terminal buys a cookie."""

import asyncio
from pathlib import Path
from urllib.parse import urlencode

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from goq.adapters.files.tickets import take_ticket
from goq.web.clock import now_s
from goq.web.guard import Form, cookie_of
from goq.web.render import Pages
from goq.web.sessions import SESSION_S, WRONG_COSTS_S, Guesses, Sessions
from goq.web.site import Site

_PAGE_LIMIT = 2000  # characters of an address that somebody is led back to
_WRONG = "That code is not good, or not any more."


def first_log_in(site: Site, pages: Pages, scope: Scope, headers: Headers) -> Response:
    """Leads to the login, and from there back.

    Who followed a link from another site shows no cookie at first; a page of ours that loads the same address
    again does.
    """
    there = scope["path"] + (
        f"?{query}" if (query := scope["query_string"].decode("ascii", "replace")) else ""
    )
    if headers.get("sec-fetch-site") == "cross-site" and cookie_of(headers, site) == "":
        return pages.page(scope, "again.html", there=there)
    if there == site.path("/"):
        return RedirectResponse(site.path("/login/"), 303)
    return RedirectResponse(site.path("/login/?") + urlencode({"to": there}), 303)


class Door:
    """Lets people in, and out."""

    def __init__(self, site: Site, pages: Pages, sessions: Sessions, tickets: Path) -> None:
        self._site = site
        self._pages = pages
        self._sessions = sessions
        self._tickets = tickets
        self._guesses = Guesses()

    async def show(self, request: Request) -> Response:
        """The form for a code."""
        return self._form(request, self._back_to(request.query_params.get("to", "")))

    async def by_link(self, request: Request) -> Response:
        """The link that was printed."""
        return await self._log_in(request, request.path_params["code"], self._site.path("/"))

    async def by_form(self, request: Request) -> Response:
        """The code that was pasted."""
        form: Form = request.scope["goq.form"]
        return await self._log_in(request, form.get("code", ""), self._back_to(form.get("to", "")))

    async def log_out(self, request: Request) -> Response:
        """The cookie is good for nothing any more."""
        self._sessions.end(cookie_of(request.headers, self._site))
        answer = RedirectResponse(self._site.path("/login/"), 303)
        answer.delete_cookie(self._site.cookie, self._site.path("/"))
        return answer

    async def _log_in(self, request: Request, code: str, to: str) -> Response:
        if locked_s := self._guesses.wait_s(now_s()):
            text = f"Too many codes were wrong. In {locked_s:.0f} s one will be looked at again."
            return self._form(request, to, text, 429)
        if not await asyncio.to_thread(take_ticket, self._tickets, self._site.door, code):
            self._guesses.wrong(now_s())
            await asyncio.sleep(WRONG_COSTS_S)
            return self._form(request, to, _WRONG, 403)
        # Not a redirect: the cookie goes with what our own page asks for, also where a link of others led here.
        answer = self._pages.page(request.scope, "again.html", there=to)
        answer.set_cookie(
            self._site.cookie,
            self._sessions.begin(now_s()),
            max_age=int(SESSION_S),
            path=self._site.path("/"),
            secure=self._site.is_secure(request.headers["host"]),
            httponly=True,
            samesite="strict",
        )
        return answer

    def _form(self, request: Request, to: str, text: str = "", status: int = 200) -> Response:
        return self._pages.page(request.scope, "login.html", status, to=to, text=text)

    def _back_to(self, address: str) -> str:
        """A page of ours, and of nobody else."""
        base = self._site.path("/")
        is_ours = address.startswith(base) and not address.startswith(("//", "/\\")) and address.isprintable()
        return address if is_ours and len(address) <= _PAGE_LIMIT else base
