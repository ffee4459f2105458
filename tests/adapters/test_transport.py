"""The sockets: requests and answers over TCP, in any order, through any disturbance."""

import os
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.until import wait_until
from goq.adapters.wire import peers, transport, unsent
from goq.adapters.wire.transport import FRAME_LIMIT, ClientSocket, ServerSocket, probe
from goq.core.values.ids import Handle
from goq.errors import AddressTaken, BadSetting, ServerUnreachable

SP_REQ_GREETING = b"\x00SP\x00\x00\x30\x00\x00"  # what an nng REQ socket says first
CLIENTS, PARKED_EACH = 20, 50


@pytest.fixture(name="client")
def _client(server: ServerSocket, address: str) -> Iterator[ClientSocket]:
    with ClientSocket(address) as client:
        yield client


def ask(client: ClientSocket, number: int, frame: bytes) -> None:
    """Have a request leave, as soon as it can."""
    wait_until(lambda: client.send(number, frame), "room for a request")


def request(server: ServerSocket) -> tuple[Handle, bytes]:
    """The next request that the server gets."""
    found = wait_until(server.receive, "a request at the server")
    assert found is not None
    return found


def answer(client: ClientSocket) -> tuple[int, bytes]:
    """The next answer that the client gets."""
    found = wait_until(client.receive, "an answer at the client")
    assert found is not None
    return found


def check_service(server: ServerSocket, client: ClientSocket, number: int = 77) -> None:
    """A request is answered as ever."""
    ask(client, number, b"still there?")
    handle, frame = request(server)
    server.send(handle, b"re: " + frame)

    assert (number, b"re: still there?") == answer(client)


def plain_connection(address: str) -> socket.socket:
    """A TCP connection to the server, by somebody who does not speak nng."""
    host, port = address.removeprefix("tcp://").split(":")
    return socket.create_connection((host, int(port)))


# --- requests and answers ------------------------------------------------------------------


def test_an_answer_bears_the_number_of_its_request(server: ServerSocket, client: ClientSocket) -> None:
    """One connection carries all the questions of a worker."""
    ask(client, 2**31 - 1, b"hello")
    handle, frame = request(server)
    server.send(handle, b"good day")

    assert b"hello" == frame
    assert (2**31 - 1, b"good day") == answer(client)


@pytest.mark.parametrize("body", [b"", b"\0", bytes(range(256)) * 400], ids=len)
def test_a_body_arrives_byte_for_byte(server: ServerSocket, client: ClientSocket, body: bytes) -> None:
    """The signature is over exactly these bytes."""
    ask(client, 1, body)
    handle, arrived = request(server)
    server.send(handle, arrived)

    assert body == arrived
    assert (1, body) == answer(client)


def test_the_rest_of_a_frame_follows_it(server: ServerSocket, client: ClientSocket) -> None:
    """A megabyte of output need not be put behind its message before it is sent."""
    rest = bytes(range(256)) * 4096
    for sent in (rest, memoryview(rest)):
        wait_until(lambda sent=sent: client.send(1, b"head", sent), "room for a request")  # type: ignore[misc]  # a default
        assert b"head" + rest == request(server)[1]


def test_answers_may_come_in_any_order(server: ServerSocket, client: ClientSocket) -> None:
    """A heartbeat is answered when its time has come, whatever was asked after it."""
    for number in range(10):
        ask(client, number, b"%d" % number)
    handles = [request(server) for _ in range(10)]
    for handle, frame in reversed(handles):
        server.send(handle, b"re: " + frame)

    assert [(number, b"re: %d" % number) for number in reversed(range(10))] == [
        answer(client) for _ in range(10)
    ]


def test_a_thousand_requests_stay_open_at_once(server: ServerSocket, address: str) -> None:
    """A worker's request for work is simply answered when there is work, by one thread for all."""
    clients = [ClientSocket(address) for _ in range(CLIENTS)]
    try:
        for client in clients:
            for number in range(PARKED_EACH):
                ask(client, number, b"work?")
        parked = [request(server)[0] for _ in range(CLIENTS * PARKED_EACH)]
        for handle in reversed(parked):
            server.send(handle, b"here")
        wait_until(server.flush, "all answers on their way")
        numbers = [{answer(client)[0] for _ in range(PARKED_EACH)} for client in clients]
    finally:
        for client in clients:
            client.close()

    assert CLIENTS == len({handle.peer for handle in parked})
    assert [set(range(PARKED_EACH))] * CLIENTS == numbers


