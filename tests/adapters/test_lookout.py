"""A server that is known by its name: looked up while there is no connection, and followed."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from ports import free_port

from adapters.until import wait_until
from goq.adapters.wire import lookout
from goq.adapters.wire.transport import ClientSocket, ServerSocket

FIRST, SECOND, NOBODY = "127.0.0.2", "127.0.0.3", "127.0.0.9"


class Names:
    """What the machine's resolver says of the name head."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ips: list[str] = []
        self._resolve = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._answer)

    def _answer(self, host: Any, *args: Any, **words: Any) -> Any:
        if host != "head":
            return self._resolve(host, *args, **words)
        if not self.ips:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 0)) for ip in self.ips]


@pytest.fixture(name="names")
def _names(monkeypatch: pytest.MonkeyPatch) -> Names:
    monkeypatch.setattr(lookout, "AGAIN_S", 0.05)
    return Names(monkeypatch)


@pytest.fixture(name="client")
def _client(names: Names) -> Iterator[ClientSocket]:
    with ClientSocket(f"tcp://head:{free_port()}") as client:
        yield client


def server_at(client: ClientSocket, ip: str) -> ServerSocket:
    return ServerSocket(f"tcp://{ip}:{client.ways._place.port}")


def await_connection(client: ClientSocket, *, up: bool = True) -> None:
    def turned() -> bool:
        client.take_news()
        return client.ways.is_connected is up

    wait_until(turned, f"a connection that is {'up' if up else 'down'}")


def test_a_name_that_is_not_known_yet_is_looked_up_again(names: Names, client: ClientSocket) -> None:
    """DNS is started after the node, or was told of the head late."""
    wait_until(lambda: client.ways.lookup_trouble, "a failure")
    trouble = client.ways.lookup_trouble
    with server_at(client, FIRST):
        names.ips = [FIRST]
        await_connection(client)

    assert "Name or service not known" in trouble
    assert "" == client.ways.lookup_trouble


def test_a_name_is_followed_when_the_connection_is_lost(names: Names, client: ClientSocket) -> None:
    """The head has another address now; nng alone would ask at the old one for ever."""
    names.ips = [FIRST]
    with server_at(client, FIRST):
        await_connection(client)
    await_connection(client, up=False)
    names.ips = [SECOND]
    with server_at(client, SECOND):
        await_connection(client)


def test_a_name_that_changes_while_nobody_is_there_is_followed(names: Names, client: ClientSocket) -> None:
    """The first look was too early: the server was still at its old place."""
    names.ips = [NOBODY]
    wait_until(lambda: (client.take_news(), client.ways._ways)[1], "a way to the old place")
    names.ips = [SECOND]
    with server_at(client, SECOND):
        await_connection(client)


def test_the_old_place_does_not_win_when_it_comes_late(names: Names, client: ClientSocket) -> None:
    """Somebody else has that address now, and listens."""
    names.ips = [FIRST]
    wait_until(lambda: (client.take_news(), client.ways._ways)[1], "a way to the old place")
    names.ips = [SECOND]
    wait_until(lambda: (client.take_news(), len(client.ways._ways) == 2)[1], "a way to the new place")
    (stale,) = (way for way in client.ways._ways.values() if way.is_stale)
    stale.dialer.reconnect_time_min = stale.dialer.reconnect_time_max = 20  # or this would take a minute
    with server_at(client, FIRST) as old:
        wait_until(lambda: (client.take_news(), len(client.ways._ways) == 1)[1], "the end of the old way")
        with server_at(client, SECOND) as new:
            await_connection(client)
            wait_until(lambda: client.send(1, b"to whom?"), "room for a request")
            wait_until(new.receive, "a request at the new place")

            assert old.receive() is None


def test_of_several_addresses_the_one_where_somebody_listens_is_used(
    names: Names, client: ClientSocket
) -> None:
    """localhost is ::1 as well, and often nobody listens there."""
    names.ips = [NOBODY, FIRST]
    wait_until(lambda: "refused" in client.ways.lookup_trouble, "a failure")
    with server_at(client, FIRST):
        await_connection(client)


def test_nothing_is_looked_up_while_all_is_well(names: Names, client: ClientSocket) -> None:
    """A worker must not ask the name server every few seconds for years."""
    names.ips = [FIRST]
    with server_at(client, FIRST):
        await_connection(client)

        assert not client.ways._lookout.is_looking
