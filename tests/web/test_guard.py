"""What every request passes, asked by hand."""

import asyncio
from urllib.parse import urlencode

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message

from goq.web.guard import FORM_LIMIT, Guard
from goq.web.sessions import Sessions
from goq.web.site import Site

US = "127.0.0.1:8776"


def ask(
    method: str = "GET",
    path: str = "/jobs",
    *,
    host: str = US,
    origin: str = f"http://{US}",
    is_in: bool = True,
    token: str = "secret",
    more: str = "",
    may_act: bool = True,
) -> tuple[int, dict[bytes, bytes]]:
    """The status and the headers of an answer; behind the guard all are answered with 200."""
    sessions = Sessions(lambda: "secret")
    cookie = sessions.begin(1e12)
    site = Site("8776", f"http://{US}/", may_act=may_act)
    guard = Guard(PlainTextResponse("in"), site, sessions, lambda scope, headers: PlainTextResponse("", 303))
    headers = [(b"host", host.encode()), (b"origin", origin.encode())]
    headers += [(b"cookie", f"{site.cookie}={cookie}".encode())] if is_in else []
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
    body = urlencode({"token": token, "more": more}).encode()
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(guard(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"])


def test_who_is_in_and_speaks_with_us_passes() -> None:
    status, headers = ask()

    assert status == ask("POST", "/act")[0] == 200
    assert headers[b"cache-control"] == b"no-store"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_another_name_is_not_answered(host: str) -> None:
    assert ask(host=host)[0] == 421


def test_who_is_not_in_is_led_to_the_login() -> None:
    assert ask(is_in=False)[0] == 303
    assert ask("POST", "/act", is_in=False)[0] == 401
    assert ask(path="/login/", is_in=False)[0] == 200


@pytest.mark.parametrize("origin", ["http://127.0.0.1:9999", "http://127.0.0.1", "null", "", f"https://{US}"])
def test_a_form_of_another_page_is_refused(origin: str) -> None:
    assert ask("POST", "/act", origin=origin)[0] == 403


def test_a_form_needs_the_token_of_its_login_and_has_an_end() -> None:
    assert ask("POST", "/act", token="other")[0] == 403
    assert ask("POST", "/act", more="x" * FORM_LIMIT)[0] == 413


def test_who_may_look_may_not_act() -> None:
    assert ask("POST", "/act", may_act=False)[0] == 403
    assert ask("POST", "/logout", may_act=False)[0] == 200
