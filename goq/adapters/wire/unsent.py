"""Answers that nng has no room for now, in their order: so many for each connection."""

from collections import Counter
from collections.abc import Callable

from goq.core.values.ids import Handle

UNSENT_FRAMES, UNSENT_BYTES = 1000, 32 * 1024 * 1024  # for a connection that does not read


class Unsent:
    """Keeps them until there is room; `dismiss` sends a connection away that has too many."""

    def __init__(self, dismiss: Callable[[int], None]) -> None:
        self._dismiss = dismiss
        self._answers: list[tuple[Handle, bytes]] = []
        self._frames: Counter[int] = Counter()  # by peer
        self._bytes: Counter[int] = Counter()

    def keep(self, handle: Handle, frame: bytes) -> None:
        """The answer has to wait; one that is too much is dropped, with all others for that connection, which ends."""
        peer = handle.peer
        if self._frames[peer] >= UNSENT_FRAMES or self._bytes[peer] >= UNSENT_BYTES:
            self._dismiss(peer)
            self._set([answer for answer in self._answers if answer[0].peer != peer])
            return
        self._answers.append((handle, frame))
        self._frames[peer] += 1
        self._bytes[peer] += len(frame)

    def send(self, is_sent: Callable[[Handle, bytes], bool]) -> bool:
        """Send what there is room for; True when nothing is left."""
        if self._answers:
            self._set([answer for answer in self._answers if not is_sent(*answer)])
        return not self._answers

    def _set(self, answers: list[tuple[Handle, bytes]]) -> None:
        self._answers = answers
        self._frames.clear()
        self._bytes.clear()
        for handle, frame in answers:
            self._frames[handle.peer] += 1
            self._bytes[handle.peer] += len(frame)
