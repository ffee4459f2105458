"""What a stranger can say without nng and without the cluster id: the bytes of a request socket, and a TLS handshake."""

import os
import resource
import socket
import ssl
import struct

GREETING = b"\0SP\0\0\x30\0\0"  # what an nng request socket says first
MAGIC, MAGIC_BEHIND = b"goq1", b"goq2"
PAYLOAD_BYTES = 440  # the smallest Zjob
BEHIND_BYTES = 100


def connect(port: int) -> socket.socket:
    """A plain connection to the server."""
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def shake(link: socket.socket) -> ssl.SSLSocket:
    """The same after a handshake: who does not care who the server is needs no certificate for that."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(link)


def framed(frame: bytes, number: int = 1) -> bytes:
    """A request as it goes over the wire."""
    return struct.pack(">QI", len(frame) + 4, 0x80000000 | number) + frame


def forged() -> bytes:
    """A frame that looks right up to the signature, so that it must be computed to be refused."""
    return framed(MAGIC + os.urandom(32 + PAYLOAD_BYTES))


def forged_output(behind: int = BEHIND_BYTES) -> bytes:
    """The same with so many bytes behind the payload, and lengths that say so."""
    lengths = struct.pack(">II", PAYLOAD_BYTES, behind)
    return framed(MAGIC_BEHIND + os.urandom(32) + lengths + os.urandom(PAYLOAD_BYTES) + bytes(behind))


def allow_many_files() -> None:
    """A crowd needs a descriptor for each."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
