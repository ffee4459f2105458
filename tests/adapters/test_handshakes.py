"""A connection that does not come to be one of nng's has its time too; those that did are left alone."""

import errno
import math
import os
import socket
from collections.abc import Iterator
from functools import partial

import pytest
from ports import free_address

from adapters.test_transport_strangers import is_closed, turn_until
from adapters.test_transport_tls import GREETING, shaken
from adapters.until import wait_until
from goq.adapters.wire import handshakes
from goq.adapters.wire.certificates import new_key_pair
from goq.adapters.wire.handshakes import Handshakes
from goq.adapters.wire.places import place_of
from goq.adapters.wire.transport import ClientSocket, ServerSocket

AMID_A_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
PAIR = new_key_pair()


@pytest.fixture(name="hosts", params=["127.0.0.1", "[::1]"])
def _host(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(name="address")
def _address(hosts: str) -> str:
    return free_address().replace("tcp://127.0.0.1", f"tls+tcp://{hosts}")


@pytest.fixture(name="server")
def _server(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServerSocket]:
    """One that looks in each turn, and is not patient yet."""
    monkeypatch.setattr(handshakes, "LOOK_EVERY_S", 0.0)
    with ServerSocket(address, PAIR.certificate, PAIR.private_key) as server:
        yield server


def looks(server: ServerSocket) -> Handshakes:
    """Who looks for that server."""
    assert server._handshakes is not None
    return server._handshakes


def connected(address: str) -> socket.socket:
    """A stranger who has not said anything."""
    host, _, port = address.removeprefix("tls+tcp://").rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=20)


@pytest.mark.parametrize("said", [b"", AMID_A_HELLO], ids=["nothing", "half a hello"])
def test_who_does_not_shake_hands_is_sent_away(
    server: ServerSocket, address: str, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nng would keep him for ever."""
    with connected(address) as stranger:
        stranger.sendall(said)
        turn_until(server, lambda: looks(server)._since, "his being seen")
        assert not is_closed(stranger)

        monkeypatch.setattr(handshakes, "HANDSHAKE_S", 0.05)
        turn_until(server, lambda: is_closed(stranger), "his end")


def test_who_has_shaken_hands_stays(
    server: ServerSocket, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often is looked; also who comes from the same place as a stranger."""
    monkeypatch.setattr(handshakes, "HANDSHAKE_S", 0.0)
    with ClientSocket(address, PAIR.certificate) as client:
        wait_until(client.take_news, "a connection")
        wait_until(lambda: looks(server)._ends, "a peer")
        for _ in range(3):
            with connected(address) as stranger:
                turn_until(server, partial(is_closed, stranger), "a stranger's end")

        assert [] == client.take_news()


def bound(ip: str, port: int) -> socket.socket:
    """A socket that will come from there, as others may."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind((ip, port))
    return made


def test_two_connections_from_one_place_are_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has become a peer at one address of ours keeps none at another that way."""
    monkeypatch.setattr(handshakes, "LOOK_EVERY_S", 0.0)
    address = free_address().replace("tcp://", "tls+tcp://")
    port = int(address.rpartition(":")[2])
    with ServerSocket(address, PAIR.certificate, PAIR.private_key) as server:
        server.listen(place_of(f"tls+tcp://127.0.0.2:{port}"))
        with bound("127.0.0.1", 0) as link:
            link.connect(("127.0.0.1", port))
            peer = shaken(address, link=link)
        with peer, bound(*peer.getsockname()) as silent:
            peer.sendall(GREETING)
            wait_until(lambda: looks(server)._ends, "a peer")
            silent.connect(("127.0.0.2", port))
            monkeypatch.setattr(handshakes, "HANDSHAKE_S", 0.0)
            turn_until(server, partial(is_closed, silent), "the end of the silent one")

            assert not is_closed(peer)


def test_nothing_is_kept_of_those_who_are_gone(server: ServerSocket, address: str) -> None:
    """Neither of peers nor of those who never were."""
    with ClientSocket(address, PAIR.certificate) as client, connected(address):
        wait_until(client.take_news, "a connection")
        turn_until(server, lambda: looks(server)._since, "a stranger")
        assert looks(server)._settled

    def all_gone() -> bool:
        ours = looks(server)
        return not (ours._ends or ours._peer_at or ours._since)

    turn_until(server, all_gone, "their end")


def test_looking_needs_no_free_descriptor(
    server: ServerSocket, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When strangers have taken all of them it is needed most."""

    def refused(path: str) -> list[str]:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), path)

    with connected(address) as stranger:
        turn_until(server, lambda: looks(server)._since, "his being seen")
        monkeypatch.setattr(handshakes, "HANDSHAKE_S", 0.0)
        monkeypatch.setattr(os, "listdir", refused)
        monkeypatch.setattr(os, "sysconf", lambda _: 2000)
        turn_until(server, lambda: is_closed(stranger), "his end")


def test_it_is_known_when_to_look_again(address: str) -> None:
    """A server with nothing else to do sleeps until then; one without a certificate needs not look."""
    with ServerSocket(address, PAIR.certificate, PAIR.private_key) as server:
        assert looks(server).next_deadline() == server.next_deadline() < math.inf
    with ServerSocket(free_address()) as plain:
        assert math.inf == plain.next_deadline()
