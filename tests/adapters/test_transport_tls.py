"""The same sockets, encrypted: who has the certificate knows its server; who speaks, signatures say, as without."""

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
from goq.adapters.wire import peers
from goq.adapters.wire.certificates import KeyPair, new_key_pair
from goq.adapters.wire.transport import ClientSocket, ServerSocket
from goq.adapters.wire.transport_tls import TLS_NAME
from goq.errors import BadSetting

GREETING = b"\0SP\0\0\x30\0\0"  # what an nng REQ socket says first
SECRET = b"the environment of a job, passwords and all"


@pytest.fixture(name="pair", scope="module")
def _pair() -> KeyPair:
    return new_key_pair()


@pytest.fixture(name="pem", scope="module")
def _pem(pair: KeyPair) -> str:
    """What clients have."""
    return pair.certificate


@pytest.fixture(name="address")
def _address() -> str:
    return free_address().replace("tcp://", "tls+tcp://")


@pytest.fixture(name="server")
def _server(address: str, pair: KeyPair) -> Iterator[ServerSocket]:
    with ServerSocket(address, pair.certificate, pair.private_key) as server:
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


def test_who_knows_the_certificate_is_served(server: ServerSocket, address: str, pem: str) -> None:
    """It is no secret, and goes to every node; nobody there needs a private key."""
    assert "PRIVATE" not in pem
    with ClientSocket(address, pem) as client:
        check_service(server, client)


@pytest.mark.parametrize("encrypted", [True, False])
def test_who_listens_in_learns_nothing(pair: KeyPair, encrypted: bool) -> None:
    """That is what it is for; without a certificate everything can be read, which shows that the test looks."""
    kind, own = ("tls+tcp", pair) if encrypted else ("tcp", KeyPair("", ""))
    address = free_address().replace("tcp", kind)
    with ServerSocket(address, own.certificate, own.private_key) as server:
        relay = Relay(address)
        with ClientSocket(f"{kind}://127.0.0.1:{relay.port}", own.certificate) as client:
            check_service(server, client)
        relay.close()

    assert relay.overheard
    assert encrypted != (SECRET in relay.overheard)


@pytest.mark.parametrize("theirs", ["", "another"], ids=["none", "another"])
def test_who_does_not_know_the_certificate_says_nothing(
    server: ServerSocket, address: str, pem: str, theirs: str
) -> None:
    """Neither a plain client nor one of another cluster; and the others are served as ever."""
    other_pem = new_key_pair().certificate if theirs else ""
    other_address = address if theirs else address.replace("tls+tcp", "tcp")
    with ClientSocket(other_address, other_pem) as stranger, ClientSocket(address, pem) as client:
        stranger.send(1, b"let me in")
        check_service(server, client)

        assert server.receive() is None
        assert stranger.receive() is None


def shaken(address: str, pem: str = "", link: socket.socket | None = None) -> ssl.SSLSocket:
    """A stranger after the handshake: without a certificate of his own; the server's is checked if there is one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if pem:
        context.load_verify_locations(cadata=pem)
    else:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    place = ("127.0.0.1", int(address.rpartition(":")[2]))
    return context.wrap_socket(link or socket.create_connection(place, timeout=5.0), server_hostname=TLS_NAME)


def test_the_server_is_known_by_others_than_nng_and_asks_for_nothing(
    server: ServerSocket, address: str, pem: str
) -> None:
    """What it shows is the certificate that the file holds, under its name, and TLS of today."""
    with shaken(address, pem) as stranger:
        shown = stranger.getpeercert(binary_form=True)

        assert stranger.version() in ("TLSv1.2", "TLSv1.3")
        assert shown == ssl.PEM_cert_to_DER_cert(pem)


def test_a_stranger_after_the_handshake_is_a_stranger_as_any_other(
    server: ServerSocket, address: str, pem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """He needs no certificate to get so far; what he says is for the signature to refuse, and his time is short."""
    frame = b"\x80\0\0\1let me in"
    with shaken(address) as stranger:
        stranger.sendall(GREETING + struct.pack(">Q", len(frame)) + frame)
        received = wait_until(server.receive, "what he says")
        assert received is not None
        assert b"let me in" == received[1]
        server.suspect(received[0].peer)
        monkeypatch.setattr(peers, "FORGER_S", 0.0)
        server.take_news()

        while stranger.recv(1000):  # until the server hangs up
            continue
    with ClientSocket(address, pem) as client:
        check_service(server, client)


def test_who_says_nothing_after_greeting_is_sent_away(
    server: ServerSocket, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bounds of strangers are the same behind a handshake."""
    monkeypatch.setattr(peers, "STRANGER_S", 0.0)
    with shaken(address) as stranger:
        stranger.sendall(GREETING)
        gone = wait_until(lambda: False in dict(server.take_news()).values(), "his end")

        assert gone
        while stranger.recv(1000):
            continue


@pytest.mark.parametrize("own_key", [True, False], ids=["his own", "ours with his key"])
def test_a_client_does_not_speak_to_a_false_server(pair: KeyPair, own_key: bool) -> None:
    """Else he could take the jobs of the whole cluster: one with a certificate of his, or ours without our key."""
    address = free_address().replace("tcp://", "tls+tcp://")
    pem, other = pair.certificate, new_key_pair()
    with ServerSocket(address, other.certificate if own_key else pem, other.private_key) as false:
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
    key = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

    with pytest.raises(BadSetting, match="certificate cannot be used"):
        ClientSocket(address, broken)
    with pytest.raises(BadSetting, match="certificate cannot be used"):
        ServerSocket(address, broken, key)
