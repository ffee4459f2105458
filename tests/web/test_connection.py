"""A connection's place is for whoever ends his requests; answers may take their time."""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

import pytest
import uvicorn

from goq.web import connection
from goq.web.connection import Connection

PATIENCE_S = 0.4
HEAD = b"Host: localhost\r\n"
UNENDED = {
    "nothing": b"",
    "half a head": b"GET / HTTP/1.1\r\n" + HEAD + b"Cookie: ",
    "half a form": b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 100\r\n\r\ntoken=",
}


async def slow(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Take all of the question, and answer /slow in two parts."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"a", "more_body": True})
    if scope["path"] == "/slow":
        await asyncio.sleep(4 * PATIENCE_S)
    await send({"type": "http.response.body", "body": b"b"})


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A connection to a server that is told so."""
    monkeypatch.setattr(connection, "PATIENCE_S", PATIENCE_S)
    listening = socket.create_server(("127.0.0.1", 0))
    settings = uvicorn.Config(
        slow, http=Connection, ws="none", lifespan="off", log_config=None, timeout_keep_alive=60
    )
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        with socket.create_connection(listening.getsockname(), timeout=20) as way:
            yield way
    finally:
        server.should_exit = True
        thread.join(30)


def all_of(way: socket.socket) -> bytes:
    """What comes until it is closed."""
    return b"".join(iter(lambda: way.recv(65536), b""))


@pytest.mark.parametrize("begun", UNENDED.values(), ids=UNENDED)
def test_who_ends_no_request_is_sent_away(way: socket.socket, begun: bytes) -> None:
    """Places are counted: those who say nothing more would keep everybody out."""
    way.sendall(begun)
    all_of(way)


def test_nor_is_half_a_second_request_waited_for(way: socket.socket) -> None:
    """A browser asks several times over one connection."""
    way.sendall(b"GET / HTTP/1.1\r\n" + HEAD + b"\r\n")
    answer = b""
    while not answer.endswith(b"ab"):
        answer += way.recv(65536)
    way.sendall(b"GET / HTTP/1.1\r\n")
    all_of(way)


def test_an_answer_may_take_longer(way: socket.socket) -> None:
    """Only the question has to come in time."""
    began_s = time.monotonic()
    way.sendall(b"GET /slow HTTP/1.1\r\n" + HEAD + b"Connection: close\r\n\r\n")

    assert all_of(way).endswith(b"\r\n\r\nab")
    assert time.monotonic() - began_s > 2 * PATIENCE_S