def test_nobody_gets_another_s_answer(server: ServerSocket, client: ClientSocket, address: str) -> None:
    """Two clients may use the same number at the same time."""
    with ClientSocket(address) as other:
        ask(client, 1, b"mine")
        ask(other, 1, b"other's")
        for handle, frame in (request(server), request(server)):
            server.send(handle, frame)

        assert (1, b"mine") == answer(client)
        assert (1, b"other's") == answer(other)


def test_nothing_there_is_told_at_once(server: ServerSocket, client: ClientSocket) -> None:
    """The loop reads until there is nothing, then sleeps on the descriptors."""
    assert server.receive() is None
    assert client.receive() is None


def test_a_frame_wakes_a_sleeper(server: ServerSocket, client: ClientSocket) -> None:
    """Who waits for an answer uses no processor until it is there."""
    check_service(server, client)
    client.take_news()
    ask(client, 1, b"question")
    handle, _ = request(server)
    server.send(handle, b"answer")

    assert client.wait(10.0)
    assert (1, b"answer") == answer(client)
    assert not client.wait(0.01)


def test_one_may_wait_without_an_end(server: ServerSocket, client: ClientSocket) -> None:
    """`goq wait` has nothing to do until something comes."""
    ask(client, 1, b"question")
    server.send(request(server)[0], b"answer")

    assert client.wait(float("inf"))


# --- peers come and go ---------------------------------------------------------------------


def test_a_peer_that_comes_and_goes_is_reported(server: ServerSocket, address: str) -> None:
    """What a vanished peer had asked need not be answered any more."""
    with ClientSocket(address) as client:
        ask(client, 1, b"hello")
        peer = request(server)[0].peer
        came = wait_until(server.take_news, "news of a connection")
    went_at = time.monotonic()
    went = wait_until(server.take_news, "news of its end")

    assert ([(peer, True)], [(peer, False)]) == (came, went)
    assert time.monotonic() - went_at < 1.0


def test_news_wake_the_loop(server: ServerSocket, client: ClientSocket) -> None:
    """A vanished worker is noticed by a server that sleeps."""
    check_service(server, client)

    assert client.wait(5.0)
    assert [True] == [connected for _, connected in client.take_news()]
    assert [] == client.take_news()


def test_an_answer_to_a_vanished_peer_is_dropped(
    server: ServerSocket, client: ClientSocket, address: str
) -> None:
    """Workers are killed at any moment; the server must not even notice while it answers."""
    with ClientSocket(address) as leaving:
        ask(leaving, 1, b"hello")
        handle, _ = request(server)
    wait_until(lambda: (handle.peer, False) in server.take_news(), "the end of the connection")
    for _ in range(100):
        server.send(handle, b"are you there?")

    check_service(server, client)
    wait_until(server.flush, "the end of what nobody will read")


def test_a_burst_of_answers_over_one_connection_is_not_lost(
    server: ServerSocket, client: ClientSocket, address: str
) -> None:
    """A worker with a hundred slots asks a hundred times; nobody else waits for its answers."""
    count = 500
    for number in range(count):
        ask(client, number, b"work?")
    parked = [request(server)[0] for _ in range(count)]
    for handle in parked:
        server.send(handle, b"here")
    with ClientSocket(address) as other:
        check_service(server, other)
    numbers: list[int] = []
    while len(numbers) < count:  # a burst is read before the next one leaves
        numbers += [answer(client)[0] for _ in range(min(transport.BURST, count - len(numbers)))]
        server.flush()

    assert list(range(count)) == numbers


def test_a_client_finds_a_server_that_was_started_again(address: str) -> None:
    """A head node may reboot; its workers reconnect by themselves."""
    with ClientSocket(address) as client:
        for round_number in range(3):
            with ServerSocket(address) as server:
                wait_until(lambda: True in dict(client.take_news()).values(), "a connection")
                check_service(server, client, round_number)
            wait_until(lambda: False in dict(client.take_news()).values(), "its end")


def test_a_client_may_be_there_before_its_server(address: str) -> None:
    """Nodes of a cluster boot in any order."""
    with ClientSocket(address) as client:
        ask(client, 1, b"anybody?")
        with ServerSocket(address) as server:
            assert b"anybody?" == request(server)[1]


def test_an_address_has_one_server(server: ServerSocket, address: str) -> None:
    """Two servers with one journal each would give out the same job numbers."""
    with pytest.raises(AddressTaken, match=rf"{address} is taken; .*GOQ_JSERV_PORT"):
        ServerSocket(address)


def test_an_address_of_another_machine_is_refused() -> None:
    """GOQ_JSERV_IP names the server for everybody, and is wrong for serving elsewhere."""
    with pytest.raises(BadSetting, match=r"cannot listen on tcp://192\.0\.2\.1:1776 .*GOQ_JSERV_IP"):
        ServerSocket("tcp://192.0.2.1:1776")


