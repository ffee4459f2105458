"""A browser's connection: whoever begins a request has to end it, or gives its place to another.

The places are counted (`limit_concurrency`), and whoever reaches the address may take one, also without a code.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE_S = 10.0  # from the connection, or the first word of a request, to the last


class Connection(H11Protocol):
    """Speaks HTTP/1.1, and closes when a request has not come whole in time. How long the answer takes is not counted."""

    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there."""
        super().connection_made(transport)
        self._due = self.loop.call_later(PATIENCE_S, self.transport.close)

    def data_received(self, data: bytes) -> None:
        """More of a request, or of several."""
        super().data_received(data)
        is_partial = self.conn.their_state in (h11.IDLE, h11.SEND_BODY)
        if not is_partial:
            self._forget()
        elif self._due is None:
            self._due = self.loop.call_later(PATIENCE_S, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""
        self._forget()
        super().connection_lost(exc)

    def _forget(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
