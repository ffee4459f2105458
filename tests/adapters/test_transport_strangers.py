"""Who only holds a connection: he is sent away, and nobody of ours is for long."""

import select
import socket
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.until import wait_until
from goq.adapters.wire import peers, transport
from goq.adapters.wire.transport import FRAME_LIMIT, ClientSocket, ServerSocket

GREETING = b"\x00SP\x00\x00\x30\x00\x00"  # what an nng REQ socket says first
LONGEST = struct.pack(">QI", FRAME_LIMIT, 0x80000001) + bytes(FRAME_LIMIT - 4)
LONG_S, SHORT_S = 3600.0, 0.05


@pytest.fixture(name="patience")
def _patience(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets how long strangers are borne, and how many."""

    def have(stranger_s: float, strangers: int = 256, crowd_s: float = LONG_S) -> None:
        monkeypatch.setattr(peers, "STRANGER_S", stranger_s)
        monkeypatch.setattr(peers, "STRANGERS", strangers)
        monkeypatch.setattr(peers, "CROWD_S", crowd_s)

    return have


def greeted(server: ServerSocket, address: str) -> socket.socket:
    """A stranger who has got as far as a connection of nng's."""
    host, port = address.removeprefix("tcp://").split(":")
    stranger = socket.create_connection((host, int(port)), timeout=20)
    stranger.sendall(GREETING)
    wait_until(lambda: any(connected for _, connected in server.take_news()), "his connection")
    assert len(GREETING) == len(stranger.recv(len(GREETING), socket.MSG_WAITALL))
    return stranger


def is_closed(stranger: socket.socket) -> bool:
    """The server has closed the connection."""
    return bool(select.select([stranger], [], [], 0)[0]) and stranger.recv(1) == b""


def turn_until(server: ServerSocket, claim: Callable[[], object], what: str) -> None:
    """Do what the loop does in each turn, until the claim is true."""

    def turned() -> object:
        server.take_news()
        return claim()

    wait_until(turned, what)


def asked(server: ServerSocket, client: ClientSocket, number: int) -> int:
    """The client asks something; its connection at the server."""
    wait_until(lambda: client.send(number, b"a question"), "room for a request")
    received = wait_until(server.receive, "a request at the server")
    assert received is not None
    return received[0].peer


def test_a_silent_connection_is_closed_in_time(
    server: ServerSocket, address: str, patience: Callable[..., None]
) -> None:
    """Else whoever reaches the port takes all of the server's descriptors, for ever."""
    patience(LONG_S)
    with greeted(server, address) as stranger:
        server.take_news()
        assert not is_closed(stranger)

        patience(SHORT_S)
        turn_until(server, lambda: is_closed(stranger), "the end of a silent connection")


def test_a_peer_of_ours_stays(server: ServerSocket, address: str, patience: Callable[..., None]) -> None:
    """A worker may be silent for as long as its job runs."""
    patience(LONG_S)
    with ClientSocket(address) as client:
        peer = asked(server, client, 1)
        server.welcome(peer)
        with greeted(server, address) as stranger:
            patience(SHORT_S)
            turn_until(server, lambda: is_closed(stranger), "the end of a silent connection")

            assert peer == asked(server, client, 2)


def test_a_peer_may_be_welcomed_before_it_was_announced(
    server: ServerSocket, address: str, patience: Callable[..., None]
) -> None:
    """Its first frame may be here before the news of its connection has been read."""
    patience(0.0)
    with ClientSocket(address) as client:
        peer = asked(server, client, 1)
        server.welcome(peer)

        assert [(peer, True)] == wait_until(server.take_news, "the news of it")
        assert peer == asked(server, client, 2)


def test_the_oldest_of_a_crowd_leave_first(
    server: ServerSocket, address: str, patience: Callable[..., None]
) -> None:
    """As many as may stay keep their time; who came last is likeliest to be one of ours."""
    patience(LONG_S, strangers=2, crowd_s=0.0)
    crowd = [greeted(server, address) for _ in range(2)]
    assert not any(is_closed(each) for each in crowd)
    crowd += [greeted(server, address) for _ in range(3)]
    turn_until(server, lambda: is_closed(crowd[2]), "the end of the third oldest")

    assert [True, True] == [is_closed(each) for each in crowd[:2]]
    assert [False, False] == [is_closed(each) for each in crowd[3:]]
    for each in crowd:
        each.close()


def test_who_comes_with_many_has_a_moment_to_speak(
    server: ServerSocket, address: str, patience: Callable[..., None]
) -> None:
    """After a restart of the server all its workers come at once."""
    patience(LONG_S, strangers=1, crowd_s=LONG_S)
    crowd = [greeted(server, address) for _ in range(5)]
    server.take_news()

    assert not any(is_closed(each) for each in crowd)
    for each in crowd:
        each.close()


def test_one_of_ours_who_was_sent_away_comes_back(
    server: ServerSocket, address: str, patience: Callable[..., None]
) -> None:
    """A mistake costs a new connection, and no more."""
    patience(LONG_S)
    with ClientSocket(address) as client:
        wait_until(server.take_news, "a connection")
        patience(0.0)
        server.take_news()
        patience(LONG_S)  # before he is back: a question over a connection that is being closed is lost
        wait_until(lambda: False in dict(client.take_news()).values(), "being sent away")

        server.welcome(asked(server, client, 7))


def test_nothing_is_kept_of_connections_that_are_gone(
    server: ServerSocket, address: str, patience: Callable[..., None]
) -> None:
    """Neither of those that left, nor of those that were sent away, nor of ours."""
    patience(LONG_S)
    with greeted(server, address), ClientSocket(address) as client:
        server.welcome(asked(server, client, 1))
    gone: set[int] = set()

    def all_gone() -> bool:
        gone.update(peer for peer, connected in server.take_news() if not connected)
        return len(gone) == 2

    wait_until(all_gone, "their end")
    for peer in gone:
        server.welcome(peer)  # a frame of theirs may have been late

    assert not server._peers._strangers
    assert not server._peers._arrivals


def test_what_the_loop_has_not_read_has_a_bound(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it waits for the disk, say, anybody may send; then he waits as well."""
    monkeypatch.setattr(transport, "UNREAD_FRAMES", 3)
    with ServerSocket(address) as server, greeted(server, address) as stranger:
        for _ in range(3):
            stranger.sendall(LONGEST)
        sent = 3 + frames_taken(stranger)
        read = [wait_until(server.receive, "a frame") for _ in range(3)]

        assert sent <= 3 + 2 + frames_in_the_kernel()  # nng holds one more, and has one half read
        assert all(received and len(received[1]) == FRAME_LIMIT - 4 for received in read)


def frames_taken(stranger: socket.socket) -> int:
    """How many more of the longest frames can be sent before nobody takes them."""
    stranger.settimeout(0.5)
    for taken in range(2 * frames_in_the_kernel() + 20):
        try:
            stranger.sendall(LONGEST)
        except TimeoutError:
            return taken
    return taken


def frames_in_the_kernel() -> int:
    """How many of the longest frames the buffers of one connection can hold, at both ends (tcp(7))."""
    limits = (Path("/proc/sys/net/ipv4/tcp_" + each).read_text().split()[-1] for each in ("rmem", "wmem"))
    return sum(map(int, limits)) // FRAME_LIMIT
