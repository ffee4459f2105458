"""The same sockets, encrypted: who has the cluster's certificate gets in, and nobody else."""

import select
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from ports import free_address

from adapters.until import wait_until
from goq.adapters.wire.certificates import new_cluster_certificate
from goq.adapters.wire.transport import ClientSocket, ServerSocket
from goq.errors import BadSetting

SECRET = b"the environment of a job, passwords and all"


@pytest.fixture(name="pem", scope="module")
def _pem() -> str:
    return new_cluster_certificate()


@pytest.fixture(name="address")
def _address() -> str:
    return free_address().replace("tcp://", "tls+tcp://")


@pytest.fixture(name="server")
def _server(address: str, pem: str) -> Iterator[ServerSocket]:
    with ServerSocket(address, pem) as server:
        yield server


def check_service(server: ServerSocket, client: ClientSocket) -> None:
    """A request is answered."""
    wait_until(lambda: client.send(1, SECRET), "room for a request")
    found = wait_until(server.receive, "a request at the server")
    assert found is not None
    server.send(found[0], found[1])

    assert (1, SECRET) == wait_until(client.receive, "an answer at the client")


class Relay:
    """Listens in on connections: passes everything on in both directions, and keeps a copy."""

    def __init__(self, address: str) -> None:
        self._to = ("127.0.0.1", int(address.rpartition(":")[2]))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.overheard = bytearray()
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with suppress(OSError):
            near, _ = self._listener.accept()
            with near, socket.create_connection(self._to) as far:
                other = {near: far, far: near}
                while True:
                    for end in select.select([near, far], [], [])[0]:
                        data = end.recv(65536)
                        if not data:
                            return
                        self.overheard += data
                        other[end].sendall(data)

    def is_over(self) -> bool:
        """The one connection that it passed on has come to its end."""
        return not self._thread.is_alive()

    def close(self) -> None:
        """End of the eavesdropping; both ends must have gone before."""
        self._listener.close()
        self._thread.join(10.0)
        assert self.is_over()


def test_two_ends_with_the_certificate_understand_each_other(
    server: ServerSocket, address: str, pem: str
) -> None:
    """The certificate is one for all: made once, taken to every node."""
    with ClientSocket(address, pem) as client:
        check_service(server, client)


@pytest.mark.parametrize("encrypted", [True, False])
def test_who_listens_in_learns_nothing(pem: str, encrypted: bool) -> None:
    """That is what it is for; without a certificate everything can be read, which shows that the test looks."""
    kind, own = ("tls+tcp", pem) if encrypted else ("tcp", "")
    address = free_address().replace("tcp", kind)
    with ServerSocket(address, own) as server:
        relay = Relay(address)
        with ClientSocket(f"{kind}://127.0.0.1:{relay.port}", own) as client:
            check_service(server, client)
        relay.close()

    assert relay.overheard
    assert encrypted != (SECRET in relay.overheard)


@pytest.mark.parametrize("theirs", ["", "another"], ids=["none", "another"])
def test_who_lacks_the_certificate_gets_nothing_in(
    server: ServerSocket, address: str, pem: str, theirs: str
) -> None:
    """Neither a plain client nor one of another cluster; and the others are served as ever."""
    other_pem = new_cluster_certificate() if theirs else ""
    other_address = address if theirs else address.replace("tls+tcp", "tcp")
    with ClientSocket(other_address, other_pem) as stranger, ClientSocket(address, pem) as client:
        stranger.send(1, b"let me in")
        check_service(server, client)

        assert server.receive() is None
        assert stranger.receive() is None


def test_who_checks_nothing_and_shows_nothing_gets_nothing_in(
    server: ServerSocket, address: str, pem: str
) -> None:
    """A stranger of his own making does not care who we are; but he has no certificate to show."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    frame = b"\x80\0\0\1let me in"
    place = ("127.0.0.1", int(address.rpartition(":")[2]))
    with (
        socket.create_connection(place, timeout=5.0) as plain,
        suppress(OSError),
        context.wrap_socket(plain) as stranger,
    ):
        stranger.sendall(b"\0SP\0\0\x30\0\0" + struct.pack(">Q", len(frame)) + frame)
        while stranger.recv(1000):  # until the server hangs up
            continue
    let_in = server.receive()

    assert let_in is None
    with ClientSocket(address, pem) as client:
        check_service(server, client)


def test_a_client_does_not_speak_to_a_server_without_the_certificate(pem: str) -> None:
    """Else a false server could take the jobs of the whole cluster."""
    address = free_address().replace("tcp://", "tls+tcp://")
    with ServerSocket(address, new_cluster_certificate()) as false:
        relay = Relay(address)
        with ClientSocket(f"tls+tcp://127.0.0.1:{relay.port}", pem) as client:
            client.send(1, SECRET)
            wait_until(relay.is_over, "the end of an attempt to connect")

            assert relay.overheard
            assert [] == client.take_news()
            assert false.receive() is None
        relay.close()


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", bytes(5000), b"\x16\x03\x01\x02\x00\x01"])
def test_a_stranger_s_bytes_disturb_nobody(
    server: ServerSocket, address: str, pem: str, garbage: bytes
) -> None:
    """A handshake that fails, or never goes on, is the stranger's affair alone."""
    with (
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as stranger,
        ClientSocket(address, pem) as client,
    ):
        stranger.sendall(garbage)
        check_service(server, client)


def test_a_certificate_that_is_none_is_refused_in_one_sentence(address: str) -> None:
    """A damaged file must not come out as a traceback of the library."""
    broken = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"
    broken += "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

    with pytest.raises(BadSetting, match="certificate cannot be used"):
        ClientSocket(address, broken)
    with pytest.raises(BadSetting, match="certificate cannot be used"):
        ServerSocket(address, broken)
