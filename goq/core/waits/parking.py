"""Requests that are answered later: by an event, or at their deadline with "ask again".

Pure. Volatile by nature: after a restart the peers ask again. A request is taken out before
it is answered, so none is answered twice.
"""

import math
from collections import Counter, OrderedDict
from typing import Generic, TypeVar

from msgspec import Struct

from goq.core.messages import Answer, Reply
from goq.core.values.ids import Handle, Nonce
from goq.core.waits.deadlines import Deadlines

K = TypeVar("K")


class Parked(Struct, frozen=True, gc=False):
    """One request that waits for its answer."""

    handle: Handle
    nonce: Nonce

    def reply(self, answer: Answer) -> Reply:
        """The answer, addressed."""
        return Reply(self.handle, self.nonce, answer)


class ParkingLot(Generic[K]):
    """Parked requests under a key each (a worker, a job), the longest parked key first.

    A key may hold several requests up to `each`; one more pushes out the oldest of whoever asks, or the oldest
    of all if he has no other: so nobody pushes more of others out than one. That is
    then never answered (its peer has asked again meanwhile). A request that is parked again
    takes its own place: however often it was sent, it is answered once.
    """

    def __init__(self, each: int) -> None:
        self._each = each
        self._parked: OrderedDict[K, dict[Nonce, Parked]] = OrderedDict()
        self._deadlines: Deadlines[K] = Deadlines()
        self._keys_of_peer: dict[int, set[K]] = {}
        self._of: Counter[str] = Counter()  # requests, by who holds the key that they are signed with

    def __contains__(self, key: K) -> bool:
        return key in self._parked

    def __len__(self) -> int:
        return len(self._parked)

    def park(self, key: K, parked: Parked, until_s: float) -> None:
        """Keep a request under the key, and answer it by `until_s` or earlier.

        The key's deadline is that of its oldest request: newcomers must not put it off.
        """
        seats = self._parked.setdefault(key, {})
        left = [seats.pop(parked.nonce)] if parked.nonce in seats else []
        if len(seats) >= self._each:
            left.append(seats.pop(_pushed_out(seats, parked)))
        seats[parked.nonce] = parked
        self._of[parked.handle.who.holder] += 1
        self._keys_of_peer.setdefault(parked.handle.peer, set()).add(key)
        for gone in left:
            self._forget_key(gone, key)
        if len(seats) == 1:
            self._deadlines.set(key, until_s)

    def oldest(self) -> K:
        """The key that has been here longest; there must be one."""
        return next(iter(self._parked))

    def oldest_of(self, holder: str) -> K | None:
        """The key that has been here longest under which somebody has a request."""
        its = (
            key for key, seats in self._parked.items() if any(_is_of(each, holder) for each in seats.values())
        )
        return next(its, None)

    def count_of(self, holder: str) -> int:
        """How many requests somebody has here."""
        return self._of[holder]

    def keys(self) -> list[K]:
        """All keys, the longest parked first."""
        return list(self._parked)

    def keys_of(self, peer: int) -> set[K]:
        """The keys under which a peer has requests."""
        return set(self._keys_of_peer.get(peer, ()))

    def take(self, key: K) -> list[Parked]:
        """Take the key's requests out, to answer them."""
        seats = list(self._parked.pop(key, {}).values())
        self._deadlines.drop(key)
        for parked in seats:
            self._forget_key(parked, key)
        self._left(key)
        return seats

    def take_due(self, now_s: float) -> list[Parked]:
        """Take out all requests whose deadline has come."""
        return [parked for key in self._deadlines.pop_due(now_s) for parked in self.take(key)]

    def forget_peer(self, peer: int) -> None:
        """Drop the requests of a peer that has gone; nobody would read the answers."""
        for key in self._keys_of_peer.pop(peer, set()):
            seats = self._parked[key]
            for parked in [parked for parked in seats.values() if parked.handle.peer == peer]:
                del seats[parked.nonce]
                self._uncount(parked)
            if not seats:
                del self._parked[key]
                self._deadlines.drop(key)
                self._left(key)

    def next_deadline(self) -> float:
        """When `take_due` may next have something; infinity if never."""
        return self._deadlines.next() if self._parked else math.inf

    def _left(self, key: K) -> None:
        """Nothing is parked under the key any more."""

    def _uncount(self, parked: Parked) -> None:
        holder = parked.handle.who.holder
        self._of[holder] -= 1
        if not self._of[holder]:
            del self._of[holder]

    def _forget_key(self, parked: Parked, key: K) -> None:
        self._uncount(parked)
        peer = parked.handle.peer
        if any(other.handle.peer == peer for other in self._parked.get(key, {}).values()):
            return
        keys = self._keys_of_peer.get(peer, set())
        keys.discard(key)
        if not keys:
            self._keys_of_peer.pop(peer, None)


def _is_of(parked: Parked, holder: str) -> bool:
    return parked.handle.who.holder == holder


def _pushed_out(seats: dict[Nonce, Parked], newcomer: Parked) -> Nonce:
    """Whose seat a newcomer gets."""
    own = (nonce for nonce, parked in seats.items() if _is_of(parked, newcomer.handle.who.holder))
    return next(own, next(iter(seats)))
