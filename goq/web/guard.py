"""What every request passes, and every answer: nobody gets at a page who may not, and no page says more than it must.

A request must be for us (Host: a stranger's name may lead to this machine), come from who is logged in, and, to
change anything, from one of our own pages: its Origin is compared *with the port*, since cookies and "same site"
know no ports, and its form has the token of its session.
"""

from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from secrets import compare_digest
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goq.web.clock import now_s
from goq.web.sessions import Session, Sessions
from goq.web.site import Site

TOKEN = "token"  # noqa: S105 - the name of a field
SECTIONS = "goq-sections"  # the header of a request for parts of a page
FORM_LIMIT = 64 * 1024
ADDRESS_LIMIT = 8 * 1024
FIELDS_LIMIT = 100
OPEN_PATHS = (
    "/login/",
    "/static/",
    "/healthz",
    "/metrics",
)  # for who has no cookie; /metrics has a token of its own
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# Of a page with no-referrer, browsers say "Origin: null" of its forms. Other sites are told nothing either way.
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
KEEP_NOTHING = "no-store"
Form = dict[str, str]


class Guard:
    """Stands before the pages."""

    def __init__(
        self, app: ASGIApp, site: Site, sessions: Sessions, login: Callable[[Scope, Headers], Response]
    ) -> None:
        self._app = app
        self._login = login
        self._site = site
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # the server closes it
        refused = await self._judge(scope, receive)
        await (refused or self._app)(scope, receive, _guarded(send))

    async def _judge(self, scope: Scope, receive: Receive) -> Response | None:
        """Why not; None for a request that may pass. Leaves the session and the form in the scope."""
        headers, path = Headers(scope=scope), scope["path"]
        host = headers.get("host", "")
        if not self._site.knows(host):
            return PlainTextResponse(
                "goq web does not answer to this name; 'goq web --host NAME' has it answer\n", 421
            )
        if len(path) + len(scope["query_string"]) > ADDRESS_LIMIT:
            return PlainTextResponse("this address is too long\n", 414)
        if not path.startswith(self._site.base + "/"):
            return RedirectResponse(self._site.path("/"), 303) if path == self._site.base else _no_page()
        scope["root_path"], inner = self._site.base, path.removeprefix(self._site.base)
        session = scope["goq.session"] = self._sessions.find(cookie_of(headers, self._site), now_s())
        if session is None and not inner.startswith(OPEN_PATHS):
            return self._login_first(scope, headers, inner)
        if scope["method"] == "POST":
            return await self._judge_post(scope, receive, headers, host, session, inner)
        return (
            None if scope["method"] in ("GET", "HEAD") else PlainTextResponse("GET or POST is right\n", 405)
        )

    def _login_first(self, scope: Scope, headers: Headers, inner: str) -> Response:
        """A person is led to the login, and back; a script is told."""
        if scope["method"] != "GET" or inner == "/events" or SECTIONS in headers:
            return PlainTextResponse("log in first\n", 401)
        return self._login(scope, headers)

    async def _judge_post(
        self, scope: Scope, receive: Receive, headers: Headers, host: str, session: Session | None, inner: str
    ) -> Response | None:
        if headers.get("origin", "").lower() != self._site.origin(host):
            return PlainTextResponse("this came from a page that is not ours; nothing was done\n", 403)
        form = scope["goq.form"] = await _read_form(receive)
        if form is None:
            return PlainTextResponse("this form is too long; nothing was done\n", 413)
        if session is None:
            return None  # to an open path
        if not compare_digest(form.get(TOKEN, "").encode(), session.token.encode()):
            return PlainTextResponse("this form is of another login; load its page again\n", 403)
        if not self._site.may_act and inner != "/logout":
            return PlainTextResponse("this page is for looking only ('goq web --view')\n", 403)
        return None


def cookie_of(headers: Headers, site: Site) -> str:
    """What a browser shows of its login; "" for none."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(site.cookie)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _no_page() -> Response:
    return PlainTextResponse("there is no such page\n", 404)


async def _read_form(receive: Receive) -> Form | None:
    """The fields of a form, of several with a name the last; None when it is too long."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > FORM_LIMIT:
            return None
    try:
        return dict(
            parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=FIELDS_LIMIT)
        )
    except ValueError:
        return None


def _guarded(send: Send) -> Send:
    """The same, and each answer has our headers."""

    async def send_guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            headers.setdefault("cache-control", KEEP_NOTHING)
        await send(message)

    return send_guarded
