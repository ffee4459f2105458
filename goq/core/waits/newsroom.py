"""Who waits for news of the journal: answered when there is some, or with "nothing so far".

Pure. News comes at most every NEWS_EVERY_S, so that a queue that is busy has to answer few.
"""

import math

from goq.core.messages import AskAgain, Happened, News, Reply
from goq.core.values.ids import Nonce
from goq.core.waits.parking import Parked, ParkingLot

NEWS_EVERY_S = 0.1
ASKERS_LIMIT = 1000  # one more sends the first one away, to ask again
ASKERS_EACH = 100  # with the key of one user


class Newsroom:
    """Keeps those who ask; each is answered within `patience_s`."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._lot: ParkingLot[Nonce] = ParkingLot(1)
        self._since: dict[Nonce, int] = {}
        self._next_s = -math.inf  # when there may be news again

    def ask(self, asker: Parked, news: News, now_s: float) -> list[Reply]:
        """Somebody waits for another event to be the latest; who is sent away for him."""
        away: list[Reply] = []
        if asker.nonce not in self._lot and (leaves := self._who_leaves(asker)) is not None:
            away = [parked.reply(AskAgain()) for parked in self._take(leaves)]
        self._lot.park(asker.nonce, asker, now_s + self._patience_s)
        self._since[asker.nonce] = news.since
        return away

    def _who_leaves(self, asker: Parked) -> Nonce | None:
        """Who asks too often with a key sends himself away, and nobody else."""
        holder = asker.handle.who.holder
        if holder and self._lot.count_of(holder) >= ASKERS_EACH:
            return self._lot.oldest_of(holder)
        return self._lot.oldest() if len(self._lot) >= ASKERS_LIMIT else None

    def turn(self, seq: int, now_s: float) -> list[Reply]:
        """Answers, when `seq` is the latest event."""
        replies = []
        if now_s >= self._next_s:
            behind = [nonce for nonce, since in self._since.items() if since != seq]
            replies = [parked.reply(Happened(seq)) for nonce in behind for parked in self._take(nonce)]
            if replies:
                self._next_s = now_s + NEWS_EVERY_S
        due = [parked.reply(AskAgain()) for parked in self._lot.take_due(now_s)]
        if due:
            self._forget_gone()
        return replies + due

    def forget_peer(self, peer: int) -> None:
        """Nobody would read the answers of a peer that has gone."""
        self._lot.forget_peer(peer)
        self._forget_gone()

    def next_deadline(self, seq: int) -> float:
        """The second by which `turn` is wanted, when `seq` is the latest event; infinity if never."""
        waits = any(since != seq for since in self._since.values())
        return min(self._lot.next_deadline(), self._next_s if waits else math.inf)

    def _forget_gone(self) -> None:
        self._since = {nonce: since for nonce, since in self._since.items() if nonce in self._lot}

    def _take(self, nonce: Nonce) -> list[Parked]:
        self._since.pop(nonce, None)
        return self._lot.take(nonce)
