"""Who follows what jobs write: answered when some job stands otherwise than they have seen, or with "nothing so far".

Pure. They are looked through when something was written or decided, and the less often the more is followed.
"""

import math
from collections.abc import Callable

from goq.core.messages import AskAgain, Follow, Followed, JobNotKnown, Refused, Reply
from goq.core.values.ids import JobId, Nonce
from goq.core.values.logs import Phase, Stand
from goq.core.waits.parking import Parked, ParkingLot

FOLLOW_EVERY_S = 0.02
A_STAND_S = 20e-6  # more for each that is followed
FOLLOWED_LIMIT = 50_000  # stands, of all that ask
FOLLOWED_EACH = 10_000  # of all that ask with the key of one user
LINGER_S = 5.0  # so long a job counts as followed after somebody might have asked again
_CROWDED = "too many logs are being followed here; try again later, or follow fewer jobs"

StandOf = Callable[[JobId, int], Stand | None]  # how a job stands with a stream; None when there is none


class Followers:
    """Keeps those who ask; each is answered within `patience_s`."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._lot: ParkingLot[Nonce] = ParkingLot(1)
        self._seen: dict[Nonce, Follow] = {}
        self._holders: dict[Nonce, str] = {}  # of the keys with which those ask
        self._new: set[Nonce] = set()  # those that were not looked at yet
        self._until: dict[JobId, float] = {}  # jobs that are read on in
        self._followed: frozenset[JobId] = frozenset()  # the same
        self._prune_s = -math.inf
        self._is_stirred = False
        self._next_s = -math.inf  # when all may be looked through again

    def ask(self, asker: Parked, follow: Follow, now_s: float) -> list[Reply]:
        """Somebody follows; what he is told at once, if he may not."""
        followed, of_holder, holder = 0, 0, asker.handle.who.holder
        for nonce, each in self._seen.items():
            if nonce != asker.nonce:
                followed += len(each.stands)
                of_holder += len(each.stands) if self._holders[nonce] == holder else 0
        if followed + len(follow.stands) > FOLLOWED_LIMIT:
            return [asker.reply(Refused(_CROWDED))]
        if holder and of_holder + len(follow.stands) > FOLLOWED_EACH:
            return [asker.reply(Refused(_CROWDED))]
        self._lot.park(asker.nonce, asker, now_s + self._patience_s)
        self._seen[asker.nonce] = follow
        self._holders[asker.nonce] = holder
        self._new.add(asker.nonce)
        self._note(follow, now_s + self._patience_s + LINGER_S)
        return []

    def _note(self, follow: Follow, until_s: float) -> None:
        """He reads on in what he has seen before: who looks once troubles no worker."""
        jobs = [JobId(stand.job) for stand in follow.stands if stand.phase is not Phase.UNSEEN]
        self._until.update(dict.fromkeys(jobs, until_s))
        if not self._followed.issuperset(jobs):
            self._followed = self._followed.union(jobs)

    def stir(self) -> None:
        """Something was written or decided."""
        self._is_stirred = bool(self._seen)

    def turn(self, stand_of: StandOf, now_s: float) -> list[Reply]:
        """Answers, by how jobs stand now."""
        look_at = list(self._new)
        if self._is_stirred and now_s >= self._next_s:
            self._is_stirred = False
            look_at = list(self._seen)
            self._next_s = now_s + FOLLOW_EVERY_S + A_STAND_S * self.count
        self._new.clear()
        replies = [reply for nonce in look_at for reply in self._look(nonce, stand_of)]
        replies += [parked.reply(AskAgain()) for parked in self._lot.take_due(now_s)]
        if replies:
            self._forget_gone()
        return replies

    @property
    def count(self) -> int:
        """So many jobs are followed, each as often as somebody does."""
        return sum(len(follow.stands) for follow in self._seen.values())

    def followed(self, now_s: float) -> frozenset[JobId]:
        """The jobs that somebody reads on in, or did a little ago; the same value as long as they are the same."""
        if now_s >= self._prune_s:
            self._prune_s = now_s + LINGER_S
            gone = [job for job, until_s in self._until.items() if until_s <= now_s]
            for job in gone:
                del self._until[job]
            if gone:
                self._followed = self._followed.difference(gone)
        return self._followed

    def forget_peer(self, peer: int) -> None:
        """Nobody would read the answers of a peer that has gone."""
        self._lot.forget_peer(peer)
        self._forget_gone()

    def next_deadline(self) -> float:
        """The second by which `turn` is wanted; infinity if never."""
        if self._new:
            return -math.inf
        return min(self._lot.next_deadline(), self._next_s if self._is_stirred else math.inf)

    def _look(self, nonce: Nonce, stand_of: StandOf) -> list[Reply]:
        follow = self._seen.get(nonce)
        if follow is None:
            return []
        told: list[Stand] = []
        for seen in follow.stands:
            stand = stand_of(JobId(seen.job), seen.stream)
            if stand is None:
                return [parked.reply(JobNotKnown(JobId(seen.job))) for parked in self._lot.take(nonce)]
            if stand.tells_more_than(seen):
                told.append(stand)
        answer = Followed(tuple(told))
        return [parked.reply(answer) for parked in self._lot.take(nonce)] if told else []

    def _forget_gone(self) -> None:
        self._seen = {nonce: follow for nonce, follow in self._seen.items() if nonce in self._lot}
        self._holders = {nonce: self._holders[nonce] for nonce in self._seen}
        self._new &= self._seen.keys()
