"""Which outputs are still to be written, and when it is tried again. Pure: `now_s` comes in."""

from collections import deque

from goq.core.values.result import OutputKey

RETRY_S = 0.5
UNTAKEN_S = (
    60.0  # so long after a worker was sent away with a piece, its folder counts as one that takes none
)


class Unwritten:
    """By the folder that did not take them: the trouble of one, a full disk or a quota say, holds up no other."""

    def __init__(self) -> None:
        self._folders: dict[str, deque[OutputKey]] = {}  # the one that is to be tried first, first
        self._retry_at_s: dict[str, float] = {}
        self._untaken_s: dict[str, float] = {}  # when a piece of a long output was not taken last

    def put(self, folder: str, key: OutputKey, now_s: float) -> None:
        """The folder did not take that output."""
        self._retry_at_s[folder] = now_s + RETRY_S
        keys = self._folders.pop(folder, deque())
        keys.append(key)
        self._folders[folder] = keys

    def take(self, now_s: float) -> OutputKey | None:
        """The output that is to be tried now, if there is one."""
        folder = next(iter(self._folders), None)
        if folder is None or self._retry_at_s[folder] > now_s:
            return None
        keys = self._folders[folder]
        key = keys.popleft()
        if not keys:
            del self._folders[folder], self._retry_at_s[folder]
        return key

    def next_at_s(self) -> float:
        """When `take` is worth a call."""
        folder = next(iter(self._folders), None)
        return float("inf") if folder is None else self._retry_at_s[folder]

    def hurry(self) -> None:
        """All may be tried at once."""
        self._retry_at_s = dict.fromkeys(self._retry_at_s, 0.0)

    def note_piece(self, folder: str, now_s: float, *, is_taken: bool) -> None:
        """A piece of a long output came, which its worker keeps unless it was taken."""
        if not is_taken:
            self._untaken_s[folder] = now_s
        elif self._untaken_s:
            self._untaken_s.pop(folder, None)

    def folders(self, now_s: float) -> tuple[str, ...]:
        """Those that take no outputs now."""
        if not (self._folders or self._untaken_s):
            return ()
        return tuple(sorted({*self._folders, *self.untaken(now_s)}))

    def untaken(self, now_s: float) -> frozenset[str]:
        """Those of them that take no piece of a long output, for which a worker keeps a place."""
        if self._untaken_s:
            self._untaken_s = {each: at for each, at in self._untaken_s.items() if at > now_s - UNTAKEN_S}
        return frozenset(self._untaken_s)
