"""`goq web` as a process: where it listens, and until when.

It listens on this machine alone: on 127.0.0.1, on a socket that is this user's, or under TLS at the names that it
was told. Passwords, codes and cookies never travel openly from one machine to another.
"""

import asyncio
import logging
import os
import shlex
import signal
import socket
import ssl
import stat
from contextlib import suppress
from pathlib import Path

import uvicorn
from msgspec import Struct

from goq.adapters.config import Config
from goq.adapters.reasons import reason_of
from goq.errors import AddressTaken, BadSetting
from goq.web.app import app_of
from goq.web.connection import Connection
from goq.web.news import Newsroom
from goq.web.site import LOOPBACK_NAMES, Site, name_of

CONNECTIONS_LIMIT = 500
HEAD_LIMIT = 32 * 1024  # bytes of a request before its form
LOOPBACK = "127.0.0.1"
PORT = 8776


class Place(Struct, frozen=True):
    """Where to listen, as the user said."""

    port: int
    socket: Path | None = None
    hosts: tuple[str, ...] = ()
    certificate: Path | None = None
    base: str = ""
    may_act: bool = True

    def site(self) -> Site:
        """The page that is there. Raises BadSetting."""
        names = frozenset(map(name_of, self.hosts)) - LOOPBACK_NAMES
        if "" in names:
            raise BadSetting("--host takes a name, as goq.example.org, or an address")
        scheme = "https" if self.certificate else "http"
        url = f"{scheme}://{self._shown_host(names)}:{self.port}{self.base}/"
        link = ["goq", "web", "--link", *self._door_words()]
        return Site(self.door, url, self.base, names, bool(self.certificate), self.may_act, shlex.join(link))

    @property
    def door(self) -> str:
        """What a code is good for."""
        return str(self.socket.absolute()) if self.socket else str(self.port)

    @property
    def shown(self) -> str:
        """The same for people."""
        return str(self.socket) if self.socket else f"port {self.port}"

    def _door_words(self) -> list[str]:
        if self.socket:
            return ["--socket", str(self.socket)]
        return [] if self.port == PORT else ["--port", str(self.port)]

    def _shown_host(self, names: frozenset[str]) -> str:
        return min(names) if names and self.certificate else LOOPBACK


def run(
    config: Config, place: Place, listening: list[socket.socket], tickets: Path, metrics_token: str
) -> None:
    """Answer until SIGINT or SIGTERM comes."""
    log = logging.getLogger("uvicorn.error")
    log.setLevel(logging.WARNING)
    log.addFilter(_is_trouble)
    newsroom = Newsroom(config)
    settings = uvicorn.Config(
        app_of(config, place.site(), newsroom, tickets, metrics_token),
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # addresses have codes in them
        server_header=False,
        proxy_headers=False,  # anybody on this machine may write them
        limit_concurrency=CONNECTIONS_LIMIT,
        h11_max_incomplete_event_size=HEAD_LIMIT,
        timeout_graceful_shutdown=2,
        ssl_certfile=place.certificate,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _heard)  # told again once all is tidied up, which shall not end us otherwise
    _Server(settings, newsroom).run(sockets=listening)


class _Server(uvicorn.Server):
    """Lets go whoever listens for news, before it waits for those who are being answered."""

    def __init__(self, settings: uvicorn.Config, newsroom: Newsroom) -> None:
        super().__init__(settings)
        self._newsroom = newsroom

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End."""
        self._newsroom.end()
        await super().shutdown(sockets)


def _is_trouble(record: logging.LogRecord) -> bool:
    """Who waited for more of a log until the end is no trouble."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def _heard(_number: int, _frame: object) -> None:
    """To be told to end is no failure."""


def listen(place: Place) -> list[socket.socket]:
    """The sockets. Raises AddressTaken, BadSetting."""
    if place.certificate:
        _require_certificate(place.certificate)
    if place.socket:
        return [_listen_at(place.socket)]
    hosts = [name_of(host).strip("[]") for host in place.hosts] if place.certificate else []
    return [_listen_on(host, place.port) for host in hosts or [LOOPBACK]]


def _require_certificate(path: Path) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)
    except (OSError, ssl.SSLError) as error:
        raise BadSetting(
            f"--cert {path}: no key with its certificate can be read there ({reason_of(error)})"
        ) from error


def _listen_on(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(socket.SOMAXCONN)
    except OSError as error:
        raise AddressTaken(
            f"cannot listen at {host}:{port}: {reason_of(error)}; is 'goq web' there already? --port takes another"
        ) from error
    return made


def _listen_at(path: Path) -> socket.socket:
    """A socket that is this user's alone, from birth."""
    made = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        with suppress(FileNotFoundError):
            if stat.S_ISSOCK(path.lstat().st_mode) and not _answers(path):
                path.unlink()
        made.bind(os.fspath(path))
        made.listen(socket.SOMAXCONN)
    except OSError as error:
        raise AddressTaken(f"cannot listen at {path}: {reason_of(error)}") from error
    finally:
        os.umask(before)
    return made


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(os.fspath(path)) == 0
