"""nng sockets: frames in, frames out. This file, transport_tls and transport_ways alone import pynng.

Both ends are raw sockets, so that one thread can hold any number of open requests and answer
them in any order. nng calls back on threads of its own; those callbacks only put a note in a
queue and wake the loop. Nothing here knows what a frame holds.
"""

import atexit
import os
import select
import socket
import stat
from collections import Counter, deque
from types import TracebackType
from typing import Any, Self

import pynng

from goq.adapters.wire.handshakes import Handshakes
from goq.adapters.wire.peers import Peers
from goq.adapters.wire.places import Place, bracketed, place_of
from goq.adapters.wire.transport_tls import client_tls, server_tls
from goq.adapters.wire.transport_ways import Ways
from goq.adapters.wire.unsent import Unsent
from goq.core.values.ids import Handle
from goq.errors import AddressTaken, BadSetting, GoqError, ServerUnreachable

FRAME_LIMIT = 4 * 1024 * 1024
QUEUE_FRAMES = 8192
UNREAD_FRAMES = 128  # at the server, of everybody; more wait in the kernel, so that memory has a bound
RECONNECT_MIN_MS = 20
RECONNECT_MAX_MS = 1000
BURST = 32  # answers at once over one connection: nng queues 64, and drops what comes on top
BACKLOG = 4096  # connections that the kernel takes before nng does: as many as it likes (somaxconn)
# A peer whose machine has gone is given up by the kernel after KEEPALIVE_IDLE_S + 3 * KEEPALIVE_EVERY_S.
KEEPALIVE_IDLE_S, KEEPALIVE_EVERY_S, KEEPALIVE_COUNT = 30, 10, 3
_REQUEST_BIT = 0x80000000  # marks the last word of an nng request header

_lib, _ffi = pynng.lib, pynng.ffi
_NO_THREADS = (
    "there can be no more processes and threads of this user (ulimit -u), or there is no memory for them"
)

# One loop needs no more: each thread of nng's that wakes for a frame costs as much as the frame.
for _kind in (
    _lib.NNG_INIT_NUM_RESOLVER_THREADS,
    _lib.NNG_INIT_NUM_TASK_THREADS,
    _lib.NNG_INIT_NUM_EXPIRE_THREADS,
    _lib.NNG_INIT_NUM_POLLER_THREADS,
):
    _lib.nng_init_set_parameter(_kind, 1)

_ABANDONED: list[Any] = []  # sockets that are not to be closed


def _abandon(raw: Any) -> None:
    """Leave a socket as it is to the end of the process: nothing on the way there may close it.

    pynng would close it in its destructor, and have nng close all at the interpreter's exit.
    """
    for event in (_lib.NNG_PIPE_EV_ADD_PRE, _lib.NNG_PIPE_EV_ADD_POST, _lib.NNG_PIPE_EV_REM_POST):
        pynng.exceptions.check_err(_lib.nng_pipe_notify(raw.socket, event, _ffi.NULL, _ffi.NULL))
    atexit.unregister(pynng.nng._pynng_atexit)
    _ABANDONED.append(raw)
    del raw._socket


