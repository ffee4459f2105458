"""A man in the middle: passes bytes between a client and the server, and keeps what he heard."""

import select
import socket
import threading
from collections.abc import Callable
from typing import Self


class Tap:
    """Listens on a port of its own; `heard` is what each client has said, handshake included.

    What a client says passes through `bend`.
    """

    def __init__(self, server_port: int, bend: Callable[[bytes], bytes] = lambda data: data) -> None:
        self._bend = bend
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.heard: list[bytes] = []
        self._stop_read, self._stop_write = socket.socketpair()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_write.send(b"x")
        self._thread.join(30)
        for each in (self._listener, self._stop_read, self._stop_write):
            each.close()

    def _run(self) -> None:
        """One client after the other."""
        while True:
            ready, _, _ = select.select([self._listener, self._stop_read], [], [])
            if self._stop_read in ready:
                return
            client, _ = self._listener.accept()
            server = socket.create_connection(("127.0.0.1", self._server_port))
            with client, server:
                self.heard.append(b"")
                self._pass_on(client, server)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        while True:
            ready, _, _ = select.select([client, server, self._stop_read], [], [])
            for source, sink in ((client, server), (server, client)):
                if source in ready:
                    data = source.recv(65536)
                    if not data:
                        return
                    if source is client:
                        self.heard[-1] += data
                        data = self._bend(data)
                    sink.sendall(data)
            if self._stop_read in ready:
                return


def replay(port: int, heard: bytes) -> None:
    """Say the same bytes again on a connection of our own, and listen until the server is silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=0.25) as connection:
        connection.sendall(heard)
        try:
            while connection.recv(65536):
                continue
        except TimeoutError:
            return