def test_a_listener_is_found_by_a_probe(server: ServerSocket, address: str) -> None:
    """nng itself does not tell that nobody is there."""
    probe("127.0.0.1", int(address.rpartition(":")[2]), 5.0)


def test_nobody_there_is_told_in_one_sentence(address: str) -> None:
    """The first thing that a new user sees is a server that was not started."""
    with pytest.raises(ServerUnreachable, match=rf"no job server at {address} \(Connection refused\)"):
        probe("127.0.0.1", int(address.rpartition(":")[2]), 5.0)


# --- connections that die in silence -------------------------------------------------------


def test_another_connection_replaces_the_one_that_is_there(
    server: ServerSocket, client: ClientSocket
) -> None:
    """A firewall may have forgotten it: nobody closes it, and nothing passes."""
    ask(client, 1, b"before")
    before = request(server)[0].peer
    client.take_news()
    client.ways.another()
    wait_until(lambda: news_of(client) == [True], "another connection")
    ask(client, 2, b"after")
    after = request(server)[0].peer
    wait_until(lambda: (before, False) in server.take_news(), "the end of the first")

    assert before != after
    assert client.ways.is_settled
    check_service(server, client)


def news_of(client: ClientSocket) -> list[bool]:
    """What the client hears of its connections, without their numbers."""
    return [connected for _, connected in client.take_news()]


def test_until_another_connection_is_there_the_old_one_serves(
    client: ClientSocket, server: ServerSocket
) -> None:
    """The server may be merely slow; then its answer comes over the old one."""
    ask(client, 1, b"slow?")
    handle, _ = request(server)
    client.take_news()
    client.ways.another()
    server.send(handle, b"slow.")

    assert (1, b"slow.") == answer(client)


def test_a_client_that_is_impatient_makes_few_connections(address: str) -> None:
    """Nobody listens, and it is told again and again that nobody answers."""
    with ClientSocket(address) as client:
        for _ in range(50):
            client.ways.another()

        assert 2 == len(client.ways._ways)
    assert not client.ways.is_connected


def test_many_replacements_leave_nothing_behind(server: ServerSocket, client: ClientSocket) -> None:
    """A worker lives for months beside a bad firewall."""
    wait_until(lambda: news_of(client) == [True], "a connection")
    for number in range(30):
        client.ways.another()
        wait_until(lambda: news_of(client) == [True], "another connection")
        check_service(server, client, number)
    ended = 0

    def all_ended() -> bool:
        nonlocal ended
        ended += sum(not connected for _, connected in server.take_news())
        return ended == 30

    def none_is_left() -> bool:
        client.take_news()
        return (1, 1) == (len(client.ways._ways), len(client.ways._dialer_of))

    wait_until(all_ended, "the end of all but one")
    wait_until(none_is_left, "the client's own news of that")


def test_the_kernel_gives_up_peers_whose_machine_has_gone(
    server: ServerSocket, client: ClientSocket, address: str
) -> None:
    """Its own two hours are too long; nng knows of no other time."""
    check_service(server, client)
    port = int(address.rpartition(":")[2])
    timers = wait_until(lambda: keepalives(port), "a keepalive timer at the server's end")

    assert all(0 < left_s <= transport.KEEPALIVE_IDLE_S for left_s in timers)


def keepalives(port: int) -> list[float]:
    """The seconds until the kernel probes each connection of that local port that it watches."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ours = [row[5].split(":") for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01"]
    return [int(left, 16) / os.sysconf("SC_CLK_TCK") for kind, left in ours if kind == "02"]


def test_many_may_knock_at_once(server: ServerSocket, address: str) -> None:
    """The kernel takes the connections of a storm of commands, while the server has no time for them."""
    port = int(address.rpartition(":")[2])
    found = subprocess.run(["ss", "-tlnH", f"sport = :{port}"], capture_output=True, text=True, check=True)
    limit = int(Path("/proc/sys/net/core/somaxconn").read_text())

    assert str(min(transport.BACKLOG, limit)) == found.stdout.split()[2]


# --- too much ------------------------------------------------------------------------------


def test_the_longest_frame_arrives(server: ServerSocket, client: ClientSocket) -> None:
    """The limit counts the request's own header of four bytes."""
    body = b"x" * (FRAME_LIMIT - 4)
    ask(client, 1, body)

    assert body == request(server)[1]


