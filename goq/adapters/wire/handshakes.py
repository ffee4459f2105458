"""Which connections of a server with a certificate have not become peers in time, and their end.

nng waits for a TLS handshake without an end: its own time-out does not reach a connection that waits for
bytes of it. So here is looked at the sockets of this process: one at our port that is no peer's is amid the handshake, or the greeting.
"""

import os
import socket
import stat
import sys
import time
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

HANDSHAKE_S = 10.0  # as long as nng gives the greeting
LOOK_EVERY_S = 5.0
_SOCKETS = (socket.AF_INET, socket.AF_INET6)


class Ends(Struct, frozen=True, gc=False):
    """Both ends of a connection, ours first: two to two addresses of ours may have the same other end."""

    ip: bytes
    port: int
    other_ip: bytes
    other_port: int


class Handshakes:
    """Of one server socket. `arrived` is for any thread."""

    def __init__(self) -> None:
        self._ports: set[int] = set()
        self._ends: dict[int, Ends] = {}  # of peers
        self._peer_at: dict[Ends, int] = {}
        self._settled: set[int] = set()  # sockets, by their inodes, that need no second look
        self._since: dict[int, float] = {}  # when one was seen first that is no peer's
        self._look_s = time.monotonic() + LOOK_EVERY_S
        # What is looked at is held here meanwhile: its number may be another's the next moment. There may be no
        # free number when this is needed most.
        self._nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        self._held = os.dup(self._nothing)

    def close(self) -> None:
        """Nothing is looked at any more."""
        for fileno in (self._held, self._nothing):
            os.close(fileno)

    def listens(self, port: int) -> None:
        """Connections come to that port as well."""
        self._ports.add(port)

    def arrived(self, peer: int, ours: Any, other: Any) -> None:
        """A connection has become a peer; its ends, as nng has them."""
        self._ends[peer] = ends = Ends(*_told(ours), *_told(other))
        self._peer_at[ends] = peer

    def forget(self, peer: int) -> None:
        """It has gone."""
        ends = self._ends.pop(peer, None)
        if ends and self._peer_at.get(ends) == peer:
            del self._peer_at[ends]

    def next_deadline(self) -> float:
        """The monotonic second by which `dismiss_late` is wanted."""
        return self._look_s

    def dismiss_late(self) -> None:
        """Now and then: close what has been no peer for too long."""
        now_s = time.monotonic()
        if now_s < self._look_s:
            return
        self._look_s = now_s + LOOK_EVERY_S
        settled, self._settled = self._settled, set()
        before, self._since = self._since, {}
        for fileno in _open_files():
            inode = _socket(fileno)
            if inode in settled:
                self._settled.add(inode)
            elif inode:
                self._look_at(fileno, before, now_s)

    def _look_at(self, fileno: int, before: dict[int, float], now_s: float) -> None:
        try:
            os.dup2(fileno, self._held, inheritable=False)
        except OSError:  # closed meanwhile
            return
        try:
            self._look_at_held(before, now_s)
        finally:
            os.dup2(self._nothing, self._held, inheritable=False)

    def _look_at_held(self, before: dict[int, float], now_s: float) -> None:
        inode = _socket(self._held)
        if not inode:
            return
        found = socket.socket(fileno=self._held)
        try:
            ends = self._ends_of(found)
            if ends is None or ends in self._peer_at:
                self._settled.add(inode)
                return
            since_s = self._since[inode] = before.get(inode, now_s)
            if now_s - since_s >= HANDSHAKE_S:
                found.shutdown(socket.SHUT_RDWR)  # nng hears of it as of an end by the other side
        except OSError:
            return  # it has ended by itself
        finally:
            found.detach()

    def _ends_of(self, found: socket.socket) -> Ends | None:
        """The ends of a connection; None where it is none to our ports. Raises OSError when it has ended."""
        if found.family not in _SOCKETS or found.getsockname()[1] not in self._ports:
            return None
        if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return None
        family = found.family
        return Ends(*_seen(family, found.getsockname()), *_seen(family, found.getpeername()))


def _told(address: Any) -> tuple[bytes, int]:
    ip = address.addr if isinstance(address.addr, bytes) else address.addr.to_bytes(4, sys.byteorder)
    return ip, socket.ntohs(address.port)


def _seen(family: int, name: Any) -> tuple[bytes, int]:
    return socket.inet_pton(family, name[0].partition("%")[0]), name[1]


def _open_files() -> Iterable[int]:
    try:
        return [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:  # no number is free for that, so all are in use
        return range(os.sysconf("SC_OPEN_MAX"))


def _socket(fileno: int) -> int:
    """The inode of a socket; 0 when that is none."""
    try:
        status = os.fstat(fileno)
    except OSError:
        return 0
    return status.st_ino if stat.S_ISSOCK(status.st_mode) else 0