class _RawSocket:
    """What both ends share: frames with their headers, and news of connections."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._id = raw.socket
        self._slot = _ffi.new("nng_msg **")
        self._news: deque[tuple[int, bool]] = deque()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._filenos = (raw.recv_fd, self._wake_read)
        raw.add_post_pipe_connect_cb(lambda pipe: self._note(pipe.id, connected=True))
        raw.add_post_pipe_remove_cb(lambda pipe: self._note(pipe.id, connected=False))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def filenos(self) -> tuple[int, int]:
        """Readable when a frame is there, and when a connection came or went."""
        return self._filenos

    def take_news(self) -> list[tuple[int, bool]]:
        """The connections that came (True) or went (False) since the last call, in order."""
        try:
            os.read(self._wake_read, 4096)
        except BlockingIOError:
            return []
        news = []
        while self._news:
            news.append(self._news.popleft())
        return news

    def close(self) -> None:
        """Close the socket; frames that nng has accepted may still leave.

        The wake-up pipe stays: a callback may still be on its way to it.
        """
        self._raw.close()

    def _note(self, pipe: int, *, connected: bool) -> None:
        self._news.append((pipe, connected))
        self.wake()

    def wake(self) -> None:
        """Have `filenos` be readable; for other threads."""
        try:
            os.write(self._wake_write, b"\0")
        except BlockingIOError:
            return  # the pipe is full of wake-ups already

    def _receive(self) -> tuple[bytes, bytes] | None:
        """One header and body, or None when nothing is there."""
        error = _lib.nng_recvmsg(self._id, self._slot, _lib.NNG_FLAG_NONBLOCK)
        if error == _lib.NNG_EAGAIN:
            return None
        pynng.exceptions.check_err(error)
        message = self._slot[0]
        header = _ffi.buffer(_lib.nng_msg_header(message), _lib.nng_msg_header_len(message))[:]
        body = _ffi.buffer(_lib.nng_msg_body(message), _lib.nng_msg_len(message))[:]
        _lib.nng_msg_free(message)
        return header, body

    def _send(self, header: bytes, body: bytes, rest: bytes | memoryview = b"") -> bool:
        """Hand a frame to nng; False when it has no room for it now."""
        pynng.exceptions.check_err(_lib.nng_msg_alloc(self._slot, 0))
        message = self._slot[0]
        _lib.nng_msg_header_append(message, header, len(header))
        _lib.nng_msg_append(message, body, len(body))
        if rest:
            _lib.nng_msg_append(message, _ffi.from_buffer(rest), len(rest))
        error = _lib.nng_sendmsg(self._id, message, _lib.NNG_FLAG_NONBLOCK)
        if error == 0:
            return True
        _lib.nng_msg_free(message)
        if error != _lib.NNG_EAGAIN:
            pynng.exceptions.check_err(error)
        return False


def _close_pipe(peer: int) -> None:
    _lib.nng_pipe_close(_ffi.new("nng_pipe *", {"id": peer})[0])


class ServerSocket(_RawSocket):
    """Listens; each frame comes with the handle that its answer needs. With a certificate it shows that.

    Raises as `listen` does.
    """

    def __init__(self, address: str = "", certificate: str = "", private_key: str = "") -> None:
        try:
            raw = pynng.Rep0(
                opener=_lib.nng_rep0_open_raw,
                send_buffer_size=QUEUE_FRAMES,
                recv_buffer_size=UNREAD_FRAMES,
                tls_config=server_tls(certificate, private_key),
            )
        except pynng.NoMemory as error:
            raise BadSetting(_NO_THREADS) from error
        super().__init__(raw)
        raw.recv_max_size = FRAME_LIMIT
        raw.tcp_keepalive = True
        self._urls: set[str] = set()
        self._unsent = Unsent(_close_pipe)
        self._burst: Counter[int] = Counter()  # answers since the last flush, by peer
        self._peers = Peers(_close_pipe)
        self._handshakes = Handshakes() if certificate else None
        raw.add_pre_pipe_connect_cb(self._meet)
        if address:
            try:
                self.listen(place_of(address))
            except GoqError:
                self.close()
                raise

    def listen(self, place: Place) -> None:
        """Take connections there as well.

        Raises AddressTaken when somebody else listens there, BadSetting when the address is none
        of this machine's.
        """
        try:
            url = place.url(place.host)
            if url in self._urls:
                return
            self._raw.listen(url)
        except pynng.AddressInUse as error:
            raise AddressTaken(
                f"{place.address} is taken; is a server running already? GOQ_JSERV_PORT sets another port"
            ) from error
        except (pynng.NNGException, OSError) as error:
            raise BadSetting(
                f"cannot listen on {place.address} ({_words(place, error)});"
                " set GOQ_JSERV_IP to an address of this machine"
            ) from error
        self._urls.add(url)
        _prepare_listener(place.port)
        if self._handshakes:
            self._handshakes.listens(place.port)

    def receive(self) -> tuple[Handle, bytes] | None:
        """The next frame and where its answer goes, or None when none is there."""
        received = self._receive()
        if received is None:
            return None
        header, body = received
        return Handle(int.from_bytes(header[:4], "big"), header), body

    def welcome(self, peer: int, now_s: float = 0.0) -> None:
        """The peer has shown that it is one of ours; its connection may stay while it speaks."""
        self._peers.welcome(peer, now_s)

    def suspect(self, peer: int) -> None:
        """What came from the peer is not signed with our id: a stranger has not much time then."""
        self._peers.suspect(peer)

    def dismiss_silent(self, now_s: float) -> None:
        """Close the connections that have died without a word. On the clock that `welcome` was given."""
        self._peers.dismiss_silent(now_s)

    def next_deadline(self) -> float:
        """The monotonic second by which `take_news` is wanted: a stranger has had his time."""
        strangers_s = self._peers.next_deadline()
        return min(strangers_s, self._handshakes.next_deadline()) if self._handshakes else strangers_s

    def take_news(self) -> list[tuple[int, bool]]:
        """The connections that came or went; strangers who have had their time are sent away."""
        news = super().take_news()
        for peer, connected in news:
            if not connected:
                self._peers.forget(peer)
                if self._handshakes:
                    self._handshakes.forget(peer)
        self._peers.dismiss_strangers()
        if self._handshakes:
            self._handshakes.dismiss_late()
        return news

    def close(self) -> None:
        """Close the socket; frames that nng has accepted may still leave."""
        super().close()
        if self._handshakes:
            self._handshakes.close()
            self._handshakes = None

    def _meet(self, pipe: Any) -> None:
        """A connection has come about. A thread of nng calls this before it passes on a frame of it."""
        if handshakes := self._handshakes:
            handshakes.arrived(pipe.id, pipe.local_address, pipe.remote_address)
        self._peers.arrived(pipe.id)

    def send(self, handle: Handle, frame: bytes) -> None:
        """Send an answer, or keep it until `flush` finds room. One to a vanished peer is dropped."""
        if not self._try(handle, frame):
            self._unsent.keep(handle, frame)

    def flush(self) -> bool:
        """Send what was kept; True when nothing is left."""
        self._burst.clear()
        return self._unsent.send(self._try)

    def _try(self, handle: Handle, frame: bytes) -> bool:
        self._burst[handle.peer] += 1
        if self._burst[handle.peer] <= BURST and self._send(handle.header, frame):
            return True
        self._burst[handle.peer] = BURST  # what comes after it must not overtake it
        return False


class ClientSocket(_RawSocket):
    """Connects to a server and stays connected: dials again when it must, and looks its name up anew.

    With a certificate it speaks to who shows that one, and has its private key.
    """

    def __init__(self, address: str, certificate: str = "") -> None:
        try:
            raw = pynng.Req0(
                opener=_lib.nng_req0_open_raw,
                send_buffer_size=64,
                recv_buffer_size=64,
                reconnect_time_min=RECONNECT_MIN_MS,
                reconnect_time_max=RECONNECT_MAX_MS,
                tls_config=client_tls(certificate),
            )
        except pynng.NoMemory as error:
            raise BadSetting(_NO_THREADS) from error
        super().__init__(raw)
        raw.recv_max_size = FRAME_LIMIT
        raw.tcp_keepalive = True
        self.ways = Ways(raw, place_of(address), self.wake)

    def take_news(self) -> list[tuple[int, bool]]:
        """The connections that came or went; after one that came all questions are to be sent again."""
        known = [
            (pipe, connected)
            for pipe, connected in super().take_news()
            if (self.ways.came if connected else self.ways.went)(pipe)
        ]
        self.ways.turn()
        return known

    def receive(self) -> tuple[int, bytes] | None:
        """The next frame and the number of the request that it answers, or None."""
        received = self._receive()
        if received is None:
            return None
        header, body = received
        return int.from_bytes(header[-4:], "big") & ~_REQUEST_BIT, body

    def close(self) -> None:
        """Close the socket, unless it may be amid a greeting: nng's close then aborts now and then.

        Such a one is left to the end of the process.
        """
        self.take_news()
        self.ways.stop()
        if self.ways.is_settled:
            super().close()
        else:
            _abandon(self._raw)

    def send(self, number: int, frame: bytes, rest: bytes | memoryview = b"") -> bool:
        """Send request `number` (below 2**31), a frame and the rest of it; False when it cannot leave now."""
        return self._send((_REQUEST_BIT | number).to_bytes(4, "big"), frame, rest)

    def wait(self, timeout_s: float) -> bool:
        """Sleep until a frame or news of a connection is there; False after the timeout, or an hour."""
        poll = select.poll()
        for fileno in self.filenos():
            poll.register(fileno, select.POLLIN)
        return bool(poll.poll(min(max(0.0, timeout_s), 3600.0) * 1000))


def _words(place: Place, error: Exception) -> str:
    """Why one cannot listen there; nng has words for few of the reasons."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(socket.getaddrinfo(place.host, place.port, family, socket.SOCK_STREAM)[0][4])
    except OSError as reason:
        return reason.strerror or str(reason)
    return str(error)


