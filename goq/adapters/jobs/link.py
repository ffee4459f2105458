"""Messages between a worker and its shepherd: tuples of plain values over a socket pair.

Both ends are ours and of one Python, so marshal serves; nothing from the network gets here
unparsed. First of all each end says which goq it is: what another one says is not read at all.
"""

import marshal
import socket
import struct
from contextlib import suppress
from typing import Any

from goq import __version__

Message = tuple[Any, ...]
GREETING = f"goq {__version__}, marshal {marshal.version}\n".encode()
_LENGTH = struct.Struct("!I")
_PIECE_BYTES = 1 << 16


class Link:
    """One end of the pair. Reading never blocks, writing may.

    `closed` once the other end is seen to be gone, or to be another goq's; it is readable until then.
    """

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._buffer = bytearray()
        self._unsent = bytearray(GREETING)
        self._greeted = False
        self.closed = False

    def fileno(self) -> int:
        """Readable when there is something to `receive`."""
        return self._end.fileno()

    def close(self) -> None:
        """Close this end, which the other end notices."""
        self.closed = True
        self._end.close()

    def put(self, message: Message) -> None:
        """Have a message sent before the next one, or by `flush`."""
        data = marshal.dumps(message)
        self._unsent += _LENGTH.pack(len(data)) + data

    def send(self, message: Message) -> None:
        """Send a message; to an end that is gone it is lost, as `receive` will notice."""
        self.put(message)
        self.flush()

    def flush(self) -> None:
        """Send what was put; the other end need not wake for each."""
        if not self._unsent:
            return
        data, self._unsent = self._unsent, bytearray()
        with suppress(OSError):  # that end is gone, and may have said something before
            self._end.sendall(data)

    def receive(self) -> list[Message]:
        """All whole messages that have come."""
        self._fill()
        messages: list[Message] = []
        if not self._greeted and not self._is_greeting():
            return messages
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                break
            messages.append(marshal.loads(self._buffer[_LENGTH.size : end]))
            del self._buffer[:end]
        return messages

    def _is_greeting(self) -> bool:
        """The whole greeting is here; what begins otherwise is no end of ours."""
        begin = self._buffer[: len(GREETING)]
        self._greeted = begin == GREETING
        if self._greeted:
            del self._buffer[: len(GREETING)]
        elif not GREETING.startswith(begin):
            self._buffer.clear()
            self.closed = True
        return self._greeted

    def _fill(self) -> None:
        """Take in what is there; whether there is more, or an end, the next look shows."""
        size = _PIECE_BYTES
        while size == _PIECE_BYTES and not self.closed:
            try:
                data = self._end.recv(_PIECE_BYTES, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            size = len(data)
            self.closed = not data
            self._buffer += data