def test_a_longer_frame_disturbs_nobody_else(
    server: ServerSocket, client: ClientSocket, address: str
) -> None:
    """A stranger may send what he likes; the server does not keep it, and serves the others."""
    with ClientSocket(address) as shouting:
        check_service(server, shouting)
        ask(shouting, 1, b"x" * (FRAME_LIMIT + 1))
        wait_until(lambda: False in dict(server.take_news()).values(), "the end of that connection")

        assert server.receive() is None
        check_service(server, client)
        check_service(server, shouting)


def test_too_many_answers_for_one_reader_keep_their_order(
    server: ServerSocket, client: ClientSocket, address: str
) -> None:
    """As many as are kept for one: none overtakes another, nor holds up other peers."""
    ask(client, 1, b"flood me")
    handle, _ = request(server)
    for number in range(1_000):
        server.send(handle, b"%d" % number + bytes(500))
    with ClientSocket(address) as other:
        wait_until(server.flush, "room for all answers")
        check_service(server, other)
    got = [int(answer(client)[1].rstrip(b"\0"))]
    while received := client.receive():
        got.append(int(received[1].rstrip(b"\0")))

    assert 0 == got[0]
    assert sorted(set(got)) == got


def test_answers_that_must_wait_leave_in_order(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """When nng has no room for a moment, a later answer may not pass an earlier one, nor be lost."""
    monkeypatch.setattr(transport, "QUEUE_FRAMES", 0)
    had_to_wait = False
    with ServerSocket(address) as server, ClientSocket(address) as client:
        for first in range(0, 200, 50):
            for number in range(first, first + 50):
                ask(client, number, b"question")
            handles = [request(server)[0] for _ in range(50)]
            for handle in handles[:25]:
                server.send(handle, b"answer")
            had_to_wait |= bool(server._unsent)
            # One leaves, now or when there is room again.
            first_answer = wait_until(lambda: (server.flush(), client.receive())[1], "an answer")
            assert first_answer is not None
            answers = [first_answer[0]]
            for handle in handles[25:]:
                server.send(handle, b"answer")
            wait_until(server.flush, "room for all answers")
            answers += [answer(client)[0] for _ in range(49)]

            assert list(range(first, first + 50)) == answers
    assert had_to_wait


# --- strangers -----------------------------------------------------------------------------

GARBAGE = {
    "http": b"GET / HTTP/1.1\r\nHost: goq\r\n\r\n",
    "zeros": bytes(10_000),
    "noise": bytes(range(256)) * 100,
    "half a greeting": SP_REQ_GREETING[:5],
    "another protocol's greeting": b"\x00SP\x00\x00\x10\x00\x00",
    "a frame of 2**63 bytes": SP_REQ_GREETING + struct.pack(">Q", 2**63) + bytes(1000),
    "a frame just above the limit": SP_REQ_GREETING + struct.pack(">Q", FRAME_LIMIT + 1) + bytes(1000),
    "a frame that never ends": SP_REQ_GREETING + struct.pack(">Q", 1000) + bytes(10),
    "an empty frame": SP_REQ_GREETING + struct.pack(">Q", 0),
    "a frame too short for a header": SP_REQ_GREETING + struct.pack(">Q", 3) + b"abc",
    "a header without an end": SP_REQ_GREETING + struct.pack(">Q", 400) + bytes(400),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("hangs_up", [True, False])
def test_a_stranger_s_bytes_disturb_nobody(
    server: ServerSocket, client: ClientSocket, address: str, garbage: bytes, hangs_up: bool
) -> None:
    """Port scanners, browsers and worse find every port; none of them gets a frame in."""
    with plain_connection(address) as stranger:
        stranger.sendall(garbage)
        if hangs_up:
            stranger.close()
        check_service(server, client)

        assert server.receive() is None


def test_silent_connections_disturb_nobody(server: ServerSocket, client: ClientSocket, address: str) -> None:
    """A connection that says nothing costs a descriptor and no more."""
    strangers = [plain_connection(address) for _ in range(100)]
    try:
        check_service(server, client)
    finally:
        for stranger in strangers:
            stranger.close()


def test_who_reads_no_answers_is_sent_away(
    server: ServerSocket, client: ClientSocket, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever asks for much, and never reads it, fills the server's memory."""
    monkeypatch.setattr(unsent, "UNSENT_BYTES", 16 * 1024 * 1024)
    monkeypatch.setattr(peers, "STRANGER_S", 3600.0)
    with plain_connection(address) as deaf:
        deaf.sendall(SP_REQ_GREETING + struct.pack(">QI", 8, 0x80000001) + b"give")
        handle, _ = request(server)
        for _ in range(200):
            server.send(handle, bytes(1024 * 1024))
        wait_until(lambda: (handle.peer, False) in server.take_news(), "its end")

    wait_until(server.flush, "nothing is kept for it")
    check_service(server, client, 78)