def _prepare_listener(port: int) -> None:
    """Give nng's listening sockets a longer queue, and a keepalive that their connections inherit."""
    for fileno in map(int, os.listdir("/proc/self/fd")):
        if not _is_socket(fileno):
            continue
        with socket.socket(fileno=os.dup(fileno)) as found:
            if not _listens_on(found, port):
                continue
            found.listen(BACKLOG)
            for option, value in (
                (socket.TCP_KEEPIDLE, KEEPALIVE_IDLE_S),
                (socket.TCP_KEEPINTVL, KEEPALIVE_EVERY_S),
                (socket.TCP_KEEPCNT, KEEPALIVE_COUNT),
            ):
                found.setsockopt(socket.IPPROTO_TCP, option, value)


def _is_socket(fileno: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(fileno).st_mode)
    except OSError:  # the one that read the folder, say
        return False


def _listens_on(found: socket.socket, port: int) -> bool:
    if found.family not in (socket.AF_INET, socket.AF_INET6):
        return False
    return bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)) and found.getsockname()[1] == port


def probe(ip: str, port: int, timeout_s: float) -> None:
    """Find out whether anybody listens there. Raises ServerUnreachable when nobody does."""
    try:
        socket.create_connection((ip, port), timeout_s).close()
    except OSError as error:
        address = f"tcp://{bracketed(ip)}:{port}"
        raise ServerUnreachable(nobody_at(address, error.strerror or str(error))) from error


def nobody_at(address: str, why: str) -> str:
    """What to say of a server that is not there."""
    return f"no job server at {address} ({why})"
