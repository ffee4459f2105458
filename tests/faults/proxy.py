"""A TCP proxy that fails on demand: cuts connections, holds them still, slows them down.

One thread; each route has a port of its own, and its faults hit this route only.
"""

import contextlib
import heapq
import itertools
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_LOOK_EVERY_S = 0.02
_PIECE_BYTES = 65536
_LATE_S = 1.5
_ANSWER_BYTES = 60  # more than nng's own greeting; requests are longer as well


@dataclass(eq=False)
class Route:
    """One way to the server. Times are monotonic."""

    listener: socket.socket
    still_until: float = 0.0
    slow_until: float = 0.0
    slow_s: float = 0.0
    late_until: float = 0.0  # until then answers come too late for whoever waits a second for them
    cut: bool = False
    forget: bool = (
        False  # the connections that are there, as a firewall does: nothing of theirs passes, nobody is told
    )
    on_answer: Callable[[], object] | None = None  # called once, when the server's next answer has left it
    on_request: Callable[[], object] | None = None  # called once, when the next request is on its way
    lose_answer: bool = False  # the server's next answer, and its connection with it
    forgotten: list[socket.socket] = field(default_factory=list)
    servers: set[socket.socket] = field(default_factory=set)
    pairs: dict[socket.socket, socket.socket] = field(default_factory=dict)
    free_at: dict[socket.socket, float] = field(default_factory=dict)

    @property
    def port(self) -> int:
        port: int = self.listener.getsockname()[1]
        return port


class Proxy:
    """Routes from ports of their own to one port here. Faults are flags that its thread obeys."""

    def __init__(self, port: int, routes: int) -> None:
        self._server = ("127.0.0.1", port)
        self._later: list[tuple[float, int, socket.socket, bytes]] = []
        self._order = itertools.count()
        self.routes = [Route(socket.create_server(("127.0.0.1", 0))) for _ in range(routes)]
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stopping = True
        self._thread.join()

    def heal(self) -> None:
        """No more faults."""
        for route in self.routes:
            route.still_until = route.slow_until = route.late_until = 0.0
            route.on_answer = route.on_request = None
            route.lose_answer = False

    def _run(self) -> None:
        while not self._stopping:
            with selectors.DefaultSelector() as selector:
                now = time.monotonic()
                for route in self.routes:
                    if route.cut:
                        route.cut = False
                        for one in list(route.pairs):
                            self._drop(route, one)
                    if route.forget:
                        route.forget = False
                        self._forget(route)
                    if now >= route.still_until:
                        selector.register(route.listener, selectors.EVENT_READ, route)
                        for one in route.pairs:
                            selector.register(one, selectors.EVENT_READ, route)
                due_s = min(_LOOK_EVERY_S, max(0.0, self._later[0][0] - now) if self._later else 1.0)
                for key, _ in selector.select(due_s):
                    self._read(key.data, key.fileobj)  # type: ignore[arg-type]  # only sockets are registered
            self._send_due()
        for route in self.routes:
            for one in list(route.pairs):
                self._drop(route, one)
            for one in route.forgotten:
                one.close()
            route.listener.close()

    def _read(self, route: Route, one: socket.socket) -> None:
        if one is route.listener:
            self._accept(route)
            return
        other = route.pairs.get(one)
        if other is None:
            return
        try:
            data = one.recv(_PIECE_BYTES)
        except OSError:
            data = b""
        if not data:
            self._drop(route, one)
            return
        if one in route.servers and len(data) > _ANSWER_BYTES:
            if route.lose_answer:
                route.lose_answer = False
                self._drop(route, one)
                return
            if route.on_answer:
                act, route.on_answer = route.on_answer, None
                act()
        elif len(data) > _ANSWER_BYTES and route.on_request:
            act, route.on_request = route.on_request, None
            act()
        now = time.monotonic()
        due = now + route.slow_s if now < route.slow_until else now
        if one in route.servers and now < route.late_until and len(data) > _ANSWER_BYTES:
            due += _LATE_S
        due = max(due, route.free_at.get(other, 0.0))  # nothing overtakes
        route.free_at[other] = due
        heapq.heappush(self._later, (due, next(self._order), other, data))

    def _accept(self, route: Route) -> None:
        client, _ = route.listener.accept()
        try:
            server = socket.create_connection(self._server, 1.0)
        except OSError:
            client.close()
            return
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one.settimeout(1.0)
        route.servers.add(server)
        route.pairs[client], route.pairs[server] = server, client

    def _send_due(self) -> None:
        while self._later and self._later[0][0] <= time.monotonic():
            _, _, one, data = heapq.heappop(self._later)
            try:
                one.sendall(data)
            except OSError:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)  # its reader then sees the end

    def _forget(self, route: Route) -> None:
        """Touch these connections no more: both ends think that they are up."""
        route.forgotten += route.pairs
        self._later = [entry for entry in self._later if entry[2] not in route.pairs]
        heapq.heapify(self._later)
        route.pairs.clear()
        route.servers.clear()
        route.free_at.clear()

    def _drop(self, route: Route, one: socket.socket) -> None:
        for each in (one, route.pairs.pop(one, None)):
            if each is not None:
                route.pairs.pop(each, None)
                route.servers.discard(each)
                route.free_at.pop(each, None)
                each.close()
