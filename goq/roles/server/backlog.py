"""What was asked and is not decided yet: people take turns, so that who asks much waits for himself."""

import time
from collections.abc import Iterator

from goq.core.messages import Refused, Reply, Request
from goq.core.waits.turns import Turns

QUESTIONS = 4096
QUESTIONS_EACH = 2048  # with one key
BYTES = 16 * 1024 * 1024
DECIDING_S = 0.02  # in a turn of the loop: then those hear their answers who were first
_TOO_MANY = "too many questions that this key has signed wait for their answers; ask again in a moment"


class Backlog:
    """Keeps requests, and hands out those whose turn it is."""

    def __init__(self) -> None:
        self._turns: Turns[tuple[Request, int]] = Turns(QUESTIONS, QUESTIONS_EACH)
        self._bytes = 0

    @property
    def is_busy(self) -> bool:
        """Something is left for the next turn."""
        return self._bytes > 0

    @property
    def is_full(self) -> bool:
        """More has to wait where it is."""
        return self._bytes >= BYTES or len(self._turns) >= QUESTIONS

    def put(self, request: Request, size: int) -> list[Reply]:
        """A request came, in a frame of so many bytes; who has too many here hears that."""
        if not self._turns.put(request.who.holder, (request, size)):
            return [Reply(request.handle, request.nonce, Refused(_TOO_MANY))]
        self._bytes += size
        return []

    def take(self) -> Iterator[Request]:
        """Those that are decided in this turn: one at least, if there is one, and so many as there is time for."""
        until_s = time.monotonic() + DECIDING_S
        while self._turns:
            request, size = self._turns.take()
            self._bytes -= size
            yield request
            if time.monotonic() >= until_s:
                return
