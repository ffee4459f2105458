"""Messages between a worker and its shepherd: tuples of plain values over a socket pair.

Both ends are ours and of one Python, so marshal serves; nothing from the network gets here
unparsed.
"""

import marshal
import socket
import struct
from contextlib import suppress
from typing import Any

Message = tuple[Any, ...]
_LENGTH = struct.Struct("!I")


class Link:
    """One end of the pair. Reading never blocks, writing may; `closed` once the other end is gone."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._buffer = bytearray()
        self._unsent = bytearray()
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
        messages = []
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                break
            messages.append(marshal.loads(self._buffer[_LENGTH.size : end]))
            del self._buffer[:end]
        return messages

    def _fill(self) -> None:
        while not self.closed:
            try:
                data = self._end.recv(1 << 16, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            self.closed = not data
            self._buffer += data
